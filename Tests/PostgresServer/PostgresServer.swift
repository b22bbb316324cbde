import Foundation
import Synchronization

/// A real PostgreSQL for tests (Debian's package `postgresql`), in a folder of its own, on a Unix socket alone, under an account without rights.
/// It is ended and its folder removed with this process, however that ends.
///
/// Its texts are ordered as Vietnamese orders them (ICU), which is not how SQLite does: what relies on an order has to say so.
public final class PostgresServer: Sendable {
    /// One for all tests of a process; nil where PostgreSQL is not installed.
    public static let shared: PostgresServer? = try? PostgresServer()

    /// For `.enabled(if:)`: "PostgreSQL is not installed".
    public static var isInstalled: Bool { binaries != nil }

    public struct Failure: Error, CustomStringConvertible { public let description: String }

    /// The socket's folder: a `host` of a conninfo.
    public let folder: String
    private let data: String
    private static let counter = Atomic(0)

    public init() throws {
        guard Self.binaries != nil else { throw Failure(description: "PostgreSQL is not installed") }
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        // A socket's path has at most 107 octets.
        folder = "/tmp/cw-pg-\(getpid())-\(number)"
        data = folder + "/data"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if let account = Self.account { chown(folder, account.uid, account.gid) }
        // Removes all when this process is gone, also when it was killed.
        try Self.run(
            "/bin/sh",
            [
                "-c",
                """
                setsid sh -c 'while [ -d /proc/\(getpid()) ]; do sleep 0.5; done
                kill -QUIT $(head -n 1 \(data)/postmaster.pid); sleep 0.2; rm -rf \(folder)' < /dev/null > /dev/null 2>&1 &
                """,
            ], isPlain: true)
        try Self.run(
            "initdb",
            [
                "-D", data, "-A", "trust", "-U", "causeway", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8",
                "--locale-provider=icu", "--icu-locale=vi",
            ])
        try start()
    }

    /// - Parameter name: of the database; `postgres` is always there.
    public func conninfo(_ name: String = "postgres", host: String? = nil) -> String {
        "host=\(host ?? folder) dbname=\(name) user=causeway"
    }

    /// A new database of its own; returns the conninfo.
    public func makeDatabase() throws -> String {
        let name = "t" + UUID().uuidString.lowercased().replacing("-", with: "")
        try Self.run("createdb", ["-h", folder, "-U", "causeway", name])
        return conninfo(name)
    }

    /// Runs SQL as its owner, and returns what `psql -At` prints.
    @discardableResult
    public func psql(_ sql: String, _ conninfo: String) throws -> String {
        try Self.run("psql", ["-X", "-At", "-v", "ON_ERROR_STOP=1", "-d", conninfo, "-c", sql])
    }

    public func start() throws {
        try Self.run(
            "pg_ctl",
            [
                "-D", data, "-w", "-s", "-l", folder + "/log", "-o",
                "-k \(folder) -c listen_addresses='' -c fsync=off -c max_connections=1000 -c shared_buffers=16MB",
                "start",
            ])
    }

    /// At once, as a machine that loses its power.
    public func stop() throws { try Self.run("pg_ctl", ["-D", data, "-w", "-s", "-m", "immediate", "stop"]) }

    /// Whether octets lie anywhere in the tables' files, of whatever database, as those are after a checkpoint.
    public func hasOnDisk(_ octets: Data) throws -> Bool {
        try psql("CHECKPOINT", conninfo())
        let base = data + "/base"
        guard let names = FileManager.default.enumerator(atPath: base) else { return false }
        for case let name as String in names {
            if FileManager.default.contents(atPath: base + "/" + name)?.range(of: octets) != nil { return true }
        }
        return false
    }

    // MARK: Programs

    private static let binaries: String? = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let newest = versions.compactMap(Int.init).filter { $0 >= 15 }.max()
        return newest.map { "/usr/lib/postgresql/\($0)/bin" }.flatMap {
            FileManager.default.isExecutableFile(atPath: $0 + "/initdb") ? $0 : nil
        }
    }()

    /// The server does not run as root.
    private static let account: (uid: uid_t, gid: gid_t)? = {
        guard geteuid() == 0, let entry = getpwnam("postgres") ?? getpwnam("nobody") else { return nil }
        return (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }()

    @discardableResult
    private static func run(_ program: String, _ arguments: [String], isPlain: Bool = false) throws -> String {
        var words = [isPlain ? program : (binaries ?? "") + "/" + program] + arguments
        if let account, !isPlain {
            words =
                [
                    "/usr/bin/env", "-C", "/", "setpriv", "--reuid=\(account.uid)", "--regid=\(account.gid)",
                    "--clear-groups",
                ] + words
        }
        // A file, for a server that stays would hold a pipe open.
        let output = FileManager.default.temporaryDirectory.path + "/cw-pg-out-\(UUID().uuidString)"
        defer { unlink(output) }
        let status = try spawn(words, output)
        let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        guard status == 0 else {
            throw Failure(description: "\(program) \(arguments.joined(separator: " ")): \(text.suffix(500))")
        }
        return text.trimmingCharacters(in: .newlines)
    }

    /// Not by `Process`, which waits for all who have its socket: also for a server that stays.
    private static func spawn(_ words: [String], _ output: String) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let arguments = words.map { strdup($0) }
        let environment = ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"].map { (text: String) in strdup(text) }
        defer { for text in arguments + environment { free(text) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, words[0], &actions, &attributes, arguments + [nil], environment + [nil])
        guard code == 0 else { throw Failure(description: "\(words[0]): \(String(cString: strerror(code)))") }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
