import CBench
import Glibc
import MediaPlane
import RTP
import SRTP

/// One end of a stream at the load generator: a socket, and keys both ways.
package final class Peer {
    package let socket: Int32
    package let port: UInt16
    package let ssrc = UInt32.random(in: 1 ... .max)
    package let security: StreamSecurity
    private let engine: SRTPEngine
    private let sender: UnsafeMutablePointer<SRTPSender>?
    private let receiver: UnsafeMutablePointer<SRTPReceiver>?

    package init(_ suite: SRTPSuite?, _ engine: SRTPEngine) throws {
        self.engine = engine
        var port: UInt16 = 0
        socket = cb_open_socket(&port)
        self.port = port
        guard let suite else {
            (sender, receiver, security) = (nil, nil, .clear)
            guard socket >= 0 else { throw LoadError.socket(errno: -socket) }
            return
        }
        var random = SystemRandomNumberGenerator()
        let bridgeKey = SRTPMasterKey.random(for: suite, using: &random)
        let ownKey = SRTPMasterKey.random(for: suite, using: &random)
        let newSender = try SRTPSender(key: ownKey, engine: engine)
        let newReceiver = try SRTPReceiver(key: bridgeKey, engine: engine)
        sender = .allocate(capacity: 1)
        sender?.initialize(to: newSender)
        receiver = .allocate(capacity: 1)
        receiver?.initialize(to: newReceiver)
        security = .sdes(suite: suite, local: bridgeKey, remote: ownKey)
        guard socket >= 0 else { throw LoadError.socket(errno: -socket) }
    }

    deinit {
        if socket >= 0 { close(socket) }
        sender?.deinitialize(count: 1)
        sender?.deallocate()
        receiver?.deinitialize(count: 1)
        receiver?.deallocate()
    }

    /// Takes packets protected with `key` from now on, which the other end chose.
    package func receive(with key: SRTPMasterKey) throws {
        let replacement = try SRTPReceiver(key: key, engine: engine)
        receiver?.deinitialize(count: 1)
        receiver?.initialize(to: replacement)
    }

    /// What offer and answer would have settled for this end.
    /// It gets RTCP at the port `reports`.
    package func parameters(
        _ codec: MediaCodec, payloadType: UInt8, sends: Bool, receives: Bool, reports: UInt16
    ) -> StreamParameters {
        let mapping = PayloadMapping(payloadType: payloadType, codec: codec)
        return StreamParameters(
            receivable: [mapping], sending: mapping, remoteRTP: .init(host: "127.0.0.1", port: port),
            remoteRTCP: .init(host: "127.0.0.1", port: reports), multiplexesRTCP: false, receives: sends,
            sends: receives, security: security, feedback: [.pictureLossIndication])
    }

    /// Encrypts packets of one length that lie `stride` apart; returns their new length.
    package func protect(_ packets: UnsafeMutablePointer<UInt8>, count: Int, stride: Int, length: Int) throws -> Int {
        guard let sender else { return length }
        return try withUnsafeTemporaryAllocation(of: SRTPJob.self, capacity: count) { jobs in
            for index in 0..<count {
                (jobs.baseAddress! + index).initialize(
                    to: SRTPJob(
                        sender: sender, packet: packets + index * stride, length: Int32(length),
                        capacity: Int32(stride)))
            }
            engine.protect(jobs)
            for job in jobs where job.status != .ok { throw LoadError.protection("\(job.status)") }
            return Int(jobs[0].length)
        }
    }

    /// Authenticates and decrypts in place; nil when it does not authenticate.
    package func open(_ packet: UnsafeMutablePointer<UInt8>, length: Int, capacity: Int) -> Int? {
        guard let receiver else { return length }
        var job = SRTPJob(
            receiver: receiver, packet: packet, length: Int32(length), capacity: Int32(capacity))
        withUnsafeMutablePointer(to: &job) { engine.unprotect(UnsafeMutableBufferPointer(start: $0, count: 1)) }
        return job.status == .ok ? Int(job.length) : nil
    }
}

/// Datagrams taken from a socket, one batch after another.
package final class Inbox {
    package init() {}

    package static let capacity = 64
    package static let datagramSize = 1_536
    package let datagrams = UnsafeMutablePointer<cb_datagram>.allocate(capacity: Inbox.capacity)

    deinit { datagrams.deallocate() }

    /// Takes what waits, `size` bytes of each. Returns how many there were.
    package func take(from socket: Int32, size: Int) -> Int {
        Int(max(0, cb_receive(socket, datagrams, UInt32(Self.capacity), UInt32(size))))
    }

    package func bytes(_ index: Int) -> UnsafeMutablePointer<UInt8> {
        UnsafeMutableRawPointer(datagrams + index)
            .advanced(by: MemoryLayout<cb_datagram>.offset(of: \.bytes) ?? 0)
            .assumingMemoryBound(to: UInt8.self)
    }
}

/// Follows the sequence numbers of one received stream.
package struct SequenceCheck {
    package init() {}

    private var next: UInt16?
    package private(set) var missing = 0
    package private(set) var outOfOrder = 0

    package mutating func take(_ packet: UnsafePointer<UInt8>) {
        let number = UInt16(packet[2]) << 8 | UInt16(packet[3])
        if let next {
            let ahead = Int16(bitPattern: number &- next)
            if ahead > 0 { missing += Int(ahead) }
            if ahead < 0 { outOfOrder += 1 }
        }
        next = number &+ 1
    }
}
