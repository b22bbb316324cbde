import RTP

/// Packets of one source that follow each other, in their order and none late: they go to one viewer after another, so
/// that each viewer's leave in one send.
struct ForwardedRun: ~Copyable {
    struct Packet {
        var info: RTPPacketInfo
        var datagram: UnsafeRawBufferPointer
        var descriptor: VP8PayloadDescriptor?
        var beginsKeyframe: Bool

        var payload: UnsafeRawBufferPointer { info.payload(of: datagram) }
    }

    /// More than a keyframe has at usual rates; the rest of a longer one is a run of its own.
    static let capacity = 64

    private(set) var source: UnsafeMutablePointer<PictureState>?
    private(set) var ssrc: UInt32 = 0
    private(set) var format = PictureFormat.vp8
    private(set) var count = 0
    private let packets = UnsafeMutablePointer<Packet>.allocate(capacity: Self.capacity)

    deinit { packets.deallocate() }

    subscript(index: Int) -> Packet { packets[index] }

    var beginsKeyframe: Bool {
        for index in 0..<count where packets[index].beginsKeyframe { return true }
        return false
    }

    func takes(
        _ info: RTPPacketInfo, _ format: PictureFormat, from source: UnsafeMutablePointer<PictureState>
    ) -> Bool {
        count < Self.capacity && (count == 0 || source == self.source && ssrc == info.ssrc && format == self.format)
    }

    mutating func append(_ packet: Packet, _ format: PictureFormat, from source: UnsafeMutablePointer<PictureState>) {
        self.source = source
        self.format = format
        ssrc = packet.info.ssrc
        (packets + count).initialize(to: packet)
        count += 1
    }

    mutating func removeAll() { count = 0 }
}
