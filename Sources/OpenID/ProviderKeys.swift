import Foundation
import JWTKit

/// The keys of an identity provider (RFC 7517), kept for an hour. One that is not among them has them fetched again, at most once a minute.
public struct ProviderKeys: Sendable {
    public static let mostOctets = 256 << 10
    static let mostKeys = 64
    static let life = Duration.seconds(3600)
    static let leastInterval = Duration.seconds(60)

    public enum Answer: Sendable {
        case key(JWK)
        /// Fetch them, and look again.
        case fetch
        case unknown
    }

    private var keys: [JWK] = []
    private var fetchedAt: ContinuousClock.Instant?
    private var triedAt: ContinuousClock.Instant?

    public init() {}

    /// Whose signature a token has.
    public mutating func look(for token: TokenHeader, at now: ContinuousClock.Instant) -> Answer {
        if let fetchedAt, now - fetchedAt < Self.life, let key = find(token) { return .key(key) }
        if let triedAt, now - triedAt < Self.leastInterval {
            // What is old serves on while the provider is away, but for that minute alone.
            return .unknown
        }
        triedAt = now
        return .fetch
    }

    public mutating func fetched(_ data: Data, at now: ContinuousClock.Instant) throws(OpenIDFault) {
        guard data.count <= Self.mostOctets else { throw .metadata("its keys are too long") }
        let set: JWKSet
        do { set = try JSONDecoder().decode(JWKSet.self, from: data) } catch {
            throw .metadata("its keys cannot be read")
        }
        keys = Array(set.keys.compactMap(\.key).prefix(Self.mostKeys))
        fetchedAt = now
    }

    /// The one that the token names, or where it names none, the only one that fits.
    private func find(_ token: TokenHeader) -> JWK? {
        let fitting = keys.filter { key in
            key.keyType == token.algorithm.keyType
                && (key.algorithm == nil || key.algorithm?.rawValue == token.algorithm.rawValue)
                && (token.algorithm.curve == nil || key.curve?.rawValue == token.algorithm.curve)
                && (token.key == nil || key.keyIdentifier?.string == token.key)
        }
        return fitting.count == 1 || token.key != nil ? fitting.first : nil
    }
}

/// Keys that are not for signatures, or of kinds that nobody here knows, are passed over.
private struct JWKSet: Decodable {
    struct Entry: Decodable {
        var key: JWK?

        private enum Keys: String, CodingKey { case use, d }

        init(from decoder: any Decoder) throws {
            guard let fields = try? decoder.container(keyedBy: Keys.self),
                (try? fields.decodeIfPresent(String.self, forKey: .use)) ?? "sig" == "sig", !fields.contains(.d)
            else { return }
            key = try? JWK(from: decoder)
        }
    }
    var keys: [Entry]
}
