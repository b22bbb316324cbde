import Foundation
import Testing

@testable import CipherFiles

/// Python's `cryptography`, which knows nothing of this code, by the words of docs/security-archive.md.
@Suite struct OthersDecryptTests {
    private static let program = """
        import sys
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF
        kek, meeting, wrapped, path, name = bytes.fromhex(sys.argv[1]), sys.argv[2], bytes.fromhex(sys.argv[3]), sys.argv[4], sys.argv[5]
        key = AESGCM(kek).decrypt(wrapped[:12], wrapped[12:], b'causeway-meeting-key/1 ' + meeting.encode())
        data = open(path, 'rb').read()
        assert data[:8] == b'CWCRYPT1'
        info = b'causeway-file/1 ' + name.encode()
        cipher = AESGCM(HKDF(algorithm=hashes.SHA256(), length=32, salt=data[8:40], info=info).derive(key))
        body, number, clear = data[40:], 0, b''
        while True:
            segment, body = body[:65552], body[65552:]
            clear += cipher.decrypt(number.to_bytes(11, 'big') + bytes([0 if body else 1]), segment, None)
            number += 1
            if not body: break
        sys.stdout.buffer.write(clear)
        """
    private static let hasPython =
        (try? Self.run("import cryptography.hazmat.primitives.ciphers.aead", [])) != nil

    private static func run(_ program: String, _ arguments: [String]) throws -> Data? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        struct Failed: Error {}
        guard process.terminationStatus == 0 else { throw Failed() }
        return data
    }

    private static func hex(_ data: Data) -> String {
        data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test(
        .enabled(if: hasPython, "python3 has no cryptography"), arguments: [0, 1, 65_535, 65_536, 65_537, 150_000])
    func theFormatIsWhatTheDocumentSays(count: Int) throws {
        let shelf = try CipherShelf()
        let secret = CipherShelf.octets(32)
        let kek = try KeyEncryptionKey(secret)
        let (key, clear) = (ContentKey(), CipherShelf.octets(count))
        let path = try shelf.encrypted(clear, key, name: "data/00017.sealed")
        let meeting = "20261124-093000-giaoban-k3f9"
        let wrapped = try kek.wrap(key, of: meeting)
        let arguments = [Self.hex(secret), meeting, Self.hex(wrapped), path, "data/00017.sealed"]
        #expect(try Self.run(Self.program, arguments) == clear)
    }
}
