import Crypto
import Foundation
import SIP

/// A point's end of a call over UDP, for those who make their media themselves: dials with an offer, and hangs up.
public final class SIPCaller: Sendable {
    /// The bridge's session description.
    public let answer: [UInt8]
    private let dialog: Dialog

    private struct Dialog {
        var descriptor: Int32
        var local: UInt16
        var server: UInt16
        var room: String
        var user: String
        var callID = UUID().uuidString
        var to = ""
        var uri: String { "sip:\(room)@127.0.0.1:\(server)" }
    }

    /// Dials `room` at a daemon's UDP port; returns once the point was let in, and has acknowledged it.
    public init(_ point: RunningDaemon.Point, room: String, port server: UInt16, offer: String) throws {
        let (descriptor, local) = try Self.socket(to: server)
        var dialog = Dialog(descriptor: descriptor, local: local, server: server, room: room, user: point.id)
        dialog.to = "<sip:\(room)@127.0.0.1>"
        do {
            answer = try Self.invite(&dialog, offer, password: point.password)
        } catch {
            close(descriptor)
            throw error
        }
        self.dialog = dialog
    }

    deinit { close(dialog.descriptor) }

    /// Says BYE.
    public func hangUp() throws {
        try Self.send(Self.request("BYE", 3, dialog), dialog)
        let answer = try Self.response(dialog)
        guard answer.status == 200 else { throw ToolFailure("the BYE was answered by \(answer.status)") }
    }

    private static func invite(_ dialog: inout Dialog, _ offer: String, password: String) throws -> [UInt8] {
        let body = offer.replacingOccurrences(of: "\n", with: "\r\n")
        try send(request("INVITE", 1, dialog, body: body), dialog)
        let challenged = try response(dialog)
        guard challenged.status == 401, let challenge = DigestChallenge.choose(from: challenged) else {
            throw ToolFailure("the INVITE was answered by \(challenged.status)")
        }
        try send(request("ACK", 1, dialog, to: challenged.to.description), dialog)
        let hashes = DigestHashes(
            md5: { Array(Insecure.MD5.hash(data: $0)) }, sha256: { Array(SHA256.hash(data: $0)) })
        let credentials = challenge.answer(
            method: .invite, uri: dialog.uri, username: dialog.user, secret: .password(password), clientNonce: "c0ffee",
            hashes: hashes)
        let authorization = credentials.map { "Authorization: \($0.headerValue)\r\n" } ?? ""
        try send(request("INVITE", 2, dialog, more: authorization, body: body), dialog)
        let answer = try response(dialog)
        guard answer.status == 200 else { throw ToolFailure("\(dialog.user) may not enter: \(answer.status)") }
        dialog.to = answer.to.description
        try send(request("ACK", 2, dialog), dialog)
        return answer.body
    }

    private static func request(
        _ method: String, _ number: Int, _ dialog: Dialog, to: String? = nil, more: String = "", body: String = ""
    ) -> String {
        // An ACK of a refusal belongs to the transaction of its INVITE (RFC 3261 §17.1.1.3).
        "\(method) \(dialog.uri) SIP/2.0\r\n"
            + "Via: SIP/2.0/UDP 127.0.0.1:\(dialog.local);rport;branch=z9hG4bK\(dialog.callID)-\(number)\r\n"
            + "From: <sip:\(dialog.user)@127.0.0.1>;tag=point\r\nTo: \(to ?? dialog.to)\r\nCall-ID: \(dialog.callID)\r\n"
            + "CSeq: \(number) \(method)\r\nMax-Forwards: 70\r\n"
            + "Contact: <sip:\(dialog.user)@127.0.0.1:\(dialog.local)>\r\n\(more)"
            + (body.isEmpty ? "" : "Content-Type: application/sdp\r\n")
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func send(_ text: String, _ dialog: Dialog) throws {
        let bytes = Array(text.utf8)
        let sent = Glibc.send(dialog.descriptor, bytes, bytes.count, 0)
        // What the port refused before shows here; the daemon is told again by the next request.
        guard sent == bytes.count || errno == ECONNREFUSED else {
            throw ToolFailure("nothing could be sent to port \(dialog.server)")
        }
    }

    /// The next final response.
    private static func response(_ dialog: Dialog) throws -> SIPResponse {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        for _ in 0..<20 {
            var waiting = pollfd(fd: dialog.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 5_000) == 1 else { break }
            let count = recv(dialog.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            guard case .response(let response) = try SIPMessage(parsing: Array(buffer[..<count])) else { continue }
            if response.status >= 200 { return response }
        }
        throw ToolFailure("the daemon does not answer \(dialog.user)")
    }

    /// A socket that speaks to the daemon alone, and its port.
    private static func socket(to server: UInt16) throws -> (Int32, UInt16) {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ToolFailure("no socket: \(String(cString: strerror(errno)))") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = server.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(descriptor, $0, length)
                getsockname(descriptor, $0, &length)
            }
            return (descriptor, UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }
}
