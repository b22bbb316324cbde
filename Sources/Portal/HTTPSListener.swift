import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Serves connections of a socket that listens already, as Hummingbird's own server does of one that it binds itself.
struct HTTPSListener<Child: ServerChildChannel>: Sendable {
    /// Belongs to this once it runs.
    let socket: CInt
    let child: Child
    let maximumConnections: Int
    let logger: Logger

    /// Connections that are open.
    private final class Connections: Sendable {
        private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

        func insert(_ channel: any Channel) {
            open.withLock { $0[ObjectIdentifier(channel)] = channel }
            channel.closeFuture.whenComplete { _ in self.open.withLock { $0[ObjectIdentifier(channel)] = nil } }
        }

        /// What is idle closes, and what is not once it has its answer.
        func quiesce() {
            for channel in open.withLock({ Array($0.values) }) {
                channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            }
        }
    }

    /// Serves until a graceful shutdown, and returns when the last connection is closed.
    func run(onListening: @escaping @Sendable (any Channel) -> Void) async throws {
        let connections = Connections()
        let (child, logger, maximumConnections) = (child, logger, maximumConnections)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AvailableConnectionsChannelHandler(maxConnections: maximumConnections))
                }
            }
            .bind(socket) { channel in
                connections.insert(channel)
                return child.setup(channel: channel, logger: logger)
            }
        onListening(server.channel)
        let channel = server.channel
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                do {
                    try await server.executeThenClose { inbound in
                        for try await connection in inbound {
                            group.addTask { await child.handle(value: connection, logger: logger) }
                        }
                    }
                } catch ChannelError.alreadyClosed {
                    // By the shutdown.
                } catch {
                    logger.error("connections are no longer accepted: \(error)")
                }
            }
        } onGracefulShutdown: {
            channel.close(promise: nil)
            connections.quiesce()
        }
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
