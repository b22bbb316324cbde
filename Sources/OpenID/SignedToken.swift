import Crypto
import Foundation
import JWTKit

/// By what tokens may be signed. `none` and what is made with a shared secret are not there.
public enum TokenAlgorithm: String, CaseIterable, Sendable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    var keyType: JWK.KeyType {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: .rsa
        case .es256, .es384, .es512: .ecdsa
        case .edDSA: .octetKeyPair
        }
    }

    /// RFC 7518 §3.4, RFC 8037.
    var curve: String? {
        switch self {
        case .es256: "P-256"
        case .es384: "P-384"
        case .es512: "P-521"
        case .edDSA: "Ed25519"
        default: nil
        }
    }
}

/// What a token says of its signature (RFC 7515 §4.1).
public struct TokenHeader: Sendable {
    public var algorithm: TokenAlgorithm
    public var key: String?
    /// In small letters, without `application/`.
    var type: String?

    private struct Fields: Decodable {
        var alg: String
        var kid: String?
        var typ: String?
        var crit: [String]?
    }

    init(parsing segment: Substring) throws(OpenIDFault) {
        guard let data = Base64URL.decode(segment), let fields = try? JSONDecoder().decode(Fields.self, from: data),
            (fields.kid ?? "").utf8.count <= 400
        else { throw .token(.malformed) }
        // Extensions that must be understood are not.
        guard fields.crit == nil else { throw .token(.malformed) }
        guard let algorithm = TokenAlgorithm(rawValue: fields.alg) else { throw .token(.algorithm) }
        self.algorithm = algorithm
        key = fields.kid
        type = fields.typ.map { text in
            let text = text.lowercased()
            return text.hasPrefix("application/") ? String(text.dropFirst("application/".count)) : text
        }
    }
}

/// A token of the identity provider's as it came, of which nothing is believed yet (RFC 7519).
struct SignedToken: Sendable {
    static let mostOctets = 16 << 10
    /// Clocks are not quite right.
    static let leeway: TimeInterval = 60
    /// It was made for what happens now.
    static let oldest: TimeInterval = 600
    static let longestName = 255

    let header: TokenHeader
    let claims: [String: ClaimValue]
    private let text: String

    init(parsing text: String) throws(OpenIDFault) {
        guard text.utf8.count <= Self.mostOctets else { throw .token(.malformed) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .token(.malformed) }
        header = try TokenHeader(parsing: parts[0])
        guard let data = Base64URL.decode(parts[1]), Base64URL.decode(parts[2]) != nil,
            let claims = try? JSONDecoder().decode([String: ClaimValue].self, from: data)
        else { throw .token(.malformed) }
        self.text = text
        self.claims = claims
    }

    /// That it is signed by `key`, of this provider, for this site, and in force.
    /// - Returns: when it was made.
    func check(signedBy key: JWK, for provider: OpenIDProvider, at now: Date) async throws(OpenIDFault) -> Date {
        do {
            var key = key
            key.keyIdentifier = JWKIdentifier(string: header.key ?? "")
            key.algorithm = JWK.Algorithm(rawValue: header.algorithm.rawValue)
            _ = try await JWTKeyCollection().add(jwk: key).verify(text, as: SignedPayload.self)
        } catch {
            throw .token(.signature)
        }
        guard claims["iss"]?.text == provider.issuer else { throw .token(.issuer) }
        let audience = claims["aud"]?.texts ?? []
        let party = claims["azp"]
        guard audience.contains(provider.clientID), audience.count == 1 || party != nil,
            party == nil || party?.text == provider.clientID
        else { throw .token(.audience) }
        let seconds = now.timeIntervalSince1970
        guard let expires = claims["exp"]?.number, expires > seconds - Self.leeway else { throw .token(.expired) }
        guard let issued = claims["iat"]?.number, issued <= seconds + Self.leeway,
            (claims["nbf"]?.number ?? issued) <= seconds + Self.leeway
        else { throw .token(.tooEarly) }
        guard issued >= seconds - Self.oldest else { throw .token(.tooOld) }
        return Date(timeIntervalSince1970: issued)
    }

    /// A claim that names something: neither empty nor longer than what anybody is called.
    func name(_ claim: String) -> String? {
        claims[claim]?.text.flatMap { $0.isEmpty || $0.utf8.count > Self.longestName ? nil : $0 }
    }
}

/// Its claims are looked at apart.
private struct SignedPayload: JWTPayload {
    func verify(using algorithm: some JWTAlgorithm) async throws {}
}

/// What a claim may be, as far as it is of use.
enum ClaimValue: Decodable, Sendable {
    case text(String)
    case number(Double)
    case truth(Bool)
    case texts([String])
    /// Its members that are objects themselves.
    case object(Set<String>)
    case other

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let truth = try? value.decode(Bool.self) {
            self = .truth(truth)
        } else if let number = try? value.decode(Double.self), number.isFinite {
            self = .number(number)
        } else if let texts = try? value.decode([String].self) {
            self = .texts(texts)
        } else if let members = try? value.decode([String: Shape].self) {
            self = .object(Set(members.filter(\.value.isObject).keys))
        } else {
            self = .other
        }
    }

    /// Looked at no deeper than that.
    private struct Shape: Decodable {
        var isObject: Bool

        private struct Name: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws { isObject = (try? decoder.container(keyedBy: Name.self)) != nil }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    var isTrue: Bool {
        switch self {
        case .truth(let truth): truth
        case .text(let text): text == "true"
        default: false
        }
    }
    /// One, or a list.
    var texts: [String]? {
        switch self {
        case .text(let text): [text]
        case .texts(let texts): texts
        default: nil
        }
    }
    func hasObject(_ name: String) -> Bool {
        if case .object(let members) = self { members.contains(name) } else { false }
    }
}
