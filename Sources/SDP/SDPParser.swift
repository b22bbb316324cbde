extension SessionDescription {
    /// Reads a description. Lines may end in LF alone and come in another order than the RFC's, and unknown ones are
    /// passed over, since devices do all this; what the bridge must rely on has to be right.
    public init(parsing text: String) throws(SDPMalformed) { try self.init(parsing: Array(text.utf8)) }

    public init(parsing bytes: [UInt8]) throws(SDPMalformed) {
        guard bytes.count <= Self.maximumSize else { throw SDPMalformed(.tooLong, line: 0) }
        guard !bytes.contains(0) else { throw SDPMalformed(.containsNUL, line: 0) }
        var parser = SDPLineParser()
        var number = 0
        for var line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            while line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            if line.isEmpty { continue }
            // Whatever else it stands for, what is written again could not hold it (RFC 8866 §9, byte-string).
            guard !line.contains(UInt8(ascii: "\r")) else { throw SDPMalformed(.containsReturn, line: number) }
            guard number <= Self.maximumLines else { throw SDPMalformed(.tooManyLines, line: number) }
            guard line.count >= 2, line[line.startIndex + 1] == UInt8(ascii: "=") else {
                throw SDPMalformed(.notTypeEqualsValue, line: number)
            }
            try parser.take(line[line.startIndex], String(decoding: line.dropFirst(2), as: UTF8.self), number)
        }
        self = try parser.finish()
    }
}

/// Puts a description together line by line.
private struct SDPLineParser {
    private var session = SessionDescription(
        origin: SDPOrigin(sessionID: "0", version: 0, address: SDPConnection(isIPv6: false, address: "0.0.0.0")))
    private var hasVersion = false
    private var hasOrigin = false

    init() { session.times = [] }

    mutating func take(_ type: UInt8, _ value: String, _ line: Int) throws(SDPMalformed) {
        guard hasVersion else {
            guard type == UInt8(ascii: "v"), value.trimmed == "0" else {
                throw SDPMalformed(.unsupportedVersion, line: line)
            }
            hasVersion = true
            return
        }
        let last = session.media.indices.last
        switch type {
        case UInt8(ascii: "m"):
            guard session.media.count < SessionDescription.maximumMedia else {
                throw SDPMalformed(.tooManyMedia, line: line)
            }
            session.media.append(try Self.media(value, line))
        case UInt8(ascii: "o"):
            session.origin = try Self.origin(value, line)
            hasOrigin = true
        case UInt8(ascii: "c"):
            let connection = try Self.connection(value.words, line)
            if let last { session.media[last].connection = connection } else { session.connection = connection }
        case UInt8(ascii: "b"):
            if let last { session.media[last].bandwidths.append(value) } else { session.bandwidths.append(value) }
        case UInt8(ascii: "a"):
            let attribute = try Self.attribute(value, line)
            if let last {
                session.media[last].attributes.append(attribute)
            } else {
                session.attributes.append(attribute)
            }
        case UInt8(ascii: "i"):
            if let last { session.media[last].title = value } else { session.information = value }
        case UInt8(ascii: "s"): session.name = value
        case UInt8(ascii: "u"): session.uri = value
        case UInt8(ascii: "e"): session.emails.append(value)
        case UInt8(ascii: "p"): session.phones.append(value)
        case UInt8(ascii: "t"): session.times.append(value)
        default: break
        }
    }

    func finish() throws(SDPMalformed) -> SessionDescription {
        guard hasVersion else { throw SDPMalformed(.empty, line: 0) }
        guard hasOrigin else { throw SDPMalformed(.missingOrigin, line: 0) }
        var session = session
        if session.times.isEmpty { session.times = ["0 0"] }
        return session
    }

    private static func origin(_ value: String, _ line: Int) throws(SDPMalformed) -> SDPOrigin {
        // Some devices put spaces into the username: the five fields after it are counted from the end.
        let words = value.words
        guard words.count >= 6, let address = try? connection(Array(words.suffix(3)), line) else {
            throw SDPMalformed(.badOrigin, line: line)
        }
        let sessionID = words[words.count - 5]
        let version = words[words.count - 4]
        guard sessionID.utf8.allSatisfy(\.isDigit), version.utf8.allSatisfy(\.isDigit) else {
            throw SDPMalformed(.badOrigin, line: line)
        }
        return SDPOrigin(
            username: words.dropLast(5).joined(separator: " "), sessionID: String(sessionID),
            version: UInt64(version) ?? .max, address: address)
    }

    private static func connection(_ words: [Substring], _ line: Int) throws(SDPMalformed) -> SDPConnection {
        guard words.count == 3, words[0].isSameIgnoringCase("IN") else {
            throw SDPMalformed(.badConnection, line: line)
        }
        let isIPv6 = words[1].isSameIgnoringCase("IP6")
        guard isIPv6 || words[1].isSameIgnoringCase("IP4") else { throw SDPMalformed(.badConnection, line: line) }
        guard let address = words[2].parts(at: UInt8(ascii: "/")).first, !address.isEmpty,
            address.utf8.count <= 255
        else { throw SDPMalformed(.badConnection, line: line) }
        return SDPConnection(isIPv6: isIPv6, address: String(address))
    }

    private static func media(_ value: String, _ line: Int) throws(SDPMalformed) -> MediaDescription {
        let words = value.words
        guard words.count >= 4, words.count - 3 <= MediaDescription.maximumFormats else {
            throw SDPMalformed(.badMedia, line: line)
        }
        let ports = words[1].parts(at: UInt8(ascii: "/"))
        guard ports.count <= 2, let port = ports.first.flatMap({ UInt16($0) }) else {
            throw SDPMalformed(.badMedia, line: line)
        }
        var media = MediaDescription(
            kind: words[0].lowercased(), port: port, transport: words[2].uppercased(),
            formats: words.dropFirst(3).map(String.init))
        if ports.count == 2 {
            guard let count = UInt16(ports[1]), count > 0 else { throw SDPMalformed(.badMedia, line: line) }
            media.portCount = Int(count)
        }
        return media
    }

    private static func attribute(_ value: String, _ line: Int) throws(SDPMalformed) -> SDPAttribute {
        guard let colon = value.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            let name = value.trimmed
            guard !name.isEmpty else { throw SDPMalformed(.badAttribute, line: line) }
            return SDPAttribute(String(name))
        }
        let name = value[..<colon]
        guard !name.isEmpty else { throw SDPMalformed(.badAttribute, line: line) }
        return SDPAttribute(String(name), String(value[value.utf8.index(after: colon)...].trimmed))
    }
}
