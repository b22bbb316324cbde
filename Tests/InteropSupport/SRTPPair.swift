import SRTP

/// Both directions of one SRTP session. Used by one thread at a time.
final class SRTPPair {
    private let engine: SRTPEngine
    private let sender: UnsafeMutablePointer<SRTPSender>
    private let receiver: UnsafeMutablePointer<SRTPReceiver>

    init(own: SRTPMasterKey, peer: SRTPMasterKey) throws {
        engine = try SRTPEngine(.openSSL)
        sender = .allocate(capacity: 1)
        sender.initialize(to: try SRTPSender(key: own, engine: engine))
        receiver = .allocate(capacity: 1)
        receiver.initialize(to: try SRTPReceiver(key: peer, engine: engine))
    }

    deinit {
        sender.deinitialize(count: 1)
        sender.deallocate()
        receiver.deinitialize(count: 1)
        receiver.deallocate()
    }

    func protect(_ packet: [UInt8]) -> [UInt8] {
        var room = packet + [UInt8](repeating: 0, count: 64)
        let length = room.withUnsafeMutableBufferPointer { bytes -> Int32 in
            guard let start = bytes.baseAddress else { return 0 }
            var job = SRTPJob(
                sender: sender, packet: start, length: Int32(packet.count), capacity: Int32(bytes.count))
            withUnsafeMutablePointer(to: &job) { engine.protect(UnsafeMutableBufferPointer(start: $0, count: 1)) }
            return job.length
        }
        return Array(room.prefix(Int(length)))
    }

    /// Nil for what is not the peer's.
    func unprotect(_ packet: [UInt8]) -> [UInt8]? {
        var room = packet
        let length = room.withUnsafeMutableBufferPointer { bytes -> Int32? in
            guard let start = bytes.baseAddress else { return nil }
            var job = SRTPJob(
                receiver: receiver, packet: start, length: Int32(bytes.count), capacity: Int32(bytes.count))
            withUnsafeMutablePointer(to: &job) { engine.unprotect(UnsafeMutableBufferPointer(start: $0, count: 1)) }
            return job.status == .ok ? job.length : nil
        }
        return length.map { Array(room.prefix(Int($0))) }
    }
}
