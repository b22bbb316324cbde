import DTLS
import Foundation
import SRTP
import Testing

/// `openssl s_client` or `s_server` with DTLS 1.2 and SRTP, told to export keying material.
final class OpenSSLProgram {
    struct Failed: Error, CustomStringConvertible { var description: String }

    static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/openssl" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var printed = ""

    init(_ arguments: [String], suite: SRTPSuite, mtu: Int = 1_200, _ certificate: ProgramCertificate) throws {
        let profile =
            switch suite {
            case .aeadAES128GCM: "SRTP_AEAD_AES_128_GCM"
            case .aeadAES256GCM: "SRTP_AEAD_AES_256_GCM"
            case .aes128CMSHA1_32: "SRTP_AES128_CM_SHA1_32"
            default: "SRTP_AES128_CM_SHA1_80"
            }
        process.executableURL = Self.path.map { URL(filePath: $0) }
        process.arguments =
            arguments + [
                "-dtls1_2", "-mtu", String(mtu), "-use_srtp", profile, "-cert", certificate.file, "-key",
                certificate.file,
                "-keymatexport", "EXTRACTOR-dtls_srtp", "-keymatexportlen", String(2 * suite.keyAndSaltLength),
            ]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit { kill() }

    func type(_ text: String) { try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    /// Whether it ended by itself, and well.
    func end() -> Bool {
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// A test's threads block the other signals, and their children inherit that.
    func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    func acceptingPort() throws -> UInt16 {
        let line = try line(after: "ACCEPT ")
        return try line.split(separator: ":").last.flatMap { UInt16($0) } ?? { throw Failed(description: line) }()
    }

    func keyingMaterial() throws -> [UInt8] {
        let digits = try line(after: "Keying material: ")
        return stride(from: 0, to: digits.count, by: 2).compactMap { offset in
            UInt8(digits.dropFirst(offset).prefix(2), radix: 16)
        }
    }

    /// The rest of the line that has `mark`, when it has been printed.
    private func line(after mark: String) throws -> String {
        while true {
            if let range = printed.range(of: mark), let end = printed[range.upperBound...].firstIndex(of: "\n") {
                return String(printed[range.upperBound..<end])
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failed(description: "ended without \(mark): \(printed)") }
            printed += String(decoding: more, as: UTF8.self)
        }
    }
}

/// A key and certificate that the program makes for itself, in one file.
final class ProgramCertificate {
    let file: String
    let fingerprint: DTLSFingerprint

    init() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "dtls-\(UUID().uuidString).pem").path
        self.file = file
        _ = try Self.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=peer", "-keyout", file, "-out", file + ".cert",
        ])
        let certificate = try String(contentsOfFile: file + ".cert", encoding: .utf8)
        let key = try String(contentsOfFile: file, encoding: .utf8)
        try (key + certificate).write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.removeItem(atPath: file + ".cert")
        let line = try Self.run(["x509", "-in", file, "-noout", "-fingerprint", "-sha256"])
        let value = line.split(separator: "=").last?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        fingerprint = try #require(DTLSFingerprint("sha-256 \(value)"))
    }

    deinit { try? FileManager.default.removeItem(atPath: file) }

    private static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = OpenSSLProgram.path.map { URL(filePath: $0) }
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let printed = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw OpenSSLProgram.Failed(description: "\(arguments)") }
        return String(decoding: printed, as: UTF8.self)
    }
}
