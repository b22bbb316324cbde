import Crypto
import Glibc
import NIOCore
import NIOPosix
import Placement

/// Answers other bridges that ask whether this life lives. As long as it listens, the bridge lives; where it does not, its machine refuses
/// the connection, which is what proves that the bridge is dead: so it opens before the bridge says that it lives, and closes last.
struct ControlPort {
    /// At once; more wait, and learn nothing.
    private static let mostConnections = 64

    private let channel: any Channel
    let port: Int

    init(_ address: ControlAddress, _ me: BridgeLife, _ secret: SymmetricKey, on loop: any EventLoop) async throws {
        channel = try await ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ControlLine { channel, line in
                            guard let nonce = line.flatMap(ControlWords.nonce(of:)) else {
                                return channel.close(promise: nil)
                            }
                            let answer = ByteBuffer(string: ControlWords.answer(to: nonce, me, secret))
                            channel.writeAndFlush(answer).whenComplete { _ in channel.close(promise: nil) }
                        })
                }
            }
            .bind(host: address.host, port: address.port).get()
        port = channel.localAddress?.port ?? address.port
    }

    func close() async { try? await channel.close() }

    /// Asks the machine at `address` whether this life lives.
    static func probe(
        _ life: BridgeLife, at address: ControlAddress, _ secret: SymmetricKey, on loop: any EventLoop
    ) async -> RoomPlacement.ProbeVerdict {
        let nonce = ControlWords.nonce()
        let answered = loop.makePromise(of: String?.self)
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(.seconds(1))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            ControlLine { channel, line in
                                answered.succeed(line)
                                channel.close(promise: nil)
                            })
                    }
                }
                .connect(to: try SocketAddress(ipAddress: address.host, port: address.port)).get()
            channel.writeAndFlush(ByteBuffer(string: ControlWords.question(nonce)), promise: nil)
        } catch {
            answered.succeed(nil)
            _ = try? await answered.futureResult.get()
            // Only the machine itself refuses; whatever else failed proves nothing.
            return (error as? IOError)?.errnoCode == ECONNREFUSED ? .dead : .silent
        }
        guard let line = try? await answered.futureResult.get(),
            let found = ControlWords.life(in: line, to: nonce, secret), found.bridge == life.bridge
        else { return .silent }
        return found == life ? .alive : .dead
    }
}

/// One line of a connection, or nil where it ends without, is too long, or does not come soon enough.
private final class ControlLine: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private static let patience = TimeAmount.seconds(2)

    private var line: [UInt8] = []
    private var act: ((any Channel, String?) -> Void)?
    private var timer: Scheduled<Void>?

    init(_ act: @escaping (any Channel, String?) -> Void) { self.act = act }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: Self.patience) { bound.value.finish(channel, nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        line += unwrapInboundIn(data).readableBytesView
        if let end = line.firstIndex(of: 0x0A), end <= ControlWords.longestLine {
            finish(context.channel, String(validating: line[..<end], as: UTF8.self))
        } else if line.count > ControlWords.longestLine {
            finish(context.channel, nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { finish(context.channel, nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(context.channel, nil)
        context.close(promise: nil)
    }

    private func finish(_ channel: any Channel, _ line: String?) {
        timer?.cancel()
        guard let act else { return }
        self.act = nil
        act(channel, line)
    }
}
