import Crypto
import Foundation
import Glibc
import SIP
import Synchronization

/// A point's end of a call over UDP, for those who make their media themselves: dials, changes what was agreed, and hangs up.
public final class SIPCaller: Sendable {
    /// The bridge's session description: its answer, or its offer where the point made none.
    public let answer: [UInt8]
    private let dialog: Dialog
    /// `CSeq` of the last request.
    private let number: Mutex<Int>

    private struct Dialog {
        var descriptor: Int32
        var address: String
        var local: UInt16
        var server: UInt16
        var room: String
        var user: String
        var callID = UUID().uuidString
        var to = ""
        var uri: String { "sip:\(room)@\(address):\(server)" }
    }

    /// Dials `room` at a daemon's UDP port; returns once the point was let in, and has acknowledged it.
    public convenience init(
        _ point: RunningDaemon.Point, room: String, port server: UInt16, at address: String = "127.0.0.1", offer: String
    ) throws {
        try self.init(point, room, server, address, offer: offer, lateAnswer: nil)
    }

    /// Dials without an offer, and answers the bridge's in the ACK (RFC 3261 §13.2.2.4).
    public convenience init(
        _ point: RunningDaemon.Point, room: String, port server: UInt16, at address: String = "127.0.0.1",
        answering lateAnswer: @escaping ([UInt8]) throws -> String
    ) throws {
        try self.init(point, room, server, address, offer: nil, lateAnswer: lateAnswer)
    }

    private init(
        _ point: RunningDaemon.Point, _ room: String, _ server: UInt16, _ address: String, offer: String?,
        lateAnswer: (([UInt8]) throws -> String)?
    ) throws {
        let (descriptor, local) = try Self.socket(to: server, at: address)
        var dialog = Dialog(
            descriptor: descriptor, address: address, local: local, server: server, room: room, user: point.id)
        dialog.to = "<sip:\(room)@\(address)>"
        do {
            answer = try Self.invite(&dialog, offer ?? "", password: point.password, lateAnswer)
        } catch {
            close(descriptor)
            throw error
        }
        self.dialog = dialog
        number = Mutex(2)
    }

    deinit { close(dialog.descriptor) }

    /// Says BYE.
    public func hangUp() throws {
        let answer = try ask("BYE")
        guard answer.status == 200 else { throw ToolFailure("the BYE was answered by \(answer.status)") }
    }

    /// Sends a request of the dialog and returns its final answer; an INVITE's is acknowledged.
    public func ask(_ method: String, _ headers: String = "", type: String = "application/sdp", body: String = "")
        throws -> SIPResponse
    {
        let number = number.withLock { number in
            number += 1
            return number
        }
        let text = body.replacingOccurrences(of: "\n", with: "\r\n")
        try Self.send(Self.request(method, number, dialog, more: headers, type: type, body: text), dialog)
        let answer = try Self.response(dialog, to: number)
        if method == "INVITE" { try Self.send(Self.request("ACK", number, dialog), dialog) }
        return answer
    }

    /// Offers another description; returns the bridge's answer.
    public func offer(_ description: String, _ method: String = "INVITE") throws -> [UInt8] {
        let answer = try ask(method, body: description)
        guard answer.status == 200 else { throw ToolFailure("the re-offer was answered by \(answer.status)") }
        return answer.body
    }

    /// What the bridge itself asks for, such as a refresh; answered by 200. nil when nothing comes in time.
    public func nextRequest(within limit: Duration) throws -> SIPRequest? {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            guard case .request(let request)? = try Self.receive(dialog, milliseconds: 100) else { continue }
            var text = "SIP/2.0 200 OK\r\n" + request.vias.map { "Via: \($0)\r\n" }.joined()
            text += "From: \(request.from)\r\nTo: \(request.to)\r\nCall-ID: \(request.callID)\r\n"
            text += "CSeq: \(request.cseq)\r\n"
            if let timer = request.headers["Session-Expires"] { text += "Session-Expires: \(timer)\r\n" }
            text += "Contact: <sip:\(dialog.user)@\(dialog.address):\(dialog.local)>\r\nContent-Length: 0\r\n\r\n"
            try Self.send(text, dialog)
            return request
        }
        return nil
    }

    private static func invite(
        _ dialog: inout Dialog, _ offer: String, password: String, _ lateAnswer: (([UInt8]) throws -> String)?
    ) throws -> [UInt8] {
        let body = offer.replacingOccurrences(of: "\n", with: "\r\n")
        let challenge = try challenge(dialog, body)
        let credentials = challenge.answer(
            method: .invite, uri: dialog.uri, username: dialog.user, secret: .password(password), clientNonce: "c0ffee",
            hashes: hashes)
        let authorization = credentials.map { "Authorization: \($0.headerValue)\r\n" } ?? ""
        try send(request("INVITE", 2, dialog, more: authorization, body: body), dialog)
        let answer = try response(dialog, to: 2)
        guard answer.status == 200 else { throw ToolFailure("\(dialog.user) may not enter: \(answer.status)") }
        dialog.to = answer.to.description
        let late = try lateAnswer?(answer.body).replacingOccurrences(of: "\n", with: "\r\n") ?? ""
        try send(request("ACK", 2, dialog, body: late), dialog)
        return answer.body
    }

    public static var hashes: DigestHashes {
        DigestHashes(md5: { Array(Insecure.MD5.hash(data: $0)) }, sha256: { Array(SHA256.hash(data: $0)) })
    }

    /// What a point is challenged by that calls without credentials, for it to answer in advance when it calls again.
    public static func challenge(
        _ point: RunningDaemon.Point, room: String, port server: UInt16, at address: String = "127.0.0.1"
    ) throws -> DigestChallenge {
        let (descriptor, local) = try socket(to: server, at: address)
        defer { close(descriptor) }
        let dialog = Dialog(
            descriptor: descriptor, address: address, local: local, server: server, room: room, user: point.id,
            to: "<sip:\(room)@\(address)>")
        return try challenge(dialog, "")
    }

    private static func challenge(_ dialog: Dialog, _ body: String) throws -> DigestChallenge {
        try send(request("INVITE", 1, dialog, body: body), dialog)
        let challenged = try response(dialog, to: 1)
        guard challenged.status == 401, let challenge = DigestChallenge.choose(from: challenged) else {
            throw ToolFailure("the INVITE was answered by \(challenged.status)")
        }
        try send(request("ACK", 1, dialog, to: challenged.to.description), dialog)
        return challenge
    }

    private static func request(
        _ method: String, _ number: Int, _ dialog: Dialog, to: String? = nil, more: String = "",
        type: String = "application/sdp", body: String = ""
    ) -> String {
        // An ACK of a refusal belongs to the transaction of its INVITE (RFC 3261 §17.1.1.3).
        "\(method) \(dialog.uri) SIP/2.0\r\n"
            + "Via: SIP/2.0/UDP \(dialog.address):\(dialog.local);rport;branch=z9hG4bK\(dialog.callID)-\(number)\r\n"
            + "From: <sip:\(dialog.user)@\(dialog.address)>;tag=point\r\nTo: \(to ?? dialog.to)\r\n"
            + "Call-ID: \(dialog.callID)\r\nCSeq: \(number) \(method)\r\nMax-Forwards: 70\r\n"
            + "Contact: <sip:\(dialog.user)@\(dialog.address):\(dialog.local)>\r\n\(more)"
            + (body.isEmpty ? "" : "Content-Type: \(type)\r\n")
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

    private static func receive(_ dialog: Dialog, milliseconds: Int32) throws -> SIPMessage? {
        var waiting = pollfd(fd: dialog.descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, milliseconds) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(dialog.descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        return try SIPMessage(parsing: Array(buffer[..<count]))
    }

    /// The final response to the request of this number.
    private static func response(_ dialog: Dialog, to number: Int) throws -> SIPResponse {
        let end = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < end {
            guard case .response(let response)? = try receive(dialog, milliseconds: 1_000) else { continue }
            if response.status >= 200, response.cseq.number == UInt32(number) { return response }
        }
        throw ToolFailure("the daemon does not answer \(dialog.user)")
    }

    /// A socket that speaks to the daemon alone, and its port.
    private static func socket(to server: UInt16, at address: String) throws -> (Int32, UInt16) {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ToolFailure("no socket: \(String(cString: strerror(errno)))") }
        SocketAddress.with(address, server) { _ = connect(descriptor, $0, $1) }
        return (descriptor, SocketAddress.localPort(descriptor))
    }
}
