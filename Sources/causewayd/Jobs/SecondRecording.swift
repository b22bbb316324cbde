import ChildProcesses
import Foundation
import Glibc
import Recorder

/// A meeting's recording on the second disk (`recording.second`), and how it comes to be a part of the master.
///
/// The merged master is made in the package's work folder, on the archive's disk, and takes the master's place by a rename;
/// whatever stops that, what both recorders had is on one disk or the other, and it is begun again.
struct SecondRecording: Sendable {
    /// Merging yields to meetings.
    private static let niceness: Int32 = 10
    /// A gap map of five hundred points' streams with all their gaps.
    private static let mostOutput = 256 << 20

    /// What a meeting's second recording is kept in.
    let folder: String
    var master: String { folder + "/master.mkv" }
    var isThere: Bool { access(master, F_OK) == 0 }

    /// - Parameter part: of a recording that the daemon's end cut off, from 1 on.
    init(in directory: String, meeting: String, part: Int = 1) {
        folder = directory + "/" + meeting + (part > 1 ? "-part\(part)" : "")
    }

    enum Outcome: Sendable {
        /// There is none.
        case none
        /// The master has all that it has; it is gone.
        case nothingMore
        /// The master has what either had; it is gone.
        case merged(MergeJob.Line, GapMap)
        /// There was no master that could be read, and it took its place.
        case stoodIn
        /// Nothing was changed.
        case failed(String)
    }

    /// Makes a folder for it.
    func prepare() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    }

    /// Brings what it has into the master.
    ///
    /// - Parameters:
    ///   - master: finished, in a package that is not sealed.
    ///   - work: a folder on the same disk.
    func settle(into master: String, work: String) async -> Outcome {
        Self.resume(work, master)
        guard isThere else { return .none }
        do {
            _ = try MeetingRecorder.recover(path: self.master)
            try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        } catch { return .failed("\(error)") }
        guard access(master, F_OK) == 0 else { return standIn(for: master, work) }
        let result = await Self.merge(master, self.master, into: work + "/merged.mkv")
        switch result {
        case .failure(let reason): return .failed(reason.text)
        case .success(let line):
            guard let gaps = line.gaps else {
                remove()
                return .nothingMore
            }
            guard Self.commit(work, master) else { return .failed(String(cString: strerror(errno))) }
            remove()
            return .merged(line, gaps)
        }
    }

    struct Reason: Error { var text: String }

    /// - Parameter areParts: the second was begun after the first had ended.
    static func merge(
        _ first: String, _ second: String, into path: String, areParts: Bool = false
    ) async -> Result<MergeJob.Line, Reason> {
        do throws(ChildProcess.Failure) {
            let child = ChildProcess(
                OwnProgram.path, ["merge-job", first, second, path] + (areParts ? ["--parts"] : []),
                limits: .init(outputOctets: mostOutput, niceness: niceness), place: .ofJobs)
            let outcome = try await child.run()
            let line = try? JSONDecoder().decode(MergeJob.Line.self, from: Data(outcome.output))
            guard outcome.isSuccess, let line else {
                MasterMerge.remove(path)
                return .failure(Reason(text: line?.error ?? outcome.complaint))
            }
            return .success(line)
        } catch {
            return .failure(Reason(text: "\(error)"))
        }
    }

    /// The files of a merged master in the work folder, each with its place; the master first.
    private static func moves(_ work: String, _ master: String) -> [(from: String, to: String)] {
        Array(zip(MasterMerge.files(of: work + "/merged.mkv"), MasterMerge.files(of: master))).map { ($0, $1) }
    }

    /// The rename of the master is what counts: before it the merge is done again, after it the other files follow.
    static func commit(_ work: String, _ master: String) -> Bool {
        for move in moves(work, master) where rename(move.from, move.to) != 0 { return false }
        return true
    }

    /// Completes a commit that a crash cut off, or drops what was made before one.
    static func resume(_ work: String, _ master: String) {
        let moves = moves(work, master)
        if access(moves[0].from, F_OK) == 0 { return MasterMerge.remove(moves[0].from) }
        for move in moves.dropFirst() where access(move.from, F_OK) == 0 { rename(move.from, move.to) }
    }

    /// It lies on another disk: it is copied, and then takes the master's place.
    private func standIn(for master: String, _ work: String) -> Outcome {
        let moves = Self.moves(work, master)
        do {
            for (source, move) in zip(MasterMerge.files(of: self.master), moves) where access(source, F_OK) == 0 {
                try FileManager.default.copyItem(atPath: source, toPath: move.from)
            }
        } catch {
            MasterMerge.remove(moves[0].from)
            return .failed("\(error.localizedDescription)")
        }
        for move in moves where access(move.from, F_OK) == 0 && rename(move.from, move.to) != 0 {
            return .failed(String(cString: strerror(errno)))
        }
        remove()
        return .stoodIn
    }

    private func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
