import ArgumentParser
import Foundation
import NIOFoundationCompat
import PortalAPI

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check every file of a recording against its seal.",
        discussion: "Exit status 0 when all are as they were sealed, 1 when one is not.")

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The recording's id.")
    var id: String

    func run() async throws {
        let console = Console.current
        let outcome = try await PortalClient.with(connection) { try await verify($0, console) }
        if connection.json {
            try console.json(outcome)
        } else {
            for line in Self.lines(outcome, width: console.width()) { console.line(line) }
        }
        guard outcome.isIntact else {
            let damaged = outcome.files.count { $0.verdict != .ok }
            let what =
                damaged > 0
                ? "\(damaged) of \(outcome.files.count) files" : "its files are, but not what stands over them"
            throw CommandFailure.verification("Recording \(id) is DAMAGED: \(what).")
        }
    }

    private func verify(_ client: PortalClient, _ console: Console) async throws -> VerificationOutcome {
        let response = try await client.open(
            "POST", "recordings/\(PortalClient.encoded(id))/verify", headers: [("Accept", "application/x-ndjson")])
        var bar: ProgressBar?
        defer { bar?.clear() }
        var lines = LineSplitter()
        do {
            for try await piece in response.body {
                for line in try lines.add(Data(buffer: piece)) {
                    let line = try PortalJSON.decode(VerificationLine.self, from: line)
                    if let progress = line.progress {
                        if bar == nil { bar = ProgressBar("verifying", total: progress.totalBytes, console: console) }
                        bar?.update(progress.doneBytes)
                    }
                    if let failure = line.failure { throw CommandFailure.refused(failure) }
                    if let outcome = line.outcome { return outcome }
                }
            }
        } catch {
            throw client.unreachable(error)
        }
        throw CommandFailure.unreachable("causewayd stopped before the verification was through; ask again.")
    }

    static func lines(_ outcome: VerificationOutcome, width: Int?) -> [String] {
        var table = TextTable([.init(title: "FILE"), .init(title: "VERDICT"), .init(title: "SHA-256", givesWay: true)])
        for file in outcome.files {
            let remark =
                switch file.verdict {
                case .ok: file.sealedSHA256 ?? ""
                case .changed: "now \(file.foundSHA256 ?? "?"), sealed \(file.sealedSHA256 ?? "?")"
                case .missing: "sealed \(file.sealedSHA256 ?? "?")"
                case .extra: "not in the seal"
                case .unreadable: file.reason ?? ""
                }
            table.add([file.path, file.verdict == .ok ? "ok" : file.verdict.rawValue.uppercased(), remark])
        }
        let findings = outcome.findings.map { ($0.path.map { $0 + ": " } ?? "") + $0.text }
        let verdict =
            outcome.isIntact
            ? "Recording \(outcome.recording) is intact: all \(outcome.files.count) files are as they were sealed." : ""
        return table.lines(width: width)
            + (findings + (verdict.isEmpty ? [] : [verdict])).flatMap { ["", DisplayWidth.harmless($0)] }
    }
}

/// Cuts a stream of bytes into lines; a line longer than any the daemon sends is an error.
struct LineSplitter {
    static let maximumLine = 16 << 20
    private var rest = Data()

    mutating func add(_ piece: Data) throws(CommandFailure) -> [Data] {
        rest.append(piece)
        var lines: [Data] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(Data(rest[rest.startIndex..<end]))
            rest = Data(rest[rest.index(after: end)...])
        }
        guard rest.count <= Self.maximumLine else { throw .unreachable("What answers does not speak like causewayd.") }
        return lines
    }
}
