import BenchSupport
import Foundation
import Glibc
import InteropSupport

/// Noise, broken SIP and forged RTP, from strangers with addresses of their own.
struct BadTraffic: Sendable {
    let seed: UInt64
    let host: String
    let sipPort: UInt16
    let tlsPort: UInt16

    init(seed: UInt64, to daemon: RunningDaemon) {
        self.seed = seed
        (host, sipPort, tlsPort) = (daemon.host, daemon.sipPort, daemon.tlsPort)
    }

    func run(for time: Duration, _ record: SoakRecord) async throws {
        let traffic = self
        let sent = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int, any Error>) in
            Thread.detachNewThread { done.resume(with: Result { try traffic.send(for: time) }) }
        }
        record.count("hostile datagrams and streams", by: sent)
    }

    private func send(for time: Duration) throws -> Int {
        var random = SeededRandom(seed: seed)
        let sockets = try (0..<40).map { try UDPSocket(at: "127.20.\($0).\(Int.random(in: 1...250, using: &random))") }
        let end = ContinuousClock.now + time
        var sent = 0
        while ContinuousClock.now < end {
            for _ in 0..<4 {
                guard let socket = sockets.randomElement(using: &random) else { break }
                // Half of it for the ports on which the media of calls may be.
                if Bool.random(using: &random) {
                    socket.send(media(&random), to: host, .random(in: 31_000...59_999, using: &random))
                } else {
                    socket.send(message(sent, &random), to: host, sipPort)
                }
                sent += 1
            }
            if sent.isMultiple(of: 64) {
                stream(noise(&random, most: 3_000), to: Bool.random(using: &random) ? sipPort : tlsPort)
                sent += 1
            }
            // What it hears is nothing to it.
            for socket in sockets { _ = socket.receiveAll() }
            usleep(1_000)
        }
        return sent
    }

    private func noise(_ random: inout SeededRandom, most: Int) -> [UInt8] {
        (0..<Int.random(in: 0...most, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// RTP, RTCP, STUN and DTLS by their first octets, and nothing else.
    private func media(_ random: inout SeededRandom) -> [UInt8] {
        var octets = noise(&random, most: 1_200)
        let kinds: [UInt8] = [0x80, 0x81, 0x00, 0x16, 0x90]
        if let first = kinds.randomElement(using: &random), !octets.isEmpty { octets[0] = first }
        if octets.count > 1, Bool.random(using: &random) { octets[1] = .random(in: 200...206, using: &random) }
        return octets
    }

    /// A request with some octets changed, doubled, or left out.
    private func message(_ number: Int, _ random: inout SeededRandom) -> [UInt8] {
        let method = ["INVITE", "REGISTER", "OPTIONS", "BYE", "NOTIFY"].randomElement(using: &random) ?? "INVITE"
        let body = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/SAVP 8\r\n"
        var octets = Array(
            ("\(method) sip:giaoban@\(host) SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\(number)\r\n"
                + "From: <sip:a@b>;tag=\(number)\r\nTo: <sip:giaoban@\(host)>\r\nCall-ID: \(number)\r\n"
                + "CSeq: 1 \(method)\r\nMax-Forwards: 70\r\nContact: <sip:a@192.0.2.1>\r\n"
                + "Content-Type: application/sdp\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            guard let place = octets.indices.randomElement(using: &random) else { break }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: octets[place] = .random(in: 0...255, using: &random)
            case 1: octets.remove(at: place)
            case 2: octets.insert(octets[place], at: place)
            default: octets.removeLast(min(octets.count, Int.random(in: 0...60, using: &random)))
            }
        }
        return octets
    }

    /// A connection that says this, and is gone.
    private func stream(_ octets: [UInt8], to port: UInt16) {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Not from the address that points have.
        _ = SocketAddress.bind(descriptor, "127.20.200.1")
        guard SocketAddress.with(host, port, { connect(descriptor, $0, $1) }) == 0 else { return }
        _ = Glibc.send(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL))
    }
}
