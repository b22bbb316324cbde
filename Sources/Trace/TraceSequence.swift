import Crypto

/// The signs by which a copy is known: a sequence that nobody makes without the archive's key, another for each copy.
public struct TraceSequence: Sendable {
    private let key: SymmetricKey
    private let copy: UInt64
    private var block: [UInt8] = []
    private var number: UInt64?

    /// - Parameters:
    ///   - key: the archive's, of 32 octets.
    ///   - copy: the number of the grant for which the copy is made.
    public init(key: SymmetricKey, copy: UInt64) {
        self.key = key
        self.copy = copy
    }

    /// The sign of a chip, +1 or −1. Fastest in order.
    public mutating func sign(_ chip: UInt64) -> Float {
        let wanted = chip / 256
        if number != wanted {
            let name = [copy, wanted].flatMap { value in withUnsafeBytes(of: value.bigEndian) { Array($0) } }
            block = Array(HMAC<SHA256>.authenticationCode(for: name, using: key))
            number = wanted
        }
        let bit = Int(chip % 256)
        return block[bit / 8] >> UInt8(bit % 8) & 1 == 1 ? 1 : -1
    }
}
