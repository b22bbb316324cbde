import Foundation
import HTTPTypes
import Hummingbird
import Office
import OfficeStore
import PortalAPI

/// Signing in and out: `/session`.
struct SessionRoutes: Sendable {
    /// Below it nobody needs to be signed in.
    static let path = "/api/v1/session"

    let office: OfficeStore
    let sessions: SessionDesk
    let rule: @Sendable () -> SecondFactorRule
    /// Of addresses from which wrong passwords come; accounts have a limit of their own.
    let limiter: FailureLimiter
    let rates: RateLimiter
    let refusals: RefusalJournal
    let openID: OpenIDDesk?
    let publicURL: @Sendable () -> String?

    func add(to group: RouterGroup<PortalContext>) {
        group.get("session") { _, context in
            guard let session = context.session else { return Response(status: .noContent) }
            return try Response.json(try await status(session))
        }
        group.get("session/ways") { _, _ in
            try Response.json(
                SignInWays(provider: openID.map { .init(name: $0.provider.name, address: OpenIDRoutes.start) }))
        }
        group.post("session/code") { request, context in
            guard let session = context.session, let token = request.sessionToken, session.standing == .mustProve,
                let openID
            else { throw Refusal.unauthenticated }
            let proof = try await request.json(SecondFactorProof.self)
            try rates.require(.signIn, by: session.person.id)
            _ = try await attempt(context) { () async throws(OfficeStoreError) in
                try await office.prove(session.person.id, code: proof.code, by: openID.provider.issuer)
            }
            sessions.proved(token)
            guard let session = sessions.session(token, isActivity: true, at: .now) else {
                throw Refusal.unauthenticated
            }
            return try Response.json(try await status(session))
        }
        group.post("session") { request, context in
            let wanted = try await request.json(SignInRequest.self)
            try rates.require(.signInFromAddress, by: context.origin)
            // Also names that nobody has: whoever asks must not learn which there are.
            try rates.require(.signIn, by: String(wanted.name.prefix(64)))
            let person: PersonEntry
            do throws(Refusal) {
                person = try await attempt(context) { () async throws(OfficeStoreError) in
                    try await office.signIn(wanted.name, password: wanted.password, code: wanted.code)
                }
            } catch {
                // Names that nobody has are guesses, and may be passwords that were typed in the wrong place: they are not written.
                let known = office.register.person(wanted.name)?.id
                await refusals.note(
                    "\(known ?? "-") \(error.status.code) sign in from \(context.origin)",
                    by: known ?? RefusalJournal.nobody(context.origin))
                throw error
            }
            return try await begin(person, context)
        }
        group.post("session/link") { request, context in
            let wanted = try await request.json(LinkRequest.self)
            try rates.require(.signInFromAddress, by: context.origin)
            let person = try await attempt(context) { () async throws(OfficeStoreError) in
                try await office.redeem(link: wanted.token, password: wanted.password, code: wanted.code)
            }
            sessions.closeAll(of: person.id)
            return try await begin(person, context)
        }
        group.post("session/unlock") { request, context in
            guard let session = context.session, let token = request.sessionToken else { throw Refusal.unauthenticated }
            let wanted = try await request.json(UnlockRequest.self)
            try rates.require(.signIn, by: session.person.id)
            _ = try await attempt(context) { () async throws(OfficeStoreError) in
                try await office.signIn(session.person.id, password: wanted.password, isUnlocking: true)
            }
            sessions.unlock(token, at: .now)
            guard let session = sessions.session(token, isActivity: true, at: .now) else {
                throw Refusal.unauthenticated
            }
            return try Response.json(try await status(session))
        }
        group.post("session/lock") { request, context in
            guard context.session != nil, let token = request.sessionToken else { throw Refusal.unauthenticated }
            sessions.lock(token)
            return Response(status: .noContent)
        }
        addSecondFactor(to: group)
        group.delete("session") { request, context in
            guard context.session != nil, let token = request.sessionToken else { throw Refusal.unauthenticated }
            sessions.close(token)
            if let person = context.session?.person.id { try await office.note("sign out", of: person, by: person) }
            return Response(status: .noContent, headers: [.setCookie: Self.cookie("", lasts: 0)])
        }
    }

    /// Counts what fails by where it came from.
    func attempt<Value>(
        _ context: PortalContext, _ body: () async throws(OfficeStoreError) -> Value
    ) async throws(Refusal) -> Value {
        let now = ContinuousClock.now
        if let wait = limiter.wait(context.origin, at: now) { throw .tooManyFailures(wait: wait) }
        do {
            let value = try await body()
            limiter.succeeded(context.origin)
            return value
        } catch {
            if case .refused(let fault) = error, [.wrong, .linkInvalid, .codeWrong].contains(fault as? SignInFault) {
                limiter.failed(context.origin, at: now)
                context.logger.warning("refused sign-in", metadata: ["from": "\(context.origin)"])
            }
            throw Refusal(error)
        }
    }

    private func begin(_ person: PersonEntry, _ context: PortalContext) async throws -> Response {
        let isDue = rule().isDue(person.roles)
        let mustEnrol = isDue ? !(try await office.hasSecondFactor(person.id)) : false
        let token = sessions.open(person.id, mustEnrol ? .mustEnrol : .open, at: .now)
        guard let session = sessions.session(token, isActivity: true, at: .now) else { throw Refusal.unauthenticated }
        context.logger.notice("signed in", metadata: ["person": "\(person.id)", "from": "\(context.origin)"])
        var response = try Response.json(try await status(session))
        response.headers[.setCookie] = Self.cookie(token, lasts: Int(SessionDesk.longest.components.seconds))
        return response
    }

    static func cookie(_ value: String, lasts seconds: Int) -> String {
        "\(SessionDesk.cookie)=\(value); Path=/; Max-Age=\(seconds); Secure; HttpOnly; SameSite=Strict"
    }

    func status(_ session: SessionDesk.Opened) async throws -> SessionStatus {
        let person = session.person
        let actions = PortalAction.allCases.filter { action in person.roles.contains { $0.may(action) } }
        return SessionStatus(
            person: person.id, name: person.name, position: person.position, unit: person.unit,
            roles: person.roles.sorted { $0.rawValue < $1.rawValue },
            actions: session.isLocked || session.standing != .open ? [] : actions.map(\.rawValue),
            csrfToken: session.csrf,
            idleSeconds: session.idleLimit.components.seconds, isLocked: session.isLocked,
            hasSecondFactor: try await office.hasSecondFactor(person.id), mustEnrol: session.mustEnrol,
            mustProve: session.standing == .mustProve, isByProvider: session.vouched != nil,
            providerSignOut: try await providerSignOut(session))
    }

    /// Where the browser goes after signing out, to end the session at the provider as well.
    private func providerSignOut(_ session: SessionDesk.Opened) async throws -> String? {
        guard session.vouched != nil, let openID, let page = publicURL() else { return nil }
        return await openID.signOutAddress(to: page + "/")
    }
}
