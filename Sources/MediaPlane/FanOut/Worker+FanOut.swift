import CLinux
import SRTP

/// A meeting too large for one worker: the worker on which it lives does all that needs to know the meeting, and hands
/// finished packets to others, which encrypt and send them. That is nine tenths of what a packet costs.
extension Worker {
    /// A way to another worker, as its producer holds it.
    struct FanOut {
        let ring: Unmanaged<FanOutRing>
        /// Something was written since the other worker was last woken.
        var isDirty = false
    }

    /// Sends the packet just written to `egress.nextPacket` to the peer of `stream`.
    mutating func send(length: Int, on stream: Stream) {
        guard !stream.pointee.isBlocked else { return }
        if stream.pointee.isCounted { number(egress.nextPacket, length: length, on: stream) }
        let port = stream.pointee.port
        let remote = stream.pointee.isConnected ? cl_address() : stream.pointee.remoteRTP
        guard let way = stream.pointee.fanOut else {
            port.pointee.remote = remote
            port.pointee.sender = stream.pointee.sender
            egress.commit(length: length, to: port)
            return
        }
        let entry = FanOutEntry(port: port, sender: stream.pointee.sender, remote: remote)
        let packet = UnsafeRawBufferPointer(start: egress.nextPacket, count: length)
        guard fanOuts[way].ring._withUnsafeGuaranteedRef({ $0.ring.write(entry, bytes: packet) }) else { return }
        fanOuts[way].isDirty = true
        stream.pointee.counters.packetsSent &+= 1
        stream.pointee.counters.bytesSent &+= UInt64(truncatingIfNeeded: length)
    }

    /// Wakes the workers for which there is something to send.
    mutating func wakeFanOuts() {
        for way in 0..<fanOutCount where fanOuts[way].isDirty {
            fanOuts[way].isDirty = false
            fanOuts[way].ring._withUnsafeGuaranteedRef { $0.mailbox.wake() }
        }
    }

    /// Takes in what other workers made for this one to send.
    mutating func drainFanOuts() {
        for index in inbound.indices {
            let way = inbound[index]
            way._withUnsafeGuaranteedRef { way in
                _ = way.ring.drain { entry, bytes in
                    guard let base = bytes.baseAddress, bytes.count + 64 <= EgressQueue.packetCapacity else { return }
                    if egress.isLong && entry.port.pointee.first < 0 || egress.isFull { egress.flush(engine) }
                    UnsafeMutableRawPointer(egress.nextPacket).copyMemory(from: base, byteCount: bytes.count)
                    entry.port.pointee.remote = entry.remote
                    entry.port.pointee.sender = entry.sender
                    egress.commit(length: bytes.count, to: entry.port)
                }
            }
        }
    }

    /// The number of a way to another worker, which is known from now on.
    mutating func way(to ring: FanOutRing) -> Int? {
        for way in 0..<fanOutCount where fanOuts[way].ring.toOpaque() == Unmanaged.passUnretained(ring).toOpaque() {
            return way
        }
        guard fanOutCount < Self.mostFanOuts else { return nil }
        (fanOuts + fanOutCount).initialize(to: FanOut(ring: .passRetained(ring)))
        fanOutCount += 1
        return fanOutCount - 1
    }

    /// Gives up what is replaced of a stream's keys, on the worker that may still use it.
    mutating func retireKeys(of stream: Stream) {
        for sender in stream.pointee.takeRetiredSenders() { retire(RetiredEgress(port: nil, sender: sender), stream) }
    }

    /// Gives up a stream's way out; the stream sends nothing more.
    mutating func retireEgress(of stream: Stream) {
        retireKeys(of: stream)
        retire(RetiredEgress(port: stream.pointee.port, sender: stream.pointee.sender), stream)
    }

    func retire(_ egress: RetiredEgress, _ stream: Stream) {
        guard let way = stream.pointee.fanOut else { return egress.free() }
        fanOuts[way].ring._withUnsafeGuaranteedRef { $0.mailbox.post(.retire(egress)) }
    }
}
