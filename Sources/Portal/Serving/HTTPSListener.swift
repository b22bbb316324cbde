import Foundation
import Hummingbird
import HummingbirdCore
import Listening
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Serves connections of a socket that listens already, as Hummingbird's own server does of one that it binds itself; and ends
/// so that nobody is refused who comes while one run of the daemon follows on another. Hummingbird's drops whom it has accepted
/// and has not yet read a request of.
struct HTTPSListener<Child: ServerChildChannel>: Sendable {
    /// Belongs to this once it runs.
    let socket: CInt
    let child: Child
    let connections: ConnectionLedger
    let maximumConnections: Int
    let logger: Logger

    /// Serves until a graceful shutdown, and returns when the last connection is closed. Who comes after the shutdown's begin is
    /// not taken; the socket listens for as long as anybody has it.
    func run(onListening: @escaping @Sendable (any Channel) -> Void) async throws {
        let (child, connections, logger, maximumConnections) = (child, connections, logger, maximumConnections)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        AcceptingGate(connections, logger: logger),
                        AvailableConnectionsChannelHandler(maxConnections: maximumConnections))
                }
            }
            .childChannelInitializer { channel in
                child.setup(channel: channel, logger: logger).map { value in
                    connections.serve(channel) { await child.handle(value: value, logger: logger) }
                }
            }
            .withBoundSocket(socket).get()
        ListeningSockets.restoreBacklog(of: socket)
        onListening(server)
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await connections.waitUntilOver()
            } onCancel: {
                server.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
                connections.cutOff()
            }
        } onGracefulShutdown: {
            server.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        try? await server.close()
    }
}

extension PortalServer {
    /// What answers a request of HTTPS: the router's answer, with the headers that Hummingbird's application adds.
    func answering(
        _ responder: RouterResponder<PortalContext>
    ) -> HTTPChannelHandler.Responder {
        { [logger] request, writer, channel in
            var logger = logger
            logger[metadataKey: "hb.request.id"] = .stringConvertible(RequestID())
            let context = PortalContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
            var response: Response
            do {
                response = try await responder.respond(to: request, context: context)
            } catch {
                logger.debug("a request was not answered", metadata: ["error": "\(error)"])
                response = Response(status: .internalServerError)
            }
            response.headers[.date] = HTTPDate.now
            response.headers[.server] = Self.product
            try await writer.write(response: response.head, body: response.body)
        }
    }
}

/// The time as HTTP has it (RFC 9110 §5.6.7).
enum HTTPDate {
    private static let latest = Mutex<(second: Int, text: String)>((0, ""))

    static var now: String {
        latest.withLock { latest in
            var second = time(nil)
            if latest.second == second { return latest.text }
            var parts = tm()
            gmtime_r(&second, &parts)
            var buffer = [CChar](repeating: 0, count: 40)
            let count = strftime(&buffer, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            latest = (second, String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self))
            return latest.text
        }
    }
}
