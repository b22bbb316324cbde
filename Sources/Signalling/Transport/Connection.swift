import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS
import NIOWebSocket
import SIP

/// One connection over TCP, TLS or WebSocket: frames messages, answers keep-alives (RFC 5626 §4.4.1) and keeps its peer's bounds.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// Writes wait until the connection, and its TLS, stand.
        case opening(waiting: [[UInt8]])
        case open
        case closed
    }

    let flow: Flow
    private let transport: Transport
    private let limits: SignallingLimits
    private var phase = Phase.opening(waiting: [])
    private var channel: (any Channel)?
    private var tls: NIOSSLHandler?
    /// Nil where messages come whole.
    private var framer: StreamFramer?
    private let made = NIODeadline.now()
    private var lastHeard = NIODeadline.now()
    private var wasHeard = false
    /// When the message that is being read, or the handshake, began.
    private var unfinishedSince: NIODeadline? = NIODeadline.now()

    init(flow: Flow, transport: Transport, limits: SignallingLimits) {
        self.flow = flow
        self.transport = transport
        self.limits = limits
        framer = flow.transport.isWebSocket ? nil : StreamFramer(maximumMessageSize: limits.messageSize)
    }

    /// Puts the handlers into the pipeline, TLS first where there is any.
    func configure(_ channel: any Channel, tls: NIOSSLHandler?) throws {
        self.channel = channel
        self.tls = tls
        if let tls { try channel.pipeline.syncOperations.addHandler(tls) }
        guard flow.transport.isWebSocket else { return try channel.pipeline.syncOperations.addHandler(self) }
        let held = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.closeFuture.whenComplete { _ in held.value.end("peer closed") }
        let upgrader = NIOWebSocketServerUpgrader.sip(maximumMessage: limits.messageSize) { channel in
            try channel.pipeline.syncOperations.addHandler(held.value)
            held.value.opened()
        }
        let refusal = NotAWebSocketHandler()
        let unused = NIOLoopBound(refusal, eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { $0.pipeline.syncOperations.removeHandler(unused.value, promise: nil) }
            ))
        try channel.pipeline.syncOperations.addHandler(refusal)
    }

    // MARK: Sending

    func write(_ bytes: [UInt8], limit: Int) {
        switch phase {
        case .opening(var waiting):
            waiting.append(bytes)
            guard waiting.reduce(0, { $0 + $1.count }) <= limit else { return end("peer does not answer") }
            phase = .opening(waiting: waiting)
        case .open:
            guard let channel else { return }
            let backlog = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
            guard backlog + bytes.count <= limit else { return end("peer does not read") }
            channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
        case .closed:
            break
        }
    }

    // MARK: Events of the channel

    func channelActive(context: ChannelHandlerContext) {
        if flow.transport == .tcp { opened() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted where flow.transport == .tls: opened()
        case ChannelEvent.inputClosed: end("peer closed")
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .open = phase else { return }
        guard transport.regard.admits(flow) else { return end("its address is shut out") }
        lastHeard = .now()
        wasHeard = true
        let buffer = unwrapInboundIn(data)
        guard framer != nil else { return read(message: buffer) }
        buffer.withUnsafeReadableBytes { framer?.append($0) }
        readMessages()
    }

    /// A message that came whole; nothing but line ends is a keep-alive (RFC 7118 §6).
    private func read(message: ByteBuffer) {
        if message.readableBytesView.elementsEqual([13, 10, 13, 10]) {
            write([13, 10], limit: limits.writeBacklog)
        } else {
            transport.deliver(.message(Array(message.readableBytesView), on: flow))
        }
    }

    private func readMessages() {
        var isPinged = false
        do throws(SIPParseError) {
            while case .open = phase, let frame = try framer?.next() {
                unfinishedSince = nil
                switch frame {
                case .message(let octets): transport.deliver(.message(octets, on: flow))
                case .keepAlive: isPinged = true
                }
            }
            // Thousands of pings at once are no more alive than one.
            if isPinged { write([13, 10], limit: limits.writeBacklog) }
            if framer?.isInsideMessage == true {
                unfinishedSince = unfinishedSince ?? .now()
            } else {
                unfinishedSince = nil
            }
        } catch {
            transport.deliver(.malformed(error, on: flow))
            end("not SIP: \(error.reason)")
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end("peer closed")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(Self.reason(error))
    }
}

// MARK: - Bounds and end

extension Connection {
    func closeIfOverdue(at now: NIODeadline) {
        if let unfinishedSince, now - unfinishedSince > .init(limits.messageTime) {
            return end("a message or handshake was not finished in time")
        }
        if now - lastHeard > .init(limits.idleTime), !transport.regard.isInUse(flow) { end("idle") }
    }

    /// Whether nothing came on it, in a time in which TCP and TLS come to stand and a request arrives over a long way.
    func isNewcomer(at now: NIODeadline) -> Bool { !wasHeard && now - made < .seconds(1) }

    func close() { end("closed by the bridge") }

    /// Gives its place to another.
    func shed() { end("nobody proved who it is on it") }

    func failed(_ reason: String) { end(reason) }

    func opened() {
        guard case .opening(let waiting) = phase else { return }
        phase = .open
        unfinishedSince = nil
        lastHeard = .now()
        let subjects = tls?.peerCertificate.map(PeerSubjects.uris) ?? []
        if !subjects.isEmpty { transport.deliver(.certified(subjects, on: flow)) }
        for bytes in waiting { write(bytes, limit: limits.writeBacklog) }
    }

    func end(_ reason: String) {
        if case .closed = phase { return }
        phase = .closed
        channel?.close(promise: nil)
        tls = nil
        transport.unregister(self, reason: reason)
    }

    static func reason(_ error: any Error) -> String {
        let text = String(describing: error)
        return String(text.prefix { !$0.isNewline }.prefix(200))
    }
}
