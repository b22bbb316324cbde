import Foundation
import Testing

@testable import Papers

/// A real clamd with a signature of its own: that of the EICAR test file.
private final class Clamd {
    static let program = "/usr/sbin/clamd"
    static let eicar = #"X5O!P%@AP[4\PZX54(P^)7CC)7}$"# + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    let socket: String
    private let process = Process()

    init(_ samples: Samples) throws {
        socket = samples.folder + "/clamd.ctl"
        try FileManager.default.createDirectory(atPath: samples.folder + "/db", withIntermediateDirectories: true)
        let hexadecimal = Self.eicar.utf8.map { String(format: "%02x", $0) }.joined()
        _ = try samples.write(Array("Causeway.Test:0:*:\(hexadecimal)\n".utf8), as: "db/own.ndb")
        let settings = """
            LocalSocket \(socket)
            DatabaseDirectory \(samples.folder)/db
            Foreground yes
            User \(NSUserName())
            StreamMaxLength 1M

            """
        let path = try samples.write(Array(settings.utf8), as: "clamd.conf")
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["--config-file=\(path)"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    func waitUntilReady() async throws {
        for _ in 0..<300 {
            if FileManager.default.fileExists(atPath: socket) { return }
            try #require(process.isRunning, "clamd ended")
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("clamd does not begin")
    }
}

@Suite("Viruses in papers", .serialized) struct VirusTests {
    private let samples: Samples
    init() throws { samples = try Samples() }

    @Test(
        "are found by name, and what cannot be looked at is not called clean",
        .enabled(if: access(Clamd.program, X_OK) == 0))
    func scanning() async throws {
        let clamd = try Clamd(samples)
        try await clamd.waitUntilReady()
        let scanner = VirusScanner(socket: clamd.socket)
        #expect(try scanner.scan(try samples.write(Array("Tờ trình".utf8), as: "a.txt")) == nil)
        #expect(
            try scanner.scan(try samples.write(Array("x \(Clamd.eicar)".utf8), as: "b.txt"))?.hasPrefix("Causeway.Test")
                == true)
        // Longer than it takes.
        let long = try samples.write([UInt8](repeating: 32, count: 8 << 20), as: "c.txt")
        #expect(throws: VirusScanner.Failure.self) { _ = try scanner.scan(long) }
    }

    @Test("are not looked for where nobody answers, and that is told from none")
    func away() throws {
        let path = try samples.write(Array("a".utf8), as: "a.txt")
        #expect(throws: VirusScanner.Failure.self) {
            _ = try VirusScanner(socket: samples.folder + "/none").scan(path)
        }
        #expect(throws: VirusScanner.Failure.self) {
            _ = try VirusScanner(socket: String(repeating: "x", count: 200)).scan(path)
        }
    }

    @Test("are told from what the daemon says otherwise")
    func answers() throws {
        #expect(try VirusScanner.verdict("stream: OK") == nil)
        #expect(try VirusScanner.verdict("stream: Win.Test-1 FOUND") == "Win.Test-1")
        for answer in ["", "OK", "INSTREAM size limit exceeded. ERROR", "stream: x ERROR", "stream: OK FOUND OK"] {
            #expect(throws: VirusScanner.Failure.self) { _ = try VirusScanner.verdict(answer) }
        }
    }
}
