/// Challenges requests and checks the answers (RFC 3261 §22, RFC 7616, RFC 8760). A nonce is its time and a keyed
/// hash of it: nothing is kept for a challenge that nobody answers, and only the counts of nonces that proved right are
/// remembered.
public struct DigestAuthenticator: Sendable {
    public struct Configuration: Sendable {
        public var realm: String
        /// In the order of preference.
        public var algorithms: [DigestAlgorithm] = [.sha256, .md5]
        public var nonceLifetime = Duration.seconds(300)
        /// Nonces in use whose counts are remembered.
        public var maximumNonces = 50_000
        public init(realm: String) { self.realm = realm }
    }

    public enum Verdict: Sendable, Hashable {
        /// The request proves to come from the owner of this name's secret.
        case authenticated(username: String)
        /// No answer to a challenge of this realm: challenge it.
        case missing
        /// The answer is right but its nonce is too old or was used: challenge again with `stale`.
        case stale
        /// The answer is wrong, or there is no such name; the two look the same from outside.
        case wrong(username: String)
        /// 400 with the reason.
        case malformed(reason: String)
    }

    public let configuration: Configuration
    private let hashes: DigestHashes
    /// The two blocks of the key of an HMAC (RFC 2104 §2).
    private let innerKey: [UInt8]
    private let outerKey: [UInt8]
    private let epoch: SIPInstant
    private let random: @Sendable (Int) -> [UInt8]
    /// Nonces that expire by then may have been used, though no count of them is kept.
    private var forgottenUntil: SIPInstant?
    private var counts: [String: (highest: UInt32, expires: SIPInstant)] = [:]
    /// So many counts, and those that expired are looked for: seldom enough to cost nothing, and not only when all is full.
    private var sweepsAt = leastSweep
    private static let leastSweep = 1_024

    /// - Parameters:
    ///   - random: that many octets which nobody can guess; the key of the nonces is made of them.
    ///   - epoch: a time not after any that is passed in later.
    public init(
        configuration: Configuration, hashes: DigestHashes, epoch: SIPInstant,
        random: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.configuration = configuration
        self.hashes = hashes
        self.epoch = epoch
        self.random = random
        let key = random(32)
        let block = key.prefix(64) + [UInt8](repeating: 0, count: 64 - min(64, key.count))
        innerKey = block.map { $0 ^ 0x36 }
        outerKey = block.map { $0 ^ 0x5C }
    }

    /// How many nonces have a count remembered.
    public var rememberedNonces: Int { counts.count }

    // MARK: Challenging

    /// The WWW-Authenticate headers of a 401: one for each algorithm, the preferred first, all with one nonce.
    /// `algorithms` narrows the configured ones down.
    /// - Parameter peer: the address that is challenged. The answer must come from there, so that nobody can answer, and
    ///   be wrong, in another's name.
    public func challenges(
        to peer: String = "", stale: Bool = false, algorithms: [DigestAlgorithm]? = nil, at now: SIPInstant
    ) -> SIPHeaders {
        let nonce = nonce(for: peer, at: now)
        var headers = SIPHeaders()
        for algorithm in configuration.algorithms where algorithms?.contains(algorithm) ?? true {
            let challenge = DigestChallenge(
                realm: configuration.realm, nonce: nonce, algorithm: algorithm, isStale: stale)
            headers.add(.wwwAuthenticate, challenge.headerValue)
        }
        return headers
    }

    private func nonce(for peer: String, at now: SIPInstant) -> String {
        let milliseconds = UInt64(max(0, epoch.duration(to: now) / .milliseconds(1)))
        let time = (0..<8).map { UInt8(truncatingIfNeeded: milliseconds >> (56 - 8 * UInt64($0))) }
        return seal(time + random(8), for: peer)
    }

    /// The stamp followed by half of the HMAC-SHA-256 (RFC 2104) of it and of the peer, in hexadecimal.
    private func seal(_ stamp: [UInt8], for peer: String) -> String {
        let code = hashes.sha256(outerKey + hashes.sha256(innerKey + stamp + Array(peer.utf8)))
        return Hexadecimal.text(stamp + code.prefix(16))
    }

    // MARK: Checking

    /// Whether a request answers a challenge to this peer, rightly or not.
    public func isAnswered(by request: SIPRequest, from peer: String = "") -> Bool {
        request.headers.values(.authorization).contains { value in
            guard DigestFields.areIn(value), let fields = try? DigestFields(parsing: value),
                fields["realm"] == configuration.realm, let nonce = fields["nonce"]
            else { return false }
            return time(of: nonce, for: peer) != nil
        }
    }

    /// - Parameters:
    ///   - peer: the address from which the request came.
    ///   - secret: of the name that the request claims, nil if there is none.
    public mutating func verify(
        _ request: SIPRequest, from peer: String = "", at now: SIPInstant, secret: (_ username: String) -> DigestSecret?
    ) -> Verdict {
        do throws(SIPSyntaxError) {
            for value in request.headers.values(.authorization) where DigestFields.areIn(value) {
                let fields = try DigestFields(parsing: value)
                // An answer to another realm, or by another algorithm, is none to this challenge.
                guard fields["realm"] == configuration.realm,
                    let algorithm = DigestAlgorithm(name: fields["algorithm"] ?? "MD5"),
                    configuration.algorithms.contains(algorithm)
                else { continue }
                return check(try DigestCredentials(fields), of: request, from: peer, at: now, secret)
            }
        } catch {
            return .malformed(reason: error.reason)
        }
        return .missing
    }

    private mutating func check(
        _ credentials: DigestCredentials, of request: SIPRequest, from peer: String, at now: SIPInstant,
        _ secret: (String) -> DigestSecret?
    ) -> Verdict {
        // All challenges offer qop=auth; an answer without it has no count, and so no guard against replay.
        guard credentials.qop == "auth", let count = credentials.nonceCount, count > 0,
            let clientNonce = credentials.clientNonce, !clientNonce.isEmpty
        else { return .malformed(reason: "Digest needs qop=auth, nc and cnonce") }
        guard matches(credentials.uri, request.uri) else {
            return .malformed(reason: "Digest's uri is not the Request-URI")
        }
        guard let made = time(of: credentials.nonce, for: peer) else { return .missing }
        // A name that does not exist costs the same work as one that does.
        let known = secret(credentials.username)
        let ha1 = (known ?? .password("")).ha1(
            credentials.algorithm, username: credentials.username, realm: configuration.realm, hashes)
        let expected = credentials.expectedResponse(ha1: ha1 ?? "", method: request.method, hashes)
        let isRight = Self.equal(Array(expected.utf8), Array(credentials.response.asciiLowercased.utf8))
        guard isRight, known != nil, ha1 != nil else { return .wrong(username: credentials.username) }
        guard made.duration(to: now) <= configuration.nonceLifetime else { return .stale }
        if let used = counts[credentials.nonce] {
            guard count > used.highest else { return .stale }
        } else if let forgottenUntil, made + configuration.nonceLifetime <= forgottenUntil {
            return .stale
        }
        remember(credentials.nonce, count, made, at: now)
        return .authenticated(username: credentials.username)
    }

    /// The same resource: proxies may rewrite a Request-URI on its way, but not the user or host that the client
    /// signed.
    private func matches(_ text: String, _ uri: URI) -> Bool {
        guard let signed = try? URI(parsing: text) else { return false }
        guard case .sip(let left) = signed, case .sip(let right) = uri else { return signed == uri }
        return left.user == right.user && left.host.equalsIgnoringCase(right.host)
    }

    /// When a nonce was made; nil if it was not made here, and for this peer.
    private func time(of nonce: String, for peer: String) -> SIPInstant? {
        guard nonce.utf8.count == 64, let octets = Hexadecimal.octets(nonce) else { return nil }
        let stamp = Array(octets.prefix(16))
        guard Self.equal(Array(seal(stamp, for: peer).utf8), Array(nonce.utf8)) else { return nil }
        let milliseconds = stamp.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return epoch.advanced(by: .milliseconds(Int64(clamping: milliseconds)))
    }

    private mutating func remember(_ nonce: String, _ count: UInt32, _ made: SIPInstant, at now: SIPInstant) {
        if counts[nonce] == nil, counts.count >= min(sweepsAt, configuration.maximumNonces) {
            counts = counts.filter { $0.value.expires > now }
            // Full of nonces that all proved right: the oldest quarter goes; its owners are challenged again.
            if counts.count >= configuration.maximumNonces { forgetOldest() }
            sweepsAt = max(Self.leastSweep, 2 * counts.count)
        }
        counts[nonce] = (count, made + configuration.nonceLifetime)
    }

    private mutating func forgetOldest() {
        let expiries = counts.values.map(\.expires).sorted()
        let cut = expiries[expiries.count / 4]
        counts = counts.filter { $0.value.expires > cut }
        forgottenUntil = cut
    }

    /// Takes the same time wherever the two differ.
    static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
