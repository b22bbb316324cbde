/// UTF-8 text as an attribute carries it: at most 253 octets.
public struct BFCPText: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public static let maximumLength = 253

    /// As they came: a peer's may be no good UTF-8.
    public let octets: [UInt8]

    /// Cuts off, between two characters, what is beyond `limit` octets.
    public init(_ text: String, limit: Int = maximumLength) {
        var octets: [UInt8] = []
        for character in text {
            guard octets.count + character.utf8.count <= min(limit, Self.maximumLength) else { break }
            octets += character.utf8
        }
        self.octets = octets
    }

    public init(stringLiteral text: String) { self.init(text) }

    /// - Parameter octets: what is beyond 253 is cut off.
    public init(octets: some Collection<UInt8>) { self.octets = Array(octets.prefix(Self.maximumLength)) }

    public var description: String { String(decoding: octets, as: UTF8.self) }
}
