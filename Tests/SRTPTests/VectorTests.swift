import Testing

@testable import SRTP

/// RFC 3711 Appendix B and RFC 6188 §7.
@Suite struct CounterModeVectorTests {
    @Test func sessionKeysOf128BitsAreThoseOfRFC3711AppendixB3() throws {
        let master = try SRTPMasterKey(
            suite: .aes128CMSHA1_80,
            keyAndSalt: hex("E1F97A0D3E018BE0D64FA32C06DE4139") + hex("0EC675AD498AFEEBB6960B3AABE6"))
        let keys = try SessionKeys(master, for: .rtp)
        #expect(keys.encryption == hex("C61E7A93744F39EE10734AFE3FF7A087"))
        #expect(keys.salt == hex("30CBBC08863D8C85D49DB34A9AE1"))
        #expect(keys.authentication == hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"))
    }

    @Test func sessionKeysOf256BitsAreThoseOfRFC6188Section72() throws {
        let master = try SRTPMasterKey(
            suite: .aes256CMSHA1_80,
            keyAndSalt: hex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6")
                + hex("3b04803de51ee7c96423ab5b78d2"))
        let keys = try SessionKeys(master, for: .rtp)
        #expect(keys.encryption == hex("5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4"))
        #expect(keys.salt == hex("fa31791685ca444a9e07c6c64e93"))
        #expect(keys.authentication == hex("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"))
    }

    /// What encrypting zeros gives is the key stream: its first blocks for SSRC 0 and index 0.
    @Test(arguments: SRTPEngineChoice.own)
    func theKeyStreamIsThatOfTheRFCs(choice: SRTPEngineChoice) throws {
        let vectors: [(suite: SRTPSuite, key: String, stream: String)] = [
            (
                .aes128CMSHA1_80, "2B7E151628AED2A6ABF7158809CF4F3C",
                "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0"
            ),
            (
                .aes256CMSHA1_80, "57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98",
                "92bdd28a93c3f52511c677d08b5515a4 9da71b2378a854f67050756ded165bac 63c4868b7096d88421b563b8c94c9a31"
            ),
        ]
        for vector in vectors {
            let keys = SessionKeys(
                suite: vector.suite, encryption: hex(vector.key), authentication: Array(repeating: 1, count: 20),
                salt: hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"))
            let header: [UInt8] = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            let sending = try Sending(SRTPEngine(choice), session: keys)
            let outcome = sending.protect([header + Array(repeating: 0, count: 48)])[0]
            #expect(outcome.status == .ok)
            #expect(Array(outcome.bytes.dropFirst(12).prefix(48)) == hex(vector.stream))
        }
    }
}
