import Foundation
import HTTPTypes
import Hummingbird
import PortalAPI

/// The page by which browsers join a room: `/join/ROOM`, its settings, and its files below `/assets/join/`. All of it is
/// public; who comes in is settled by SIP.
struct JoinRoutes: Sendable {
    let bridge: any LiveBridge
    let configuration: JoinConfiguration
    let pages: PageFiles?

    func add(to router: Router<PortalContext>) {
        router.get("join/:room") { request, context in
            let isKnown = await bridge.joinRoom(try context.pathParameter("room")) != nil
            return try page(isKnown ? "index.html" : "unknown.html", isKnown ? .ok : .notFound, request)
        }
        router.get("join/:room/settings") { request, context in
            guard let room = await bridge.joinRoom(try context.pathParameter("room")) else {
                throw Refusal(.notFound, "There is no such room.", hint: "Ask whoever invited you for the address.")
            }
            return try Response.json(
                JoinSettings(
                    room: room.id, title: room.title, domain: room.domain, isOpen: room.isOpen,
                    webSocket: webSocket(request), lineCheck: room.lineCheck))
        }
        // Its id is a secret that only whoever checked was told.
        router.get("join/checks/:id") { _, context in
            guard let check = await bridge.lineCheck(try context.pathParameter("id")) else {
                throw Refusal(.notFound, "There is no such line check.", hint: "Have the line checked again.")
            }
            return try Response.json(check)
        }
        router.get("assets/join/**") { request, context in
            guard let file = pages?[context.parameters.getCatchAll().joined(separator: "/")] else {
                throw Refusal.noSuchPage
            }
            return PageFiles.answer(file, .ok, request)
        }
    }

    private func page(_ name: String, _ status: HTTPResponse.Status, _ request: Request) throws(Refusal) -> Response {
        guard let file = pages?[name] else {
            throw Refusal(
                .notFound, "This installation has no join page.", hint: "Install share/causeway/JoinPage.")
        }
        var response = PageFiles.answer(file, status, request)
        for (name, value) in Self.headers { response.headers[name] = value }
        response.headers[.contentSecurityPolicy] = Self.policy(webSocket(request))
        return response
    }

    private func webSocket(_ request: Request) -> String? {
        configuration.webSocketURL(pageAt: request.head.authority)
    }

    /// Own files only, and the one place to dial (CSP level 3).
    private static func policy(_ webSocket: String?) -> String {
        let dial = webSocket.map { " " + $0 } ?? ""
        return [
            "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
            "media-src 'self' blob: mediastream:", "connect-src 'self'\(dial)", "base-uri 'none'",
            "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
            "trusted-types conference-info",
        ].joined(separator: "; ")
    }

    private static let headers: [(HTTPField.Name, String)] = [
        ("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self)"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}
