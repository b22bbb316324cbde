import ChildProcesses
import Foundation
import Synchronization

/// Second copies in what rclone reaches. Each call is a child with bounded time and rate; what it complains of is told without what
/// could be a secret.
struct RcloneStore: SecondStore {
    let remote: RcloneRemote
    let octetsPerSecond: Int
    var program = "/usr/bin/rclone"

    /// Of files that a package has, at most.
    private static let mostNames = 100_000
    /// "Directory not found" and "File not found", of rclone's exit codes.
    private static let notThere: Set<Int32> = [3, 4]

    func names(in package: String) async throws(ArchiveError) -> Set<String> {
        let found = Mutex<Set<String>>([])
        let arguments = ["lsf", "--recursive", "--files-only", "--", remote.appending(package)]
        let outcome = try await run(arguments, octets: 0) { line in
            found.withLock { if $0.count < Self.mostNames { $0.insert(line) } }
        }
        if case .exited(let code) = outcome.ending, Self.notThere.contains(code) { return [] }
        try Self.check(outcome)
        return found.withLock { $0 }
    }

    func sha256(of name: String, octets: Int64) async throws(ArchiveError) -> String {
        let outcome = try await run(["hashsum", "sha256", "--download", "--", remote.appending(name)], octets: octets)
        try Self.check(outcome)
        let hash = String(decoding: outcome.output, as: UTF8.self).prefix { $0 != " " }
        guard hash.utf8.count == 64 else { throw .secondLocation(reason: "rclone gives no hash of \(name)") }
        return String(hash)
    }

    func put(_ source: String, as name: String, octets: Int64) async throws(ArchiveError) {
        // What is there is not asked: it was found wanting.
        let arguments = ["copyto", "--ignore-times", "--", source, remote.appending(name)]
        try Self.check(try await run(arguments, octets: octets))
    }

    func fetch(_ name: String, octets: Int64, to target: String) async throws(ArchiveError) {
        try Self.check(try await run(["copyto", "--", remote.appending(name), target], octets: octets))
    }

    func remove(_ name: String) async throws(ArchiveError) {
        try Self.check(try await run(["deletefile", "--", remote.appending(name)], octets: 0))
        // Of remotes that have directories; it stays where others are in it.
        _ = try await run(["rmdir", "--", remote.appending((name as NSString).deletingLastPathComponent)], octets: 0)
    }

    func removePayload(of package: String, _ removal: PayloadRemoval) async throws(ArchiveError) {
        for name in try await names(in: package).filter(removal.takes).sorted() {
            let path = remote.appending(package + "/" + name)
            try Self.check(try await run(["deletefile", "--", path], octets: 0))
        }
        guard try await names(in: package).allSatisfy({ !removal.takes($0) }) else {
            throw .secondLocation(reason: "files of \(package) come back when they are removed")
        }
        // Of remotes that have directories; an empty one that stays is no payload.
        if removal.layout != .flat {
            _ = try await run(["rmdirs", "--", remote.appending(package + "/data")], octets: 0)
        }
    }

    // MARK: The program

    /// - Parameter octets: what it is to move, which bounds its time.
    private func run(
        _ arguments: [String], octets: Int64, onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(ArchiveError) -> ChildProcess.Outcome {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw .secondLocation(reason: "rclone is not installed (apt-get install rclone)")
        }
        let options = [
            "--config", remote.configuration, "--ask-password=false", "--bwlimit", "\(max(1, octetsPerSecond / 1024))K",
            // The archive tries again by itself, later.
            "--retries", "1", "--low-level-retries", "3", "--contimeout", "20s", "--timeout", "60s", "--stats", "0",
            "--log-level", "ERROR",
        ]
        let usual = Double(octets) / Double(octetsPerSecond)
        let limits = ChildProcess.Limits(time: .seconds(300 + 20 * usual), niceness: 10)
        let outcome: ChildProcess.Outcome
        do throws(ChildProcess.Failure) {
            outcome = try await ChildProcess(program, options + arguments, limits: limits).run(onLine: onLine)
        } catch { throw .secondLocation(reason: "\(error)") }
        if outcome.ending == .cancelled { throw .cancelled }
        return outcome
    }

    private static func check(_ outcome: ChildProcess.Outcome) throws(ArchiveError) {
        guard !outcome.isSuccess else { return }
        throw .secondLocation(reason: "rclone: " + withoutSecrets(outcome.complaint))
    }

    /// A line of rclone's log without its time, without the user in an address, and without what follows a question mark in one.
    static func withoutSecrets(_ line: String) -> String {
        line.replacing(#/^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d /#, with: "")
            .replacing(#/://[^/@\s"]*@/#, with: "://")
            .replacing(#/\?[^\s"]*/#, with: "?…")
    }
}
