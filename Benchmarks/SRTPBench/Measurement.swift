import Glibc
import SRTP

/// One engine and suite over one size of packet: every packet protected is unprotected as well, so that nothing counts
/// that would not pass.
final class Measurement {
    private struct Failed: Error, CustomStringConvertible {
        let status: SRTPStatus
        var description: String { "a packet came out \(status)" }
    }

    private static let capacity = 1_500
    private let engine: SRTPEngine
    private let batch: Int
    private let length: Int
    private let senders: UnsafeMutablePointer<SRTPSender>
    private let receivers: UnsafeMutablePointer<SRTPReceiver>
    private let buffers: UnsafeMutablePointer<UInt8>
    private let outgoing: UnsafeMutableBufferPointer<SRTPJob>
    private let incoming: UnsafeMutableBufferPointer<SRTPJob>

    /// Packets of a 12-byte header and `payload` bytes.
    init(_ engine: SRTPEngine, _ suite: SRTPSuite, payload: Int, batch: Int) throws {
        self.engine = engine
        self.batch = batch
        length = 12 + payload
        senders = .allocate(capacity: batch)
        receivers = .allocate(capacity: batch)
        buffers = .allocate(capacity: batch * Self.capacity)
        buffers.initialize(repeating: 0x5a, count: batch * Self.capacity)
        outgoing = .allocate(capacity: batch)
        incoming = .allocate(capacity: batch)
        var random = SystemRandomNumberGenerator()
        for index in 0..<batch {
            let key = SRTPMasterKey.random(for: suite, using: &random)
            (senders + index).initialize(to: try SRTPSender(key: key, engine: engine))
            (receivers + index).initialize(to: try SRTPReceiver(key: key, engine: engine))
        }
    }

    deinit {
        senders.deinitialize(count: batch)
        receivers.deinitialize(count: batch)
        senders.deallocate()
        receivers.deallocate()
        buffers.deallocate()
        outgoing.deallocate()
        incoming.deallocate()
    }

    /// Nanoseconds a packet: the best of five rounds, since what disturbs only adds.
    func run() throws -> (protect: Int, unprotect: Int) {
        var sequence: UInt16 = 0
        var best = (protect: UInt64.max, unprotect: UInt64.max)
        for _ in 0..<5 {
            var spent = (protect: UInt64(0), unprotect: UInt64(0))
            let batches = max(1, 20_000 / batch)
            for _ in 0..<batches {
                sequence &+= 1
                write(sequence)
                let start = Self.cpuNanoseconds()
                engine.protect(outgoing)
                let middle = Self.cpuNanoseconds()
                for index in 0..<batch { incoming[index].length = outgoing[index].length }
                let resumed = Self.cpuNanoseconds()
                engine.unprotect(incoming)
                let end = Self.cpuNanoseconds()
                spent.protect += middle - start
                spent.unprotect += end - resumed
                for jobs in [outgoing, incoming] {
                    if let bad = jobs.first(where: { $0.status != .ok }) { throw Failed(status: bad.status) }
                }
            }
            let packets = UInt64(batches * batch)
            best.protect = min(best.protect, spent.protect / packets)
            best.unprotect = min(best.unprotect, spent.unprotect / packets)
        }
        return (Int(best.protect), Int(best.unprotect))
    }

    private func write(_ sequence: UInt16) {
        for index in 0..<batch {
            let packet = buffers + index * Self.capacity
            packet[0] = 0x80
            packet[1] = 96
            packet[2] = UInt8(sequence >> 8)
            packet[3] = UInt8(sequence & 0xff)
            for (offset, byte) in [UInt8(0xca), 0xfe, 0, UInt8(truncatingIfNeeded: index)].enumerated() {
                packet[8 + offset] = byte
            }
            outgoing.initializeElement(
                at: index,
                to: SRTPJob(
                    sender: senders + index, packet: packet, length: Int32(length), capacity: Int32(Self.capacity)))
            incoming.initializeElement(
                at: index,
                to: SRTPJob(
                    receiver: receivers + index, packet: packet, length: Int32(length), capacity: Int32(Self.capacity)))
        }
    }

    private static func cpuNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
