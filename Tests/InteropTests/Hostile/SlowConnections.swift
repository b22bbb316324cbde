import Foundation
import Glibc
import InteropSupport
import Synchronization

/// Connections that are opened and never get anywhere: they send what they have octet by octet.
final class SlowConnections: Sendable {
    enum Manner: Sendable {
        /// Nothing is sent.
        case silent
        /// A request whose head never ends.
        case request
        /// Line ends, which begin no message.
        case lineEnds
        /// A ClientHello that never ends.
        case handshake

        var octets: [UInt8] {
            switch self {
            case .silent: []
            case .request: Array("OPTIONS sip:a@b SIP/2.0\r\nSubject: ".utf8) + [UInt8](repeating: 97, count: 4_000)
            case .lineEnds: [UInt8](repeating: 0, count: 4_000).indices.map { $0 % 2 == 0 ? 13 : 10 }
            // A TLS record of 512 octets (RFC 8446 §5.1), of which most never come.
            case .handshake: [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3] + [UInt8](repeating: 7, count: 300)
            }
        }
    }

    private struct State {
        var descriptors: [Int32] = []
        var sent = 0
        var refused = 0
    }
    private let state = Mutex(State())
    private let manner: Manner

    init(_ manner: Manner) { self.manner = manner }
    deinit { for descriptor in state.withLock({ $0.descriptors }) { close(descriptor) } }

    /// Opens so many, so many of them from each address, and waits until each stands or is refused.
    func open(_ count: Int, each: Int, first: Int = 0, to port: UInt16) async throws {
        try await Strangers.onThread { [self] in
            var waiting: [Int32] = []
            func settle(downTo limit: Int) {
                let end = ContinuousClock.now + .seconds(20)
                while waiting.count > limit, ContinuousClock.now < end {
                    var polled = waiting.map { pollfd(fd: $0, events: Int16(POLLOUT), revents: 0) }
                    poll(&polled, nfds_t(polled.count), 100)
                    waiting = polled.filter { $0.revents == 0 }.map(\.fd)
                }
            }
            for number in 0..<count {
                do {
                    let (descriptor, _) = try Strangers.socket(
                        SOCK_STREAM, at: Strangers.address(first + number / each), to: port)
                    state.withLock { $0.descriptors.append(descriptor) }
                    waiting.append(descriptor)
                } catch {
                    state.withLock { $0.refused += 1 }
                }
                if waiting.count >= 256 { settle(downTo: 128) }
            }
            settle(downTo: 0)
        }
    }

    /// Sends the next octet on each; forgets those that were closed. Returns how many are left.
    func trickle() -> Int {
        state.withLock { state in
            let octets = manner.octets
            var buffer = [UInt8](repeating: 0, count: 64)
            state.descriptors.removeAll { descriptor in
                var isGone = false
                while let read = Strangers.read(descriptor, &buffer) {
                    isGone = read.isEmpty
                    if isGone { break }
                }
                if !isGone, state.sent < octets.count {
                    var octet = octets[state.sent]
                    let sent = send(descriptor, &octet, 1, Int32(MSG_NOSIGNAL) | Strangers.withoutWaiting)
                    isGone = sent < 0 && errno != EAGAIN
                }
                if isGone { close(descriptor) }
                return isGone
            }
            state.sent += 1
            return state.descriptors.count
        }
    }
}
