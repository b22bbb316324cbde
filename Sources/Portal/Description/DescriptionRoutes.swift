import Hummingbird

/// `GET /api/v1/openapi.json`, for whoever has a token or a session.
struct DescriptionRoutes: Sendable {
    /// Nil where the description cannot be made, which a test excludes.
    private let document: ByteBuffer?

    init() { document = (try? OpenAPIDocument.data(version: "1")).map { ByteBuffer(bytes: $0) } }

    func add(to group: RouterGroup<PortalContext>) {
        group.get("openapi.json") { _, context in
            guard context.visitor != nil else { throw Refusal.unauthenticated }
            guard let document else { throw Refusal.noSuchPage }
            return Response(
                status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
                body: ResponseBody(byteBuffer: document))
        }
    }
}
