/// What peers did that they should not, since the start.
public struct DefenceCounts: Hashable, Sendable {
    /// Asked without credentials, as every client does first.
    public var challenges: UInt64 = 0
    /// Octets that are no SIP.
    public var malformed: UInt64 = 0
    public var wrongPasswords: UInt64 = 0
    public var scanners: UInt64 = 0
    /// Addresses that were shut out for it.
    public var bans: UInt64 = 0

    public init() {}

    mutating func add(_ offence: AddressGuard.Offence) {
        switch offence {
        case .challenged: challenges &+= 1
        case .malformed: malformed &+= 1
        case .wrongPassword: wrongPasswords &+= 1
        case .scanner: scanners &+= 1
        }
    }
}
