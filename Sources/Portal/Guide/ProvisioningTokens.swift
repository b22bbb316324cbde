import Crypto
import Foundation

/// The addresses by which devices fetch their accounts: each works once and until it expires. Only the hashes of their
/// tokens are kept, and of each point the latest few.
struct ProvisioningTokens: Codable, Sendable, Equatable {
    struct Entry: Codable, Sendable, Equatable {
        var point: String
        var expiresAt: Date
    }

    static let longestLife: TimeInterval = 31 * 86_400
    static let mostOfPoint = 4
    static let most = 4096

    /// By SHA-256 of the token in hexadecimal digits.
    private(set) var entries: [String: Entry] = [:]

    /// Makes a token of 256 bits. Of too many the one that expires first goes.
    mutating func issue(
        for point: String, until expires: Date, at now: Date, _ random: inout some RandomNumberGenerator
    ) -> String {
        forgetExpired(at: now)
        while entries.values.count(where: { $0.point == point }) >= Self.mostOfPoint {
            drop { $0.point == point }
        }
        while entries.count >= Self.most { drop { _ in true } }
        let token = (0..<4).map { _ in Self.hexadecimal(random.next()) }.joined()
        entries[Self.digest(token)] = Entry(point: point, expiresAt: expires)
        return token
    }

    /// The point that `token` is of; it stays good.
    func look(_ token: String, at now: Date) -> Entry? {
        entries[Self.digest(token)].flatMap { $0.expiresAt > now ? $0 : nil }
    }

    /// The point that `token` is of; it is good no more.
    mutating func take(_ token: String, at now: Date) -> Entry? {
        forgetExpired(at: now)
        return entries.removeValue(forKey: Self.digest(token))
    }

    private mutating func forgetExpired(at now: Date) { entries = entries.filter { $0.value.expiresAt > now } }

    private mutating func drop(_ matching: (Entry) -> Bool) {
        let first = entries.filter { matching($0.value) }.min {
            ($0.value.expiresAt, $0.key) < ($1.value.expiresAt, $1.key)
        }
        if let first { entries[first.key] = nil }
    }

    private static func digest(_ token: String) -> String {
        SHA256.hash(data: Data(token.utf8)).map { octet in
            String(octet >> 4, radix: 16) + String(octet & 15, radix: 16)
        }.joined()
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
