import Logging
import NIOCore

/// Where connections come in: those of a listening socket, until it is shut. What is not taken then waits in the socket, for
/// whoever has it next.
final class AcceptingGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    /// Where files or memory are short, the next attempt comes after this.
    private static let respite = TimeAmount.seconds(1)

    private let connections: ConnectionLedger
    private let logger: Logger
    private var isShut = false
    private var isResting = false

    init(_ connections: ConnectionLedger, logger: Logger) {
        self.connections = connections
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connections.enter(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        if !isShut { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Who accepts connections closes the socket at this event, and forgets whom it has just taken.
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        isShut = true
        // On its own event loop, and so at once: from here on the socket is no longer looked at.
        context.channel.setOption(.autoRead, value: false).whenComplete { [connections] _ in connections.part() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isShut, !isResting, error is IOError else { return logger.debug("a connection was not taken: \(error)") }
        // The socket stays readable, and would be tried again and again.
        logger.error("no connections are taken for a second: \(error)")
        isResting = true
        context.channel.setOption(.autoRead, value: false).whenComplete { _ in }
        let held = NIOLoopBound((gate: self, channel: context.channel), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.respite) {
            let (gate, channel) = held.value
            gate.isResting = false
            if !gate.isShut { channel.setOption(.autoRead, value: true).whenComplete { _ in } }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isShut { logger.error("connections are no longer accepted") }
        isShut = true
        connections.part()
        context.fireChannelInactive()
    }
}
