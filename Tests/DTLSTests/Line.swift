import DTLS
import Foundation
import Testing

/// Our end of a line to a program: an association, and its socket on loopback.
final class Line {
    struct Failed: Error { var number: Int32 }

    let port: UInt16
    let certificate: ProgramCertificate
    /// Where the peer is: known beforehand, or by the first datagram from it.
    var peer: UInt16?
    private(set) var record = Record()
    private(set) var sent: [[UInt8]] = []
    private let association: DTLSAssociation
    private let descriptor: Int32

    init(role: DTLSRole) throws {
        certificate = try ProgramCertificate()
        let now = Int(Date().timeIntervalSince1970)
        association = try DTLSAssociation(
            DTLSContext(.made(validFrom: now - day, until: now + day)), role: role,
            fingerprints: [certificate.fingerprint], wallClock: now)
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard bound else { throw Failed(number: errno) }
    }

    deinit { close(descriptor) }

    func handle(_ event: DTLSEvent) throws {
        for octets in record.take(association.handle(event, at: .now)) {
            sent.append(octets)
            var address = Self.loopback(peer ?? 0)
            let count = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, octets, octets.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            // A program that has ended refuses what comes after.
            guard count == octets.count || errno == ECONNREFUSED else { throw Failed(number: errno) }
        }
    }

    /// Takes what comes until something holds, or 20 seconds have passed.
    func run(until holds: () -> Bool) throws {
        if record.keys.isEmpty { try handle(.start) }
        let end = ContinuousClock.now + .seconds(20)
        while !holds() {
            let left = min(association.deadline ?? end, end) - .now
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&poller, 1, Int32(max(0, left / .milliseconds(1)).rounded(.up))) > 0 {
                try handle(.datagram(receive()))
            } else if let deadline = association.deadline, deadline <= .now {
                try handle(.timeout)
            } else if end <= .now {
                Issue.record("20 seconds without what was waited for")
                return
            }
        }
    }

    private func receive() -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: 65_536)
        var source = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &source) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &octets, octets.count, 0, $0, &length)
            }
        }
        if count > 0 { peer = UInt16(bigEndian: source.sin_port) }
        return Array(octets.prefix(max(0, count)))
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }
}
