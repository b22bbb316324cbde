import BFCP
import Logging
import NIOCore
import NIOPosix

/// The floor control server, its sockets and its one timer. Lives on one event loop and is only touched there.
final class FloorControlLoop {
    private let loop: any EventLoop
    private let configuration: FloorControlConfiguration
    private let logger: Logger
    private let onChange: (FloorChange) -> Void
    var server: FloorControlServer
    private var udp: (any Channel)?
    private var tcp: (any Channel)?
    private var connections: [UInt64: FloorControlConnection] = [:]
    private var perAddress: [String: Int] = [:]
    private var nextConnection: UInt64 = 1
    /// Of addresses that are expected only.
    private var rates: [String: TokenBucket] = [:]
    private var timer: Scheduled<Void>?
    private var timerDue: ContinuousClock.Instant?
    private var sweep: RepeatedTask?

    init(
        loop: any EventLoop, configuration: FloorControlConfiguration, logger: Logger,
        onChange: @escaping (FloorChange) -> Void
    ) {
        self.loop = loop
        self.configuration = configuration
        self.logger = logger
        self.onChange = onChange
        server = FloorControlServer(limits: configuration.limits.server)
    }

    private var limits: FloorControlTransportLimits { configuration.limits }

    // MARK: Listening

    private static let datagramsPerRead = 8
    private static let maximumDatagram = 16_384

    func bindUDP() -> EventLoopFuture<any Channel> {
        let bound = NIOLoopBound(self, eventLoop: loop)
        return DatagramBootstrap(group: loop)
            .channelOption(.datagramVectorReadMessageCount, value: Self.datagramsPerRead)
            .channelOption(
                .recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: Self.datagramsPerRead * Self.maximumDatagram)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FloorControlDatagrams(floors: bound.value))
                }
            }
            .bind(host: configuration.host, port: Int(configuration.udpPort))
    }

    func bindTCP() -> EventLoopFuture<any Channel> {
        let bound = NIOLoopBound(self, eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.accept(channel) }
            }
            .bind(host: configuration.host, port: Int(configuration.tcpPort))
    }

    func use(udp channel: any Channel) { udp = channel }

    func use(tcp channel: any Channel) {
        tcp = channel
        let bound = NIOLoopBound(self, eventLoop: loop)
        sweep = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            bound.value.closeOverdue()
        }
    }

    var udpPort: UInt16? { udp?.localAddress?.port.map { UInt16(truncatingIfNeeded: $0) } }
    var tcpPort: UInt16? { tcp?.localAddress?.port.map { UInt16(truncatingIfNeeded: $0) } }

    func stop() {
        timer?.cancel()
        sweep?.cancel()
        for connection in connections.values { connection.end("closed by the bridge") }
        udp?.close(promise: nil)
        tcp?.close(promise: nil)
        (udp, tcp, sweep) = (nil, nil, nil)
    }

    // MARK: Connections

    private struct Refused: Error {}

    /// A connection that a peer opened.
    private func accept(_ channel: any Channel) throws {
        guard let address = channel.remoteAddress, let host = address.ipAddress, let port = address.port else {
            throw Refused()
        }
        try take(channel, host: host, port: UInt16(truncatingIfNeeded: port))
    }

    /// Opens a connection to a peer that waits for it. Once it stands, it is as any other: the peer speaks first.
    func connect(to peer: FloorPeer?) {
        guard let peer, let port = peer.tcpPort, port > 0,
            let remote = try? SocketAddress(ipAddress: peer.host, port: Int(port))
        else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        let logger = logger
        ClientBootstrap(group: loop)
            .connectTimeout(.init(limits.connectTime))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try bound.value.take(channel, host: peer.host, port: port)
                }
            }
            .connect(to: remote)
            .whenFailure { logger.debug("BFCP: cannot connect to \(peer.host) port \(port): \($0)") }
    }

    /// Whoever no call has announced is turned away at once.
    private func take(_ channel: any Channel, host: String, port: UInt16) throws {
        let host = FloorPeer.canonical(host)
        guard server.expects(host), connections.count < limits.connections,
            perAddress[host, default: 0] < limits.connectionsPerAddress
        else { throw Refused() }
        let flow = FloorControlFlow(connection: nextConnection, host: host, port: port)
        nextConnection += 1
        let connection = FloorControlConnection(flow: flow, floors: self, limits: limits, channel: channel)
        try channel.pipeline.syncOperations.addHandler(connection)
        connections[flow.connection] = connection
        perAddress[host, default: 0] += 1
        let held = NIOLoopBound(connection, eventLoop: loop)
        channel.closeFuture.whenComplete { _ in held.value.end("peer closed") }
    }

    func ended(_ connection: FloorControlConnection, _ reason: String) {
        guard connections.removeValue(forKey: connection.flow.connection) != nil else { return }
        let left = (perAddress[connection.flow.host] ?? 1) - 1
        perAddress[connection.flow.host] = left > 0 ? left : nil
        logger.debug("BFCP over \(connection.flow): closed: \(reason)")
        act { $0.closed(connection.flow, at: .now) }
    }

    private func closeOverdue() {
        rates = rates.filter { server.expects($0.key) }
        let now = NIODeadline.now()
        for connection in Array(connections.values) {
            connection.closeIfOverdue(at: now, isInUse: server.isInUse(connection.flow))
        }
    }

    // MARK: Messages

    /// Whether one more message from the address is looked at.
    private func admits(_ host: String) -> Bool {
        guard server.expects(host) else { return false }
        return rates[host, default: TokenBucket(perSecond: limits.messagesPerSecond)].take(at: .now)
    }

    func received(datagram: ByteBuffer, from address: SocketAddress) {
        guard let ip = address.ipAddress, let port = address.port else { return }
        let flow = FloorControlFlow(host: FloorPeer.canonical(ip), port: UInt16(truncatingIfNeeded: port))
        guard admits(flow.host) else { return }
        act { $0.receive(Array(datagram.readableBytesView), from: flow, at: .now) }
    }

    /// False if the connection brings too many.
    func received(message: [UInt8], on flow: FloorControlFlow) -> Bool {
        guard admits(flow.host) else { return false }
        act { $0.receive(message, from: flow, at: .now) }
        return true
    }

    func received(_ error: BFCPParseError, on flow: FloorControlFlow) {
        act { $0.receive(error, from: flow) }
    }

    /// Lets the server do something, carries out what it wants, and sets its timer.
    func act(_ body: (inout FloorControlServer) -> [FloorControlAction]) {
        for action in body(&server) { perform(action) }
        schedule()
    }

    private func perform(_ action: FloorControlAction) {
        switch action {
        case .send(let octets, let flow):
            if flow.isReliable { connections[flow.connection]?.write(octets) } else { send(octets, to: flow) }
        case .close(let flow): connections[flow.connection]?.end("of no use any more")
        case .floorChanged(let conferenceID, _, let holder, let waiting):
            onChange(FloorChange(conferenceID: conferenceID, holder: holder, waiting: waiting))
        case .unanswered(let primitive, let flow):
            logger.debug("BFCP over \(flow): message \(primitive.rawValue) was not acknowledged")
        }
    }

    private func send(_ octets: [UInt8], to flow: FloorControlFlow) {
        guard let udp else { return }
        // A socket of IPv6 reaches IPv4 by mapped addresses only.
        let isMapped = udp.localAddress?.protocol == .inet6 && !flow.host.contains(":")
        guard let peer = try? SocketAddress(ipAddress: (isMapped ? "::ffff:" : "") + flow.host, port: Int(flow.port))
        else { return }
        let data = udp.allocator.buffer(bytes: octets)
        udp.writeAndFlush(AddressedEnvelope(remoteAddress: peer, data: data), promise: nil)
    }

    private func schedule() {
        let due = server.deadline
        guard due != timerDue else { return }
        timer?.cancel()
        timerDue = due
        guard let due else { return }
        let (seconds, attoseconds) = max(.zero, due - .now).components
        let delay = TimeAmount.nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        timer = loop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            self?.timerDue = nil
            self?.act { $0.advance(to: .now) }
        }
    }
}

/// Reads the datagrams.
final class FloorControlDatagrams: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let floors: FloorControlLoop

    init(floors: FloorControlLoop) { self.floors = floors }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        floors.received(datagram: envelope.data, from: envelope.remoteAddress)
    }

    /// ICMP errors of earlier sends surface here; the socket stays good.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
