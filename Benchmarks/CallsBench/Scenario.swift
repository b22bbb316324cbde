/// What SIPp plays: a call of a point that stays for a while, and hangs up.
enum Scenario {
    /// How a point proves who it is.
    enum Proof {
        /// It is asked for its password, and calls again with that.
        case challenged
        /// It answers a challenge that it was given before (RFC 7616 §3.4), and is asked for nothing.
        case foreseen
        /// The other end lets anybody in.
        case none
    }

    /// Sound that goes with the call.
    enum Media {
        /// G.711 in the clear that is agreed on and not sent.
        case none
        /// Keys for AES_CM_128_HMAC_SHA1_80 are agreed on: the bridge sends protected sound, the point sends none.
        case keys
        /// The point plays this file of raw A-law.
        case playing(String)
    }

    /// - Parameter sink: the port that takes the sound in which nobody hears.
    static func call(_ media: Media, _ proof: Proof, sink: UInt16) -> String {
        let (description, type) = (description(media, sink), "Content-Type: application/sdp")
        let proved = proof == .none ? type : "[field1]\n" + type
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <scenario name="call">
            \(proof == .challenged ? challenge(request("INVITE", 1, more: type, body: description)) : "")
            \(send(request("INVITE", 2, more: proved, body: description), times: true))
            <recv response="100" optional="true"/>
            <recv response="180" optional="true"/>
            <recv response="200" rrs="true" rtd="1"/>
            \(send(request("ACK", 2, isInDialog: true), repeats: false))
            \(playing(media))<pause/>
            \(send(request("BYE", 3, isInDialog: true)))
            <recv response="200"/>
            </scenario>
            """
    }

    private static func challenge(_ invite: String) -> String {
        """
        \(send(invite))
        <recv response="100" optional="true"/>
        <recv response="401" auth="true"/>
        \(send(request("ACK", 1, via: "[last_Via:]", isInDialog: true), repeats: false))
        """
    }

    private static func playing(_ media: Media) -> String {
        guard case .playing(let file) = media else { return "" }
        return "<nop><action><exec rtp_stream=\"\(file),1,8\"/></action></nop>\n"
    }

    private static func description(_ media: Media, _ sink: UInt16) -> String {
        var profile = "RTP/AVP"
        var key = ""
        var port = "\(sink)"
        switch media {
        case .none: break
        case .keys:
            profile = "RTP/SAVP"
            // The same for all: nobody decrypts what comes.
            key = "\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
        case .playing: port = "[rtpstream_audio_port]"
        }
        return """
            v=0
            o=- 1 1 IN IP4 [local_ip]
            s=-
            c=IN IP4 [media_ip]
            t=0 0
            m=audio \(port) \(profile) 8
            a=rtpmap:8 PCMA/8000\(key)
            """
    }

    private static func send(_ text: String, repeats: Bool = true, times: Bool = false) -> String {
        "<send\(repeats ? " retrans=\"500\"" : "")\(times ? " start_rtd=\"1\"" : "")><![CDATA[\n\(text)\n]]></send>"
    }

    /// SIPp knows no SHA-256, of which the bridge tells it by the User-Agent.
    private static func request(
        _ method: String, _ number: Int,
        via: String = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        isInDialog: Bool = false, more: String = "", body: String = ""
    ) -> String {
        """
        \(method) sip:[service]@[remote_ip]:[remote_port] SIP/2.0
        \(via)
        From: <sip:[field0]@[local_ip]:[local_port]>;tag=[call_number]
        To: <sip:[service]@[remote_ip]:[remote_port]>\(isInDialog ? "[peer_tag_param]" : "")
        Call-ID: [call_id]
        CSeq: \(number) \(method)
        Contact: <sip:[field0]@[local_ip]:[local_port]>
        Max-Forwards: 70
        User-Agent: SIPp
        \(more.isEmpty ? "" : more + "\n")Content-Length: [len]

        \(body)
        """
    }
}
