import CIPSecMB

/// One direction of one stream: its SSRCs and the keys in the form that its engine takes. It lies on the heap, so that a
/// job can point at it.
struct StreamContext: ~Copyable {
    enum Direction: UInt8 {
        case sending, receiving
    }

    /// The keys, by engine. SRTCP is rare, so ipsec-mb's streams have it done by OpenSSL, packet by packet.
    enum Crypto {
        case openSSL(rtp: OpenSSLTransform, rtcp: OpenSSLTransform)
        case ipsecMB(rtp: IPSecMBKeys, rtcp: OpenSSLTransform)
        case libsrtp2(LibSRTPSession)

        func free() {
            switch self {
            case .openSSL(let rtp, let rtcp):
                rtp.free()
                rtcp.free()
            case .ipsecMB(let rtp, let rtcp):
                rtp.free()
                rtcp.free()
            case .libsrtp2(let session): session.free()
            }
        }
    }

    let direction: Direction
    let suite: SRTPSuite
    let tagLength: Int
    var table = SSRCTable()
    /// Packets that the master key has protected.
    var protectedPackets: UInt64 = 0
    var protectedRTCPPackets: UInt64 = 0
    let crypto: Crypto

    init(direction: Direction, suite: SRTPSuite, crypto: Crypto) {
        self.direction = direction
        self.suite = suite
        tagLength = suite.rtpOverhead
        self.crypto = crypto
    }

    deinit { crypto.free() }

    static func allocate(
        _ direction: Direction, _ suite: SRTPSuite, _ crypto: Crypto
    ) -> UnsafeMutablePointer<StreamContext> {
        let pointer = HotMemory.allocate(StreamContext.self, 1)
        pointer.initialize(to: StreamContext(direction: direction, suite: suite, crypto: crypto))
        return pointer
    }

    static func free(_ pointer: UnsafeMutablePointer<StreamContext>) {
        pointer.deinitialize(count: 1)
        HotMemory.free(pointer, 1)
    }
}

extension UnsafeMutablePointer<StreamContext> {
    /// Has the state fetched into the cache without waiting for it.
    @inline(__always)
    func fetch() {
        let start = UnsafeRawPointer(self)
        for offset in stride(from: 0, to: MemoryLayout<StreamContext>.size, by: HotMemory.line) {
            causeway_prefetch(start + offset)
        }
    }

    /// And what it points at.
    @inline(__always)
    func fetchKeys() {
        causeway_prefetch(pointee.table.newest)
        if case .ipsecMB(let keys, _) = pointee.crypto { keys.fetch() }
    }
}
