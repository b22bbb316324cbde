import Crypto
import Foundation
import InteropSupport
import NIOCore
import NIOPosix
import NIOSSL

/// A connection over TCP or TLS on which anything can be sent, and whose answers come one by one.
final class SIPStream: Sendable {
    private let channel: any Channel
    private let responses: Responses

    /// Connects from `address`; over TLS to whoever is there, for these are tests of what an attacker can do.
    init(to port: UInt16, overTLS isSecure: Bool, from address: String = "127.0.0.1") async throws {
        let responses = Responses()
        self.responses = responses
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        let context = isSecure ? try NIOSSLContext(configuration: configuration) : nil
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(10))
            .bind(to: SocketAddress(ipAddress: address, port: 0))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: nil))
                    }
                    try channel.pipeline.syncOperations.addHandler(Reader(responses))
                }
            }
            .connect(to: SocketAddress(ipAddress: "127.0.0.1", port: Int(port))).get()
    }

    var isOpen: Bool { channel.isActive }
    var localPort: Int { channel.localAddress?.port ?? 0 }

    func send(_ octets: some Sequence<UInt8> & Sendable) async throws {
        try await channel.writeAndFlush(channel.allocator.buffer(bytes: octets))
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// The next final response; nil when the connection ends, or none comes in time.
    func response(within limit: Duration = .seconds(5)) async -> QuickResponse? {
        let responses = responses
        return try? await withDeadline(limit, "a response") { await responses.next() }
    }

    /// Waits until the peer has closed it.
    func closed(within limit: Duration) async throws {
        let channel = channel
        try await withDeadline(limit, "the connection to be closed") { try await channel.closeFuture.get() }
    }

    func close() async { try? await channel.close() }

    private actor Responses {
        private var waiting: [QuickResponse] = []
        private var readers: [CheckedContinuation<QuickResponse?, Never>] = []
        private var isOver = false

        func put(_ response: QuickResponse) {
            if readers.isEmpty { waiting.append(response) } else { readers.removeFirst().resume(returning: response) }
        }

        func end() {
            isOver = true
            for reader in readers { reader.resume(returning: nil) }
            readers = []
        }

        func next() async -> QuickResponse? {
            if !waiting.isEmpty { return waiting.removeFirst() }
            if isOver { return nil }
            return await withCheckedContinuation { readers.append($0) }
        }
    }

    /// Cuts the stream at the ends of heads: what the daemon answers here has no body.
    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let feed: AsyncStream<QuickResponse>.Continuation
        private var held: [UInt8] = []

        init(_ responses: Responses) {
            let (stream, feed) = AsyncStream.makeStream(of: QuickResponse.self)
            self.feed = feed
            Task {
                for await response in stream { await responses.put(response) }
                await responses.end()
            }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            held += unwrapInboundIn(data).readableBytesView
            // Answers to keep-alives.
            held.removeFirst(held.prefix { $0 == 13 || $0 == 10 }.count)
            while let end = held.indices.dropLast(3).first(where: { held[$0...].starts(with: [13, 10, 13, 10]) }) {
                let head = held[..<end]
                if let response = QuickResponse(head), response.status >= 200 { feed.yield(response) }
                held.removeFirst(end + 4)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { feed.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
