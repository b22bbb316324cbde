import NIOCore
import NIOPosix
import NIOSSL
import SIP
import STUN

/// What the transport tells the signalling, on its event loop.
enum TransportEvent {
    /// The octets of one message.
    case message([UInt8], on: Flow)
    /// A stream that cannot be cut into messages; the error says whether and how that can be answered.
    case malformed(SIPParseError, on: Flow)
    /// The peer of a connection proved by its certificate that it is one of these, its `subjectAltName` URIs.
    case certified([String], on: Flow)
    /// A connection went, or could not be opened; what was waiting on it is lost.
    case closed(Flow, reason: String)
}

/// What the transport wants to know of its peers.
struct PeerRegard {
    /// Whether what comes on a flow is looked at.
    var admits: (Flow) -> Bool
    /// Whether a point proved who it is on a flow.
    var isProven: (Flow) -> Bool
    /// Whether a quiet connection is still needed.
    var isInUse: (Flow) -> Bool
}

/// Listeners, connections and their bounds. Lives on one event loop and is only touched there.
final class Transport {
    struct Bound {
        var listener: SIPListener
        var channel: any Channel
        var port: UInt16
    }

    let loop: any EventLoop
    let limits: SignallingLimits
    private(set) var bound: [Bound] = []
    private(set) var contexts: TLSContexts?
    private var connections: [UInt64: Connection] = [:]
    private var perAddress: [String: Int] = [:]
    private var strangers = Strangers()
    private var nextConnection: UInt64 = 1
    private var sweep: RepeatedTask?
    private let onEvent: (TransportEvent) -> Void
    let regard: PeerRegard

    init(
        loop: any EventLoop, limits: SignallingLimits, regard: PeerRegard, onEvent: @escaping (TransportEvent) -> Void
    ) {
        self.loop = loop
        self.limits = limits
        self.regard = regard
        self.onEvent = onEvent
    }

    /// New connections use the new certificate; those that stand are left alone.
    func use(_ contexts: TLSContexts?) { self.contexts = contexts }

    // MARK: Sending

    /// Whether something sent on the flow now can still arrive.
    func isAlive(_ flow: Flow) -> Bool {
        flow.transport == .udp ? bound.indices.contains(flow.listener) : connections[flow.connection] != nil
    }

    /// Sends on a flow; a connection that is gone, or whose peer does not read, is reported as closed.
    func send(_ bytes: [UInt8], on flow: Flow) {
        if flow.transport == .udp {
            guard bound.indices.contains(flow.listener),
                let peer = try? SocketAddress(ipAddress: flow.remoteHost, port: Int(flow.remotePort))
            else { return }
            let channel = bound[flow.listener].channel
            let data = channel.allocator.buffer(bytes: bytes)
            channel.writeAndFlush(AddressedEnvelope(remoteAddress: peer, data: data), promise: nil)
            return
        }
        guard let connection = connections[flow.connection] else {
            // Not at once: the caller is in the middle of its own change of state.
            loop.assumeIsolated().execute { self.onEvent(.closed(flow, reason: "connection is gone")) }
            return
        }
        connection.write(bytes, limit: limits.writeBacklog)
    }

    /// Whether there is a listener of the kind, so that requests can be sent by it.
    func speaks(_ transport: SIPTransport) -> Bool { bound.contains { $0.listener.transport == transport } }

    /// A flow to a server: one that stands, or a connection that is being opened.
    func way(to target: SIPTarget) -> Flow? {
        guard
            let listener = bound.firstIndex(where: {
                $0.listener.transport == target.transport
                    && $0.channel.localAddress?.protocol == Self.family(of: target.address)
            })
        else { return nil }
        if target.transport == .udp {
            return Flow(
                listener: listener, connection: 0, transport: .udp, remoteHost: target.address,
                remotePort: Int(target.port))
        }
        return flow(to: target.address, port: target.port, transport: target.transport)
            ?? connect(
                through: listener, host: target.address, port: target.port, serverName: target.serverName)
    }

    private static func family(of address: String) -> NIOBSDSocket.ProtocolFamily {
        address.contains(":") ? .inet6 : .inet
    }

    /// Opens a connection of the listener's kind; what is sent on it before it stands waits, bounded.
    /// - Parameter serverName: for whom the server's certificate must be; an address is not checked.
    private func connect(through listener: Int, host: String, port: UInt16, serverName: String) -> Flow? {
        guard bound.indices.contains(listener), connections.count < limits.connections else { return nil }
        let transport = bound[listener].listener.transport
        // A browser is reached by the connection that it opened, or not at all (RFC 7118 §5).
        guard !transport.isWebSocket else { return nil }
        let flow = Flow(
            listener: listener, connection: takeConnectionNumber(), transport: transport, remoteHost: host,
            remotePort: Int(port))
        guard let remote = try? SocketAddress(ipAddress: host, port: Int(port)) else { return nil }
        let connection = Connection(flow: flow, transport: self, limits: limits)
        register(connection)
        let held = NIOLoopBound(connection, eventLoop: loop)
        let isNamed = (try? SocketAddress(ipAddress: serverName, port: 0)) == nil
        let tls = transport == .tls ? (isNamed ? contexts?.client : contexts?.uncheckedClient) : nil
        ClientBootstrap(group: loop)
            .connectTimeout(.init(limits.connectTime))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try held.value.configure(
                        channel,
                        tls: tls.map {
                            try NIOSSLClientHandler(context: $0, serverHostname: isNamed ? serverName : nil)
                        })
                }
            }
            .connect(to: remote)
            .assumeIsolated()
            .whenFailure { connection.failed("cannot connect: \($0)") }
        return flow
    }

    /// The first live flow to this address that a request can reuse (RFC 3261 §18.1.1).
    func flow(to host: String, port: UInt16, transport: SIPTransport) -> Flow? {
        connections.values.first {
            $0.flow.remoteHost == host && $0.flow.remotePort == port && $0.flow.transport == transport
        }?.flow
    }

    func close(_ flow: Flow) { connections[flow.connection]?.close() }

    // MARK: Life

    func add(_ channel: any Channel, listener: SIPListener) {
        let port = UInt16(truncatingIfNeeded: channel.localAddress?.port ?? Int(listener.port))
        bound.append(Bound(listener: listener, channel: channel, port: port))
        guard sweep == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        sweep = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            bound.value.closeOverdue()
        }
    }

    /// Takes in what comes from now on, and what came before: a socket that the run before had may be full of it.
    func read() {
        for entry in bound { entry.channel.setOption(.autoRead, value: true).whenComplete { _ in } }
    }

    /// Who connects from now on waits in the socket, for the next run; datagrams are answered still.
    func stopAccepting() {
        for entry in bound where entry.listener.transport != .udp {
            entry.channel.setOption(.autoRead, value: false).whenComplete { _ in }
        }
    }

    /// Whether a peer that has only just connected may still say what it wants.
    var hasNewcomers: Bool {
        let now = NIODeadline.now()
        return connections.values.contains { $0.isNewcomer(at: now) }
    }

    func stop() {
        sweep?.cancel()
        sweep = nil
        for connection in connections.values { connection.close() }
        for entry in bound { entry.channel.close(promise: nil) }
        bound.removeAll()
    }

    private func closeOverdue() {
        let now = NIODeadline.now()
        for connection in Array(connections.values) { connection.closeIfOverdue(at: now) }
        while let number = strangers.takeOverdue(at: .now) { shed(number) }
    }

    /// Whether the connection was still a stranger's, and is gone now.
    @discardableResult
    private func shed(_ number: UInt64) -> Bool {
        guard let connection = connections[number], !regard.isProven(connection.flow), !regard.isInUse(connection.flow)
        else { return false }
        connection.shed()
        return true
    }

    func takeConnectionNumber() -> UInt64 {
        defer { nextConnection += 1 }
        return nextConnection
    }

    /// Where there are too many, the strangers that have been there longest give way: a newcomer has as long to prove
    /// itself as it takes to open as many connections as there may be.
    func makesRoom(for flow: Flow) -> Bool {
        guard regard.admits(flow) else { return false }
        while perAddress[flow.remoteHost, default: 0] >= limits.connectionsPerAddress {
            guard let number = strangers.takeOldest(from: flow.remoteHost) else { return false }
            shed(number)
        }
        while connections.count >= limits.connections {
            guard let number = strangers.takeOldest() else { return false }
            shed(number)
        }
        return true
    }

    /// Takes in a connection that a peer opened.
    func registerStranger(_ connection: Connection) {
        register(connection)
        strangers.add(
            connection.flow.connection, from: connection.flow.remoteHost, until: .now + limits.provingTime)
    }

    func register(_ connection: Connection) {
        connections[connection.flow.connection] = connection
        perAddress[connection.flow.remoteHost, default: 0] += 1
    }

    func unregister(_ connection: Connection, reason: String) {
        guard connections.removeValue(forKey: connection.flow.connection) != nil else { return }
        strangers.remove(connection.flow.connection)
        let left = (perAddress[connection.flow.remoteHost] ?? 1) - 1
        perAddress[connection.flow.remoteHost] = left > 0 ? left : nil
        onEvent(.closed(connection.flow, reason: reason))
    }

    // MARK: Receiving

    func received(datagram: ByteBuffer, on flow: Flow) {
        // Keep-alives: a lone CRLF, or zeros, want no answer; two CRLF want one, as over TCP.
        if datagram.readableBytes <= 4 {
            if datagram.readableBytesView.elementsEqual([13, 10, 13, 10]) { send([13, 10], on: flow) }
            return
        }
        if STUNMessage.isLikely(datagram.readableBytesView) {
            guard let source = STUNAddress(flow),
                let answer = STUNKeepAlive.answer(to: Array(datagram.readableBytesView), from: source)
            else { return }
            return send(answer, on: flow)
        }
        onEvent(.message(Array(datagram.readableBytesView), on: flow))
    }

    func deliver(_ event: TransportEvent) { onEvent(event) }
}
