import BFCP
import Foundation
import Glibc
import InteropSupport
import SDP
import Synchronization

/// A room system's end of floor control over UDP (RFC 8855): asks for the one floor, and gives it back. What the server
/// tells meanwhile is acknowledged as each request is made.
final class FloorParticipantPort: Sendable {
    private struct State {
        var server: UInt16 = 0
        var conferenceID: UInt32 = 0
        var userID: UInt16 = 0
        var floorID: UInt16 = 0
        var transactionID: UInt16 = 0
        var requestID: UInt16?
    }

    let port: UInt16
    private let descriptor: Int32
    private let state = Mutex(State())

    init() throws {
        descriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ToolFailure("no socket: \(String(cString: strerror(errno)))") }
        port = SocketAddress.bind(descriptor, "127.0.0.1")
    }

    deinit { close(descriptor) }

    /// Takes its place from the bridge's answer (RFC 8856 §5).
    func follow(_ answer: SessionDescription) throws {
        guard let line = answer.media.first(where: { $0.kind == "application" }),
            let conference = line.attributes.first("confid").flatMap(UInt32.init),
            let user = line.attributes.first("userid").flatMap(UInt16.init),
            let floor = line.attributes.first("floorid")?.split(separator: " ").first.flatMap({ UInt16($0) })
        else { throw ToolFailure("the bridge gives no place in its floor control") }
        state.withLock {
            $0 = State(server: line.port, conferenceID: conference, userID: user, floorID: floor)
        }
    }

    /// Asks for the floor and waits until it is granted.
    func take() throws {
        let floor = state.withLock { $0.floorID }
        let status = try ask(.floorRequest, [.floorID(floor)])
        guard
            let request = status.attributes.compactMap({ attribute -> (UInt16, [BFCPAttribute])? in
                guard case .floorRequestInformation(let id, let inner) = attribute.value else { return nil }
                return (id, inner)
            }).first
        else { throw ToolFailure("the floor was not given: \(status)") }
        state.withLock { $0.requestID = request.0 }
        let overall = request.1.first { if case .overallRequestStatus = $0.value { true } else { false } }
        let isGranted = overall?.grouped.contains {
            if case .requestStatus(.granted, _) = $0.value { true } else { false }
        }
        guard isGranted == true else { throw ToolFailure("the floor was not granted: \(status)") }
    }

    func giveBack() throws {
        guard let request = state.withLock({ $0.requestID.take() }) else { return }
        _ = try ask(.floorRelease, [.floorRequestID(request)])
    }

    private func ask(_ primitive: BFCPPrimitive, _ attributes: [BFCPAttribute.Value]) throws -> BFCPMessage {
        let message = state.withLock { state in
            state.transactionID += 1
            return BFCPMessage(
                primitive, version: 2, conferenceID: state.conferenceID, transactionID: state.transactionID,
                userID: state.userID, attributes: attributes.map { .init($0) })
        }
        send(message)
        let end = ContinuousClock.now + .seconds(5)
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while ContinuousClock.now < end {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 200) == 1 else { continue }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0, let heard = try? BFCPMessage(parsing: Array(buffer[..<count])) else { continue }
            if heard.isResponse, heard.transactionID == message.transactionID { return heard }
            guard !heard.isResponse else { continue }
            send(
                BFCPMessage(
                    heard.primitive == .floorStatus ? .floorStatusAck : .floorRequestStatusAck, version: 2,
                    isResponse: true, conferenceID: heard.conferenceID, transactionID: heard.transactionID,
                    userID: heard.userID))
        }
        throw ToolFailure("the floor control server does not answer")
    }

    private func send(_ message: BFCPMessage) {
        let octets = message.serialized()
        SocketAddress.with("127.0.0.1", state.withLock { $0.server }) {
            _ = sendto(descriptor, octets, octets.count, 0, $0, $1)
        }
    }
}
