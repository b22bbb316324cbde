import Foundation
import InteropSupport
import SDP

/// GStreamer's srtpenc and srtpdec as an endpoint's media, its call made by hand: keys that no telephone at hand has.
struct GStreamerSuite: Sendable {
    var name: String
    var cipher: String
    var authentication: String
    /// Of RTCP, which is never cut to 32 bits (RFC 4568 §6.2).
    var controlAuthentication: String { authentication == "null" ? "null" : "hmac-sha1-80" }
    /// Octets of master key and salt.
    var keyLength: Int

    static let all = [
        GStreamerSuite(name: "AEAD_AES_128_GCM", cipher: "aes-128-gcm", authentication: "null", keyLength: 28),
        GStreamerSuite(name: "AEAD_AES_256_GCM", cipher: "aes-256-gcm", authentication: "null", keyLength: 44),
        GStreamerSuite(
            name: "AES_256_CM_HMAC_SHA1_80", cipher: "aes-256-icm", authentication: "hmac-sha1-80", keyLength: 46),
        GStreamerSuite(
            name: "AES_CM_128_HMAC_SHA1_32", cipher: "aes-128-icm", authentication: "hmac-sha1-32", keyLength: 30),
    ]
}

extension Line {
    static let gstreamer: [Line] = GStreamerSuite.all.map { suite in
        let short = suite.name.replacingOccurrences(of: "_HMAC_SHA1", with: "")
        return Line(
            endpoint: "GStreamer", transport: "UDP", keying: "SDES " + short, codec: "Opus",
            programs: ["gst-launch-1.0"], seconds: 15
        ) { try await $0.gstreamer(suite) }
    }
}

extension Sitting {
    fileprivate func gstreamer(_ suite: GStreamerSuite) async throws {
        let witness = try Witness(Self.points[1], of: daemon, speaking: Double(Self.witnessTone))
        // Its port, and a first look at what comes there: srtpdec wants the SSRC with the key.
        let port = try RawPort(at: daemon.host)
        defer { port.end() }
        let ssrc: UInt32
        let key = (0..<suite.keyLength).map { _ in UInt8.random(in: 0 ... .max) }
        let remote: (port: UInt16, key: [UInt8])
        let began = ContinuousClock.now
        let call: SIPCaller
        do {
            let offer = """
                v=0
                o=- 1 1 IN IP4 \(daemon.host)
                s=-
                c=IN IP4 \(daemon.host)
                t=0 0
                m=audio \(port.port) RTP/SAVP 96
                a=rtpmap:96 opus/48000/2
                a=rtcp-mux
                a=crypto:1 \(suite.name) inline:\(Data(key).base64EncodedString())

                """
            call = try SIPCaller(
                Self.points[0], room: Self.room, port: daemon.sipPort, at: daemon.host, offer: offer)
            let answer = try SessionDescription(parsing: call.answer).media.first
            guard let answer, let crypto = answer.cryptos.first, crypto.suite?.rawValue == suite.name else {
                throw ToolFailure("\(suite.name) was not agreed to")
            }
            remote = (answer.port, crypto.keyAndSalt)
            let took = ContinuousClock.now - began
            guard await probe(.call, { "\(Int(took / .milliseconds(1))) ms" }) else { return }
            ssrc = try port.firstSSRC(within: .seconds(5))
        }
        let hex = { (key: [UInt8]) in key.map { String(format: "%02x", $0) }.joined() }
        let wav = folder + "/gst.wav"
        let ciphers = [
            "srtp-cipher=(string)\(suite.cipher)", "srtp-auth=(string)\(suite.authentication)",
            "srtcp-cipher=(string)\(suite.cipher)", "srtcp-auth=(string)\(suite.controlAuthentication)",
        ]
        let caps =
            ([
                "application/x-srtp", "media=(string)audio", "payload=(int)96", "clock-rate=(int)48000",
                "encoding-name=(string)OPUS", "ssrc=(uint)\(ssrc)", "srtp-key=(buffer)\(hex(remote.key))",
            ] + ciphers)
            .joined(separator: ", ")
        let protection = [
            "rtp-cipher=\(suite.cipher)", "rtp-auth=\(suite.authentication)", "rtcp-cipher=\(suite.cipher)",
            "rtcp-auth=\(suite.controlAuthentication)",
        ]
        let ear = try FreePorts.run(of: 2)
        port.carry(outTo: remote.port, inTo: ear)
        let speaker = try launch(
            [
                "audiotestsrc", "is-live=true", "wave=sine", "freq=\(Self.tone)", "volume=0.25", "!",
                "audio/x-raw,rate=48000,channels=1", "!", "opusenc", "bitrate=32000", "!", "rtpopuspay", "pt=96", "!",
                "srtpenc", "key=\(hex(key))",
            ] + protection + [
                "!", "udpsink", "host=\(daemon.host)", "port=\(port.entrance)", "async=false",
            ], log: "speaker")
        var listener: ChildProcess?
        await probe(.tone) {
            try await witness.wait(for: Double(Self.tone))
            listener = try launch(
                [
                    "udpsrc", "address=\(daemon.host)", "port=\(ear)", "caps=\(caps)", "!", "srtpdec", "name=key",
                    "key.rtp_src", "!", "rtpopusdepay", "!", "opusdec", "!", "audioconvert", "!",
                    "audio/x-raw,format=S16LE", "!", "wavenc", "!", "filesink", "location=\(wav)",
                    "buffer-mode=unbuffered", "key.rtcp_src", "!", "fakesink", "async=false",
                ], log: "listener")
            try await eventually("GStreamer to hear something") {
                (try? Sound(growing: wav).duration).map { $0 > 2.5 } ?? false
            }
            try await witness.wait(for: Double(Self.tone))
            let heard = witness.line.level(of: Double(Self.tone))
            let own = try Sound(growing: wav).slice(-1.2, 1)
            let hears = own.level(of: Double(Self.witnessTone))
            guard abs(heard + 12.04) < 3, abs(hears + 12.04) < 3, own.level(of: Double(Self.tone)) < -45 else {
                throw ToolFailure("heard at \(decimal(heard)), hears \(decimal(hears)) dBFS")
            }
            return "\(decimal(heard)) \(decimal(hears))"
        }
        for process in [listener, speaker] { await process?.stop(within: .seconds(2)) }
        try call.hangUp()
        try witness.hangUp()
        beyond(
            .register, .picture, .hold, .oldHold, .portZero, .event, .info, .inBand, .transfer, .reoffer, .lateOffer,
            .options, .refresh, because: "media only")
    }
    private func launch(_ pipeline: [String], log: String) throws -> ChildProcess {
        try ChildProcess("/usr/bin/gst-launch-1.0", ["-q"] + pipeline, log: folder + "/gst-\(log).log")
    }
}
