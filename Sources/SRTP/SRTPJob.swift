/// One packet for ``SRTPEngine/protect(_:)`` or ``SRTPEngine/unprotect(_:)``, worked on in place.
///
/// The sender or receiver and the packet's buffer must outlive the call that the job is handed to.
public struct SRTPJob {
    let context: UnsafeMutablePointer<StreamContext>
    public var packet: UnsafeMutablePointer<UInt8>
    /// Bytes of packet: going in as it stands, coming out as it became. Unchanged unless `status` is ``SRTPStatus/ok``.
    public var length: Int32
    /// Bytes the buffer holds.
    public var capacity: Int32
    /// Set by the engine. A packet with any status but ``SRTPStatus/ok`` has unspecified contents.
    public var status: SRTPStatus

    /// A packet to protect.
    @inline(__always)
    public init(
        sender: UnsafeMutablePointer<SRTPSender>, packet: UnsafeMutablePointer<UInt8>, length: Int32, capacity: Int32
    ) {
        context = sender.pointee.context
        self.packet = packet
        self.length = length
        self.capacity = capacity
        status = .malformed
    }

    /// A packet to unprotect.
    @inline(__always)
    public init(
        receiver: UnsafeMutablePointer<SRTPReceiver>, packet: UnsafeMutablePointer<UInt8>, length: Int32,
        capacity: Int32
    ) {
        context = receiver.pointee.context
        self.packet = packet
        self.length = length
        self.capacity = capacity
        status = .malformed
    }
}
