import Hummingbird
import NIOCore

/// Ends the connection of a request whose body was refused for its size, rather than read all of it: a while after the answer, for
/// a client that still sends would be cut off before it has read why (RFC 9112 §9.6).
struct LingeringClose: RouterMiddleware {
    private static let linger = TimeAmount.seconds(2)

    func handle(
        _ request: Request, context: PortalContext, next: (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard response.status == .contentTooLarge else { return response }
        response.headers[.connection] = "close"
        context.channel.eventLoop.scheduleTask(in: Self.linger) { context.channel.close(promise: nil) }
        return response
    }
}
