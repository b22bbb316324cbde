import NIOCore
import NIOPosix
import NIOSSL
import SIP
import Listening

extension Transport {
    /// Starts to listen; the channel in the future is to be given to `add`. What comes waits for `read`.
    func bind(
        _ listener: SIPListener, index: Int, from sockets: ListeningSockets
    ) throws(SignallingError) -> EventLoopFuture<any Channel> {
        if listener.transport.isSecure, contexts == nil { throw .certificateMissing(listener: listener.description) }
        let bound = NIOLoopBound(self, eventLoop: loop)
        let socket: CInt
        do throws(IOError) {
            socket = try sockets.open(
                listener.transport == .udp ? .datagram : .stream, host: listener.host, port: listener.port)
        } catch {
            throw Self.explain(error, listener: listener)
        }
        switch listener.transport {
        case .udp:
            return DatagramBootstrap(group: loop)
                .channelOption(.autoRead, value: false)
                .channelOption(.socketOption(.so_rcvbuf), value: 2 << 20)
                .channelOption(.datagramVectorReadMessageCount, value: Self.datagramsPerRead)
                .channelOption(
                    .recvAllocator,
                    value: FixedSizeRecvByteBufferAllocator(capacity: Self.datagramsPerRead * Self.maximumDatagram)
                )
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            DatagramHandler(transport: bound.value, listener: index))
                    }
                }
                .withBoundSocket(socket)
        case .tcp, .tls, .ws, .wss:
            let transport = listener.transport
            return ServerBootstrap(group: loop)
                .serverChannelOption(.autoRead, value: false)
                // One that sends without end takes turns with all others.
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelOption(.socketOption(.so_keepalive), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try bound.value.accept(channel, listener: index, over: transport)
                    }
                }
                .withBoundSocket(socket)
                .map { channel in
                    ListeningSockets.restoreBacklog(of: socket)
                    return channel
                }
        }
    }

    /// Turns the error of a bind into the line that the operator reads.
    static func explain(_ error: any Error, listener: some CustomStringConvertible) -> SignallingError {
        guard let system = error as? IOError else {
            return .cannotBind(listener: listener.description, reason: String(describing: error))
        }
        switch system.errnoCode {
        case EADDRINUSE: return .portInUse(listener: listener.description)
        case EADDRNOTAVAIL: return .addressNotLocal(listener: listener.description)
        case EACCES: return .cannotBind(listener: listener.description, reason: "not permitted to use this port")
        default: return .cannotBind(listener: listener.description, reason: system.description)
        }
    }

    private static var datagramsPerRead: Int { 8 }
    /// Larger datagrams come cut off, and are refused for it.
    static var maximumDatagram: Int { 16_384 }

    /// A connection that a peer opened; refused by closing it when there are too many.
    private func accept(_ channel: any Channel, listener: Int, over transport: SIPTransport) throws {
        guard let address = channel.remoteAddress, let host = address.ipAddress, let port = address.port else {
            throw TooManyConnections()
        }
        let flow = Flow(
            listener: listener, connection: takeConnectionNumber(), transport: transport, remoteHost: host,
            remotePort: port)
        guard makesRoom(for: flow) else { throw TooManyConnections() }
        let connection = Connection(flow: flow, transport: self, limits: limits)
        let tls = transport.isSecure ? contexts.map { NIOSSLServerHandler(context: $0.server) } : nil
        try connection.configure(channel, tls: tls)
        registerStranger(connection)
    }
}

private struct TooManyConnections: Error {}
