import Foundation
import HTTPTypes
import Hummingbird
import Office
import OfficeStore
import OpenID

/// Signing in by the site's identity provider: a browser begins at `/openid/start` and comes back to `/openid/return`. What is refused is
/// told by the portal's page, `/#/openid/CODE`. The provider itself says at `/openid/logout` that a session is over.
struct OpenIDRoutes: Sendable {
    static let start = "/openid/start"
    static let answer = "/openid/return"
    /// Whoever writes into the journal of refusals where no person is known.
    static let journalName = "openid"
    /// It goes along when the provider sends the browser back, which the session's own does not.
    private static let cookie = "__Host-causeway-openid"
    private static let longestValue = 4096
    private static let longestForm = 20 << 10

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
        router.post("openid/logout") { request, context in
            guard let desk else { throw Refusal.noSuchPage }
            // A page elsewhere could have its visitors' address shut out.
            guard request.isFromOwnPage else { throw Refusal.forged }
            if let wait = limiter.wait(context.origin, at: .now) { throw Refusal.tooManyFailures(wait: wait) }
            try rates.require(.anything, by: "\(Self.journalName) \(context.origin)")
            return try await end(desk, request, context)
        }
    }

    /// OpenID Connect Back-Channel Logout 1.0 §2.5, §2.8.
    private func end(_ desk: OpenIDDesk, _ request: Request, _ context: PortalContext) async throws -> Response {
        let order: LogoutOrder
        do throws(OpenIDFault) {
            guard let token = await Self.logoutToken(request) else { throw .token(.missing) }
            order = try await desk.end(token)
        } catch {
            let isAway: Bool
            switch error {
            case .unreachable, .metadata: isAway = true
            case .stale, .refused, .token:
                isAway = false
                limiter.failed(context.origin, at: .now)
            }
            context.logger.warning("refused the end of a session", metadata: ["from": "\(context.origin)"])
            await refusals.note(
                "\(isAway ? 503 : 400) end of a session by \(desk.provider.issuer): \(error.reason) from \(context.origin)",
                by: Self.journalName)
            return try Response.json(
                ["error": "invalid_request", "error_description": error.reason],
                status: isAway ? .serviceUnavailable : .badRequest)
        }
        limiter.succeeded(context.origin)
        for person in sessions.end(by: order).sorted() {
            do throws(OfficeStoreError) {
                try await office.note("sign out", of: "\(person) by \(desk.provider.issuer)", by: Self.journalName)
            } catch {
                // They are over all the same.
                context.logger.error("the end of a session is not in the journal", metadata: ["error": "\(error)"])
            }
        }
        return Response(status: .ok)
    }

    private static func logoutToken(_ request: Request) async -> String? {
        let type = (request.headers[.contentType] ?? "").split(separator: ";").first ?? ""
        guard type.trimmingCharacters(in: .whitespaces).lowercased() == "application/x-www-form-urlencoded",
            let body = try? await request.body.collect(upTo: longestForm),
            let pairs = FormPairs.parse(String(buffer: body))
        else { return nil }
        let tokens = pairs.filter { $0.name == "logout_token" }
        return tokens.count == 1 ? tokens[0].value : nil
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
                return await opened(desk, person, isDue ? .mustEnrol : .open, identity, context)
            case .codeNeeded(let person): return await opened(desk, person, .mustProve, identity, context)
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
        _ desk: OpenIDDesk, _ person: PersonEntry, _ standing: SessionDesk.Standing, _ identity: VouchedIdentity,
        _ context: PortalContext
    ) async -> Response {
        let token = sessions.open(person.id, standing, by: identity.session, at: .now)
        // Asked after it was opened, so that no end of it is missed.
        guard !desk.hasEnded(identity.session) else {
            sessions.close(token)
            return await refuse(.stale, desk.provider, context)
        }
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
