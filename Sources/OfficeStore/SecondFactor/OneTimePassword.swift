import Crypto
import Foundation

/// Time-based one-time passwords (RFC 6238) as every authenticator app makes them: HMAC-SHA-1, six digits, steps of 30 s.
public struct OneTimePassword: Hashable, Sendable {
    public static let period: TimeInterval = 30
    public static let digits = 6
    /// 160 bits, the length of the HMAC (RFC 4226 §4, R6).
    static let secretLength = 20
    /// Steps before and after the present one that count, for clocks that are not right (RFC 6238 §5.2).
    static let tolerance: Int64 = 1

    public let secret: [UInt8]

    init(secret: [UInt8]) { self.secret = secret }

    /// Of chance.
    init() { secret = SymmetricKey(size: .init(bitCount: Self.secretLength * 8)).withUnsafeBytes { Array($0) } }

    static func step(at time: Date) -> Int64 {
        Int64(exactly: (time.timeIntervalSince1970 / period).rounded(.down)) ?? 0
    }

    /// The password of a step (RFC 4226 §5.3).
    func password(at step: Int64) -> String {
        let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        let code = Array(
            HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        let offset = Int(code[code.count - 1] & 15)
        let number = code[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: Self.digits - text.count) + text
    }

    /// The step whose password this is, among those near `time` and after `last`, whose password was used.
    func step(of password: String, at time: Date, after last: Int64?) -> Int64? {
        let now = Self.step(at: time)
        return (now - Self.tolerance...now + Self.tolerance).first { step in
            step > last ?? .min && constantTimeEqual(self.password(at: step), password)
        }
    }

    /// The secret for typing (RFC 4648 §6), without padding.
    public var base32: String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var text = ""
        var (buffer, bits) = (UInt32(0), 0)
        for octet in secret {
            buffer = (buffer << 8 | UInt32(octet)) & 0xFFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits) & 31)]) }
        return text
    }

    /// What an app takes by a QR code (Key Uri Format of Google Authenticator, which all apps read).
    public func address(account: String, issuer: String) -> String {
        func encoded(_ text: String) -> String {
            text.addingPercentEncoding(
                withAllowedCharacters: .alphanumerics.intersection(.init(charactersIn: "!"..."~")))
                ?? ""
        }
        return "otpauth://totp/\(encoded(issuer)):\(encoded(account))?secret=\(base32)&issuer=\(encoded(issuer))"
    }
}

/// Whether two texts are the same, in a time that says nothing of how much of them is.
func constantTimeEqual(_ left: String, _ right: String) -> Bool {
    SHA256.hash(data: Data(left.utf8)) == SHA256.hash(data: Data(right.utf8))
}
