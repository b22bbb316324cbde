import CLinux

/// Sockets that are connected to where their peers are found: the kernel looks up no route for what leaves by them, which is an
/// eighth of what a packet of sound costs to send.
///
/// A peer may move all the same, be found by another way, or be called by another name in an offer. What comes from anybody else
/// than the one to whom a socket is connected comes by another socket of the same port, and is taken as it always was; where the
/// peer turns out to be there, packets leave with their address again, until the socket is connected anew.
extension Worker {
    /// Somebody who is sent no more has a socket less to pay for: it costs what it saves in thirty packets.
    private static let packetsToConnect: UInt32 = 20

    /// When a leg is looked at again of which something is not connected yet, in nanoseconds.
    private static let connectInterval: UInt64 = 500_000_000

    /// Connects what sends enough to one place. Returns when to look again, on the monotonic clock; `.max` for not soon.
    mutating func connectStreams(of leg: Leg) -> UInt64 {
        var waits = false
        for index in 0..<leg.pointee.streams.count {
            let stream = leg.pointee.streams[index]
            if let path = stream.pointee.path {
                if path.pointee.lead == stream { connect(path, of: leg, index) }
            } else if mayConnect(stream), sendsEnough(stream) {
                connect(stream, of: leg, index)
            }
            if stream.pointee.sends, stream.pointee.sent.hasSent, mayConnect(stream) { waits = true }
        }
        return waits ? now &+ Self.connectInterval : .max
    }

    /// Streams that share a transport share its socket.
    private mutating func connect(_ path: Path, of leg: Leg, _ index: Int) {
        let lead = path.pointee.lead
        var isWorthIt = false
        for index in 0..<path.pointee.members.count where sendsEnough(path.pointee.members[index]) { isWorthIt = true }
        if isWorthIt, path.pointee.hasWay, mayConnect(lead) { connect(lead, of: leg, index) }
        for index in 0..<leg.pointee.streams.count {
            let stream = leg.pointee.streams[index]
            if stream != lead, stream.pointee.path == path { stream.pointee.share(connectionOf: lead.pointee) }
        }
    }

    private func connect(_ stream: Stream, of leg: Leg, _ index: Int) {
        let tag = Self.tag(slot: leg.pointee.slot, stream: index, .strangers)
        stream.pointee.connect { cl_epoll_add(descriptors.poller, $0, tag) == 0 }
    }

    private func mayConnect(_ stream: Stream) -> Bool {
        !stream.pointee.isConnected && !stream.pointee.cannotConnect && !stream.pointee.isBlocked
    }

    private func sendsEnough(_ stream: Stream) -> Bool {
        stream.pointee.sends && stream.pointee.sent.packets >= Self.packetsToConnect
    }
}
