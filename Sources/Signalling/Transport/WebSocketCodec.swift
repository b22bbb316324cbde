import NIOCore
import NIOHTTP1
import NIOWebSocket

/// SIP messages in WebSocket messages, one in each (RFC 7118 §5). Above it are octets of whole messages, below it frames that
/// are whole already.
final class WebSocketCodec: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = WebSocketFrame

    static let subprotocol = "sip"
    /// RFC 6455 §7.4.1: the peer breaks the protocol.
    private var isClosing = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text, .binary: context.fireChannelRead(wrapInboundOut(frame.unmaskedData))
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .connectionClose: close(context, echoing: frame.unmaskedData)
        case .pong: break
        default: context.fireErrorCaught(NIOWebSocketError.invalidFrameLength)
        }
    }

    private func close(_ context: ChannelHandlerContext, echoing data: ByteBuffer) {
        guard !isClosing else { return }
        isClosing = true
        let answer = WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
        let bound = context.loopBound
        context.writeAndFlush(wrapOutboundOut(answer)).whenComplete { _ in bound.value.close(promise: nil) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isClosing else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        // SIP is UTF-8 but for bodies, and what the bridge sends in those is text too.
        let frame = WebSocketFrame(fin: true, opcode: .text, data: unwrapOutboundIn(data))
        context.write(wrapOutboundOut(frame), promise: promise)
    }
}

/// Answers whoever speaks HTTP at a SIP WebSocket port and asks for something else.
final class NotAWebSocketHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        var headers = HTTPHeaders([("Upgrade", "websocket"), ("Content-Length", "0"), ("Connection", "close")])
        headers.add(name: "Sec-WebSocket-Protocol", value: WebSocketCodec.subprotocol)
        let answer = HTTPResponseHead(version: head.version, status: .upgradeRequired, headers: headers)
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        let bound = context.loopBound
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // That there is no such WebSocket here is said to the request, which follows.
        if error is NIOWebSocketUpgradeError { return }
        context.close(promise: nil)
    }
}

extension NIOWebSocketServerUpgrader {
    /// Takes those who offer the `sip` subprotocol, as they must (RFC 7118 §4).
    static func sip(
        maximumMessage: Int, upgraded: @escaping @Sendable (any Channel) throws -> Void
    ) -> NIOWebSocketServerUpgrader {
        NIOWebSocketServerUpgrader(
            maxFrameSize: maximumMessage,
            shouldUpgrade: { channel, head in
                let offered = head.headers[canonicalForm: "Sec-WebSocket-Protocol"]
                guard offered.contains(where: { $0.lowercased() == WebSocketCodec.subprotocol }) else {
                    return channel.eventLoop.makeSucceededFuture(nil)
                }
                return channel.eventLoop.makeSucceededFuture(["Sec-WebSocket-Protocol": WebSocketCodec.subprotocol])
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        NIOWebSocketFrameAggregator(
                            minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 64,
                            maxAccumulatedFrameSize: maximumMessage), WebSocketCodec(),
                    ])
                    try upgraded(channel)
                }
            })
    }
}
