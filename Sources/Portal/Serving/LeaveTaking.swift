import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// Ends a connection of HTTP when the server ends, in such a way that its peer has what it asked for: who was taken a moment ago
/// may still send its first request, what is asked is answered, and the answer says that it is the last (RFC 9112 §9.6).
final class LeaveTaking: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// From being taken to the first request: round trips of TCP, TLS and HTTP over a long way, and no more than that, for browsers
    /// open connections of which they make no use.
    private static let firstRequest = TimeAmount.seconds(2)
    /// For a request that is on its way already.
    private static let nextRequest = TimeAmount.milliseconds(250)

    private let isParting: @Sendable () -> Bool
    private let taken = NIODeadline.now()
    private var leaves = false
    /// Requests whose answer has not ended.
    private var owed = 0
    private var isReading = false
    private var wasAsked = false
    /// Whether the peer was told that nothing more is answered.
    private var isTold = false
    private var end: Scheduled<Void>?

    /// - Parameter isParting: whether the server ends already when the connection comes.
    init(isParting: @escaping @Sendable () -> Bool) { self.isParting = isParting }

    func handlerAdded(context: ChannelHandlerContext) {
        if isParting() { leave(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end?.cancel()
        end = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Hummingbird's own handler, which is behind this one, closes at once who has not asked yet.
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        leave(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isTold, !isReading { return }
        switch unwrapInboundIn(data) {
        case .head:
            (isReading, wasAsked) = (true, true)
            owed += 1
            end?.cancel()
            end = nil
        case .body: break
        case .end: isReading = false
        }
        context.fireChannelRead(data)
        closeIfDone(context)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            guard leaves, owed <= 1, head.status.kind != .informational else { break }
            head.headerFields[.connection] = "close"
            isTold = true
            return context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: break
        case .end:
            owed -= 1
            guard leaves else { break }
            context.writeAndFlush(data, promise: promise)
            return closeIfDone(context)
        }
        context.write(data, promise: promise)
    }

    private func leave(_ context: ChannelHandlerContext) {
        guard !leaves else { return }
        leaves = true
        if owed == 0 { awaitRequest(context) }
    }

    private func closeIfDone(_ context: ChannelHandlerContext) {
        guard leaves, owed <= 0, !isReading else { return }
        // What was being answered when the server's end came did not say that it was the last.
        if isTold { context.close(promise: nil) } else { awaitRequest(context) }
    }

    private func awaitRequest(_ context: ChannelHandlerContext) {
        let soon = NIODeadline.now() + Self.nextRequest
        let held = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        end?.cancel()
        end = context.eventLoop.scheduleTask(deadline: wasAsked ? soon : max(soon, taken + Self.firstRequest)) {
            let (handler, context) = held.value
            handler.end = nil
            context.close(promise: nil)
        }
    }
}
