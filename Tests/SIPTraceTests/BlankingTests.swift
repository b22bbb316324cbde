import Foundation
import Testing

@testable import SIPTrace

/// What is secret is not there any more, to the octet, however it was written.
struct BlankingTests {
    static let secrets = [
        "ZFd5a0tGb09JdE5mUXJxbzNQd1pBUXJ4", "kQx9Hc0kP3pwd", "6629fae49393a05397450978507c4ef1", "d3b2s7kEybEARER",
        "2468", "mikeyMIKEYmikey", "thu-bi-mat",
    ]

    static func invite(ending: String = "\r\n") -> [UInt8] {
        [
            "INVITE sip:giaoban:thu-bi-mat@example.vn SIP/2.0", "Via: SIP/2.0/TLS 192.0.2.7;branch=z9hG4bK1",
            "i: a84b4c76e66710",
            "CSeq: 2 INVITE", "AUTHORIZATION : Digest username=\"soyte\", realm=\"example.vn\",",
            " nonce=\"84a4cc6f\", uri=\"sip:giaoban@example.vn\",",
            "\tRESPONSE=\"6629fae49393a05397450978507c4ef1\", algorithm=MD5",
            "Proxy-Authorization: Bearer d3b2s7kEybEARER",
            "c: application/sdp", "l: 300", "", "v=0", "a=ice-ufrag:abcd", "A=ICE-PWD:kQx9Hc0kP3pwd",
            "a=crypto:1 AEAD_AES_128_GCM inline:ZFd5a0tGb09JdE5mUXJxbzNQd1pBUXJ4|2^20|1:4",
            "a=key-mgmt:mikey mikeyMIKEYmikey",
            "a=fingerprint:sha-256 AB:CD", "m=audio 5004 RTP/SAVP 0", "",
        ].joined(separator: ending).utf8.map { $0 }
    }

    @Test(arguments: ["\r\n", "\n", "\r"]) func nothingSecretIsLeftOfAnInvite(_ ending: String) {
        let original = Self.invite(ending: ending)
        let blanked = SecretBlanking.blank(original)
        let text = String(decoding: blanked, as: UTF8.self)
        #expect(blanked.count == original.count, "lengths stay right")
        for secret in Self.secrets { #expect(!text.contains(secret), "\(secret)") }
        for kept in [
            "username=\"soyte\"", "realm=\"example.vn\"", "algorithm=MD5", "Proxy-Authorization: Bearer x",
            "a=ice-ufrag:abcd",
            "a=crypto:1 AEAD_AES_128_GCM inline:x", "a=fingerprint:sha-256 AB:CD", "RESPONSE=\"xxxx",
            "uri=\"sip:giaoban@example.vn\"",
        ] { #expect(text.contains(kept), "\(kept): \(text)") }
        #expect(!text.contains("84a4cc6f"), "without its nonce nobody can try passwords")
    }

    @Test(arguments: [
        "INFO sip:a@b SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=2468\r\nDuration=160\r\n",
        "INFO sip:a@b SIP/2.0\r\nContent-Type: application/dtmf\r\n\r\n2468",
        "MESSAGE sip:a@b SIP/2.0\r\nContent-Type: text/plain\r\n\r\n2468",
        "MESSAGE sip:a@b SIP/2.0\r\nContent-Type: multipart/mixed;boundary=x\r\n\r\n--x\r\n\r\n2468\r\n--x--",
        "INVITE sip:a@b SIP/2.0\r\nContent-Encoding: gzip\r\nContent-Type: application/sdp\r\n\r\n2468",
        "INFO sip:a@b SIP/2.0\r\nContent-Type: multipart/mixed;boundary=x\r\n\r\n--x\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal= 2468\r\n--x--",
        "REFER sip:a@b SIP/2.0\r\nRefer-To: <sip:c@d?Authorization=Digest%20response%3D2468>\r\n\r\n",
        "SIP/2.0 200 OK\r\nAuthentication-Info: rspauth=\"2468\", nextnonce=\"2468\"\r\n\r\n",
        "NOTIFY sip:a@b SIP/2.0\r\nContent-Type: message/sipfrag\r\n\r\nINVITE sip:c@d SIP/2.0\r\nAuthorization: Digest response=\"2468\"\r\n",
    ]) func keysThatWerePressedAndTextsAreGone(_ message: String) {
        let blanked = SecretBlanking.blank(Array(message.utf8))
        #expect(!String(decoding: blanked, as: UTF8.self).contains("2468"))
        #expect(blanked.count == message.utf8.count)
    }

    @Test func anythingAtAllIsTakenAndKeepsItsLength() {
        var random = SystemRandomNumberGenerator()
        let whole = Self.invite()
        for _ in 0..<2_000 {
            var octets = whole
            for _ in 0..<Int.random(in: 1...20, using: &random) where octets.count > 1 {
                let at = Int.random(in: 0..<octets.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    octets[at] = [0x22, 0x5C, 0x0D, 0x0A, 0x3A, 0x20, 0x00, 0xFF].randomElement(using: &random) ?? 0
                case 1: octets.remove(at: at)
                default: octets = Array(octets.prefix(max(1, at)))
                }
            }
            #expect(SecretBlanking.blank(octets).count == octets.count)
            _ = MessageOutline(octets)
        }
        #expect(SecretBlanking.blank([]) == [])
        #expect(SecretBlanking.blank(Array("Authorization:".utf8)).count == 14)
        #expect(SecretBlanking.blank(Array("a\r\nAuthorization: Digest response=\"\\".utf8)).count == 36)
    }

    @Test func anOutlineHasWhatATraceTells() {
        let outline = MessageOutline(Self.invite())
        #expect(outline.callID == "a84b4c76e66710" && outline.sequence == "2 INVITE")
        #expect(outline.contentType == "application/sdp" && outline.bodyOctets > 100)
        #expect(MessageOutline(Array("X\u{1B}[2J\r\n".utf8)).startLine == "X?[2J")
    }
}
