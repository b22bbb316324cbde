/// Lets one point into one room, until a time.
public struct RoomInvitation: Hashable, Sendable {
    public var username: String
    public var room: String
    /// Seconds since 1970, by the wall clock.
    public var expires: UInt64

    public init(username: String, room: String, expires: UInt64) {
        self.username = username
        self.room = room
        self.expires = expires
    }

    private static var version: UInt8 { 1 }
    /// Of a name within; both fit an octet that counts them.
    private static var longestName: Int { 200 }

    /// What is signed: version, expiry in network order, then each name after its length in octets.
    /// Nil where a name is empty or too long.
    var octets: [UInt8]? {
        let names = [Array(username.utf8), Array(room.utf8)]
        guard names.allSatisfy({ (1...Self.longestName).contains($0.count) }) else { return nil }
        let time = (0..<8).map { UInt8(truncatingIfNeeded: expires >> (56 - 8 * UInt64($0))) }
        return [Self.version] + time + names.flatMap { [UInt8($0.count)] + $0 }
    }

    /// Nil for whatever ``octets`` never makes.
    init?(_ octets: some Collection<UInt8>) {
        var rest = Array(octets)[...]
        guard rest.popFirst() == Self.version, rest.count >= 8 else { return nil }
        expires = rest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        rest = rest.dropFirst(8)
        func name() -> String? {
            guard let count = rest.popFirst(), (1...Self.longestName).contains(Int(count)), rest.count >= count else {
                return nil
            }
            defer { rest = rest.dropFirst(Int(count)) }
            return String(validating: rest.prefix(Int(count)), as: UTF8.self)
        }
        guard let username = name(), let room = name(), rest.isEmpty else { return nil }
        self.username = username
        self.room = room
    }
}
