import CLinux
import SRTP

/// A packet that one worker made and another encrypts and sends: all that this takes is in the entry.
struct FanOutEntry {
    let port: UnsafeMutablePointer<EgressPort>
    let sender: UnsafeMutablePointer<SRTPSender>?
    /// Without a length where the port is connected.
    let remote: cl_address
}

/// The way of a large meeting's packets from the worker on which it lives to another that sends some of them.
final class FanOutRing: Sendable {
    /// Some thousands of packets: a keyframe to some hundreds of viewers.
    private static let capacity = 8 << 20

    let ring = PacketRing<FanOutEntry>(capacity: capacity)
    /// Of the worker that sends.
    let mailbox: WorkerMailbox

    init(to mailbox: WorkerMailbox) { self.mailbox = mailbox }
}

/// What a sending worker is to give up: nothing of it is used by anybody else any more.
struct RetiredEgress: @unchecked Sendable {
    // Sent once, by the worker that gives it away to the one that takes it.
    let port: UnsafeMutablePointer<EgressPort>?
    let sender: UnsafeMutablePointer<SRTPSender>?

    func free() {
        port?.deinitialize(count: 1)
        port?.deallocateHot()
        sender?.deinitialize(count: 1)
        sender?.deallocateHot()
    }
}
