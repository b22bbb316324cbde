import Foundation
import Logging
import SIP
import Testing

@testable import Signalling

/// The bridge on the IPv6 loopback, reached over real sockets.
@Suite(.enabled(if: Peer.hasIPv6, "there is no ::1 here"))
struct IPv6Tests {
    private static func withSignalling(
        _ transport: SIPTransport, _ body: (SIPListener) throws -> Void
    ) async throws {
        let thread = ControlThread()
        let signalling = try Signalling(
            configuration: .init(listeners: [SIPListener(transport, host: "::1", port: 0)], domain: "causeway.test"),
            host: FakeHost(), legs: FakeLegs(), on: thread, logger: Logger(label: "test"))
        try await signalling.start()
        let result = Result { try body(try #require(signalling.addresses.first)) }
        await signalling.stop()
        await thread.stop()
        try result.get()
    }

    private static func request(_ method: String, to listener: SIPListener, from peer: Peer) -> [UInt8] {
        let transport = listener.transport.token
        return Array(
            """
            \(method) sip:so1@[::1]:\(listener.port) SIP/2.0
            Via: SIP/2.0/\(transport) [::1]:\(peer.port);branch=z9hG4bK\(method)\(transport);rport
            From: <sip:so1@causeway.test>;tag=f1
            To: <sip:so1@causeway.test>
            Call-ID: \(method)@[::1]
            CSeq: 1 \(method)
            Contact: <sip:so1@[::1]:\(peer.port);transport=\(listener.transport.parameter)>
            Max-Forwards: 70
            Content-Length: 0


            """.replacing("\n", with: "\r\n").utf8)
    }

    @Test(arguments: [SIPTransport.udp, .tcp])
    func answersComeBackOverIPv6(transport: SIPTransport) async throws {
        try await Self.withSignalling(transport) { listener in
            #expect(listener.host == "::1" && listener.port > 0)
            let peer = try Peer(transport, to: listener.port)
            defer { peer.close() }
            for method in ["OPTIONS", "REGISTER"] {
                try peer.send(Self.request(method, to: listener, from: peer))
                guard case .response(let response) = try SIPMessage(parsing: peer.receive()) else {
                    Issue.record("not a response")
                    return
                }
                #expect(response.status == 401)
                let via = try #require(response.vias.first)
                #expect(via.host == "::1" && via.port == peer.port)
                // Without brackets (RFC 5118 §4.5).
                #expect(via.description.contains(";received=::1"))
                #expect(via.rport == peer.port)
            }
        }
    }

    @Test func whatHasNoBracketsIsRefusedOverIPv6() async throws {
        try await Self.withSignalling(.udp) { listener in
            let peer = try Peer(.udp, to: listener.port)
            defer { peer.close() }
            let text = String(decoding: Self.request("OPTIONS", to: listener, from: peer), as: UTF8.self)
            try peer.send(Array(text.replacing("sip:so1@[::1]:\(listener.port) ", with: "sip:so1@::1 ").utf8))
            guard case .response(let response) = try SIPMessage(parsing: peer.receive()) else { return }
            #expect(response.status == 400)
        }
    }
}

/// A socket of a point's, connected to the bridge over `::1`.
private struct Peer {
    private let descriptor: Int32
    let port: UInt16

    static let hasIPv6: Bool = {
        guard let descriptor = try? open(SOCK_DGRAM) else { return false }
        defer { _ = Glibc.close(descriptor) }
        return (try? address(of: descriptor)) != nil
    }()

    init(_ transport: SIPTransport, to port: UInt16) throws {
        let descriptor = try Self.open(transport.isReliable ? SOCK_STREAM : SOCK_DGRAM)
        self.descriptor = descriptor
        var peer = Self.loopback(port)
        let status = withUnsafePointer(to: &peer) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
        guard status == 0 else { throw Failed(errno: errno) }
        self.port = try Self.address(of: descriptor)
    }

    func send(_ octets: [UInt8]) throws {
        guard Glibc.send(descriptor, octets, octets.count, 0) == octets.count else { throw Failed(errno: errno) }
    }

    /// One message; answers without a body come whole.
    func receive() throws -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &octets, octets.count, 0)
        guard count > 0 else { throw Failed(errno: errno) }
        return Array(octets.prefix(count))
    }

    func close() { _ = Glibc.close(descriptor) }

    struct Failed: Error { let errno: Int32 }

    private static func loopback(_ port: UInt16) -> sockaddr_in6 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_addr = in6addr_loopback
        return address
    }

    /// Bound to `::1`; what does not come within seconds does not come.
    private static func open(_ type: __socket_type) throws -> Int32 {
        let descriptor = socket(AF_INET6, Int32(type.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(errno: errno) }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var own = loopback(0)
        let status = withUnsafePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
        guard status == 0 else {
            _ = Glibc.close(descriptor)
            throw Failed(errno: errno)
        }
        return descriptor
    }

    private static func address(of descriptor: Int32) throws -> UInt16 {
        var own = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let status = withUnsafeMutablePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard status == 0 else { throw Failed(errno: errno) }
        return UInt16(bigEndian: own.sin6_port)
    }
}
