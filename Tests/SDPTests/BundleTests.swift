import Testing

@testable import SDP

@Suite struct BundleTests {
    static let head = "v=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\n"
    static let keys =
        "a=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901\na=setup:actpass\n" + DTLSAgreementTests.print
    static func audio(_ more: String = "a=rtcp-mux\n", port: Int = 4000) -> String {
        "m=audio \(port) UDP/TLS/RTP/SAVPF 111\na=mid:a\na=rtpmap:111 opus/48000/2\n" + more
    }
    static func video(_ more: String = "a=rtcp-mux\n", port: Int = 4002, mid: String = "v") -> String {
        "m=video \(port) UDP/TLS/RTP/SAVPF 96\na=mid:\(mid)\na=rtpmap:96 VP8/90000\n" + more
    }
    static let data = "m=application 4004 UDP/DTLS/SCTP webrtc-datachannel\na=mid:d\na=sctp-port:5000\n"
    static func group(_ names: String) -> String { head + "a=group:BUNDLE \(names)\n" + keys }

    private func answer(_ text: String) throws -> Negotiated {
        var call = Rehearsal()
        return try call.answer(text)
    }

    @Test(
        arguments: [
            // All that fits shares the first's transport.
            ("a v", audio() + video(), "BUNDLE a v", [[0, 1]], [20_000, 20_000]),
            ("v a", audio() + video(), "BUNDLE v a", [[1, 0]], [20_002, 20_002]),
            // A data channel may be first in the group, and is no part of it.
            ("d a v", data + audio() + video(), "BUNDLE a v", [[1, 2]], [0, 20_000, 20_000]),
            // Only m-lines that the group names, and that there are.
            ("v x", audio() + video(), "BUNDLE v", [[0], [1]], [20_000, 20_002]),
            // Without RTCP on one port an m-line stands alone.
            ("a v", audio() + video(""), "BUNDLE a", [[0], [1]], [20_000, 20_002]),
            ("a v", audio("a=rtcp-mux-only\n") + video(), "BUNDLE a v", [[0, 1]], [20_000, 20_000]),
            // So does one whose payload types mean other things.
            (
                "a v", audio() + video().replacing("96", with: "111"), "BUNDLE a", [[0], [1]], [20_000, 20_002]
            ),
            // An m-line that is off takes no part.
            ("a v", audio(port: 0) + video(), "BUNDLE v", [[1]], [0, 20_002]),
            // Two of one name are none.
            ("v a", audio() + video(mid: "a"), nil, [[0], [1]], [20_000, 20_002]),
            // Bundle-only comes by the group…
            (
                "a v", audio() + video("a=rtcp-mux\na=bundle-only\n", port: 0), "BUNDLE a v", [[0, 1]],
                [20_000, 20_000]
            ),
            // …or not at all.
            ("a v", audio() + video("a=bundle-only\n", port: 0), "BUNDLE a", [[0]], [20_000, 0]),
            ("a", audio() + video("a=rtcp-mux\na=bundle-only\n", port: 0), "BUNDLE a", [[0]], [20_000, 0]),
        ] as [(String, String, String?, [[Int]], [UInt16])])
    func whatFitsSharesATransport(
        names: String, lines: String, group: String?, transports: [[Int]], ports: [UInt16]
    ) throws {
        let result = try answer(Self.group(names) + lines)
        #expect(result.local.attributes.first("group") == group)
        #expect(result.transports.map(\.mediaIndexes) == transports)
        #expect(result.local.media.map(\.port) == ports)
        for transport in result.transports {
            for index in transport.mediaIndexes {
                let media = try #require(result.media.first { $0.index == index })
                #expect(media.remotePort == transport.remotePort && media.remoteAddress == "192.0.2.9")
            }
        }
        // The same again stays as it is.
        var call = Rehearsal()
        try call.answer(Self.group(names) + lines)
        let again = try call.answer(Self.group(names) + lines)
        #expect(again.transports.map(\.mediaIndexes) == transports && again.local.media.map(\.port) == ports)
        #expect(again.transports.allSatisfy { $0.dtls?.continuity == .kept && $0.ice?.local == .fresh(1) })
    }

    @Test func nothingButBundleOnlyIsRefusedWithoutItsBundle() {
        #expect(throws: NegotiationError.bundleRefused) {
            try answer(Self.head + Self.keys + Self.audio("a=rtcp-mux\na=bundle-only\n", port: 0))
        }
    }

    @Test func mediaKeyedBySDESIsNotBundled() throws {
        let crypto = InteractiveConnectivityTests.crypto
        let text =
            Self.group("a v").replacing(Self.keys, with: "")
            + (Self.audio() + crypto + Self.video() + crypto).replacing("UDP/TLS/RTP/SAVPF", with: "RTP/SAVPF")
        let result = try answer(text)
        #expect(result.transports.map(\.mediaIndexes) == [[0], [1]] && result.local.attributes.first("group") == nil)
    }

    @Test func extensionsAreNumberedAlikeInABundle() throws {
        let uri = HeaderExtension.identification.rawValue
        let time = HeaderExtension.absoluteSendTime.rawValue
        let lines =
            Self.audio("a=rtcp-mux\na=extmap:1 \(uri)\na=extmap:300 \(time)\na=extmap:1 \(time)\n")
            + Self.video("a=rtcp-mux\na=extmap:1 \(time)\na=extmap:15 \(uri)\n")
        let bundled = try answer(Self.group("a v") + lines)
        #expect(bundled.audio?.extensions.receivable == [.identification: 1])
        #expect(bundled.video?.extensions.receivable == [.identification: 15])
        #expect(bundled.local.media[1].extensionMaps.map(\.id) == [15])
        let alone = try answer(Self.head + Self.keys + lines)
        #expect(alone.video?.extensions.receivable == [.absoluteSendTime: 1, .identification: 15])
    }

    @Test func anOfferOnOneSocketIsBundleOnly() throws {
        var local = LocalMedia.bridge()
        local.video?.port = 20_000
        local.slides?.port = 20_000
        var call = Rehearsal(local: local)
        let offer = try call.offer()
        #expect(offer.media.map(\.port) == [20_000, 0, 0])
        #expect(offer.media.map(\.isBundleOnly) == [false, true, true])
        // Who answers as the bridge does takes it as it is meant.
        var peer = Rehearsal()
        let theirs = try peer.answer(offer)
        #expect(theirs.transports.map(\.mediaIndexes) == [[0, 1, 2]])
        let ours = try call.accept(theirs.local, to: offer)
        #expect(ours.transports.map(\.mediaIndexes) == [[0, 1, 2]] && ours.transports[0].localPort == 20_000)
        #expect(try call.offer().media.map(\.port) == [20_000, 20_000, 20_000])
        // Who knows no BUNDLE has sound.
        var alone = theirs.local
        alone.attributes.removeAll { $0.name == "group" }
        call = Rehearsal(local: local)
        _ = try call.offer()
        #expect(throws: NegotiationError.bundleRefused) { try call.accept(alone, to: offer) }
        alone.media[1].port = 0
        #expect(try call.accept(alone, to: offer).media.map(\.index) == [0])
    }

    @Test func withoutTheGroupEachHasItsTransport() throws {
        var call = Rehearsal()
        let offer = try call.offer()
        var peer = Rehearsal()
        var answered = try peer.answer(offer).local
        #expect(answered.attributes.first("group") == "BUNDLE 0 1 2")
        answered.attributes.removeAll { $0.name == "group" }
        let result = try call.accept(answered, to: offer)
        #expect(result.transports.map(\.mediaIndexes) == [[0], [1], [2]])
        #expect(result.transports.map(\.localPort) == [20_000, 20_002, 20_004])
        let next = try call.offer()
        #expect(next.attributes.first("group") == nil && next.media.map(\.port) == [20_000, 20_002, 20_004])
    }

    @Test func theTaggedLineMayBeTurnedDown() throws {
        var call = Rehearsal()
        let offer = try call.offer()
        var peer = Rehearsal()
        var answered = try peer.answer(offer).local
        answered.media[0].port = 0
        answered.attributes = answered.attributes.map {
            $0.name == "group" ? SDPAttribute("group", "BUNDLE 1 2") : $0
        }
        let result = try call.accept(answered, to: offer)
        #expect(result.transports.map(\.mediaIndexes) == [[1, 2]] && result.transports[0].localPort == 20_002)
        let next = try call.offer()
        #expect(next.attributes.first("group") == "BUNDLE 1 2" && next.media.map(\.port) == [20_000, 20_002, 20_002])
        #expect(next.media[0].candidates.first?.port == 20_000, "offered once more, alone")
    }

    @Test func theSecondPictureIsSlidesWhereThatIsSwitchedOn() throws {
        let text = Self.group("a v w") + Self.audio() + Self.video() + Self.video(port: 4006, mid: "w")
        #expect(try answer(text).slides?.index == 2)
        #expect(try SessionDescription(parsing: text).offersSlides == false)
        #expect(try SessionDescription(parsing: text).offersSlides(secondVideoIsSlides: true))
        var capabilities = MediaCapabilities.browsers
        capabilities.takesSecondVideoAsSlides = false
        var call = Rehearsal(capabilities)
        #expect(try call.answer(text).local.media.map(\.port) == [20_000, 20_000, 0])
        // By its place: it stays slides when the camera is off.
        let off = text.replacing("m=video 4002", with: "m=video 0")
        #expect(try answer(off).slides?.index == 2 && answer(off).video == nil)
        // Where the page marks what is shared, that counts.
        let marked =
            Self.group("a v w") + Self.audio() + Self.video() + "a=content:slides\n"
            + Self.video(port: 4006, mid: "w")
        let result = try answer(marked)
        #expect(result.slides?.index == 1 && result.video?.index == 2)
    }
}
