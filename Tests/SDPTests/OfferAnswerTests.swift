import SDP
import Testing

extension LocalMedia {
    static let example = LocalMedia(
        sessionID: 77, address: "198.51.100.1", audio: LocalStream(address: "198.51.100.1", port: 20_000),
        video: LocalStream(address: "198.51.100.1", port: 20_002))
}

private func key(_ suite: CryptoSuite) -> [UInt8] { [UInt8](repeating: 0x5a, count: suite.keyAndSaltLength) }

private func answer(
    _ text: String, _ capabilities: MediaCapabilities = MediaCapabilities(), local: LocalMedia = .example,
    previous: SessionDescription? = nil, makeKey: (CryptoSuite) -> [UInt8] = key
) throws -> Negotiated {
    try OfferAnswer.answer(
        offer: SessionDescription(parsing: text), with: capabilities, local: local, previous: previous,
        makeKey: makeKey)
}

@Suite struct OfferAnswerTests {
    static let audioHead = "v=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\n"
    static let cryptoLine = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:zPZGNFvRphuCqsMRvPJPMqUYFZi7aT66HVyYqJ/s\n"
    static func video(_ formats: [String]) -> String {
        let numbers = formats.indices.map { String(96 + $0) }.joined(separator: " ")
        let lines = formats.enumerated().map {
            "a=rtpmap:\(96 + $0.offset) H264/90000\na=fmtp:\(96 + $0.offset) \($0.element)\n"
        }
        return audioHead + "m=video 5000 RTP/SAVP \(numbers)\n" + cryptoLine + lines.joined()
    }

    @Test func answersBaresip() throws {
        let result = try answer(DeviceDescriptions.baresip)
        let audio = try #require(result.audio)
        #expect(audio.receivable.map(\.encodingName) == ["opus", "PCMA", "PCMU"])
        #expect(audio.sending.first?.payloadType == 96)
        #expect(audio.sending.first?.formatParameters == "stereo=1;sprop-stereo=1;maxaveragebitrate=28000")
        #expect(audio.telephoneEventReceived == 101 && audio.direction == .sendReceive)
        #expect(audio.remoteAddress == "127.0.0.1" && audio.remotePort == 45_198 && audio.remoteRTCPPort == 45_199)
        #expect(!audio.multiplexesRTCP && audio.packetTimeMilliseconds == 20)
        #expect(audio.crypto?.suite == .aesCM128HMACSHA1_80 && audio.crypto?.remoteKeyAndSalt.count == 30)
        #expect(audio.crypto?.localKeyAndSalt == key(.aesCM128HMACSHA1_80))
        let video = try #require(result.video)
        #expect(video.receivable.map(\.encodingName) == ["VP8", "H264"])
        #expect(video.feedback == ["nack pli"])
        let text = result.local.serialized
        #expect(text.contains("m=audio 20000 RTP/SAVP 96 8 0 101\r\n"))
        #expect(text.contains("a=fmtp:97 profile-level-id=42e01f;packetization-mode=0\r\n"))
        #expect(!text.contains("rtcp-mux"))
        #expect(try SessionDescription(parsing: text) == result.local)
    }

    @Test func choosesOurPreferredSuiteAndEchoesItsTag() throws {
        let result = try answer(DeviceDescriptions.linphone)
        #expect(result.audio?.crypto?.suite == .aeadAES128GCM)
        #expect(result.audio?.telephoneEventReceived == 101)
        #expect(result.video?.feedback == ["nack pli", "ccm fir"])
        var capabilities = MediaCapabilities()
        capabilities.suites = [.aes256CMHMACSHA1_80, .aeadAES128GCM]
        let other = try answer(DeviceDescriptions.linphone, capabilities)
        #expect(other.audio?.crypto?.suite == .aes256CMHMACSHA1_80)
        #expect(other.local.media[0].cryptos.map(\.tag) == [3])
        #expect(other.video?.crypto?.suite == .aeadAES128GCM)
    }

    @Test func answersARoomSystem() throws {
        let result = try answer(DeviceDescriptions.polycom)
        #expect(result.local.media.map(\.port) == [20_000, 20_002, 0, 0, 0])
        #expect(result.local.media.map(\.kind) == ["audio", "video", "video", "application", "application"])
        // The key with an index is passed over, the one without it taken.
        #expect(result.local.media[0].cryptos.map(\.tag) == [2])
        #expect(result.audio?.receivable.map(\.encodingName) == ["G722", "PCMA", "PCMU"])
        // The profile that all have goes first, and of it the mode that fragments.
        #expect(result.video?.receivable.map(\.payloadType) == [110, 109, 112])
        #expect(result.local.media[1].formatParameters(of: 110) == "profile-level-id=42801f;packetization-mode=1")
        #expect(
            result.local.media[1].formatParameters(of: 109)
                == "profile-level-id=42800d;packetization-mode=0;max-mbps=108000;max-fs=3600")
        #expect(result.local.media[1].formatParameters(of: 112) == "profile-level-id=64001f;packetization-mode=1")
        #expect(result.video?.feedback == ["ccm fir"])
        #expect(try SessionDescription(parsing: result.local.serialized) == result.local)
    }

    @Test func keysUnderThePlainProfileAreTaken() throws {
        let result = try answer(DeviceDescriptions.yealink)
        #expect(result.audio?.crypto?.suite == .aesCM128HMACSHA1_80 && result.audio?.transport == "RTP/AVP")
        #expect(result.audio?.receivable.map(\.encodingName) == ["G722", "PCMA", "PCMU"])
        #expect(result.video == nil)
    }

    @Test func clearMediaNeedsLeave() throws {
        let text = Self.audioHead + "m=audio 4000 RTP/AVP 8\n"
        #expect(throws: NegotiationError.encryptionRequired) { try answer(text) }
        var capabilities = MediaCapabilities()
        capabilities.allowsClear = true
        let result = try answer(text, capabilities)
        #expect(result.audio?.crypto == nil && result.audio?.receivable.map(\.payloadType) == [8])
        // A secure profile without a key is not clear media.
        let keyless = Self.audioHead + "m=audio 4000 RTP/SAVP 8\n"
        #expect(throws: NegotiationError.noCommonSuite) { try answer(keyless, capabilities) }
        let unencrypted = keyless + Self.cryptoLine.replacing("\n", with: " UNENCRYPTED_SRTP\n")
        #expect(throws: NegotiationError.noCommonSuite) { try answer(unencrypted, capabilities) }
    }

    @Test func refusalsSayWhy() throws {
        #expect(throws: NegotiationError.unsupportedTransport("UDP/TLS/RTP/SAVPF")) {
            try answer(DeviceDescriptions.chrome)
        }
        #expect(throws: NegotiationError.noCommonCodec) {
            try answer(Self.audioHead + "m=audio 4000 RTP/SAVP 18\n" + Self.cryptoLine)
        }
        #expect(throws: NegotiationError.noUsableAddress) {
            try answer("v=0\no=- 1 1 IN IP4 h\nm=audio 4000 RTP/SAVP 8\n" + Self.cryptoLine)
        }
        #expect(throws: NegotiationError.noMediaOffered) { try answer(Self.audioHead) }
        #expect(throws: NegotiationError.tooManyMediaLines(limit: 16)) {
            try answer(Self.audioHead + String(repeating: "m=audio 4000 RTP/SAVP 8\n", count: 17))
        }
        #expect(throws: NegotiationError.keyHasWrongLength(.aesCM128HMACSHA1_80)) {
            try answer(DeviceDescriptions.baresip, makeKey: { _ in [1, 2, 3] })
        }
    }

    @Test(arguments: [
        ("a=sendrecv", "c=IN IP4 192.0.2.9", MediaDirection.sendReceive), ("a=sendonly", "", .receiveOnly),
        ("a=recvonly", "", .sendOnly), ("a=inactive", "", .inactive), ("", "", .sendReceive),
        ("a=sendrecv", "c=IN IP4 0.0.0.0", .receiveOnly), ("a=recvonly", "c=IN IP4 0.0.0.0", .inactive),
        ("", "c=IN IP6 ::", .receiveOnly),
    ])
    func directionIsSeenFromUs(attribute: String, connection: String, expected: MediaDirection) throws {
        let text = Self.audioHead + "m=audio 4000 RTP/SAVP 8\n\(connection)\n\(attribute)\n" + Self.cryptoLine
        let result = try answer(text)
        #expect(result.audio?.direction == expected)
        #expect(result.local.media[0].direction == expected)
    }

    @Test func rtcpGoesWhereThePeerSays() throws {
        let text = Self.audioHead + "m=audio 4000 RTP/SAVP 8\n" + Self.cryptoLine
        #expect(try answer(text).audio?.remoteRTCPPort == 4001)
        let elsewhere = try answer(text + "a=rtcp:5555 IN IP4 192.0.2.77\n").audio
        #expect(elsewhere?.remoteRTCPPort == 5555 && elsewhere?.remoteRTCPAddress == "192.0.2.77")
        let multiplexed = try answer(text + "a=rtcp-mux\na=rtcp:5555\n")
        #expect(multiplexed.audio?.remoteRTCPPort == 4000 && multiplexed.audio?.multiplexesRTCP == true)
        #expect(multiplexed.local.media[0].multiplexesRTCP)
    }

    @Test(
        arguments: [
            ("profile-level-id=42e01f;packetization-mode=1", "profile-level-id=42e01f;packetization-mode=1"),
            ("profile-level-id=42e00b;packetization-mode=1", "profile-level-id=42e00b;packetization-mode=1"),
            ("profile-level-id=42e033;packetization-mode=1", "profile-level-id=42e01f;packetization-mode=1"),
            (
                "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e00b",
                "profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1"
            ),
            ("profile-level-id=42f00b", "profile-level-id=42f00b;packetization-mode=0"),
            ("packetization-mode=0", "profile-level-id=42000a;packetization-mode=0"),
            ("profile-level-id=4de01f;packetization-mode=1", "profile-level-id=4de01f;packetization-mode=1"),
            ("profile-level-id=42001f;packetization-mode=1", "profile-level-id=42001f;packetization-mode=1"),
            ("profile-level-id=58e01f;packetization-mode=1", "profile-level-id=58e01f;packetization-mode=1"),
            ("profile-level-id=640028;packetization-mode=1", "profile-level-id=64001f;packetization-mode=1"),
            ("profile-level-id=640C0D;packetization-mode=1", "profile-level-id=640c0d;packetization-mode=1"),
            (
                "profile-level-id=640c0d;packetization-mode=1;level-asymmetry-allowed=1",
                "profile-level-id=640c1f;packetization-mode=1;level-asymmetry-allowed=1"
            ),
            (
                "profile-level-id=428016;max-mbps=490000;max-fs=8160;packetization-mode=1",
                "profile-level-id=428016;packetization-mode=1;max-mbps=108000;max-fs=3600"
            ),
            (
                "profile-level-id=42801f;max-mbps=490000;max-fs=8160;packetization-mode=1",
                "profile-level-id=42801f;packetization-mode=1"
            ),
            ("profile-level-id=64001f;packetization-mode=0", nil), ("profile-level-id=4d001f", nil),
            ("profile-level-id=42e01f;packetization-mode=2", nil), ("profile-level-id=xyz", nil),
        ] as [(String, String?)])
    func h264ParametersAreAgreed(offered: String, answered: String?) throws {
        let text = Self.video([offered])
        guard let answered else {
            #expect(throws: NegotiationError.noCommonCodec) { try answer(text) }
            return
        }
        let result = try answer(text)
        #expect(result.video?.receivable.first?.formatParameters == answered)
        #expect(result.video?.sending.first?.formatParameters == offered)
    }

    @Test func picturesMayBeSentAgainWhereBothGiveNACKs() throws {
        let formats = """
            m=video 5000 RTP/SAVPF 96 97 98 99 100
            a=rtpmap:96 VP8/90000
            a=rtpmap:97 rtx/90000
            a=fmtp:97 apt=96
            a=rtpmap:98 rtx/90000
            a=fmtp:98 apt=35
            a=rtpmap:99 rtx/90000
            a=rtpmap:100 rtx/90000
            a=fmtp:100 apt=300

            """
        let offer = Self.audioHead + formats + "a=rtcp-fb:96 nack\na=rtcp-fb:96 nack pli\n" + Self.cryptoLine
        let result = try answer(offer)
        let expected = [RetransmissionFormat(payloadType: 97, original: 96)]
        #expect(result.video?.receivableRetransmissions == expected)
        #expect(result.video?.sendingRetransmissions == expected)
        #expect(result.video?.feedback == ["nack", "nack pli"])
        let line = try #require(result.local.media.last)
        #expect(line.formats == ["96", "97"])
        #expect(line.retransmissions == expected)
        let silent = try answer(Self.audioHead + formats + "a=rtcp-fb:96 nack pli\n" + Self.cryptoLine)
        #expect(silent.video?.receivableRetransmissions == [] && silent.local.media.last?.formats == ["96"])
    }

    @Test func extendedReportsAreWhatThePeerAsksFor() throws {
        let head = Self.audioHead + "m=audio 4000 RTP/SAVP 8\n" + Self.cryptoLine
        let plain = try answer(head)
        #expect(plain.audio?.extendedReports == ExtendedReports())
        let asking = try answer(
            head + "a=rtcp-xr:pkt-loss-rle=20 rcvr-rtt=all:100 stat-summary=loss,dup,jitt\n")
        #expect(
            asking.audio?.extendedReports == ExtendedReports(answersReferenceTimes: true, summarizes: true))
        #expect(asking.local.media[0].attributes.first("rtcp-xr") == "rcvr-rtt=sender")
        #expect(!asking.local.serialized.contains("stat-summary"))
    }

    @Test func slidesAreSecondChoiceWhateverTheirPlace() throws {
        let slides = "m=video 5000 RTP/SAVP 96\na=rtpmap:96 VP8/90000\na=content:slides\n" + Self.cryptoLine
        let main = "m=video 6000 RTP/SAVP 96\na=rtpmap:96 VP8/90000\na=content:main\n" + Self.cryptoLine
        #expect(try answer(Self.audioHead + slides + main).local.media.map(\.port) == [0, 20_002])
        #expect(try answer(Self.audioHead + slides).local.media.map(\.port) == [20_002])
    }

    @Test func reofferKeepsOrderKeysAndCountsVersions() throws {
        var made: UInt8 = 0
        let fresh = { (suite: CryptoSuite) -> [UInt8] in
            made += 1
            return [UInt8](repeating: made, count: suite.keyAndSaltLength)
        }
        let first = try answer(DeviceDescriptions.baresip, makeKey: fresh)
        let hold = DeviceDescriptions.baresip.replacing("a=sendrecv", with: "a=sendonly")
            .replacing("m=video 45168", with: "m=video 0")
        let second = try answer(hold, previous: first.local, makeKey: fresh)
        #expect(made == 2)
        #expect(second.local.origin.sessionID == first.local.origin.sessionID)
        #expect(second.local.origin.version == first.local.origin.version + 1)
        #expect(second.audio?.crypto?.localKeyAndSalt == first.audio?.crypto?.localKeyAndSalt)
        #expect(second.audio?.direction == .receiveOnly && second.video == nil)
        #expect(second.local.media.map(\.port) == [20_000, 0])
        let off = hold.replacing("m=audio 45198", with: "m=audio 0")
        #expect(try answer(off, previous: second.local).media.isEmpty)
        #expect(throws: NegotiationError.noMediaOffered) { try answer(off) }
    }

    @Test func ourOfferIsAnsweredByOurselves() throws {
        let capabilities = MediaCapabilities()
        let offer = try OfferAnswer.makeOffer(with: capabilities, local: .example, makeKey: key)
        #expect(try SessionDescription(parsing: offer.serialized) == offer)
        #expect(offer.media.map(\.transport) == ["RTP/SAVP", "RTP/SAVP"])
        #expect(offer.media[0].cryptos.count == capabilities.suites.count)
        let peer = LocalMedia(
            sessionID: 5, address: "203.0.113.1", audio: LocalStream(address: "203.0.113.1", port: 6000),
            video: LocalStream(address: "203.0.113.2", port: 6002, direction: .sendOnly))
        let theirs = try answer(offer.serialized, local: peer) { [UInt8](repeating: 7, count: $0.keyAndSaltLength) }
        let ours = try OfferAnswer.accept(answer: theirs.local, to: offer, with: capabilities)
        for (mine, other) in zip(ours.media, theirs.media) {
            #expect(mine.crypto?.suite == other.crypto?.suite)
            #expect(mine.crypto?.localKeyAndSalt == other.crypto?.remoteKeyAndSalt)
            #expect(mine.crypto?.remoteKeyAndSalt == other.crypto?.localKeyAndSalt)
            #expect(mine.direction == other.direction.reversed)
            #expect(mine.sending.map(\.payloadType) == other.receivable.map(\.payloadType))
            #expect(mine.receivable.map(\.payloadType) == other.sending.map(\.payloadType))
            #expect(mine.sendingRetransmissions == other.receivableRetransmissions)
            #expect(mine.receivableRetransmissions.count == (mine.kind == .video ? capabilities.video.count : 0))
            #expect(mine.multiplexesRTCP && other.multiplexesRTCP && mine.feedback == other.feedback)
        }
        #expect(ours.video?.remoteAddress == "203.0.113.2" && ours.video?.direction == .receiveOnly)
        #expect(ours.audio?.telephoneEventSent == 101)
    }

    @Test func answersThatDoNotFitAreRefused() throws {
        let capabilities = MediaCapabilities()
        let offer = try OfferAnswer.makeOffer(with: capabilities, local: .example, makeKey: key)
        let good = try answer(offer.serialized).local
        var short = good
        short.media.removeLast()
        #expect(throws: NegotiationError.answerDoesNotMatchOffer) {
            try OfferAnswer.accept(answer: short, to: offer, with: capabilities)
        }
        // A suite that was not offered.
        var narrower = MediaCapabilities()
        narrower.suites = [.aesCM128HMACSHA1_80]
        let lesser = try OfferAnswer.makeOffer(with: narrower, local: .example, makeKey: key)
        #expect(throws: NegotiationError.noCommonSuite) {
            try OfferAnswer.accept(answer: good, to: lesser, with: capabilities)
        }
        var keyless = good
        keyless.media[0].attributes.removeAll { $0.name == "crypto" }
        keyless.media[0].transport = "RTP/AVP"
        #expect(throws: NegotiationError.noCommonSuite) {
            try OfferAnswer.accept(answer: keyless, to: offer, with: capabilities)
        }
    }

    /// baresip 1.0 with ICE.
    @Test func theSuiteOfAnAnswerCountsWhateverItsTag() throws {
        let capabilities = MediaCapabilities()
        var made: UInt8 = 0
        let offer = try OfferAnswer.makeOffer(with: capabilities, local: .example) {
            made += 1
            return [UInt8](repeating: made, count: $0.keyAndSaltLength)
        }
        let suite = CryptoSuite.aesCM128HMACSHA1_80
        let own = try #require(offer.media[0].cryptos.first { $0.suite == suite })
        #expect(own.tag != 1)
        var answered = try answer(offer.serialized).local
        answered.media[0].attributes = answered.media[0].attributes.map {
            guard $0.name == "crypto" else { return $0 }
            let line = CryptoAttribute(tag: 1, suite: suite, keyAndSalt: key(suite))
            return SDPAttribute("crypto", line.value)
        }
        let result = try OfferAnswer.accept(answer: answered, to: offer, with: capabilities)
        #expect(result.audio?.crypto?.suite == suite)
        #expect(result.audio?.crypto?.localKeyAndSalt == own.keyAndSalt)
        #expect(result.audio?.crypto?.remoteKeyAndSalt == key(suite))
    }

    @Test func opportunisticOfferFallsBackToClearOnlyWithLeave() throws {
        var capabilities = MediaCapabilities()
        capabilities.allowsClear = true
        let offer = try OfferAnswer.makeOffer(with: capabilities, local: .example, makeKey: key)
        #expect(offer.media[0].transport == "RTP/AVP")
        let text = Self.audioHead + "m=audio 4000 RTP/AVP 8\nm=video 0 RTP/AVP 97\n"
        let plain = try SessionDescription(parsing: text)
        let result = try OfferAnswer.accept(answer: plain, to: offer, with: capabilities)
        #expect(result.audio?.crypto == nil && result.audio?.sending.map(\.payloadType) == [8])
        #expect(throws: NegotiationError.encryptionRequired) {
            try OfferAnswer.accept(answer: plain, to: offer, with: MediaCapabilities())
        }
    }

    @Test func ownReofferKeepsLinesThatAreOff() throws {
        let first = try answer(DeviceDescriptions.polycom)
        var local = LocalMedia.example
        local.audio?.direction = .sendOnly
        local.video = nil
        let offer = try OfferAnswer.makeOffer(
            with: MediaCapabilities(), local: local, previous: first.local, makeKey: key)
        #expect(offer.media.map(\.port) == [20_000, 0, 0, 0, 0])
        #expect(offer.origin.version == first.local.origin.version + 1)
        #expect(offer.media[0].direction == .sendOnly)
        #expect(offer.media[0].cryptos == first.local.media[0].cryptos)
    }
}
