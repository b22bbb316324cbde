internal import CSpanDSP

/// Hears keys in sound (ITU-T Q.23, Q.24): dual tones, at 8 kHz. For peers that have no other way to tell of them.
///
/// `@unchecked Sendable`: the value owns its C object alone and cannot be copied, so whoever holds it is its only user.
public struct KeyToneDetector: ~Copyable, @unchecked Sendable {
    private let state: OpaquePointer

    public init() throws(CodecError) {
        guard let state = dtmf_rx_init(nil, nil, nil) else {
            throw .cannotCreate(codec: "DTMF", reason: "no memory")
        }
        self.state = state
    }

    deinit { dtmf_rx_free(state) }

    /// Listens to samples at 8 kHz. Allocates nothing.
    public mutating func push(_ samples: UnsafeBufferPointer<Int16>) {
        guard let base = samples.baseAddress, samples.count > 0 else { return }
        dtmf_rx(state, base, Int32(clamping: samples.count))
    }

    /// The next key that was pressed: `0`–`9`, `*`, `#`, `A`–`D`; nil for none.
    public mutating func takeKey() -> Character? {
        var key: CChar = 0
        guard withUnsafeMutablePointer(to: &key, { dtmf_rx_get(state, $0, 1) }) == 1 else { return nil }
        return Character(UnicodeScalar(UInt8(bitPattern: key)))
    }
}
