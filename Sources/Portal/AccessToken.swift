import Crypto
import Foundation
import Synchronization
import Vietnamese

/// A bearer token that the portal accepts, known by its hash only.
public struct AccessToken: Sendable, Equatable, CustomStringConvertible {
    /// Who holds it; shows in the log.
    public var name: String
    public var role: Role
    /// What of the role it may; nil for all.
    public var scopes: Set<TokenScope>?
    /// From then on it is refused; nil for never.
    public var expiresAt: Date?
    private let sha256: [UInt8]

    /// `sha256` is the SHA-256 of the token in 64 hexadecimal digits; nil where it is not.
    public init?(
        name: String, role: Role, scopes: Set<TokenScope>? = nil, expiresAt: Date? = nil, sha256: String
    ) {
        let digits = Array(sha256.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = Character(UnicodeScalar(digits[index])).hexDigitValue,
                let low = Character(UnicodeScalar(digits[index + 1])).hexDigitValue
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        self.name = name
        self.role = role
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.sha256 = bytes
    }

    public var description: String { "token of \(name) (\(role.rawValue))" }

    /// The one of `tokens` that `presented` is. Every one is compared whole and in constant time, so that the time
    /// tells nothing of how near a guess came.
    static func find(_ presented: String, among tokens: [AccessToken], at now: Date = Date()) -> AccessToken? {
        let digest = SHA256.hash(data: Data(presented.utf8))
        var found: AccessToken?
        for token in tokens where digest == token.sha256 {
            found = found ?? token
        }
        return found.flatMap { token in token.expiresAt.map { $0 <= now } == true ? nil : token }
    }
}

/// The tokens in force; they can be changed while requests come.
final class TokenList: Sendable {
    private let tokens: Mutex<[AccessToken]>

    init(_ tokens: [AccessToken]) { self.tokens = Mutex(tokens) }

    var current: [AccessToken] { tokens.withLock { $0 } }
    /// As names are stored: whoever else comes by one of them is refused.
    var names: Set<String> { Set(current.map { VietnameseText.stored($0.name) }) }

    func replace(with new: [AccessToken]) { tokens.withLock { $0 = new } }
}
