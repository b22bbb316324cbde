/// A message without what opens something: SDES keys, passwords of ICE, answers to digest challenges, tokens, keys that were pressed,
/// and what people wrote to each other. Each secret octet becomes `x`, so that lengths stay right. It is better to blank too much: lines are
/// looked at wherever they stand, also in what is no SDP.
public enum SecretBlanking {
    private static let mark = UInt8(ascii: "x")
    /// Of SDP (RFC 4568, 8839, 3830, 4566), with all that follows them.
    private static let secretLines = ["a=crypto:", "a=ice-pwd:", "a=key-mgmt:", "k="].map { Array($0.utf8) }
    /// Headers whose value opens something: its scheme stays, and of a digest all but the answer.
    private static let credentials: Set = [
        "authorization", "proxy-authorization", "authentication-info", "proxy-authentication-info",
    ]
    /// Of a digest, what says nothing that helps to guess.
    private static let harmless: Set = ["username", "realm", "uri", "algorithm", "qop", "nc", "opaque", "stale"]
    /// Bodies that are what people wrote, or the keys that they pressed; and what cannot be looked into.
    private static let secretBodies = [
        "dtmf", "text/", "message/cpim", "message/imdn", "json", "octet-stream", "im-iscomposing",
    ]

    public static func blank(_ octets: [UInt8]) -> [UInt8] {
        var result = octets
        var lines = MessageLines(octets)
        var header: String?
        var blanksBody = false
        if let first = lines.next() {
            blankURI(&result, first.content)
            blanksBody = starts(octets[first.content], with: Array("message ".utf8))
        }
        while let line = lines.next() {
            if line.content.isEmpty {
                if blanksBody { fill(&result, line.end..<octets.count) }
                break
            }
            let isContinued = MessageOutline.isBlank(octets[line.content.lowerBound])
            if !isContinued { header = MessageOutline.header(octets[line.content])?.name }
            guard let header else { continue }
            let value =
                isContinued
                ? line.content
                : (octets[line.content].firstIndex(of: 0x3A).map { $0 + 1 } ?? line.content.upperBound)..<line.content
                    .upperBound
            if credentials.contains(header) {
                blankCredentials(&result, value, hasScheme: !isContinued)
            } else {
                blankURI(&result, value)
            }
            let text = String(decoding: octets[value], as: UTF8.self).lowercased()
            switch header {
            case "content-type", "c":
                // Multipart bodies are looked at line by line, as SDP is.
                blanksBody = blanksBody || secretBodies.contains { text.contains($0) } && !text.contains("multipart/")
            case "content-encoding", "e", "content-transfer-encoding": blanksBody = true
            default: break
            }
        }
        blankLines(&result)
        return result
    }

    private static func blankLines(_ octets: inout [UInt8]) {
        var lines = MessageLines(octets)
        while let line = lines.next() {
            let content = octets[line.content]
            // In multipart bodies texts and keys stand under headers of their own.
            for begin in secretLines where starts(content, with: begin) {
                var from = line.content.lowerBound + begin.count
                if begin == secretLines[0], let inline = find("inline:", in: octets, line.content) { from = inline }
                fill(&octets, from..<line.content.upperBound)
            }
            if let (name, value) = MessageOutline.header(content), credentials.contains(name) {
                blankCredentials(&octets, value.startIndex..<line.content.upperBound, hasScheme: true)
            }
            for word in ["signal=", "signal ="] where starts(content, with: Array(word.utf8)) {
                fill(&octets, line.content.lowerBound + word.utf8.count..<line.content.upperBound)
            }
        }
    }

    /// Passwords and headers in URIs (RFC 3261 §19.1.1).
    private static func blankURI(_ octets: inout [UInt8], _ range: Range<Int>) {
        if let at = find("authorization=", in: octets, range) { fill(&octets, at..<range.upperBound) }
        var from = range.lowerBound
        while let scheme = find("sip:", in: octets, from..<range.upperBound)
            ?? find("sips:", in: octets, from..<range.upperBound)
        {
            let end =
                octets[scheme..<range.upperBound].firstIndex {
                    $0 == 0x40 || $0 == 0x3E || $0 == 0x20
                } ?? range.upperBound
            if end < range.upperBound, octets[end] == 0x40,
                let colon = octets[scheme..<end].firstIndex(of: 0x3A)
            {
                fill(&octets, colon + 1..<end)
            }
            from = max(end, scheme)
            if from >= range.upperBound { break }
        }
    }

    /// `Digest username="soyte", …`: what is not known to be harmless is blanked, and of other schemes everything.
    private static func blankCredentials(_ octets: inout [UInt8], _ range: Range<Int>, hasScheme: Bool) {
        var at = range.lowerBound
        func skip(_ isSkipped: (UInt8) -> Bool) { while at < range.upperBound, isSkipped(octets[at]) { at += 1 } }
        skip(MessageOutline.isBlank)
        if hasScheme {
            let begin = at
            skip { !MessageOutline.isBlank($0) && $0 != 0x3D }
            if at < range.upperBound, octets[at] == 0x3D {
                // No scheme (Authentication-Info): its first parameter begins here.
                at = begin
            } else if String(decoding: octets[begin..<at], as: UTF8.self).lowercased() != "digest" {
                skip(MessageOutline.isBlank)
                return fill(&octets, at..<range.upperBound)
            }
        }
        while at < range.upperBound {
            skip { MessageOutline.isBlank($0) || $0 == 0x2C }
            let begin = at
            skip { $0 != 0x3D && $0 != 0x2C && !MessageOutline.isBlank($0) }
            let name = String(decoding: octets[begin..<at], as: UTF8.self).lowercased()
            skip { MessageOutline.isBlank($0) || $0 == 0x3D }
            let value = at
            if at < range.upperBound, octets[at] == 0x22 {
                at += 1
                while at < range.upperBound, octets[at] != 0x22 { at += octets[at] == 0x5C ? 2 : 1 }
                at = min(at + 1, range.upperBound)
            } else {
                skip { $0 != 0x2C }
            }
            if !harmless.contains(name) {
                let isQuoted = value < at && octets[value] == 0x22
                fill(&octets, (isQuoted ? value + 1 : value)..<(isQuoted && at - value > 1 ? at - 1 : at))
            }
            if at == begin { at += 1 }
        }
    }

    private static func fill(_ octets: inout [UInt8], _ range: Range<Int>) {
        for index in range where octets[index] != 0x0D && octets[index] != 0x0A { octets[index] = mark }
    }

    private static func starts(_ line: ArraySlice<UInt8>, with word: [UInt8]) -> Bool {
        line.count >= word.count && zip(line, word).allSatisfy { lower($0) == $1 }
    }

    /// Where what follows a word begins, whatever its case.
    private static func find(_ word: String, in octets: [UInt8], _ range: Range<Int>) -> Int? {
        let word = Array(word.utf8)
        guard range.count >= word.count else { return nil }
        for at in range.lowerBound...range.upperBound - word.count
        where lower(octets[at]) == word[0] && word.indices.allSatisfy({ lower(octets[at + $0]) == word[$0] }) {
            return at + word.count
        }
        return nil
    }

    private static func lower(_ octet: UInt8) -> UInt8 { (0x41...0x5A).contains(octet) ? octet | 0x20 : octet }
}
