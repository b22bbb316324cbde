/// What a trace tells of a message: found without parsing it, so that broken ones are told of too.
public struct MessageOutline: Sendable, Hashable {
    /// `INVITE sip:giaoban@example.vn SIP/2.0` or `SIP/2.0 200 OK`; controls as `?`, and 200 characters at most.
    public var startLine = ""
    public var callID: String?
    /// `1 INVITE`.
    public var sequence: String?
    public var contentType: String?
    public var bodyOctets = 0

    public init(_ octets: [UInt8]) {
        var lines = MessageLines(octets)
        if let line = lines.next() { startLine = Self.text(octets[line.content], limit: 200) }
        while let line = lines.next() {
            if line.content.isEmpty {
                bodyOctets = octets.count - line.end
                return
            }
            guard let (name, value) = Self.header(octets[line.content]) else { continue }
            switch name {
            case "call-id", "i": callID = callID ?? Self.text(value, limit: 512)
            case "cseq": sequence = sequence ?? Self.text(value, limit: 60)
            case "content-type", "c": contentType = contentType ?? Self.text(value, limit: 100)
            default: break
            }
        }
    }

    /// A header's name in small letters, and its value without blanks around.
    static func header(_ line: ArraySlice<UInt8>) -> (name: String, value: ArraySlice<UInt8>)? {
        guard let colon = line.firstIndex(of: 0x3A) else { return nil }
        let name = line[..<colon].drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        let value = line[(colon + 1)...].drop(while: isBlank)
        let end = value.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? value.startIndex
        return (String(decoding: name, as: UTF8.self).lowercased(), value[value.startIndex..<end])
    }

    static func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

    private static func text(_ octets: ArraySlice<UInt8>, limit: Int) -> String {
        String(
            String(decoding: octets.prefix(limit * 4), as: UTF8.self).unicodeScalars.prefix(limit).map {
                $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) ? "?" : Character($0)
            })
    }
}

/// The lines of a message, ended by CRLF, LF or CR alone: who reads for secrets must not read fewer lines than any peer may.
struct MessageLines {
    struct Line {
        /// Without what ends it.
        var content: Range<Int>
        /// Of the next line.
        var end: Int
    }

    private let octets: [UInt8]
    private var at = 0

    init(_ octets: [UInt8]) { self.octets = octets }

    mutating func next() -> Line? {
        guard at < octets.count else { return nil }
        let begin = at
        let end = octets[begin...].firstIndex { $0 == 0x0D || $0 == 0x0A } ?? octets.count
        at = end
        if at < octets.count {
            at += octets[at] == 0x0D && at + 1 < octets.count && octets[at + 1] == 0x0A ? 2 : 1
        }
        return Line(content: begin..<end, end: at)
    }
}
