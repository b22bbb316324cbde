import AsyncHTTPClient
import Foundation
import JWTKit
import NIOCore
import NIOFoundationCompat
import NIOSSL
import OpenID
import Synchronization

/// The site's identity provider, and how it is reached.
public struct OpenIDConfiguration: Sendable, Equatable {
    public var provider: OpenIDProvider
    /// PEM certificates of those who may vouch for its server; nil for the machine's own.
    public var authorityPath: String?

    public init(provider: OpenIDProvider, authorityPath: String? = nil) {
        self.provider = provider
        self.authorityPath = authorityPath
    }
}

/// Asks the identity provider, keeps what it said, and holds the sign-ins that wait for its answer.
actor OpenIDDesk {
    private static let timeout = TimeAmount.seconds(10)
    private static let metadataLife = Duration.seconds(3600)
    /// It is not asked again and again while it is away.
    private static let pause = Duration.seconds(5)
    private static let mostOctets = 256 << 10

    nonisolated let provider: OpenIDProvider
    private let authorityPath: String?
    private let pending = Mutex(PendingSignIns())
    private let orders = Mutex(LogoutOrders())
    private var client: HTTPClient?
    private var isClosed = false
    private var metadata: (value: ProviderMetadata, at: ContinuousClock.Instant)?
    private var failure: (fault: OpenIDFault, at: ContinuousClock.Instant)?
    private var keys = ProviderKeys()
    private var fetching: Task<Result<Data, OpenIDFault>, Never>?

    init(_ configuration: OpenIDConfiguration) {
        provider = configuration.provider
        authorityPath = configuration.authorityPath
    }

    /// Nothing can be asked after it.
    func close() async {
        isClosed = true
        try? await client?.shutdown()
        client = nil
    }

    /// Where the browser goes.
    /// - Parameter browser: a secret that it alone has, by which its answer is known.
    func begin(in browser: String, redirect: String) async throws(OpenIDFault) -> String {
        let metadata = try await describe()
        let request = AuthorizationRequest(redirect: redirect) { SessionDesk.random() }
        pending.withLock { $0.begin(request, in: browser, at: .now) }
        return request.address(provider, metadata)
    }

    /// What the browser brought back.
    struct Answer: Sendable {
        var state: String
        var code: String?
        var error: String?
        var issuer: String?
    }

    /// Whom the provider vouches for. An answer is used up, whatever comes of it.
    func finish(_ answer: Answer, in browser: String) async throws(OpenIDFault) -> VouchedIdentity {
        guard let request = pending.withLock({ $0.take(answer.state, in: browser, at: .now) }) else { throw .stale }
        let metadata = try await describe()
        // Another provider's answer (RFC 9207 §2.4).
        guard answer.issuer.map({ $0 == provider.issuer }) ?? !metadata.namesIssuer else { throw .token(.issuer) }
        if let error = answer.error {
            let letters = error.filter { $0.isASCII && ($0.isLetter || $0 == "_") }
            throw .refused(String(letters.prefix(40)))
        }
        guard let code = answer.code, !code.isEmpty else { throw .refused("no_code") }
        let exchange = request.exchange(code: code, provider, metadata)
        var order = HTTPClientRequest(url: metadata.tokenEndpoint)
        order.method = .POST
        order.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        if let authorization = exchange.authorization { order.headers.add(name: "Authorization", value: authorization) }
        order.body = .bytes(ByteBuffer(string: exchange.form))
        let tokens: TokenAnswer
        do { tokens = try JSONDecoder().decode(TokenAnswer.self, from: try await ask(order)) } catch {
            throw (error as? OpenIDFault) ?? .token(.malformed)
        }
        guard let text = tokens.id_token else { throw .token(.missing) }
        let token = try IdentityToken(parsing: text)
        let key = try await key(for: token.header, metadata)
        return try await token.identity(signedBy: key, for: provider, nonce: request.nonce, at: Date())
    }

    /// What a logout token orders. It is used up.
    func end(_ text: String) async throws(OpenIDFault) -> LogoutOrder {
        let token = try LogoutToken(parsing: text)
        let key = try await key(for: token.header, try await describe())
        let order = try await token.order(signedBy: key, for: provider, at: Date())
        guard orders.withLock({ $0.take(order, at: .now) }) else { throw .token(.replayed) }
        return order
    }

    /// Whether the provider ended a session, perhaps before one here began by it.
    nonisolated func hasEnded(_ session: VouchedSession) -> Bool { orders.withLock { $0.end(session) } }

    private func key(for header: TokenHeader, _ metadata: ProviderMetadata) async throws(OpenIDFault) -> JWK {
        for _ in 0..<2 {
            switch keys.look(for: header, at: .now) {
            case .key(let key): return key
            case .fetch: try await fetchKeys(metadata)
            // Another sign-in may have them fetched just now.
            case .unknown: if let fetching { _ = await fetching.value }
            }
        }
        if case .key(let key) = keys.look(for: header, at: .now) { return key }
        throw .token(.unknownKey)
    }

    /// Where a browser ends its session at the provider, as far as that is known without asking.
    func signOutAddress(to page: String) -> String? {
        metadata.flatMap { AuthorizationRequest.signOutAddress(provider, $0.value, to: page) }
    }

    private struct TokenAnswer: Decodable { var id_token: String? }

    private func fetchKeys(_ metadata: ProviderMetadata) async throws(OpenIDFault) {
        let task = Task { () -> Result<Data, OpenIDFault> in
            do throws(OpenIDFault) {
                return .success(try await self.ask(HTTPClientRequest(url: metadata.keysAddress)))
            } catch { return .failure(error) }
        }
        fetching = task
        let data = await task.value
        fetching = nil
        try keys.fetched(try data.get(), at: .now)
    }

    private func describe() async throws(OpenIDFault) -> ProviderMetadata {
        if let metadata, .now - metadata.at < Self.metadataLife { return metadata.value }
        if let failure, .now - failure.at < Self.pause { throw failure.fault }
        do throws(OpenIDFault) {
            let data = try await ask(HTTPClientRequest(url: provider.metadataAddress))
            let value = try ProviderMetadata(parsing: data, of: provider.issuer)
            metadata = (value, .now)
            failure = nil
            return value
        } catch {
            failure = (error, .now)
            throw error
        }
    }

    private func ask(_ request: HTTPClientRequest) async throws(OpenIDFault) -> Data {
        var request = request
        request.headers.add(name: "Accept", value: "application/json")
        do {
            let response = try await opened().execute(request, timeout: Self.timeout)
            guard response.status == .ok else { throw OpenIDFault.unreachable("status \(response.status.code)") }
            return Data(buffer: try await response.body.collect(upTo: Self.mostOctets))
        } catch {
            // What the library says of an error may have the address, but no secret is in that.
            throw (error as? OpenIDFault) ?? .unreachable(String("\(error)".prefix(120)))
        }
    }

    private func opened() throws -> HTTPClient {
        if let client { return client }
        guard !isClosed else { throw OpenIDFault.unreachable("the portal stops") }
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authorityPath { tls.trustRoots = .file(authorityPath) }
        // What the provider says of itself holds; nobody else is followed.
        let made = HTTPClient(configuration: .init(tlsConfiguration: tls, redirectConfiguration: .disallow))
        client = made
        return made
    }
}
