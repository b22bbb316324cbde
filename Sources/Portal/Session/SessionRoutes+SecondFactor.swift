import Documents
import Foundation
import Hummingbird
import OfficeStore
import PortalAPI

/// Turning a second factor on and off: `/session/second-factor`. Somebody who must have one and has none may ask for nothing
/// else.
extension SessionRoutes {
    func addSecondFactor(to group: RouterGroup<PortalContext>) {
        group.post("session/second-factor") { request, context in
            let (session, token) = try open(request, context)
            // Who took over an open session must not make it their own.
            guard !(try await office.hasSecondFactor(session.person.id)) else { throw Refusal.secondFactorIsOn }
            let app = OneTimePassword.random()
            sessions.offer(app, to: token)
            let address = app.address(account: session.person.id, issuer: "Causeway")
            return try Response.json(
                SecondFactorOffer(secret: app.base32, address: address, code: QRCode(address)?.rows ?? []),
                status: .created)
        }
        group.put("session/second-factor") { request, context in
            let (session, token) = try open(request, context)
            guard let app = session.offered else { throw Refusal.nothingOffered }
            let proof = try await request.json(SecondFactorProof.self)
            let codes = try await attempt(context) { () async throws(OfficeStoreError) in
                try await office.turnOn(app, of: session.person.id, code: proof.code)
            }
            sessions.enrolled(token)
            sessions.closeAll(of: session.person.id, but: token)
            return try Response.json(RecoveryCodes(codes: codes))
        }
        group.delete("session/second-factor") { request, context in
            let (session, _) = try open(request, context)
            guard !rule().isDue(session.person.roles) else { throw Refusal.secondFactorIsDue }
            let wanted = try await request.json(SecondFactorRemoval.self)
            _ = try await attempt(context) { () async throws(OfficeStoreError) in
                try await office.signIn(session.person.id, password: wanted.password, code: wanted.code)
            }
            try await office.turnOffSecondFactor(of: session.person.id, by: session.person.id)
            return Response(status: .noContent)
        }
    }

    private func open(
        _ request: Request, _ context: PortalContext
    ) throws(Refusal) -> (SessionDesk.Opened, token: String) {
        guard let session = context.session, let token = request.sessionToken else { throw .unauthenticated }
        guard !session.isLocked else { throw .locked }
        guard session.standing != .mustProve else { throw .codeNeeded }
        return (session, token)
    }
}

extension Refusal {
    fileprivate static var secondFactorIsOn: Refusal {
        var refusal = Refusal(
            .conflict, "The account has a second factor already.",
            hint: "Turn it off first; where the app is lost an administrator does it.")
        refusal.body.vietnamese = "Tài khoản đã bật xác thực hai lớp. Nếu mất ứng dụng, hãy nhờ quản trị viên tắt."
        return refusal
    }

    fileprivate static var secondFactorIsDue: Refusal {
        var refusal = Refusal(
            .conflict, "The account's role needs a second factor.",
            hint: "An administrator takes it away where it is lost.")
        refusal.body.vietnamese = "Vai trò của tài khoản bắt buộc xác thực hai lớp."
        return refusal
    }

    fileprivate static var nothingOffered: Refusal {
        var refusal = Refusal(
            .conflict, "No app was given a secret.", hint: "POST /api/v1/session/second-factor first.")
        refusal.body.vietnamese = "Hãy bắt đầu lại việc bật xác thực hai lớp."
        return refusal
    }
}

extension QRCode {
    /// A text for each row, `1` for dark modules.
    fileprivate var rows: [String] {
        stride(from: 0, to: modules.count, by: width).map { start in
            String(modules[start..<start + width].map { $0 ? "1" : "0" })
        }
    }
}
