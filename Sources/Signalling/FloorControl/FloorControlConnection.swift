import BFCP
import NIOCore

/// One connection over TCP: cuts its stream into messages, and keeps its peer's bounds.
final class FloorControlConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let flow: FloorControlFlow
    private let floors: FloorControlLoop
    private let limits: FloorControlTransportLimits
    private let opened = NIODeadline.now()
    private var channel: (any Channel)?
    private var framer: BFCPStreamFramer
    /// When the message that is being read began.
    private var unfinishedSince: NIODeadline?

    init(
        flow: FloorControlFlow, floors: FloorControlLoop, limits: FloorControlTransportLimits, channel: any Channel
    ) {
        self.flow = flow
        self.floors = floors
        self.limits = limits
        self.channel = channel
        framer = BFCPStreamFramer(maximumMessageSize: limits.server.messageSize)
    }

    func write(_ octets: [UInt8]) {
        guard let channel else { return }
        let backlog = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard backlog + octets.count <= limits.writeBacklog else { return end("peer does not read") }
        channel.writeAndFlush(channel.allocator.buffer(bytes: octets), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard channel != nil else { return }
        framer.append(unwrapInboundIn(data).readableBytesView)
        do throws(BFCPParseError) {
            while channel != nil, let message = try framer.next() {
                unfinishedSince = nil
                guard floors.received(message: message, on: flow) else { return end("too many messages") }
            }
            unfinishedSince = framer.isInsideMessage ? unfinishedSince ?? .now() : nil
        } catch {
            floors.received(error, on: flow)
            end("not BFCP")
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(Connection.reason(error)) }

    func closeIfOverdue(at now: NIODeadline, isInUse: Bool) {
        if let unfinishedSince, now - unfinishedSince > .init(limits.messageTime) {
            return end("a message was not finished in time")
        }
        if !isInUse, now - opened > .init(limits.strangerTime) { end("no participant speaks on it") }
    }

    func end(_ reason: String) {
        guard let channel else { return }
        self.channel = nil
        channel.close(promise: nil)
        floors.ended(self, reason)
    }
}
