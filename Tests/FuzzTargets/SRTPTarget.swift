import RTP
import SRTP

/// Packets that one engine protects and two unprotect, damaged on their way or not, and octets that nobody protected.
enum SRTPTarget {
    private enum Engines {
        // One thread runs the targets.
        nonisolated(unsafe) static let own = try? SRTPEngine(.automatic)
        nonisolated(unsafe) static let openSSL = try? SRTPEngine(.openSSL)
        nonisolated(unsafe) static let reference = try? SRTPEngine(.libsrtp2)
    }

    private static let tail = 64

    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        guard let own = Engines.own, let other = Engines.openSSL, let reference = Engines.reference else {
            throw FuzzFinding(description: "no engine")
        }
        var input = FuzzInput(octets)
        let suite = SRTPSuite.allCases[Int(input.byte()) % SRTPSuite.allCases.count]
        let keyAndSalt = (0..<suite.keyAndSaltLength).map { UInt8(truncatingIfNeeded: $0 * 7) }
        var ends: Ends
        do { ends = try Ends(suite, keyAndSalt, own, other, reference) } catch {
            throw FuzzFinding(description: "\(suite): \(error)")
        }
        defer { ends.free() }
        var sequence: UInt16 = 65_500
        for _ in 0..<48 where !input.isEmpty {
            let choice = input.byte()
            switch choice & 3 {
            case 0: try ends.take(input.octets(Int(input.byte())), isForged: true)
            default:
                sequence &+= UInt16(choice >> 5)
                var packet = [UInt8](repeating: 0, count: 12)
                packet.withUnsafeMutableBytes {
                    guard let base = $0.baseAddress else { return }
                    RTPHeaderWriter.write(
                        base, payloadType: 96, marker: false, sequenceNumber: sequence, timestamp: 160,
                        ssrc: UInt32(choice >> 4 & 1))
                }
                packet += input.octets(Int(input.byte()))
                guard var sent = ends.protect(packet) else { continue }
                let isDamaged = choice & 3 == 1
                if isDamaged { sent[Int(input.byte()) % sent.count] ^= max(1, input.byte()) }
                try ends.take(sent, isForged: isDamaged, plain: packet)
            }
        }
    }

    private struct Ends {
        let sender: UnsafeMutablePointer<SRTPSender>
        /// With the engines that unprotect by them, the reference's last.
        let receivers: [(UnsafeMutablePointer<SRTPReceiver>, SRTPEngine)]
        let engine: SRTPEngine
        /// Seen before, and so refused.
        var seen: Set<[UInt8]> = []

        init(
            _ suite: SRTPSuite, _ keyAndSalt: [UInt8], _ own: SRTPEngine, _ other: SRTPEngine, _ reference: SRTPEngine
        ) throws {
            let key = try SRTPMasterKey(suite: suite, keyAndSalt: keyAndSalt)
            engine = own
            sender = .allocate(capacity: 1)
            sender.initialize(to: try SRTPSender(key: key, engine: own))
            receivers = try [own, other, reference].map { engine in
                let receiver = UnsafeMutablePointer<SRTPReceiver>.allocate(capacity: 1)
                receiver.initialize(to: try SRTPReceiver(key: key, engine: engine))
                return (receiver, engine)
            }
        }

        func free() {
            sender.deinitialize(count: 1)
            sender.deallocate()
            for (receiver, _) in receivers {
                receiver.deinitialize(count: 1)
                receiver.deallocate()
            }
        }

        /// Nil where the engine will not.
        func protect(_ packet: [UInt8]) -> [UInt8]? {
            let room = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: packet.count + SRTPTarget.tail)
            defer { room.deallocate() }
            room.initialize(repeating: 0)
            _ = room.update(fromContentsOf: packet)
            guard let base = room.baseAddress else { return nil }
            var job = SRTPJob(
                sender: sender, packet: base, length: Int32(packet.count), capacity: Int32(room.count))
            withUnsafeMutablePointer(to: &job) { engine.protect(UnsafeMutableBufferPointer(start: $0, count: 1)) }
            return job.status == .ok ? Array(room[..<Int(job.length)]) : nil
        }

        /// All receivers must judge alike, and read alike what they accept.
        mutating func take(_ datagram: [UInt8], isForged: Bool, plain: [UInt8] = []) throws(FuzzFinding) {
            guard !datagram.isEmpty else { return }
            var results: [[UInt8]?] = []
            for (receiver, engine) in receivers {
                // No octet more than came: what reads behind it is seen.
                let room = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: datagram.count)
                defer { room.deallocate() }
                _ = room.initialize(fromContentsOf: datagram)
                guard let base = room.baseAddress else { return }
                var job = SRTPJob(
                    receiver: receiver, packet: base, length: Int32(datagram.count), capacity: Int32(datagram.count))
                withUnsafeMutablePointer(to: &job) {
                    engine.unprotect(UnsafeMutableBufferPointer(start: $0, count: 1))
                }
                results.append(job.status == .ok ? Array(room[..<Int(job.length)]) : nil)
            }
            let lengths = results.map { $0?.count ?? -1 }
            try require(results.allSatisfy { $0 == results[0] }, "receivers disagree: \(lengths)")
            guard let read = results[0] else { return }
            try require(!isForged, "what nobody protected is accepted")
            try require(read == plain, "it is read otherwise than it was written")
            try require(seen.insert(datagram).inserted, "the same is accepted twice")
        }
    }
}
