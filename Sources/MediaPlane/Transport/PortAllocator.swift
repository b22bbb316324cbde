import CLinux
import Glibc
import Synchronization

/// Hands out pairs of UDP ports, even for RTP and the one above for RTCP (RFC 3550 §11), both bound.
final class PortAllocator: Sendable {
    struct Pair {
        var port: UInt16
        var rtp: Int32
        var rtcp: Int32

        /// No sockets.
        static var none: Self { .init(port: 0, rtp: -1, rtcp: -1) }

        func close() {
            Glibc.close(rtp)
            Glibc.close(rtcp)
        }
    }

    private let host: String
    private let firstPort: UInt16
    private let pairs: Int
    private let next: Mutex<Int>
    /// The kernel patches its code for the first socket that joins runs or stamps arrivals, and again after the last, each
    /// time interrupting every core. This socket is both first and last.
    private let keystone: Int32

    init(host: String, ports: ClosedRange<UInt16>) throws(MediaPlaneError) {
        self.host = host
        let first = Int(ports.lowerBound) + Int(ports.lowerBound & 1)
        pairs = max(0, (Int(ports.upperBound) + 1 - first) / 2)
        guard pairs > 0 else { throw .portRangeTooSmall }
        firstPort = UInt16(first)
        // Starting anywhere in the range keeps a restarted daemon off the ports its predecessor's peers still send to.
        next = Mutex(Int.random(in: 0..<pairs))
        keystone = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        cl_join_runs(keystone)
        cl_stamp_arrivals(keystone)
    }

    deinit { close(keystone) }

    /// Binds the next free pair; a port taken by another process is passed over.
    func bind(receiveBuffer: Int32, sendBuffer: Int32, dscp: UInt8) throws(MediaPlaneError) -> Pair {
        var lastError: Int32 = 0
        for _ in 0..<pairs {
            let index = next.withLock { index in
                defer { index = (index + 1) % pairs }
                return index
            }
            let port = firstPort + UInt16(index * 2)
            let rtp = socket(port: port, receiveBuffer, sendBuffer, dscp)
            guard rtp >= 0 else {
                lastError = -rtp
                if lastError == EADDRINUSE { continue }
                throw .cannotBind(host: host, port: port, errno: lastError)
            }
            let rtcp = socket(port: port + 1, 64 << 10, 64 << 10, dscp)
            guard rtcp >= 0 else {
                close(rtp)
                lastError = -rtcp
                if lastError == EADDRINUSE { continue }
                throw .cannotBind(host: host, port: port + 1, errno: lastError)
            }
            return Pair(port: port, rtp: rtp, rtcp: rtcp)
        }
        throw .noFreePort(errno: lastError)
    }

    private func socket(port: UInt16, _ receiveBuffer: Int32, _ sendBuffer: Int32, _ dscp: UInt8) -> Int32 {
        var address = cl_address()
        let parsed = cl_parse_address(host, port, &address)
        guard parsed == 0 else { return parsed }
        let descriptor = cl_bind_udp(&address, receiveBuffer, sendBuffer, Int32(dscp) << 2)
        if descriptor >= 0 { cl_join_runs(descriptor) }
        return descriptor
    }
}
