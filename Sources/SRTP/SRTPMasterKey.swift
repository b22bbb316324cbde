/// The master key and master salt that protect one direction of one stream (RFC 3711 §3.2.1), as the `inline:`
/// parameter of an SDP `a=crypto` line carries them (RFC 4568 §6.1). Descriptions and mirrors never show the bytes.
public struct SRTPMasterKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public let suite: SRTPSuite
    /// The master key followed by the master salt.
    public let keyAndSalt: [UInt8]

    /// Takes the key followed by the salt, `suite.keyAndSaltLength` bytes together.
    public init(suite: SRTPSuite, keyAndSalt: [UInt8]) throws(SRTPError) {
        guard keyAndSalt.count == suite.keyAndSaltLength else {
            throw .keyAndSaltLength(suite, expected: suite.keyAndSaltLength, found: keyAndSalt.count)
        }
        self.init(suite: suite, checked: keyAndSalt)
    }

    private init(suite: SRTPSuite, checked keyAndSalt: [UInt8]) {
        self.suite = suite
        self.keyAndSalt = keyAndSalt
    }

    /// A new key from `generator`, which must be a cryptographic one outside of tests.
    public static func random(for suite: SRTPSuite, using generator: inout some RandomNumberGenerator) -> Self {
        Self(suite: suite, checked: (0..<suite.keyAndSaltLength).map { _ in generator.next() })
    }

    public var description: String { "SRTPMasterKey(\(suite.sdesName), redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["suite": suite]) }
}
