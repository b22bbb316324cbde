import Glibc
import SiteConfiguration

extension Examination {
    /// A picture's socket holds so much, so that a burst waits and is not lost.
    private static let wantedBuffer: Int32 = 1 << 20
    private static let udpSegment: Int32 = 103
    private static let udpReceiveOffload: Int32 = 104

    func kernel() -> [Finding] { [buffers(), offload(), files()] }

    private func buffers() -> Finding {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return Finding("socket buffers", .skipped, "no socket can be made") }
        defer { close(descriptor) }
        let small = [("rmem_max", SO_RCVBUF), ("wmem_max", SO_SNDBUF)].filter { _, option in
            var size = Self.wantedBuffer
            var length = socklen_t(MemoryLayout<Int32>.size)
            setsockopt(descriptor, SOL_SOCKET, option, &size, length)
            getsockopt(descriptor, SOL_SOCKET, option, &size, &length)
            // The kernel tells twice of what it gives (socket(7)).
            return size < Self.wantedBuffer * 2
        }.map { "net.core.\($0.0)" }
        guard small.isEmpty else {
            return Finding(
                "socket buffers", .warning,
                "\(small.joined(separator: " and ")) allow less than 1 MiB: bursts of pictures may be lost",
                advice: "in /etc/sysctl.d/60-causeway.conf: "
                    + small.map { "\($0)=\(Self.wantedBuffer)" }.joined(separator: ", ")
                    + "; then sysctl --system")
        }
        return Finding("socket buffers", .good, "1 MiB for each picture is allowed")
    }

    private func offload() -> Finding {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return Finding("UDP offload", .skipped, "no socket can be made") }
        defer { close(descriptor) }
        var size: Int32 = 1_200
        let sends = setsockopt(descriptor, Int32(IPPROTO_UDP), Self.udpSegment, &size, 4) == 0
        var on: Int32 = 1
        let receives = setsockopt(descriptor, Int32(IPPROTO_UDP), Self.udpReceiveOffload, &on, 4) == 0
        guard sends, receives else {
            return Finding(
                "UDP offload", .bad, "this kernel has no \(sends ? "GRO" : "GSO") for UDP",
                advice: "take Linux 5.0 or newer")
        }
        // io_uring was measured, and not taken: docs/performance.md.
        return Finding("UDP offload", .good, "GSO and GRO; io_uring is not needed")
    }

    /// Of the service's unit where it runs: a shell has its own.
    private func files() -> Finding {
        let needed = 8 * 1_024
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Finding("open files", .skipped, "the kernel does not tell")
        }
        guard limit.rlim_max >= needed else {
            return Finding(
                "open files", .warning, "\(limit.rlim_max) at most, where a point in a meeting takes up to eight",
                advice: "LimitNOFILE=65536 in the unit, as systemd/causewayd.service has it")
        }
        return Finding("open files", .good, "\(limit.rlim_max) at most; a point in a meeting takes up to eight")
    }
}
