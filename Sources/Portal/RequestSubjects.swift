import Hummingbird
import LogSubjects

/// What a request is about, by its path, is a field of every line that is logged of it: whoever looks for a meeting in the log finds
/// what was asked and ordered of it, too.
struct RequestSubjects: RouterMiddleware {
    /// No name of ours is longer; what a stranger puts there is cut.
    private static let longest = 128

    func handle(
        _ request: Request, context: PortalContext, next: (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        var collection: Substring = ""
        for part in (context.endpointPath ?? "").split(separator: "/") {
            guard part.first == "{", part.last == "}" else {
                collection = part
                continue
            }
            let capture = part.dropFirst().dropLast()
            guard let kind = Self.kind(capture, of: collection), let name = context.parameters.get(String(capture))
            else { continue }
            context.logger[metadataKey: kind.rawValue] = .string(String(name.prefix(Self.longest)))
        }
        return try await next(request, context)
    }

    private static func kind(_ capture: Substring, of collection: Substring) -> SubjectKind? {
        switch (collection, capture) {
        case (_, "point"), ("points", "id"): .point
        case (_, "room"), ("rooms", "id"): .room
        case ("meetings", "id"), ("recordings", "id"): .meeting
        default: nil
        }
    }
}
