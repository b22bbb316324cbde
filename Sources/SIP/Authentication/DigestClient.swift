/// Whose name and secret answer challenges of a realm.
public struct DigestAccount: Sendable, Equatable {
    /// Nil serves every realm that has no account of its own.
    public var realm: String?
    public var username: String
    public var secret: DigestSecret

    public init(realm: String? = nil, username: String, secret: DigestSecret) {
        self.realm = realm
        self.username = username
        self.secret = secret
    }
}

/// Answers challenges as a client (RFC 3261 §22.2, §22.3, RFC 7616, RFC 8760): learns them from 401 and 407, puts
/// credentials on requests, and counts how often each nonce is used. One serves for all requests to one peer.
public struct DigestClient: Sendable {
    private struct Space: Hashable {
        let isProxy: Bool
        let realm: String
    }

    private struct Standing {
        var challenge: DigestChallenge
        let account: DigestAccount
        var uses: UInt32 = 0
    }

    /// Realms whose challenges are remembered; a peer that names more gets no answer.
    private static let mostRealms = 8

    private let accounts: [DigestAccount]
    private let hashes: DigestHashes
    private let random: @Sendable (Int) -> [UInt8]
    private var standing: [Space: Standing] = [:]

    /// - Parameter random: that many octets which nobody can guess; `cnonce` is made of them.
    public init(accounts: [DigestAccount], hashes: DigestHashes, random: @escaping @Sendable (Int) -> [UInt8]) {
        self.accounts = accounts
        self.hashes = hashes
        self.random = random
    }

    /// Learns what a 401 or 407 asks for.
    /// - Returns: whether the request is worth sending again: not, if there is no account for the realm, or if the
    ///   challenge was answered already and the answer was wrong.
    public mutating func learn(from response: SIPResponse) -> Bool {
        var learned: Set<Space> = []
        for (name, isProxy) in [(SIPHeaderName.wwwAuthenticate, false), (.proxyAuthenticate, true)] {
            for value in response.headers.values(name) {
                guard let challenge = try? DigestChallenge(parsing: value) else { continue }
                let space = Space(isProxy: isProxy, realm: challenge.realm)
                // Of several algorithms the first that can be answered counts (RFC 8760 §2.4).
                guard !learned.contains(space), let account = account(for: challenge) else { continue }
                guard isWorthAnswering(challenge, in: space) else { return false }
                standing[space] = Standing(challenge: challenge, account: account)
                learned.insert(space)
            }
        }
        return !learned.isEmpty
    }

    /// Puts credentials for every known realm on a request, in place of older ones.
    public mutating func authorize(_ request: inout SIPRequest) {
        request.headers.remove(.authorization)
        request.headers.remove(.proxyAuthorization)
        for (space, var known) in standing.sorted(by: { $0.key.realm < $1.key.realm }) {
            known.uses &+= 1
            standing[space] = known
            let credentials = known.challenge.answer(
                method: request.method, uri: request.uri.description, username: known.account.username,
                secret: known.account.secret, clientNonce: Hexadecimal.text(random(8)), nonceCount: known.uses,
                hashes: hashes)
            guard let credentials else { continue }
            request.headers.add(space.isProxy ? .proxyAuthorization : .authorization, credentials.headerValue)
        }
    }

    /// A nonce that was right before may have grown old without the server's saying so; one whose first use was
    /// refused stands for a wrong secret.
    private func isWorthAnswering(_ challenge: DigestChallenge, in space: Space) -> Bool {
        guard let known = standing[space] else { return standing.count < Self.mostRealms }
        if challenge.isStale { return challenge.nonce != known.challenge.nonce }
        return known.uses != 1 && challenge.nonce != known.challenge.nonce
    }

    private func account(for challenge: DigestChallenge) -> DigestAccount? {
        let account = accounts.first { $0.realm == challenge.realm } ?? accounts.first { $0.realm == nil }
        guard let account else { return nil }
        let isUsable =
            account.secret.ha1(challenge.algorithm, username: account.username, realm: challenge.realm, hashes) != nil
        return isUsable ? account : nil
    }
}
