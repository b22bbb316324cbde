import Crypto
import Foundation
import InteropSupport

/// A point as far as it registers: its requests as text, its answers to challenges.
struct RegisteringPoint: Sendable {
    enum Way: String, Sendable { case udp = "UDP", tcp = "TCP", tls = "TLS" }

    let user: String
    let way: Way
    let address: String
    var port: UInt16
    /// Names the point in branches, as `QuickResponse.number` reads them.
    let number: Int
    private let secret: String
    private(set) var sequence = Int.random(in: 1...1_000)
    private let callID = UUID().uuidString

    init(_ point: RunningDaemon.Point, number: Int, way: Way, at address: String, port: UInt16 = 0) {
        user = point.id
        self.number = number
        self.way = way
        self.address = address
        self.port = port
        secret = Self.md5("\(point.id):causeway.test:\(point.password)")
    }

    /// The contact that it registers, and that must be found again.
    var contact: String {
        "<sip:\(user)@\(address):\(5060 + number % 40_000)\(way == .udp ? "" : ";transport=\(way.rawValue.lowercased())")>"
    }

    /// The next REGISTER: of its contact, or of none, which asks what is registered (RFC 3261 §10.2.3).
    mutating func request(asks: Bool = false, nonce: Substring? = nil, expires: Int = 3_600, password: String? = nil)
        -> String
    {
        sequence += 1
        let uri = "sip:causeway.test"
        var text =
            "REGISTER \(uri) SIP/2.0\r\n"
            + "Via: SIP/2.0/\(way.rawValue) \(address):\(port);rport;branch=z9hG4bK-\(number)-\(sequence)-\(UInt32.random(in: 0 ... .max))\r\n"
            + "Max-Forwards: 70\r\nFrom: <sip:\(user)@causeway.test>;tag=\(number)\r\nTo: <sip:\(user)@causeway.test>\r\n"
            + "Call-ID: \(callID)\r\nCSeq: \(sequence) REGISTER\r\n"
        if let nonce {
            let ha1 = password.map { Self.md5("\(user):causeway.test:\($0)") } ?? secret
            let response = Self.md5("\(ha1):\(nonce):00000001:abc:auth:\(Self.md5("REGISTER:\(uri)"))")
            text +=
                "Authorization: Digest username=\"\(user)\", realm=\"causeway.test\", nonce=\"\(nonce)\", uri=\"\(uri)\", "
                + "response=\"\(response)\", algorithm=MD5, cnonce=\"abc\", qop=auth, nc=00000001\r\n"
        }
        if !asks { text += "Contact: \(contact);expires=\(expires)\r\n" }
        return text + "Content-Length: 0\r\n\r\n"
    }

    /// Whether a response lists the contact.
    func isListed(in response: QuickResponse) -> Bool {
        response.values(of: "Contact").contains { $0.hasPrefix(contact) }
    }

    /// Registers, or asks, over a connection. Returns the last response.
    mutating func register(on stream: SIPStream, asks: Bool = false, within limit: Duration = .seconds(5)) async throws
        -> QuickResponse
    {
        port = UInt16(clamping: stream.localPort)
        try await stream.send(request(asks: asks))
        guard let challenge = await stream.response(within: limit) else {
            throw ToolFailure("\(user): no answer over \(way)")
        }
        guard challenge.status == 401, let nonce = challenge.nonce else { return challenge }
        try await stream.send(request(asks: asks, nonce: nonce))
        guard let response = await stream.response(within: limit) else {
            throw ToolFailure("\(user): no answer over \(way)")
        }
        return response
    }

    private static func md5(_ text: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let octets = Insecure.MD5.hash(data: Array(text.utf8)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: octets, as: UTF8.self)
    }
}
