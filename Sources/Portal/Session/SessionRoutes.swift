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
    /// Of addresses from which wrong passwords come; accounts have a limit of their own.
    let limiter: FailureLimiter

    func add(to group: RouterGroup<PortalContext>) {
        group.get("session") { _, context in
            guard let session = context.session else { return Response(status: .noContent) }
            return try Response.json(Self.status(session))
        }
        group.post("session") { request, context in
            let wanted = try await request.json(SignInRequest.self)
            let person = try await attempt(context) { () async throws(OfficeStoreError) in
                try await office.signIn(wanted.name, password: wanted.password)
            }
            return try begin(person, context)
        }
        group.post("session/link") { request, context in
            let wanted = try await request.json(LinkRequest.self)
            let person = try await attempt(context) { () async throws(OfficeStoreError) in
                try await office.redeem(link: wanted.token, password: wanted.password)
            }
            sessions.closeAll(of: person.id)
            return try begin(person, context)
        }
        group.post("session/unlock") { request, context in
            guard let session = context.session, let token = request.sessionToken else { throw Refusal.unauthenticated }
            let wanted = try await request.json(UnlockRequest.self)
            _ = try await attempt(context) { () async throws(OfficeStoreError) in
                try await office.signIn(session.person.id, password: wanted.password)
            }
            sessions.unlock(token, at: .now)
            guard let session = sessions.session(token, isActivity: true, at: .now) else {
                throw Refusal.unauthenticated
            }
            return try Response.json(Self.status(session))
        }
        group.post("session/lock") { request, context in
            guard context.session != nil, let token = request.sessionToken else { throw Refusal.unauthenticated }
            sessions.lock(token)
            return Response(status: .noContent)
        }
        group.delete("session") { request, context in
            guard context.session != nil, let token = request.sessionToken else { throw Refusal.unauthenticated }
            sessions.close(token)
            return Response(status: .noContent, headers: [.setCookie: Self.cookie("", lasts: 0)])
        }
    }

    private func attempt(
        _ context: PortalContext, _ body: () async throws(OfficeStoreError) -> PersonEntry
    ) async throws(Refusal) -> PersonEntry {
        let now = ContinuousClock.now
        if let wait = limiter.wait(context.origin, at: now) { throw .tooManyFailures(wait: wait) }
        do {
            let person = try await body()
            limiter.succeeded(context.origin)
            return person
        } catch {
            if case .refused(let fault) = error, [.wrong, .linkInvalid].contains(fault as? SignInFault) {
                limiter.failed(context.origin, at: now)
                context.logger.warning("refused sign-in", metadata: ["from": "\(context.origin)"])
            }
            throw Refusal(error)
        }
    }

    private func begin(_ person: PersonEntry, _ context: PortalContext) throws -> Response {
        let token = sessions.open(person.id, at: .now)
        guard let session = sessions.session(token, isActivity: true, at: .now) else { throw Refusal.unauthenticated }
        context.logger.notice("signed in", metadata: ["person": "\(person.id)", "from": "\(context.origin)"])
        var response = try Response.json(Self.status(session))
        response.headers[.setCookie] = Self.cookie(token, lasts: Int(SessionDesk.longest.components.seconds))
        return response
    }

    private static func cookie(_ value: String, lasts seconds: Int) -> String {
        "\(SessionDesk.cookie)=\(value); Path=/; Max-Age=\(seconds); Secure; HttpOnly; SameSite=Strict"
    }

    private static func status(_ session: SessionDesk.Opened) -> SessionStatus {
        let person = session.person
        let actions = PortalAction.allCases.filter { action in person.roles.contains { $0.may(action) } }
        return SessionStatus(
            person: person.id, name: person.name, position: person.position, unit: person.unit,
            roles: person.roles.sorted { $0.rawValue < $1.rawValue },
            actions: session.isLocked ? [] : actions.map(\.rawValue), csrfToken: session.csrf,
            idleSeconds: session.idleLimit.components.seconds, isLocked: session.isLocked)
    }
}
