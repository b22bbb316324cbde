import Crypto
import SIP

/// The messages of one call as `CallsBench` has SIPp send them: challenged, let in, hung up.
struct CallTexts {
    static let user = "m0p7"
    static let password = "mat-khau-dai"
    static let domain = "cauham.example"
    private static let room = "phong0"
    private static let bridge = "127.0.0.1:5060"
    private static let point = "127.0.0.1:6060"

    let number: Int
    /// With a picture and keys, as a room system offers them, in place of SIPp's single codec in the clear.
    let isRich: Bool

    var plainInvite: [UInt8] { request("INVITE", 1, more: contentType, body: offer) }

    func firstAck(_ refusal: SIPResponse) -> [UInt8] {
        request("ACK", 1, branch: "1", toTag: refusal.to.tag)
    }

    func signedInvite(_ refusal: SIPResponse) -> [UInt8] {
        let hashes = DigestHashes(
            md5: { Array(Insecure.MD5.hash(data: $0)) }, sha256: { Array(SHA256.hash(data: $0)) })
        let credentials = DigestChallenge.choose(from: refusal)?.answer(
            method: .invite, uri: "sip:\(Self.room)@\(Self.bridge)", username: Self.user,
            secret: .password(Self.password), clientNonce: "6b8b4567", hashes: hashes)
        let authorization = credentials.map { "Authorization: \($0.headerValue)\n" } ?? ""
        return request("INVITE", 2, more: authorization + contentType, body: offer)
    }

    func secondAck(_ answer: SIPResponse) -> [UInt8] { request("ACK", 2, branch: "3", toTag: answer.to.tag) }
    func bye(_ answer: SIPResponse) -> [UInt8] { request("BYE", 3, toTag: answer.to.tag) }

    private var contentType: String { "Content-Type: application/sdp\n" }

    var offer: String {
        guard isRich else {
            return """
                v=0
                o=- 1 1 IN IP4 127.0.0.1
                s=-
                c=IN IP4 127.0.0.1
                t=0 0
                m=audio 7078 RTP/AVP 8
                a=rtpmap:8 PCMA/8000
                """
        }
        return """
            v=0
            o=- 3723465346 1 IN IP4 192.0.2.7
            s=room
            c=IN IP4 192.0.2.7
            b=AS:2048
            t=0 0
            m=audio 7078 RTP/SAVP 96 9 8 0 101
            a=rtpmap:96 opus/48000/2
            a=fmtp:96 useinbandfec=1;stereo=0
            a=rtpmap:9 G722/8000
            a=rtpmap:8 PCMA/8000
            a=rtpmap:0 PCMU/8000
            a=rtpmap:101 telephone-event/8000
            a=fmtp:101 0-15
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd
            a=ptime:20
            a=rtcp-mux
            a=sendrecv
            m=video 9078 RTP/SAVP 97 98
            a=rtpmap:97 VP8/90000
            a=rtpmap:98 H264/90000
            a=fmtp:98 profile-level-id=42e01f;packetization-mode=1
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd
            a=rtcp-fb:* nack
            a=rtcp-fb:* nack pli
            a=rtcp-fb:* ccm fir
            a=rtcp-mux
            a=sendrecv
            """
    }

    private func request(
        _ method: String, _ sequence: Int, branch: String? = nil, toTag: String? = nil, more: String = "",
        body: String = ""
    ) -> [UInt8] {
        let body = body.replacing("\n", with: "\r\n")
        let head = """
            \(method) sip:\(Self.room)@\(Self.bridge) SIP/2.0
            Via: SIP/2.0/UDP \(Self.point);branch=z9hG4bK-19874-\(number)-\(branch ?? "\(sequence)")
            From: <sip:\(Self.user)@\(Self.point)>;tag=\(number)
            To: <sip:\(Self.room)@\(Self.bridge)>\(toTag.map { ";tag=\($0)" } ?? "")
            Call-ID: \(number)-19874@127.0.0.1
            CSeq: \(sequence) \(method)
            Contact: <sip:\(Self.user)@\(Self.point)>
            Max-Forwards: 70
            User-Agent: SIPp
            \(more)Content-Length: \(body.utf8.count)


            """
        return Array((head.replacing("\n", with: "\r\n") + body).utf8)
    }
}
