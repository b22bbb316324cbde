import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import OfficeStore

/// The way in, by which a listener is told from the other.
enum Entrance: Sendable {
    case https
    /// The operating system checked who may open the socket.
    case localSocket
}

/// Headers that keep browsers and proxies from doing more with an answer than was meant.
struct SecurityHeaders: RouterMiddleware {
    let entrance: Entrance

    func handle(
        _ request: Request, context: PortalContext, next: (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.xContentTypeOptions] = "nosniff"
        // The join page brings one of its own.
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'; sandbox"
        }
        for (name, value) in Self.more { response.headers[name] = value }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        if entrance == .https { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        return response
    }

    private static let more: [(HTTPField.Name, String)] = [
        ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}

/// Every failure becomes `{error, hint}`.
struct FailuresAsJSON: RouterMiddleware {
    func handle(
        _ request: Request, context: PortalContext, next: (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let refusal = Refusal(anything: error)
            if refusal.status.code >= 500 {
                context.logger.error(
                    "request failed", metadata: ["path": "\(request.loggedPath)", "error": "\(error)"])
            }
            return try refusal.response
        }
    }
}

/// Finds out who asks, by a token or by a session's cookie. Everything below `/api` needs somebody, but for signing in; what
/// exactly is decided by each route.
struct Authenticate: RouterMiddleware {
    let entrance: Entrance
    let tokens: TokenList
    let office: OfficeStore
    let sessions: SessionDesk
    let limiter: FailureLimiter
    let rates: RateLimiter
    let refusals: RefusalJournal

    func handle(
        _ request: Request, context: PortalContext, next: (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        switch entrance {
        case .localSocket:
            context.visitor = .localAdministrator
        case .https:
            if request.uri.path == HarvestRoutes.path {
                context.visitor = try await visitor(of: request, context)
                break
            }
            guard request.uri.path.hasPrefix("/api") else { break }
            if request.headers[.authorization] == nil, request.isFromOwnPage, let token = request.sessionToken {
                try enter(token, request, &context)
            } else if !request.uri.path.hasPrefix(SessionRoutes.path) {
                context.visitor = try await visitor(of: request, context)
            }
            if request.uri.path.hasPrefix(SessionRoutes.path), !request.isFromOwnPage { throw Refusal.forged }
        }
        do {
            if let visitor = context.visitor, !visitor.isLocal { try limit(request, visitor) }
            return try await next(request, context)
        } catch {
            if let visitor = context.visitor { await note(error, request, visitor) }
            throw error
        }
    }

    private func limit(_ request: Request, _ visitor: Visitor) throws(Refusal) {
        try rates.require(.anything, by: visitor.signature)
        if let kind = RateKind.of(request.method, request.uri.path) { try rates.require(kind, by: visitor.signature) }
    }

    /// What somebody may not, what there is not, what is too much, and papers that are not taken.
    private func note(_ error: any Error, _ request: Request, _ visitor: Visitor) async {
        let refusal = Refusal(anything: error)
        let status = refusal.status
        let isUpload = request.method == .post && request.uri.path.hasSuffix("/papers")
        guard
            status == .forbidden || status == .tooManyRequests || refusal.isOfUnknown
                || isUpload && status.kind == .clientError
        else { return }
        await refusals.note(
            RefusalJournal.line(status.code, request.method.rawValue, request.loggedPath), by: visitor.signature)
    }

    /// A session that is locked, or that is no more, makes nobody of its visitor.
    private func enter(_ token: String, _ request: Request, _ context: inout PortalContext) throws(Refusal) {
        let isActivity = request.headers[.causewayBackground] == nil
        guard let session = sessions.session(token, isActivity: isActivity, at: .now) else {
            if request.uri.path.hasPrefix(SessionRoutes.path) { return }
            throw .unauthenticated
        }
        let changes = request.method != .get && request.method != .head
        if changes, !session.accepts(request.headers[.csrfToken] ?? "") { throw .forged }
        context.session = session
        guard !session.isLocked, session.standing == .open else { return }
        context.visitor = Visitor(
            name: session.person.name, roles: session.person.roles, person: session.person)
    }

    private func visitor(of request: Request, _ context: PortalContext) async throws -> Visitor {
        let now = ContinuousClock.now
        if let wait = limiter.wait(context.origin, at: now) { throw Refusal.tooManyFailures(wait: wait) }
        guard let field = request.headers[.authorization] else { throw Refusal.unauthenticated }
        guard let presented = Self.token(in: field, ofHarvester: request.uri.path == HarvestRoutes.path),
            let visitor = try await visitor(presenting: presented, request)
        else {
            limiter.failed(context.origin, at: now)
            context.logger.warning("wrong access token", metadata: ["from": "\(context.origin)"])
            await refusals.note("- 401 access token", by: RefusalJournal.nobody(context.origin))
            throw Refusal.unauthenticated
        }
        limiter.succeeded(context.origin)
        return visitor
    }

    /// By a token of the configuration, or by one that an administrator made.
    private func visitor(presenting token: String, _ request: Request) async throws -> Visitor? {
        if let known = AccessToken.find(token, among: tokens.current) {
            return Visitor(name: known.name, roles: [known.role], scopes: known.scopes)
        }
        // The journal knows tokens by their names, so that of the configuration is the only one of its name.
        guard let made = try await office.token(token), !tokens.names.contains(made.name) else { return nil }
        guard made.isGood(at: Date()) else {
            let end = made.revokedAt == nil ? "an expired token" : "a revoked token"
            await refusals.note(
                RefusalJournal.line(401, request.method.rawValue, request.loggedPath) + " by \(end)", by: made.name)
            return nil
        }
        return Visitor(name: made.name, roles: [made.role], scopes: made.scopes.map(Set.init))
    }

    /// The token after `Bearer` (RFC 6750 §2.1). Archive systems that know no more than a name and a password (RFC 7617) send it as
    /// the password.
    static func token(in field: String, ofHarvester isHarvester: Bool) -> String? {
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, field.utf8.count <= 1024 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": return String(parts[1])
        case "basic" where isHarvester:
            guard let octets = Data(base64Encoded: String(parts[1])), let text = String(data: octets, encoding: .utf8)
            else { return nil }
            return text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first
                .map(String.init)
        default: return nil
        }
    }
}

extension HTTPField.Name {
    static var csrfToken: Self { Self("X-CSRF-Token") ?? .cookie }
    /// On what a page asks by itself, such as each second: nobody sits before it for that.
    static var causewayBackground: Self { Self("X-Causeway-Background") ?? .cookie }
    /// What the answer becomes in a page: `video`, `image`, `empty`, …
    static var fetchDestination: Self { Self("Sec-Fetch-Dest") ?? .cookie }
    static var fetchSite: Self { Self("Sec-Fetch-Site") ?? .cookie }
}

extension Request {
    /// The path as logs may have it: what follows in the address of a device's account, or in the line check of a point, opens them.
    var loggedPath: String { Self.loggedPath(uri.path) }

    static func loggedPath(_ path: String) -> String {
        for secret in ["/provision/", "/join/checks/"] where path.hasPrefix(secret) { return secret + "…" }
        return path
    }

    /// Browsers say whose page asks (W3C Fetch Metadata); what says nothing is no browser that anybody could mislead.
    var isFromOwnPage: Bool {
        guard let site = headers[.fetchSite] else { return true }
        return site == "same-origin" || site == "none"
    }

    var sessionToken: String? { cookie(SessionDesk.cookie) }

    /// A cookie's value (RFC 6265 §5.4).
    func cookie(_ name: String) -> String? {
        for pair in (headers[.cookie] ?? "").split(separator: ";") {
            let parts = pair.trimmingCharacters(in: .whitespaces).split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0] == name { return String(parts[1].prefix(200)) }
        }
        return nil
    }
}
