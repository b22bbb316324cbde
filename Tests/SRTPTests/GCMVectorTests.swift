import Foundation
import Testing

@testable import SRTP

/// RFC 7714 §16 and §17, read from the folder shared beside the checkout.
@Suite(.enabled(if: GCMVectors.areThere, "no ../shared/corpora/rfc7714 beside the checkout"))
struct GCMVectorTests {
    @Test(arguments: SRTPEngineChoice.own, ["16.1.1", "16.1.2", "16.2.1", "16.2.2"])
    func anRTPPacketIsProtectedAndUnprotectedAsPublished(choice: SRTPEngineChoice, section: String) throws {
        let vector = try GCMVectors("rtp-vectors.txt", section)
        let protected = try vector.packet("Encrypted and tagged packet", "Decrypting the following packet")
        // The sections on decryption print the payload alone.
        let plain =
            try (try? vector.packet("Encrypting the following packet"))
            ?? protected.prefix(12) + vector.packet("Verified and tagged packet")
        let engine = try SRTPEngine(choice)
        let keys = try vector.keys()
        #expect(try Sending(engine, session: keys).protect([plain]) == [Outcome(status: .ok, bytes: protected)])
        #expect(try Receiving(engine, session: keys).unprotect([protected]) == [Outcome(status: .ok, bytes: plain)])
    }

    @Test(arguments: SRTPEngineChoice.own, ["17.1", "17.2"])
    func anRTCPPacketIsProtectedAndUnprotectedAsPublished(choice: SRTPEngineChoice, section: String) throws {
        let vector = try GCMVectors("rtcp-vectors.txt", section)
        let plain = try vector.packet("Encrypting the following packet", "Verified and decrypted packet")
        let protected = try vector.packet("Encrypted and tagged packet", "Decrypting the following packet")
        let engine = try SRTPEngine(choice)
        let keys = try vector.keys()
        let sending = try Sending(engine, session: keys)
        sending.state(0x4d61_7273)?.pointee.nextRTCPIndex = 0x5d4
        #expect(sending.protectRTCP(plain) == Outcome(status: .ok, bytes: protected))
        #expect(
            try Receiving(engine, session: keys).unprotectRTCP(protected) == Outcome(status: .ok, bytes: plain))
    }

    @Test(arguments: SRTPEngineChoice.own, ["17.3", "17.4"])
    func anRTCPPacketSentUnencryptedIsTakenAsPublished(choice: SRTPEngineChoice, section: String) throws {
        let vector = try GCMVectors("rtcp-vectors.txt", section)
        let plain = try vector.packet("Tagging the following packet", "Verified packet")
        let tagged = try vector.packet("Tagged packet", "Verifying the following packet")
        let receiving = try Receiving(SRTPEngine(choice), session: vector.keys())
        #expect(receiving.unprotectRTCP(tagged) == Outcome(status: .ok, bytes: plain))
        var changed = tagged
        changed[20] ^= 1
        let fresh = try Receiving(SRTPEngine(choice), session: vector.keys())
        #expect(fresh.unprotectRTCP(changed).status == .authenticationFailed)
    }
}

/// A section of one of the files.
struct GCMVectors {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/corpora/rfc7714").standardizedFileURL
    static let areThere = FileManager.default.fileExists(atPath: folder.appending(path: "rtp-vectors.txt").path)

    private struct Missing: Error { let what: String }
    private let lines: [Substring]

    init(_ file: String, _ section: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8)
        let all = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = all.firstIndex(where: { $0.hasPrefix(section + ".  ") }) else { throw Missing(what: section) }
        lines = Array(all[(start + 1)...].prefix { !($0.first?.isNumber ?? false) })
    }

    /// The hexadecimal lines under the first of `titles` that the section has.
    func packet(_ titles: String...) throws -> [UInt8] {
        for title in titles {
            guard let start = lines.firstIndex(where: { $0.trimmingCharacters(in: .whitespaces) == title + ":" })
            else { continue }
            let block = lines[(start + 1)...].drop { $0.allSatisfy(\.isWhitespace) }.prefix {
                !$0.allSatisfy(\.isWhitespace) && $0.allSatisfy { $0.isHexDigit || $0.isWhitespace }
            }
            return hex(block.joined())
        }
        throw Missing(what: titles.joined(separator: " or "))
    }

    /// The session keys are the ones of §16: its text gives the salt, and 00 01 02 … for the key.
    func keys() throws -> SessionKeys {
        let wide = lines.contains { hex(String($0)) == Array(0x10...0x1f) }
        return SessionKeys(
            suite: wide ? .aeadAES256GCM : .aeadAES128GCM, encryption: Array(0..<(wide ? 32 : 16)), authentication: [],
            salt: hex("51756964 2070726f 2071756f"))
    }
}
