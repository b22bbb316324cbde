import Testing

@testable import SRTP

/// SplitMix64: the same packets in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    private static let pool: [UInt8] = {
        var generator = SeededGenerator(0)
        return (0..<8_192).map { _ in generator.next() }
    }()

    /// At most 4,096 bytes from somewhere in a fixed pool: drawing each would be most of a debug build's time.
    mutating func bytes(_ count: Int) -> ArraySlice<UInt8> {
        let start = Int.random(in: 0...4_096, using: &self)
        return Self.pool[start..<start + count]
    }
}

extension SRTPEngineChoice {
    /// The engines that run on this machine.
    static let runnable: [SRTPEngineChoice] = [.ipsecMB, .openSSL, .libsrtp2].filter { (try? SRTPEngine($0)) != nil }
    /// Those that take session keys and whose state a test can set.
    static let own = runnable.filter { $0 != .libsrtp2 }
}

struct Outcome: Equatable {
    var status: SRTPStatus
    /// The packet as it became; empty unless the status is `ok`.
    var bytes: [UInt8]
}

/// The packets of a batch, each in a buffer of its own with guard bytes behind it.
private struct Batch: ~Copyable {
    static let guardLength = 16
    let jobs: UnsafeMutableBufferPointer<SRTPJob>
    let buffers: [UnsafeMutablePointer<UInt8>]
    let capacity: Int

    init(_ packets: [[UInt8]], room: Int, _ makeJob: (Int, UnsafeMutablePointer<UInt8>, Int32, Int32) -> SRTPJob) {
        let capacity = (packets.map(\.count).max() ?? 0) + room
        self.capacity = capacity
        buffers = packets.map { packet in
            let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + Self.guardLength)
            buffer.initialize(repeating: 0xa5, count: capacity + Self.guardLength)
            _ = UnsafeMutableBufferPointer(start: buffer, count: capacity).update(from: packet)
            return buffer
        }
        jobs = .allocate(capacity: packets.count)
        for (index, packet) in packets.enumerated() {
            jobs.initializeElement(
                at: index, to: makeJob(index, buffers[index], Int32(packet.count), Int32(packet.count + room)))
        }
    }

    func outcomes() -> [Outcome] {
        let intact = buffers.allSatisfy { buffer in
            (capacity..<capacity + Self.guardLength).allSatisfy { buffer[$0] == 0xa5 }
        }
        #expect(intact, "wrote past a buffer")
        return jobs.map { job in
            let bytes = job.status == .ok ? Array(UnsafeBufferPointer(start: job.packet, count: Int(job.length))) : []
            return Outcome(status: job.status, bytes: bytes)
        }
    }

    deinit {
        jobs.deallocate()
        for buffer in buffers { buffer.deallocate() }
    }
}

final class Sending {
    let engine: SRTPEngine
    let sender = UnsafeMutablePointer<SRTPSender>.allocate(capacity: 1)

    init(_ engine: SRTPEngine, _ key: SRTPMasterKey) throws {
        self.engine = engine
        sender.initialize(to: try SRTPSender(key: key, engine: engine))
    }

    init(_ engine: SRTPEngine, session keys: SessionKeys) throws {
        self.engine = engine
        sender.initialize(
            to: SRTPSender(suite: keys.suite, crypto: try engine.makeCrypto(rtp: keys, rtcp: keys, .sending)))
    }

    deinit {
        sender.deinitialize(count: 1)
        sender.deallocate()
    }

    func protect(_ packets: [[UInt8]], room: Int = 16) -> [Outcome] {
        let batch = Batch(packets, room: room) {
            SRTPJob(sender: sender, packet: $1, length: $2, capacity: $3)
        }
        engine.protect(batch.jobs)
        return batch.outcomes()
    }

    func protectRTCP(_ packet: [UInt8], room: Int = 20) -> Outcome {
        var buffer = packet + Array(repeating: 0, count: room)
        var length: Int32 = 0
        let status = sender.pointee.protectRTCP(
            &buffer, length: Int32(packet.count), capacity: Int32(buffer.count), protectedLength: &length)
        return Outcome(status: status, bytes: Array(buffer.prefix(Int(length))))
    }

    func state(_ ssrc: UInt32) -> UnsafeMutablePointer<SSRCState>? {
        sender.pointee.context.pointee.table.findOrAdd(ssrc)
    }
}

final class Receiving {
    let engine: SRTPEngine
    let receiver = UnsafeMutablePointer<SRTPReceiver>.allocate(capacity: 1)

    init(_ engine: SRTPEngine, _ key: SRTPMasterKey) throws {
        self.engine = engine
        receiver.initialize(to: try SRTPReceiver(key: key, engine: engine))
    }

    init(_ engine: SRTPEngine, session keys: SessionKeys) throws {
        self.engine = engine
        receiver.initialize(
            to: SRTPReceiver(suite: keys.suite, crypto: try engine.makeCrypto(rtp: keys, rtcp: keys, .receiving)))
    }

    deinit {
        receiver.deinitialize(count: 1)
        receiver.deallocate()
    }

    func unprotect(_ packets: [[UInt8]]) -> [Outcome] {
        let batch = Batch(packets, room: 0) {
            SRTPJob(receiver: receiver, packet: $1, length: $2, capacity: $3)
        }
        engine.unprotect(batch.jobs)
        return batch.outcomes()
    }

    func unprotectRTCP(_ packet: [UInt8]) -> Outcome {
        var buffer = packet
        var length: Int32 = 0
        let status = receiver.pointee.unprotectRTCP(&buffer, length: Int32(packet.count), plainLength: &length)
        return Outcome(status: status, bytes: Array(buffer.prefix(Int(length))))
    }

    var ssrcCount: Int { receiver.pointee.context.pointee.table.count }
}

enum Sample {
    /// A packet with as many CSRCs and words of extension as asked for, and random bytes for the rest.
    static func rtp(
        ssrc: UInt32 = 0xcafe_babe, sequence: UInt16, payload: Int, csrcs: Int = 0, extensionWords: Int? = nil,
        using generator: inout SeededGenerator
    ) -> [UInt8] {
        var packet: [UInt8] = [0x80 | UInt8(csrcs) | (extensionWords == nil ? 0 : 0x10), generator.next()]
        packet += [UInt8(sequence >> 8), UInt8(sequence & 0xff)]
        packet += generator.bytes(4)
        packet += (0..<4).map { UInt8(truncatingIfNeeded: ssrc >> UInt32(24 - 8 * $0)) }
        packet += generator.bytes(4 * csrcs)
        if let extensionWords {
            packet += [0xbe, 0xde, UInt8(extensionWords >> 8), UInt8(extensionWords & 0xff)]
            packet += generator.bytes(4 * extensionWords)
        }
        return packet + generator.bytes(payload)
    }

    /// A report with random contents, `words` of them after the SSRC.
    static func rtcp(ssrc: UInt32 = 0xcafe_babe, words: Int, using generator: inout SeededGenerator) -> [UInt8] {
        [0x80, 200, UInt8((words + 1) >> 8), UInt8((words + 1) & 0xff)]
            + (0..<4).map { UInt8(truncatingIfNeeded: ssrc >> UInt32(24 - 8 * $0)) }
            + generator.bytes(4 * words)
    }

    static func key(_ suite: SRTPSuite, seed: UInt64 = 7) -> SRTPMasterKey {
        var generator = SeededGenerator(seed)
        return .random(for: suite, using: &generator)
    }
}

/// Bytes of hexadecimal digits; spaces are allowed between them.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
