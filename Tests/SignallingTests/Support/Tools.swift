import Foundation

/// Programs that some tests run against the bridge.
enum Tool {
    struct Result: Sendable {
        let status: Int32
        let output: String
    }

    static func path(of name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static let hasSIPp = path(of: "sipp") != nil
    static let hasBaresip = path(of: "baresip") != nil
    static let hasOpenSSL = path(of: "openssl") != nil

    /// Runs a program to its end; `timeout` ends it if it hangs.
    static func run(_ name: String, _ arguments: [String], in folder: URL, seconds: Int = 30) async throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path(of: "timeout") ?? "/usr/bin/timeout")
        process.arguments = ["-k", "2", "\(seconds)", path(of: name) ?? name] + arguments
        process.currentDirectoryURL = folder
        let log = folder.appendingPathComponent("\(name)-\(UUID().uuidString).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        process.standardInput = Pipe()
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        try output.close()
        return Result(status: status, output: (try? String(contentsOf: log, encoding: .utf8)) ?? "")
    }

    /// A folder of its own for one test, removed after it.
    static func withFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("signalling-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }

    /// A self-signed certificate and its key, as PEM files.
    static func makeCertificate(in folder: URL, name: String = "bridge") async throws -> (chain: String, key: String) {
        let chain = folder.appendingPathComponent("\(name).pem").path
        let key = folder.appendingPathComponent("\(name).key").path
        let made = try await run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", chain,
            ], in: folder)
        guard made.status == 0 else { throw ToolFailed(what: made.output) }
        return (chain, key)
    }
}

struct ToolFailed: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
}
