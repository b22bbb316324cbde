import BFCP
import NIOCore
import NIOPosix
import Testing

/// A floor participant at a real socket.
final class FloorClient {
    private enum Kind { case udp(SocketAddress), tcp }

    private let channel: any Channel
    private let kind: Kind
    private var messages: AsyncStream<BFCPMessage>.Iterator
    let ticket: (conferenceID: UInt32, userID: UInt16)
    private var transactionID: UInt16 = 0
    /// Transactions of the server.
    private var heard: Set<UInt16> = []

    private init(
        _ channel: any Channel, _ kind: Kind, _ messages: AsyncStream<BFCPMessage>.Iterator, _ conferenceID: UInt32,
        _ userID: UInt16
    ) {
        self.channel = channel
        self.kind = kind
        self.messages = messages
        ticket = (conferenceID, userID)
    }

    private convenience init(
        _ channel: any Channel, _ kind: Kind, _ messages: AsyncStream<BFCPMessage>, _ conferenceID: UInt32,
        _ userID: UInt16
    ) {
        self.init(channel, kind, messages.makeAsyncIterator(), conferenceID, userID)
    }

    /// - Parameter host: where the client sends from, an address of the loopback.
    static func udp(
        to port: UInt16, from host: String = "127.0.0.1", conferenceID: UInt32, userID: UInt16
    ) async throws -> FloorClient {
        let (stream, continuation) = AsyncStream<BFCPMessage>.makeStream()
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Datagrams(continuation))
                }
            }
            .bind(host: host, port: 0).get()
        let server = try SocketAddress(ipAddress: "127.0.0.1", port: Int(port))
        return FloorClient(channel, .udp(server), stream, conferenceID, userID)
    }

    static func tcp(
        to port: UInt16, from host: String = "127.0.0.1", conferenceID: UInt32, userID: UInt16
    ) async throws -> FloorClient {
        let (stream, continuation) = AsyncStream<BFCPMessage>.makeStream()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Stream(continuation))
                }
            }
            .bind(to: SocketAddress(ipAddress: host, port: 0))
            .connect(host: "127.0.0.1", port: Int(port)).get()
        return FloorClient(channel, .tcp, stream, conferenceID, userID)
    }

    /// Waits for a connection of the bridge, as a peer of `a=setup:passive` does; the port, and what was connected.
    static func listening(
        conferenceID: UInt32, userID: UInt16
    ) async throws -> (port: UInt16, connected: () async throws -> FloorClient) {
        let (connections, accepted) = AsyncStream<(any Channel, AsyncStream<BFCPMessage>)>.makeStream()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (stream, continuation) = AsyncStream<BFCPMessage>.makeStream()
                    // Before it is active nothing can be written to it.
                    let handler = Stream(continuation) { accepted.yield(($0, stream)) }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = UInt16(truncatingIfNeeded: listener.localAddress?.port ?? 0)
        return (
            port,
            {
                for await (channel, stream) in connections {
                    try await listener.close()
                    return FloorClient(channel, .tcp, stream, conferenceID, userID)
                }
                throw ChannelError.eof
            }
        )
    }

    /// The same socket, now that its server and ticket are known.
    func with(port: UInt16, conferenceID: UInt32, userID: UInt16) -> FloorClient {
        let server = (try? SocketAddress(ipAddress: "127.0.0.1", port: Int(port))).map(Kind.udp) ?? kind
        return FloorClient(channel, server, messages, conferenceID, userID)
    }

    var port: UInt16 { UInt16(truncatingIfNeeded: channel.localAddress?.port ?? 0) }

    func send(_ octets: [UInt8]) async throws {
        let data = channel.allocator.buffer(bytes: octets)
        switch kind {
        case .udp(let server):
            try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: server, data: data))
        case .tcp: try await channel.writeAndFlush(data)
        }
    }

    func send(_ primitive: BFCPPrimitive, _ attributes: [BFCPAttribute.Value] = []) async throws {
        transactionID += 1
        try await send(
            BFCPMessage(
                primitive, version: isReliable ? 1 : 2, conferenceID: ticket.conferenceID,
                transactionID: transactionID, userID: ticket.userID, attributes: attributes.map { .init($0) }
            ).serialized())
    }

    /// The next message; nil when the connection has ended. Over UDP, requests of the server are acknowledged, and those
    /// that it repeats are heard once.
    func next() async throws -> BFCPMessage? {
        while let message = await messages.next(isolation: #isolation) {
            guard !isReliable, !message.isResponse else { return message }
            let primitive: BFCPPrimitive =
                message.primitive == .floorStatus ? .floorStatusAck : .floorRequestStatusAck
            try await send(
                BFCPMessage(
                    primitive, version: 2, isResponse: true, conferenceID: message.conferenceID,
                    transactionID: message.transactionID, userID: message.userID
                ).serialized())
            guard heard.insert(message.transactionID).inserted else { continue }
            return message
        }
        return nil
    }

    func ask(_ primitive: BFCPPrimitive, _ attributes: [BFCPAttribute.Value] = []) async throws -> BFCPMessage {
        try await send(primitive, attributes)
        return try #require(await next())
    }

    func close() async throws { try await channel.close() }

    private var isReliable: Bool { if case .tcp = kind { true } else { false } }

    private final class Datagrams: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        private let messages: AsyncStream<BFCPMessage>.Continuation
        init(_ messages: AsyncStream<BFCPMessage>.Continuation) { self.messages = messages }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if let message = try? BFCPMessage(parsing: Array(unwrapInboundIn(data).data.readableBytesView)) {
                messages.yield(message)
            }
        }
        func channelInactive(context: ChannelHandlerContext) { messages.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }

    private final class Stream: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let messages: AsyncStream<BFCPMessage>.Continuation
        private var framer = BFCPStreamFramer(maximumMessageSize: 65_536)
        private let onActive: ((any Channel) -> Void)?

        init(
            _ messages: AsyncStream<BFCPMessage>.Continuation, onActive: ((any Channel) -> Void)? = nil
        ) {
            self.messages = messages
            self.onActive = onActive
        }

        func channelActive(context: ChannelHandlerContext) {
            onActive?(context.channel)
            context.fireChannelActive()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            framer.append(unwrapInboundIn(data).readableBytesView)
            while let octets = try? framer.next() {
                if let message = try? BFCPMessage(parsing: octets) { messages.yield(message) }
            }
        }
        func channelInactive(context: ChannelHandlerContext) { messages.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

extension BFCPMessage {
    var errorCode: UInt8? {
        attributes.first { if case .errorCode(let code, _) = $0 { code.rawValue } else { nil } }
    }

    /// Statuses of the floor requests that it tells of, each with its beneficiary.
    var statuses: [String] {
        attributes.compactMap { attribute in
            guard case .floorRequestInformation = attribute.value else { return nil }
            let status = attribute.grouped.first { $0.type == .overallRequestStatus }?.grouped.requestStatus
            let user = attribute.grouped.first {
                if case .beneficiaryInformation(let user, _) = $0 { user } else { nil }
            }
            return "\(status.map { "\($0)" } ?? "none") \(user.map { "\($0)" } ?? "nobody")"
        }
    }

    var floorRequestID: UInt16? {
        attributes.first { if case .floorRequestInformation(let id, _) = $0 { id } else { nil } }
    }
}
