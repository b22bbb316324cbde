/// The receiving direction of one stream: a master key and, for each SSRC that authenticated with it, rollover counter
/// and replay windows. It belongs to the thread of the engine it was made for.
public struct SRTPReceiver: ~Copyable {
    let context: UnsafeMutablePointer<StreamContext>

    public init(key: SRTPMasterKey, engine: borrowing SRTPEngine) throws(SRTPError) {
        self.init(suite: key.suite, crypto: try engine.makeCrypto(key, .receiving))
    }

    init(suite: SRTPSuite, crypto: StreamContext.Crypto) {
        context = StreamContext.allocate(.receiving, suite, crypto)
    }

    deinit { StreamContext.free(context) }

    /// Has what a packet needs fetched into the cache, without waiting for it.
    public func fetch() { context.fetch() }

    /// Authenticates and decrypts one SRTCP packet of `length` bytes in place; `plainLength` is set when the status is
    /// ``SRTPStatus/ok``, and with any other the packet's contents are unspecified.
    public func unprotectRTCP(
        _ packet: UnsafeMutablePointer<UInt8>, length: Int32, plainLength: inout Int32
    ) -> SRTPStatus {
        switch context.pointee.crypto {
        case .openSSL(_, let rtcp), .ipsecMB(_, let rtcp):
            context.pointee.unprotectRTCP(packet, length: Int(length), rtcp, plainLength: &plainLength)
        case .libsrtp2(let session):
            context.pointee.unprotectRTCP(packet, length: Int(length), session, plainLength: &plainLength)
        }
    }
}
