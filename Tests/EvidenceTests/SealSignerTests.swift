import Evidence
import Foundation
import Testing

@Suite struct SealSignerTests {
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is missing"))
    func aCertificateIsNamedByItsSubjectAndItsFingerprint() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/signer-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.arguments = [
            "-c",
            """
            openssl req -x509 -newkey ed25519 -nodes -keyout key -out crt -days 9 -utf8 \
                -subj '/C=VN/O=UBND tỉnh/CN=Văn thư cơ quan' 2>/dev/null
            openssl x509 -in crt -outform DER | sha256sum | cut -c1-64
            """,
        ]
        process.standardOutput = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let pem = try String(contentsOfFile: folder + "/crt", encoding: .utf8)
        let signer = try #require(SealSigner(pem: pem))
        #expect(signer.subject == "CN=Văn thư cơ quan,O=UBND tỉnh,C=VN")
        #expect(signer.fingerprint == said.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test(arguments: [
        "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN PUBLIC KEY-----\n!\n-----END X",
        "-----BEGIN CERTIFICATE-----",
    ]) func whatIsNeitherIsNobody(_ pem: String) {
        #expect(SealSigner(pem: pem) == nil)
    }
}
