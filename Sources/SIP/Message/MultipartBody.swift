/// A body of several parts (RFC 2046 §5.1, as SIP uses it: RFC 5621).
public struct MultipartBody: Hashable, Sendable {
    public struct Part: Hashable, Sendable {
        public var contentType: MediaType
        /// Whoever does not understand it must refuse the whole (RFC 5621 §6), which is so if nothing else is said.
        public var isRequired: Bool
        public var body: [UInt8]
    }

    private static let mostParts = 16
    private static let deepest = 3

    /// Those of nested bodies too, in order.
    public let parts: [Part]

    /// - Throws: for a body that cannot be cut at the boundary of its type, or is cut into too many.
    public init(parsing body: [UInt8], type: MediaType) throws(SIPSyntaxError) {
        parts = try Self.parts(of: body[...], type, depth: 1)
    }

    private static func parts(
        of body: ArraySlice<UInt8>, _ type: MediaType, depth: Int
    ) throws(SIPSyntaxError) -> [Part] {
        guard depth <= deepest else { throw SIPSyntaxError("a multipart body is nested too deep") }
        guard let boundary = type.parameters["boundary"], (1...70).contains(boundary.utf8.count) else {
            throw SIPSyntaxError("a multipart body has no boundary")
        }
        var parts: [Part] = []
        for octets in try cut(body, at: Array("--\(boundary)".utf8)) {
            let part = try part(octets)
            if part.contentType.type == "multipart" {
                parts += try Self.parts(of: part.body[...], part.contentType, depth: depth + 1)
            } else {
                parts.append(part)
            }
            guard parts.count <= mostParts else { throw SIPSyntaxError("a multipart body has too many parts") }
        }
        return parts
    }

    /// What lies between the delimiter lines, up to the closing one.
    private static func cut(
        _ body: ArraySlice<UInt8>, at delimiter: [UInt8]
    ) throws(SIPSyntaxError) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var partStart: Int?
        var lineStart = body.startIndex
        while lineStart < body.endIndex {
            let lineFeed = body[lineStart...].firstIndex(of: .lineFeed) ?? body.endIndex
            let next = min(lineFeed + 1, body.endIndex)
            defer { lineStart = next }
            guard body[lineStart...].starts(with: delimiter) else { continue }
            let rest = TextScanner.trimmed(
                withoutLineEnd(body[(lineStart + delimiter.count)..<max(lineStart + delimiter.count, lineFeed)]))
            guard rest.isEmpty || rest == "--" else { continue }
            if let partStart {
                guard pieces.count < mostParts else { throw SIPSyntaxError("a multipart body has too many parts") }
                pieces.append(withoutLineEnd(body[partStart..<max(partStart, lineStart)], once: true))
            }
            guard rest.isEmpty else {
                guard !pieces.isEmpty else { throw SIPSyntaxError("a multipart body has no parts") }
                return pieces
            }
            partStart = next
        }
        throw SIPSyntaxError("a multipart body is not closed")
    }

    /// The line end before a delimiter belongs to the delimiter.
    private static func withoutLineEnd(_ octets: ArraySlice<UInt8>, once: Bool = false) -> ArraySlice<UInt8> {
        var octets = octets
        if once, octets.last == .lineFeed { octets.removeLast() }
        if octets.last == .carriageReturn { octets.removeLast() }
        return octets
    }

    private static func part(_ octets: ArraySlice<UInt8>) throws(SIPSyntaxError) -> Part {
        var type = MediaType(type: "text", subtype: "plain")
        var isRequired = true
        var position = octets.startIndex
        while true {
            guard let end = octets[position...].firstIndex(of: .lineFeed) else {
                throw SIPSyntaxError("a part of a body has no empty line")
            }
            let line = withoutLineEnd(octets[position..<end])
            position = end + 1
            if line.isEmpty { break }
            guard let colon = line.firstIndex(of: .colon) else {
                throw SIPSyntaxError("a header of a part has no colon")
            }
            let value = TextScanner.trimmed(line[(colon + 1)...])
            switch SIPHeaderName(line[..<colon].trimmed) {
            case .contentType: type = try MediaType(parsing: value)
            case .contentDisposition: isRequired = !value.asciiLowercased.contains("handling=optional")
            default: break
            }
        }
        return Part(contentType: type, isRequired: isRequired, body: Array(octets[position...]))
    }
}

extension SIPRequest {
    /// The session description in the body, or in the first part of it that is one; nil where there is none.
    public var sessionDescription: [UInt8]? {
        guard !body.isEmpty else { return nil }
        guard let type = contentType, type.type == "multipart" else { return body }
        return try? MultipartBody(parsing: body, type: type).parts.first { $0.contentType.isSame(as: .sdp) }?.body
    }
}
