import Foundation
import MediaPlane
import SRTP

/// The few lines of SDP that rtpengine is told and tells: one stream on loopback, with or without SDES. It publishes only
/// codecs that it could decode; what the packets really carry it does not look at.
struct SessionText {
    struct Incomplete: Error, CustomStringConvertible {
        let description: String
    }

    /// What is written for a peer that sends with `key`.
    static func write(port: UInt16, key: (tag: Int, SRTPMasterKey)?, direction: String) -> String {
        var lines = [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
            "m=audio \(port) RTP/\(key == nil ? "AVP" : "SAVP") 100", "a=rtpmap:100 opus/48000/2", "a=\(direction)",
        ]
        if let (tag, key) = key {
            let inline = Data(key.keyAndSalt).base64EncodedString()
            lines.append("a=crypto:\(tag) \(key.suite.sdesName) inline:\(inline)")
        }
        return lines.map { $0 + "\r\n" }.joined()
    }

    let port: UInt16
    /// The line of the wanted suite: its tag, and the key that the other end sends with.
    let key: (tag: Int, SRTPMasterKey)?

    init(reading text: String, _ suite: SRTPSuite?) throws {
        var port: UInt16?
        var found: (Int, SRTPMasterKey)?
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            if line.hasPrefix("m=audio "), words.count > 1 { port = UInt16(words[1]) }
            guard let suite, line.hasPrefix("a=crypto:"), words.count >= 3, words[1] == suite.sdesName,
                let tag = Int(words[0].dropFirst("a=crypto:".count)), words[2].hasPrefix("inline:")
            else { continue }
            // Without padding, as RFC 4568 allows, and without lifetime.
            let encoded = words[2].dropFirst("inline:".count).prefix { $0 != "|" }
            let padded = encoded + String(repeating: "=", count: (4 - encoded.count % 4) % 4)
            guard let bytes = Data(base64Encoded: String(padded)) else { continue }
            found = (tag, try SRTPMasterKey(suite: suite, keyAndSalt: Array(bytes)))
        }
        guard let port, suite == nil || found != nil else {
            throw Incomplete(description: "no port, or no \(suite?.sdesName ?? "RTP"), in\n\(text)")
        }
        self.port = port
        key = found
    }
}
