import CLinux
import Glibc
import SRTP

/// Packets on their way out in one wake-up of a worker: written in place, encrypted together, and sent a port at a
/// time, a run of equal sizes as one generic segmentation offload send.
struct EgressQueue: ~Copyable {
    /// Room for the packet and its authentication tag.
    static let packetCapacity = 1_664
    static let capacity = 256
    /// From here on it pays to send: what is written now would push what was written first out of the cache.
    private static let long = 64
    /// What one UDP_SEGMENT send may hold (Linux: UDP_MAX_SEGMENTS, and an IP datagram's length).
    private static let mostSegments = 64
    private static let mostBytes = 65_000

    private struct Entry {
        var length: Int32
        var next: Int16
    }

    private let bytes: UnsafeMutablePointer<UInt8>
    private let entries: UnsafeMutablePointer<Entry>
    private let jobs: UnsafeMutablePointer<SRTPJob>
    private let entryOfJob: UnsafeMutablePointer<Int16>
    private let ports: UnsafeMutablePointer<UnsafeMutablePointer<EgressPort>>
    private let vectors: UnsafeMutablePointer<iovec>
    private var count = 0
    private var jobCount = 0
    private var portCount = 0
    /// Sends that the socket refused; their packets are lost, as on a full link.
    private(set) var refusedSends: UInt64 = 0

    init() {
        bytes = .allocateHot(Self.capacity * Self.packetCapacity)
        entries = .allocate(capacity: Self.capacity)
        jobs = .allocate(capacity: Self.capacity)
        entryOfJob = .allocate(capacity: Self.capacity)
        ports = .allocate(capacity: Self.capacity)
        vectors = .allocate(capacity: Self.mostSegments)
    }

    deinit {
        bytes.deallocateHot(Self.capacity * Self.packetCapacity)
        entries.deallocate()
        jobs.deallocate()
        entryOfJob.deallocate()
        ports.deallocate()
        vectors.deallocate()
    }

    var isFull: Bool { count == Self.capacity }
    var isEmpty: Bool { count == 0 }

    /// Worth sending, where no more follows for the ports of what is queued.
    var isLong: Bool { count >= Self.long }

    /// Where to write the next packet. Call `commit` next, with its length. The queue must not be full.
    var nextPacket: UnsafeMutablePointer<UInt8> { bytes + count * Self.packetCapacity }

    /// How many packets ahead the place of one is fetched.
    private static let placesAhead = 2
    /// So much of it: the whole of a packet of sound, and what the processor needs to see to fetch the rest of a longer one.
    private static let linesAhead = 4

    /// Has the places of packets to come fetched, without waiting for them.
    @inline(__always)
    func fetchAhead() {
        let place = (count + Self.placesAhead) % Self.capacity
        (bytes + place * Self.packetCapacity).fetch(lines: Self.linesAhead)
    }

    /// Queues the packet just written to `nextPacket` for `port`.
    mutating func commit(length: Int, to port: UnsafeMutablePointer<EgressPort>) {
        let index = Int16(truncatingIfNeeded: count)
        entries[count] = Entry(length: Int32(truncatingIfNeeded: length), next: -1)
        if port.pointee.first < 0 {
            port.pointee.first = index
            ports[portCount] = port
            portCount += 1
        } else {
            entries[Int(port.pointee.last)].next = index
        }
        port.pointee.last = index
        if let sender = port.pointee.sender {
            jobs[jobCount] = SRTPJob(
                sender: sender, packet: nextPacket, length: Int32(truncatingIfNeeded: length),
                capacity: Int32(Self.packetCapacity))
            entryOfJob[jobCount] = index
            jobCount += 1
        }
        count += 1
    }

    /// Encrypts and sends everything queued.
    mutating func flush(_ engine: borrowing SRTPEngine) {
        guard count > 0 else { return }
        engine.protect(UnsafeMutableBufferPointer(start: jobs, count: jobCount))
        for job in 0..<jobCount {
            entries[Int(entryOfJob[job])].length = jobs[job].status == .ok ? jobs[job].length : 0
        }
        for index in 0..<portCount { send(ports[index]) }
        count = 0
        jobCount = 0
        portCount = 0
    }

    private mutating func send(_ port: UnsafeMutablePointer<EgressPort>) {
        var next = port.pointee.first
        port.pointee.first = -1
        port.pointee.last = -1
        while next >= 0 {
            var segments = 0
            var total = 0
            let first = Int(entries[Int(next)].length)
            while next >= 0, segments < Self.mostSegments {
                let entry = entries[Int(next)]
                let length = Int(entry.length)
                guard length <= first, total + length <= Self.mostBytes else { break }
                if length > 0 {
                    vectors[segments] = iovec(
                        iov_base: bytes + Int(next) * Self.packetCapacity, iov_len: length)
                    segments += 1
                    total += length
                }
                next = entry.next
                // A shorter packet ends the run: only the last segment may be short.
                if length < first { break }
            }
            guard segments > 0 else { continue }
            transmit(port, segments: segments, size: first, total: total)
        }
    }

    private mutating func transmit(
        _ port: UnsafeMutablePointer<EgressPort>, segments: Int, size: Int, total: Int
    ) {
        let socket = port.pointee.socket
        let segment = segments > 1 ? UInt16(truncatingIfNeeded: size) : 0
        let result = withUnsafePointer(to: &port.pointee.remote) {
            cl_send_segments(socket, $0, vectors, UInt32(segments), segment)
        }
        if result == 0 {
            port.pointee.packetsSent &+= UInt64(segments)
            port.pointee.bytesSent &+= UInt64(total)
            return
        }
        guard segments > 1, result == -EIO || result == -EINVAL || result == -EOPNOTSUPP || result == -EMSGSIZE else {
            refusedSends &+= 1
            return
        }
        // A device without segmentation offload on its path: one datagram at a time.
        for index in 0..<segments {
            let single = withUnsafePointer(to: &port.pointee.remote) {
                cl_send_segments(socket, $0, vectors + index, 1, 0)
            }
            if single == 0 {
                port.pointee.packetsSent &+= 1
                port.pointee.bytesSent &+= UInt64(vectors[index].iov_len)
            } else {
                refusedSends &+= 1
            }
        }
    }
}
