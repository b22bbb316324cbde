import Foundation
import LossyLine
import Synchronization

/// A line that loses packets as it is told to: two network interfaces (TUN), one of them moved to another namespace, and a
/// thread that carries IP packets between them, in between losses.
final class LossyTunnel: Sendable {
    private static let largestPacket = 1_500
    /// `IFF_TUN | IFF_NO_PI` and `TUNSETIFF` of <linux/if_tun.h>.
    private static let flags: Int16 = 0x1001
    private static let setInterface: UInt = 0x4004_54CA

    private struct State {
        var up: LineModel
        var down: LineModel
        var isOpen = true
    }

    private let near: Int32
    private let far: Int32
    private let state: Mutex<State>

    /// Makes both interfaces, here; `far` is to be moved to where the endpoint is.
    init(near: String, far: String, seed: UInt64 = 1) throws {
        self.near = try Self.interface(near)
        do {
            self.far = try Self.interface(far)
        } catch {
            close(self.near)
            throw error
        }
        state = Mutex(State(up: LineModel(.clear, seed: seed), down: LineModel(.clear, seed: seed &+ 1)))
        Thread.detachNewThread { [self] in carry() }
    }

    /// What the line does from now on, both ways.
    func set(_ conditions: LineConditions) {
        state.withLock {
            $0.up.conditions = conditions
            $0.down.conditions = conditions
        }
    }

    var counters: (up: LineCounters, down: LineCounters) { state.withLock { ($0.up.counters, $0.down.counters) } }

    /// Ends the line; its interfaces are gone within a tenth of a second.
    func end() { state.withLock { $0.isOpen = false } }

    private func carry() {
        defer {
            close(near)
            close(far)
        }
        setpriority(Int32(PRIO_PROCESS.rawValue), 0, -10)
        var buffer = [UInt8](repeating: 0, count: Self.largestPacket)
        while state.withLock({ $0.isOpen }) {
            var waiting = [
                pollfd(fd: near, events: Int16(POLLIN), revents: 0), pollfd(fd: far, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&waiting, 2, 100)
            move(from: far, to: near, &buffer) { $0.up.pass(octets: $1, isControl: $2, atNanoseconds: 0) != nil }
            move(from: near, to: far, &buffer) { $0.down.pass(octets: $1, isControl: $2, atNanoseconds: 0) != nil }
        }
    }

    private func move(
        from source: Int32, to sink: Int32, _ buffer: inout [UInt8],
        _ passes: (inout State, _ octets: Int, _ isControl: Bool) -> Bool
    ) {
        while case let count = read(source, &buffer, buffer.count), count > 0 {
            let isControl = !Self.isMedia(buffer[..<count])
            if state.withLock({ passes(&$0, count, isControl) }) { _ = write(sink, buffer, count) }
        }
    }

    /// RTP over UDP over IPv4.
    private static func isMedia(_ packet: ArraySlice<UInt8>) -> Bool {
        let header = Int((packet.first ?? 0) & 0x0F) * 4
        guard (packet.first ?? 0) >> 4 == 4, packet.count > header + 10, packet[9] == 17 else { return false }
        let payload = packet[(header + 8)...]
        return (payload.first ?? 0) >> 6 == 2 && !(192...223).contains(payload[header + 9])
    }

    private static func interface(_ name: String) throws -> Int32 {
        let descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw Beyond("no TUN device: \(String(cString: strerror(errno)))") }
        // struct ifreq: a name of 16 octets, then the flags.
        var request = [UInt8](repeating: 0, count: 40)
        request.replaceSubrange(0..<min(15, name.utf8.count), with: name.utf8.prefix(15))
        request.withUnsafeMutableBytes { $0.storeBytes(of: flags, toByteOffset: 16, as: Int16.self) }
        guard ioctl(descriptor, setInterface, &request) == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw Beyond("no TUN interface: \(reason)")
        }
        return descriptor
    }
}
