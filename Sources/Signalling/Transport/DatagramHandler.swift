import NIOCore
import SIP

/// Reads datagrams of one UDP listener.
final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let transport: Transport
    private let listener: Int

    init(transport: Transport, listener: Int) {
        self.transport = transport
        self.listener = listener
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let host = envelope.remoteAddress.ipAddress, let port = envelope.remoteAddress.port else { return }
        let flow = Flow(listener: listener, connection: 0, transport: .udp, remoteHost: host, remotePort: port)
        transport.received(datagram: envelope.data, on: flow)
    }

    /// ICMP errors of earlier sends surface here; the socket stays good.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
