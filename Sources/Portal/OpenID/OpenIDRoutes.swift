import Foundation
import HTTPTypes
import Hummingbird
import Office
import OfficeStore
import OpenID

/// Signing in by the site's identity provider: a browser begins at `/openid/start` and comes back to `/openid/return`. What is refused is
/// told by the portal's page, `/#/openid/CODE`.
struct OpenIDRoutes: Sendable {
    static let start = "/openid/start"
    static let answer = "/openid/return"
    /// Whoever writes into the journal of refusals where no person is known.
    static let journalName = "openid"
    /// It goes along when the provider sends the browser back, which the session's own does not.
    private static let cookie = "__Host-causeway-openid"
    private static let longestValue = 4096

    let desk: OpenIDDesk?
    let office: OfficeStore
    let sessions: SessionDesk
    let rule: @Sendable () -> SecondFactorRule
    let limiter: FailureLimiter
    let rates: RateLimiter
    let refusals: RefusalJournal
    let publicURL: @Sendable () -> String?

    func add(to router: Router<PortalContext>) {
        router.get("openid/start") { request, context in
            guard let desk else { throw Refusal.noSuchPage }
            guard request.isFromOwnPage else { throw Refusal.forged }
            try admit(context)
            guard let base = publicURL() else { throw Refusal.noSuchPage }
            let browser = SessionDesk.random()
            do throws(OpenIDFault) {
                let address = try await desk.begin(in: browser, redirect: base + Self.answer)
                return Self.send(to: address, cookie: Self.cookie(browser, lasts: 600))
            } catch {
                context.logger.error("\(error.reason)")
                return Self.send(to: Self.page(.unavailable), cookie: nil)
            }
        }
        router.get("openid/return") { request, context in
            guard let desk else { throw Refusal.noSuchPage }
            try admit(context)
            return try await enter(desk, request, context)
        }
    }

    /// What the page says: a key of its words.
    private enum Outcome: String {
        case unavailable, stale, refused, unbelieved, unknown, locked, dormant, failed
    }

    private func admit(_ context: PortalContext) throws(Refusal) {
        if let wait = limiter.wait(context.origin, at: .now) { throw .tooManyFailures(wait: wait) }
        try rates.require(.signInFromAddress, by: context.origin)
    }

    private func enter(_ desk: OpenIDDesk, _ request: Request, _ context: PortalContext) async throws -> Response {
        let query = request.uri.queryParameters
        func value(_ name: String) -> String? {
            query.get(name).flatMap { $0.utf8.count <= Self.longestValue ? $0 : nil }
        }
        let identity: VouchedIdentity
        do throws(OpenIDFault) {
            identity = try await desk.finish(
                .init(state: value("state") ?? "", code: value("code"), error: value("error"), issuer: value("iss")),
                in: request.cookie(Self.cookie) ?? "")
        } catch {
            return await refuse(error, desk.provider, context)
        }
        guard let person = office.register.person(identity: identity.name) else {
            let shown = String(
                identity.name.unicodeScalars.prefix(100).filter { $0.properties.generalCategory != .control }.map(
                    Character.init))
            return await refuse(
                .unknown, "nobody here is “\(shown)” of \(desk.provider.issuer)", by: Self.journalName, context)
        }
        do throws(OfficeStoreError) {
            switch try await office.admit(person.id, by: desk.provider.issuer, isProved: identity.hasSecondFactor) {
            case .whole(let person):
                // The provider's word is enough where it says that a second factor was used.
                let isDue = !identity.hasSecondFactor && rule().isDue(person.roles)
                return opened(person, isDue ? .mustEnrol : .open, context)
            case .codeNeeded(let person): return opened(person, .mustProve, context)
            }
        } catch {
            guard case .refused(let fault) = error else { throw Refusal(error) }
            let outcome: Outcome =
                switch fault as? SignInFault {
                case .locked: .locked
                case .dormant: .dormant
                default: .failed
                }
            return await refuse(outcome, "\(person.id) 401 sign in by \(desk.provider.issuer)", by: person.id, context)
        }
    }

    private func opened(
        _ person: PersonEntry, _ standing: SessionDesk.Standing, _ context: PortalContext
    ) -> Response {
        let token = sessions.open(person.id, standing, byProvider: true, at: .now)
        limiter.succeeded(context.origin)
        context.logger.notice(
            "signed in by the identity provider", metadata: ["person": "\(person.id)", "from": "\(context.origin)"])
        var response = Self.send(to: "/#/home", cookie: Self.cookie("", lasts: 0))
        response.headers.append(
            HTTPField(
                name: .setCookie,
                value: SessionRoutes.cookie(token, lasts: Int(SessionDesk.longest.components.seconds))))
        return response
    }

    private func refuse(
        _ fault: OpenIDFault, _ provider: OpenIDProvider, _ context: PortalContext
    ) async -> Response {
        let outcome: Outcome =
            switch fault {
            case .unreachable, .metadata: .unavailable
            case .stale: .stale
            case .refused: .refused
            case .token: .unbelieved
            }
        switch fault {
        case .stale, .token: limiter.failed(context.origin, at: .now)
        case .unreachable, .metadata, .refused: break
        }
        return await refuse(
            outcome, "401 sign in by \(provider.issuer): \(fault.reason)", by: Self.journalName, context)
    }

    private func refuse(
        _ outcome: Outcome, _ line: String, by who: String, _ context: PortalContext
    ) async -> Response {
        context.logger.warning("refused sign-in by the identity provider", metadata: ["from": "\(context.origin)"])
        await refusals.note("\(line) from \(context.origin)", by: who)
        return Self.send(to: Self.page(outcome), cookie: Self.cookie("", lasts: 0))
    }

    private static func page(_ outcome: Outcome) -> String { "/#/openid/\(outcome.rawValue)" }

    private static func send(to address: String, cookie: String?) -> Response {
        var response = Response(status: .seeOther, headers: [.location: address])
        if let cookie { response.headers[.setCookie] = cookie }
        return response
    }

    private static func cookie(_ value: String, lasts seconds: Int) -> String {
        "\(cookie)=\(value); Path=/; Max-Age=\(seconds); Secure; HttpOnly; SameSite=Lax"
    }
}
