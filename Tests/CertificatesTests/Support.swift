import Certificates
import Foundation

/// A directory that goes with the test.
final class Scratch {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    var site: String { "\(path)/certificates" }

    func read(_ name: String) throws -> String {
        try String(decoding: Data(contentsOf: URL(fileURLWithPath: "\(site)/\(name)")), as: UTF8.self)
    }
    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(site)/\(name)"))
    }
    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(site)/\(name)") }
    func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: "\(site)/\(name)")[.posixPermissions] as? Int
    }
    func ensure(_ names: [String] = ["hop.example.vn"], now: Date = noon) throws(CertificateError) -> CertificatePaths {
        try SiteCertificate.ensure(directory: site, names: names, now: now)
    }
}

/// 2026-11-24 12:00 UTC.
let noon = Date(timeIntervalSince1970: 1_795_521_600)
let day: TimeInterval = 86_400

/// The `openssl` program, if it is here.
let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first { FileManager.default.isExecutableFile(atPath: $0) }

/// Runs `openssl` and gives its exit status and everything that it wrote.
func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: openssl ?? "/nowhere")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
