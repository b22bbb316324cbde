import MediaPlane
import RTP
import SDP
import Testing

@testable import Signalling

/// What offer and answer settled, in the media plane's words.
@Suite struct NegotiatedMediaTests {
    private func parameters(_ video: String, floorControl: Bool = false) throws -> LegParameters {
        var capabilities = MediaCapabilities()
        capabilities.allowsClear = true
        let stream = { (port: UInt16) in LocalStream(address: "198.51.100.1", port: port) }
        let local = LocalMedia(
            sessionID: 1, address: "198.51.100.1", audio: stream(20_000), video: stream(20_002), slides: stream(20_004),
            floorControl: floorControl
                ? LocalFloorControl(
                    address: "198.51.100.1", udpPort: 5_070, tcpPort: nil, conferenceID: 1, userID: 2) : nil)
        let offer = try SessionDescription(
            parsing: "v=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\n" + video)
        return try LegParameters(
            OfferAnswer.answer(offer: offer, with: capabilities, local: local, makeKey: { _ in [] }))
    }

    @Test func eachPayloadTypeSaysWhatItsPicturesAreLike() throws {
        let media = try parameters(
            """
            m=video 5000 RTP/AVP 96 97 98 99
            a=rtpmap:96 H264/90000
            a=fmtp:96 profile-level-id=640028;packetization-mode=1
            a=rtpmap:97 H264/90000
            a=fmtp:97 profile-level-id=428016
            a=rtpmap:98 H264/90000
            a=fmtp:98 profile-level-id=42e01f;packetization-mode=1
            a=rtpmap:99 VP8/90000
            """)
        let video = try #require(media.video)
        let expected: [UInt8: PictureFormat] = [
            96: .h264High, 97: .h264BaselineSingle, 98: .h264Baseline, 99: .vp8,
        ]
        for mapping in video.receivable { #expect(mapping.picture == expected[mapping.payloadType]) }
        #expect(([video.sending].compactMap { $0 } + video.alternatives).map(\.payloadType) == [99, 98, 97, 96])
        #expect(media.slides == nil && !media.hasFloorControl)
    }

    @Test func slidesAndTheirFloorArePassedOn() throws {
        let lines = """
            m=video 5000 RTP/AVPF 96 97
            a=rtpmap:96 VP8/90000
            a=rtpmap:97 rtx/90000
            a=fmtp:97 apt=96
            a=rtcp-fb:96 nack
            m=video 5002 RTP/AVP 96
            a=rtpmap:96 VP8/90000
            a=content:slides
            a=sendonly
            m=application 5004 UDP/BFCP *
            """
        let media = try parameters(lines, floorControl: true)
        #expect(media.hasFloorControl)
        #expect(media.slides?.receives == true && media.slides?.sends == false)
        #expect(media.slides?.remoteRTP.port == 5_002 && media.video?.remoteRTP.port == 5_000)
        #expect(media.video?.sendingRetransmissions == [RetransmissionMapping(payloadType: 97, original: 96)])
        #expect(try !parameters(lines).hasFloorControl)
    }
}
