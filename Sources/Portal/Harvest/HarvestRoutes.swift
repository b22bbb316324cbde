import Archive
import Foundation
import Hummingbird
import OfficeStore

/// OAI-PMH 2.0 at `/oai`, by GET and POST (§3.1).
struct HarvestRoutes: Sendable {
    static let path = "/oai"
    private static let longestForm = 8 << 10

    let configuration: HarvestConfiguration?
    let desk: HarvestDesk
    let office: OfficeStore
    let publicURL: @Sendable () -> String?

    func add(to router: Router<PortalContext>) {
        guard let configuration else { return }
        router.get("oai") { request, context in
            try await answer(request, context, configuration, FormPairs.parse(request.uri.query ?? ""))
        }
        router.post("oai") { request, context in
            try context.require(.harvest)
            guard request.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true
            else {
                throw Refusal(
                    .unsupportedMediaType, "The arguments do not come as a form.",
                    hint: "Send them as application/x-www-form-urlencoded, or ask by GET.")
            }
            let form = try await request.body.collect(upTo: Self.longestForm)
            return try await answer(request, context, configuration, FormPairs.parse(String(buffer: form)))
        }
    }

    private func answer(
        _ request: Request, _ context: PortalContext, _ configuration: HarvestConfiguration,
        _ pairs: [(name: String, value: String)]?
    ) async throws -> Response {
        let visitor = try context.require(.harvest)
        let url = publicURL() ?? "https://" + configuration.domain
        let document = OAIDocument(configuration: configuration, baseURL: url + Self.path) {
            "\(url)/api/v1/recordings/\($0)"
        }
        // That somebody harvests is written down once a list, not for each piece of it.
        let lists = pairs?.contains { $0.name == "verb" && $0.value.hasPrefix("List") } ?? false
        if lists, pairs?.contains(where: { $0.name == "resumptionToken" }) == false {
            try await office.note("harvest", of: "oai", by: visitor.signature)
        }
        let data = try await desk.answer(pairs, document)
        return Response(
            status: .ok, headers: [.contentType: "text/xml; charset=UTF-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }
}
