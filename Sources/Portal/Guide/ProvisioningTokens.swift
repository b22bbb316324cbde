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

    /// By which keys to read guides are made; nil before the first.
    private var readingSecret: [UInt8]?
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

    // MARK: Reading alone

    /// A key to read a point's guides, which set nothing up: `EXPIRY.HMAC`, of seconds since 1970 and HMAC-SHA-256 over them and
    /// the point (RFC 2104), in hexadecimal digits.
    mutating func readingKey(
        for point: String, until expires: Date, _ random: inout some RandomNumberGenerator
    ) -> String {
        if readingSecret == nil {
            readingSecret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        }
        let seconds = String(Int64(max(0, min(expires.timeIntervalSince1970, 1e11))))
        return seconds + "." + Self.hexadecimal(code(point, seconds))
    }

    func mayRead(_ key: String, _ point: String, at now: Date) -> Bool {
        let parts = key.split(separator: ".", omittingEmptySubsequences: false)
        guard readingSecret != nil, parts.count == 2, let seconds = Int64(parts[0]),
            now.timeIntervalSince1970 < Double(seconds)
        else { return false }
        // Digests of both are compared, so that the time it takes tells nothing.
        let wanted = Self.hexadecimal(code(point, String(parts[0])))
        return SHA256.hash(data: Data(parts[1].utf8)) == SHA256.hash(data: Data(wanted.utf8))
    }

    private func code(_ point: String, _ seconds: String) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(
            for: Data("guide\u{0}\(point)\u{0}\(seconds)".utf8), using: SymmetricKey(data: readingSecret ?? []))
    }

    private static func hexadecimal(_ octets: some Sequence<UInt8>) -> String {
        octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
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
