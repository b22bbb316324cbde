import CLinux
import Glibc
import SRTP

/// The way out of one stream: where its packets go and under which keys. It lies on the heap and belongs to the worker
/// that sends them, which need not be the one that the meeting lives on.
///
/// It fills one line of the cache.
struct EgressPort: ~Copyable {
    let socket: Int32
    /// Without a length where the socket is connected.
    var remote = cl_address()
    /// The port's chain in the worker's egress queue; -1 for none.
    var first: Int16 = -1
    var last: Int16 = -1
    var sender: UnsafeMutablePointer<SRTPSender>?
    var packetsSent: UInt64 = 0
    var bytesSent: UInt64 = 0

    init(socket: Int32) { self.socket = socket }

    deinit { close(socket) }
}
