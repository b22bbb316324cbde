import Foundation
import InteropSupport

/// A PostgreSQL in a namespace, made as samples/cluster says: the role, the database, who may ask, and TLS.
final class Database: Sendable {
    let folder: String
    let password: String
    private let process: ChildProcess
    private let host: String

    init(on network: Network, certificates: Certificates, password: String) async throws {
        guard let binaries = Self.binaries else { throw ToolFailure("PostgreSQL is not installed") }
        guard let ip = Tool.find("ip"), let setpriv = Tool.find("setpriv") else {
            throw ToolFailure("ip or setpriv is missing")
        }
        self.password = password
        host = network.address(of: .database)
        // Its account can read nothing of ours; and a socket's path is short.
        folder = Self.folder
        let (folder, host) = (folder, host)
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: certificates.chain, toPath: folder + "/server.pem")
        try FileManager.default.copyItem(atPath: certificates.key, toPath: folder + "/server.key")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "/server.key")
        try await Tool.run("chown", ["-R", "postgres:postgres", folder])
        let account = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
        try await Tool.run(
            "ip",
            ["netns", "exec", network.name(of: .database), setpriv] + account + [
                "env", "-C", folder, binaries + "/initdb", "-D", folder + "/data", "-A", "peer", "-U", "postgres",
                "--encoding=UTF8", "--locale=C.UTF-8",
            ], standardError: true)
        var rules = try Sample.text("pg_hba.conf")
        for (bridge, address) in [(Network.Host.one, "192.0.2.21"), (.two, "192.0.2.22")] {
            rules = rules.replacingOccurrences(of: address, with: network.address(of: bridge))
        }
        try rules.write(toFile: folder + "/data/pg_hba.conf", atomically: false, encoding: .utf8)
        process = try ChildProcess(
            ip,
            ["netns", "exec", network.name(of: .database), setpriv] + account + [
                binaries + "/postgres", "-D", folder + "/data", "-k", folder, "-c", "listen_addresses=\(host)", "-c",
                "ssl=on", "-c", "ssl_cert_file=\(folder)/server.pem", "-c", "ssl_key_file=\(folder)/server.key",
            ], log: folder + ".log")
        let process = process
        try await eventually("PostgreSQL to listen") {
            guard process.isRunning else { throw ToolFailure("PostgreSQL ended: \(process.logText.suffix(600))") }
            return process.logText.contains("ready to accept connections")
        }
        try Sample.text("causeway.sql").write(toFile: folder + "/causeway.sql", atomically: true, encoding: .utf8)
        try await asAdministrator(["-f", folder + "/causeway.sql"])
        try await asAdministrator(["-c", "ALTER ROLE causeway PASSWORD '\(password)'"])
    }

    /// As the bridges reach it.
    func conninfo(trusting authority: String) -> String {
        "host=\(host) dbname=causeway user=causeway sslmode=verify-full sslrootcert=\(authority)"
    }

    @discardableResult
    private func asAdministrator(_ arguments: [String], database: String = "postgres") async throws -> String {
        try await Tool.run(
            "setpriv",
            [
                "--reuid=postgres", "--regid=postgres", "--clear-groups", "env", "-C", folder, "psql", "-X", "-q", "-v",
                "ON_ERROR_STOP=1", "-h", folder, "-d", database,
            ] + arguments, standardError: true)
    }

    /// A table, as `psql` shows it.
    func show(_ sql: String) async throws -> String { try await asAdministrator(["-c", sql], database: "causeway") }

    func stop() async {
        // Whoever is connected is sent away.
        process.signal(SIGINT)
        await process.stop(within: .seconds(5))
        Self.removeFiles()
    }

    private static var folder: String { "/tmp/cw-cd-\(getpid())" }

    static func removeFiles() {
        for path in [folder, folder + ".log"] { try? FileManager.default.removeItem(atPath: path) }
    }

    private static let binaries: String? = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return versions.compactMap(Int.init).filter { $0 >= 15 }.max().map { "/usr/lib/postgresql/\($0)/bin" }
    }()
}

/// What lies in samples/cluster.
enum Sample {
    static let folder = "samples/cluster"
    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    }
}

/// The site's authority, and one certificate for all of its machines, as points know them by one name.
struct Certificates: Sendable {
    let authority: String
    let chain: String
    let key: String

    init(for addresses: [String], domain: String, in folder: String) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        authority = folder + "/ca.pem"
        chain = folder + "/server.pem"
        key = folder + "/server.key"
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        try await Tool.run(
            "openssl",
            ["req", "-x509"] + curve + ["-subj", "/CN=Cluster", "-keyout", folder + "/ca.key", "-out", authority])
        let names = (["DNS:" + domain] + addresses.map { "IP:" + $0 }).joined(separator: ",")
        try await Tool.run(
            "openssl",
            ["req", "-x509"] + curve + [
                "-CA", authority, "-CAkey", folder + "/ca.key", "-subj", "/CN=\(domain)", "-addext",
                "subjectAltName=\(names)", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out",
                chain,
            ])
    }
}
