import Documents
import Foundation
import Hummingbird
import OfficeStore
import PortalAPI
import Vietnamese

/// Join guides, and what devices fetch to set themselves up.
///
/// `GET /api/v1/guides/POINT/DEVICE` is a guide for whoever may read guides; `POST` makes a provisioning address too and has
/// it in the guide. `GET /guides/POINT/DEVICE?key=TOKEN` is that guide for whoever was sent its address, until the device
/// has fetched its account by `GET /provision/TOKEN`, which works once. Invitations to meetings have such an address, too, by
/// which nothing is set up and which lasts until a day after the meeting.
struct GuideRoutes: Sendable {
    let desk: GuideDesk
    let office: OfficeStore
    let renderer: DocumentRenderer

    func add(to router: Router<PortalContext>, api: RouterGroup<PortalContext>) {
        api.get("guides/:point/:device") { request, context in
            try context.require(.readGuide)
            return try await guide(request, context, token: nil)
        }
        api.post("guides/:point/:device") { request, context in
            let visitor = try context.require(.provisionPoint)
            let point = try context.pathParameter("point")
            guard try Self.device(context).takesProvisioning else {
                return try await guide(request, context, token: nil)
            }
            let life = try Self.life(request.uri.queryParameters.get("valid"))
            let made = try await provision(point, for: life, by: visitor, context)
            return try await guide(request, context, token: made.token)
        }
        api.post("points/:id/provisioning") { request, context in
            let visitor = try context.require(.provisionPoint)
            let wanted = try await request.json(ProvisioningRequest.self)
            let point = try context.pathParameter("id")
            let life = try Self.life(wanted.validSeconds.map { "\($0)" })
            let made = try await provision(point, for: life, by: visitor, context)
            return try Response.json(
                Provisioning(
                    point: point, expiresAt: made.expires, url: "\(made.base)/provision/\(made.token)",
                    guide: "\(made.base)/guides/\(point)/linphone?key=\(made.token)"), status: .created)
        }
        router.get("guides/:point/:device") { request, context in
            let point = try context.pathParameter("point")
            guard let token = request.uri.queryParameters.get("key"), token.utf8.count <= 128 else { throw Self.used }
            if desk.mayRead(token, point, at: Date()) { return try await guide(request, context, token: nil) }
            guard let entry = desk.look(token, at: Date()), entry.point == point else { throw Self.used }
            return try await guide(request, context, token: token)
        }
        router.get("provision/:token") { request, context in
            // A HEAD would use it up and bring nothing.
            guard request.method == .get else { throw Refusal.noSuchPage }
            return try settings(try context.pathParameter("token"), context)
        }
        router.get("ca.pem") { _, _ in
            guard let path = desk.configuration.authorityPath, let pem = FileManager.default.contents(atPath: path)
            else { throw Refusal.noSuchPage }
            return Response(
                status: .ok, headers: [.contentType: "application/x-pem-file", .cacheControl: "no-cache"],
                body: .init(byteBuffer: ByteBuffer(bytes: pem)))
        }
    }

    // MARK: Provisioning

    private func provision(
        _ point: String, for life: TimeInterval, by visitor: Visitor, _ context: PortalContext
    ) async throws -> (base: String, token: String, expires: Date) {
        let material = try desk.material(for: point)
        guard let base = desk.configuration.publicURL else {
            throw Refusal(
                .conflict, "The portal serves no HTTPS: devices cannot fetch anything.", hint: "Set portal.port.")
        }
        guard !material.secrets.isEmpty else {
            throw Refusal(
                .conflict, "The point signs in by a certificate alone.",
                hint: "Give it a password, or set the device up by hand.")
        }
        let now = Date()
        let expires = now.addingTimeInterval(life)
        let token = try desk.issue(for: point, until: expires, at: now)
        try await office.note("make provisioning", of: point, by: visitor.signature)
        context.logger.notice(
            "provisioning address made",
            metadata: ["point": "\(point)", "by": "\(visitor.name)", "until": "\(IndochinaTime.text(expires))"])
        return (base, token, expires)
    }

    private func settings(_ token: String, _ context: PortalContext) throws -> Response {
        guard token.utf8.count <= 128, let entry = try desk.take(token, at: Date()) else { throw Self.used }
        let material = try desk.material(for: entry.point)
        guard
            let xml = LinphoneProvisioning(site: material.site, point: material.point, secrets: material.secrets).xml
        else { throw Refusal.noSuchPage }
        context.logger.notice(
            "account fetched by its provisioning address",
            metadata: ["point": "\(entry.point)", "from": "\(context.origin)"])
        return Response(
            status: .ok, headers: [.contentType: "application/xml; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: xml)))
    }

    // MARK: Guides

    private func guide(_ request: Request, _ context: PortalContext, token: String?) async throws -> Response {
        let material = try desk.material(for: try context.pathParameter("point"))
        let query = request.uri.queryParameters
        let languageName = query.get("lang") ?? Language.vietnamese.rawValue
        guard let language = Language(rawValue: languageName) else {
            throw Refusal(.badRequest, "lang is vi or en.", hint: "Leave it out for vi.")
        }
        var provisioning: JoinGuide.Provisioning?
        if let token, let entry = desk.look(token, at: Date()), let base = desk.configuration.publicURL {
            provisioning = .init(
                url: "\(base)/provision/\(token)", expires: Self.readable(entry.expiresAt, language))
        }
        let guide = JoinGuide(
            site: material.site, point: material.point, device: try Self.device(context), language: language,
            provisioning: provisioning)
        let name = "huong-dan-\(VietnameseText.slug(material.point.id))-\(guide.device.rawValue)"
        return try await DocumentAnswer(document: guide.document, name: name, renderer: renderer)
            .response(format: query.get("format") ?? "html")
    }

    private static func device(_ context: PortalContext) throws(Refusal) -> GuideDevice {
        guard let device = GuideDevice(name: try context.pathParameter("device")) else {
            let known = GuideDevice.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal(.notFound, "There is no guide for such a device.", hint: "There are \(known).")
        }
        return device
    }

    /// Three days where nothing is said.
    private static func life(_ seconds: String?) throws(Refusal) -> TimeInterval {
        guard let seconds else { return 3 * 86_400 }
        guard let life = Int64(seconds), (1...Int64(ProvisioningTokens.longestLife)).contains(life) else {
            throw Refusal(
                .badRequest, "A provisioning address is valid for 1 second to 31 days.", hint: "Send seconds.")
        }
        return TimeInterval(life)
    }

    /// `17:30 27/11/2026` in Vietnam.
    private static func readable(_ date: Date, _ language: Language) -> String {
        let text = IndochinaTime.text(date)
        let day = text.prefix(10).split(separator: "-").reversed().joined(separator: "/")
        let hour = text.dropFirst(11).prefix(5)
        return language == .vietnamese ? "\(hour) ngày \(day)" : "\(hour) on \(day)"
    }

    private static var used: Refusal {
        Refusal(
            .notFound, "This address was used already, or is too old.",
            hint: "Ask whoever sent it for another. / Địa chỉ đã dùng hoặc hết hạn, hãy xin địa chỉ mới.")
    }
}
