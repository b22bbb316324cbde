import DTLS
import Testing

@Suite struct DTLSFingerprintTests {
    @Test func readingIsTheInverseOfWriting() {
        var random = SystemRandomNumberGenerator()
        for hash in DTLSFingerprint.Hash.allCases {
            let digest = (0..<hash.length).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text =
                hash.rawValue + " " + digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
            let fingerprint = DTLSFingerprint(text)
            #expect(fingerprint?.hash == hash && fingerprint?.octets == digest)
            #expect(fingerprint?.description == hash.rawValue + " " + text.split(separator: " ")[1].uppercased())
            #expect(DTLSFingerprint(fingerprint?.description ?? "") == fingerprint)
            #expect(DTLSFingerprint(text.uppercased()) == fingerprint)
        }
    }

    @Test(arguments: [
        "", "sha-256", "sha-256 ", "md5 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF", "sha-1 00:11",
        "sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:3",
        "sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:+3",
        "sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:",
        "sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:３",
    ])
    func malformedOnesAreRefused(_ text: String) { #expect(DTLSFingerprint(text) == nil) }

    @Test func identitiesDiffer() throws {
        let one = try DTLSIdentity(validFrom: today, until: today + day)
        let other = try DTLSIdentity(validFrom: today, until: today + day)
        #expect(one.fingerprint != other.fingerprint)
        #expect(one.fingerprint.hash == .sha256)
    }
}
