import Foundation
import InteropSupport

/// Runs lines side by side, and says on standard error how far it is.
struct Runner {
    let lines: [Line]
    let lanes: Int
    /// Leaves the folders of faulty lines.
    let keepsFolders: Bool

    func run() async -> [LineResult] {
        let progress = Progress(lines, lanes: lanes)
        return await withTaskGroup(of: (Int, LineResult).self) { group in
            var results = [LineResult?](repeating: nil, count: lines.count)
            var waiting = Array(lines.indices.reversed())
            func start() {
                guard let index = waiting.popLast() else { return }
                group.addTask { (index, await run(lines[index])) }
            }
            for _ in 0..<lanes { start() }
            while let (index, result) = await group.next() {
                results[index] = result
                await progress.note(result)
                start()
            }
            return results.compactMap { $0 }
        }
    }

    private func run(_ line: Line) async -> LineResult {
        var result = LineResult(line: line)
        let missing = line.programs.filter { Tool.find($0) == nil }
        guard missing.isEmpty else {
            result.skipped = "not installed: " + missing.joined(separator: ", ")
            return result
        }
        guard !line.needsSuperuser || geteuid() == 0 else {
            result.skipped = "needs the superuser"
            return result
        }
        let began = ContinuousClock.now
        do {
            let sitting = try await line.sitting()
            do {
                try await line.run(sitting)
            } catch {
                result.fault = "\(error)"
            }
            result.outcomes = sitting.results
            let keeps = keepsFolders && result.isFaulty
            await sitting.close(keepingFolder: keeps)
            if keeps { result.folder = sitting.folder }
        } catch let excuse as Beyond {
            result.skipped = excuse.description
        } catch {
            result.fault = "\(error)"
        }
        result.seconds = (ContinuousClock.now - began) / .seconds(1)
        return result
    }
}

/// Says what is done and how long the rest will take, going by what lines took so far.
actor Progress {
    private let total: Double
    private let count: Int
    private let began = ContinuousClock.now
    private var done = 0
    private var doneWork = 0.0

    init(_ lines: [Line], lanes: Int) {
        count = lines.count
        total = lines.reduce(0) { $0 + $1.seconds }
    }

    func note(_ result: LineResult) {
        done += 1
        doneWork += result.line.seconds
        let spent = (ContinuousClock.now - began) / .seconds(1)
        let left = doneWork > 0 ? spent / doneWork * (total - doneWork) : 0
        let verdict =
            result.skipped.map { "skipped: \($0)" }
            ?? (result.isFaulty
                ? "FAILED: "
                    + (result.failures.map(\.title) + (result.fault == nil ? [] : ["broken off"]))
                    .joined(separator: ", ") : "passed")
        let place = result.folder.map { "; see \($0)" } ?? ""
        let line =
            "[\(done)/\(count)] \(result.line.name): \(verdict) (\(Int(result.seconds)) s\(place)); \(Int(left)) s left\n"
        FileHandle.standardError.write(Data(line.utf8))
    }
}
