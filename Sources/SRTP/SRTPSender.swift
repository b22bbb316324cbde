/// The sending direction of one stream: a master key and, for each SSRC sent with it, rollover counter and SRTCP index.
/// It belongs to the thread of the engine it was made for.
///
/// Sequence numbers may be repeated only to send the same packet again. A stream should begin below 2^15, or a receiver
/// that misses its first packets may miss a rollover with them (RFC 3711 §3.3.1).
public struct SRTPSender: ~Copyable {
    let context: UnsafeMutablePointer<StreamContext>

    public init(key: SRTPMasterKey, engine: borrowing SRTPEngine) throws(SRTPError) {
        self.init(suite: key.suite, crypto: try engine.makeCrypto(key, .sending))
    }

    init(suite: SRTPSuite, crypto: StreamContext.Crypto) {
        context = StreamContext.allocate(.sending, suite, crypto)
    }

    deinit { StreamContext.free(context) }

    /// Protects one compound RTCP packet of `length` bytes in place, always encrypted (RFC 3711 §3.4). The buffer holds
    /// `capacity` bytes; `protectedLength` is set when the status is ``SRTPStatus/ok``.
    public func protectRTCP(
        _ packet: UnsafeMutablePointer<UInt8>, length: Int32, capacity: Int32, protectedLength: inout Int32
    ) -> SRTPStatus {
        switch context.pointee.crypto {
        case .openSSL(_, let rtcp), .ipsecMB(_, let rtcp):
            context.pointee.protectRTCP(
                packet, length: Int(length), capacity: Int(capacity), rtcp, protectedLength: &protectedLength)
        case .libsrtp2(let session):
            context.pointee.protectRTCP(
                packet, length: Int(length), capacity: Int(capacity), session, protectedLength: &protectedLength)
        }
    }
}
