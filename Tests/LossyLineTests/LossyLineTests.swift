import Glibc
import Testing

@testable import LossyLine

@Suite struct LossyLineTests {
    private final class Port {
        let descriptor: Int32
        let number: UInt16

        init() {
            let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            var patience = timeval(tv_sec: 5, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            var address = Self.loopback(0)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = bind(descriptor, $0, length)
                    _ = getsockname(descriptor, $0, &length)
                }
            }
            self.descriptor = descriptor
            number = UInt16(bigEndian: address.sin_port)
        }

        deinit { close(descriptor) }

        func send(_ bytes: [UInt8], to port: UInt16) {
            withUnsafePointer(to: Self.loopback(port)) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }

        func receive() -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: 2_000)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            return count > 0 ? Array(buffer[..<count]) : nil
        }

        private static func loopback(_ port: UInt16) -> sockaddr_in {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            return address
        }
    }

    @Test func datagramsGoBothWays() throws {
        let (endpoint, peer) = (Port(), Port())
        let line = try LossyLine(to: peer.number)
        defer { line.end() }
        endpoint.send([0x80, 1, 2], to: line.port)
        #expect(peer.receive() == [0x80, 1, 2])
        peer.send([0x80, 3], to: line.farPort)
        #expect(endpoint.receive() == [0x80, 3])
        #expect(line.counters.up.passed == 1 && line.counters.down.passed == 1)
    }

    @Test func lossCountsOneWayAndDelayHolds() throws {
        let (endpoint, peer) = (Port(), Port())
        let line = try LossyLine(
            to: peer.number, endpoint: endpoint.number, up: .init(loss: .all), down: .init(delay: .milliseconds(120)))
        defer { line.end() }
        endpoint.send([0x80, 1], to: line.port)
        let start = ContinuousClock.now
        peer.send([0x80, 2], to: line.farPort)
        #expect(endpoint.receive() == [0x80, 2])
        #expect(ContinuousClock.now - start > .milliseconds(115))
        #expect(line.counters.up.lost == 1 && line.counters.up.passed == 0)
        // The line mends.
        line.set(up: .clear)
        endpoint.send([0x80, 4], to: line.port)
        #expect(peer.receive() == [0x80, 4])
    }
}
