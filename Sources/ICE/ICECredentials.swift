/// The username fragment and password of one side (RFC 8445 §5.3), as `a=ice-ufrag` and `a=ice-pwd` carry them.
/// Descriptions never show the password.
public struct ICECredentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// 4 to 256 ice-chars.
    public let usernameFragment: String
    /// 22 to 256 ice-chars.
    public let password: String

    /// Nil for what RFC 8839 §5.4 does not allow.
    public init?(usernameFragment: String, password: String) {
        guard Self.isValid(usernameFragment, from: 4), Self.isValid(password, from: 22) else { return nil }
        self.init(checked: usernameFragment, password)
    }

    private init(checked usernameFragment: String, _ password: String) {
        self.usernameFragment = usernameFragment
        self.password = password
    }

    /// New ones of 48 and 144 random bits from `generator`, which must be a cryptographic one outside of tests.
    public static func random(using generator: inout some RandomNumberGenerator) -> Self {
        Self(checked: text(of: 8, using: &generator), text(of: 24, using: &generator))
    }

    /// Whether a text is a username fragment: what `a=ice-ufrag` may hold.
    public static func isValidFragment(_ text: String) -> Bool { isValid(text, from: 4) }

    private static func isValid(_ text: String, from least: Int) -> Bool {
        let octets = text.utf8
        return (least...256).contains(octets.count) && octets.allSatisfy(alphabet.contains)
    }

    private static func text(of length: Int, using generator: inout some RandomNumberGenerator) -> String {
        // Each call of the kernel's generator is a system call, and has bits for ten characters.
        var (bits, left) = (UInt64(0), 0)
        return String(unsafeUninitializedCapacity: length) { text in
            for index in 0..<length {
                if left == 0 { (bits, left) = (generator.next(), 10) }
                text[index] = alphabet[Int(bits & 63)]
                bits >>= 6
                left -= 1
            }
            return length
        }
    }

    /// The 64 characters of ice-char.
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    public var description: String { "ICECredentials(\(usernameFragment), redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["usernameFragment": usernameFragment]) }
}
