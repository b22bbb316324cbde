import Testing

@testable import SDP

/// What softphones with ICE and SDES or DTLS are answered, and what becomes of ICE in a dialog.
@Suite struct InteractiveConnectivityTests {
    static let head = "v=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\n"
    static let ice = "a=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901\n"
    static let candidate = "a=candidate:1 1 UDP 2130706431 192.0.2.9 4000 typ host\n"
    static let crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:zPZGNFvRphuCqsMRvPJPMqUYFZi7aT66HVyYqJ/s\n"
    static let sound = head + "m=audio 4000 RTP/SAVP 8\n" + crypto + "a=rtcp-mux\n"

    @Test(arguments: ["linphone-sdes-ice", "pjsip-sdes-ice", "baresip-sdes-ice"])
    func softphonesWithSDESGetICEWhereItIsSwitchedOn(name: String) throws {
        var call = Rehearsal()
        let result = try call.answer(recorded: name)
        let audio = try #require(result.audio)
        let transport = try #require(result.transport(of: audio))
        #expect(audio.crypto != nil && transport.dtls == nil && transport.ice?.isRestart == false)
        #expect(transport.ice?.remoteCandidates.isEmpty == false)
        #expect(transport.ice?.remoteCandidates.allSatisfy { $0.component == 1 && $0.transport == "udp" } == true)
        #expect(result.transports.allSatisfy { $0.mediaIndexes.count == 1 }, "SDES is not bundled")
        #expect(Set(result.transports.map(\.localPort)).count == result.media.count)
        #expect(result.local.media[0].attributes.first("ice-ufrag") == "frag1")
        #expect(result.local.attributes.first("ice-lite") != nil)
        // Again: the same credentials, and no restart.
        let again = try call.answer(recorded: name)
        #expect(again.transports.first?.ice?.local == .fresh(1) && again.transports.first?.ice?.isRestart == false)
        // Without the switch it is latched on to, as ever.
        var capabilities = MediaCapabilities.browsers
        capabilities.usesICEWithoutDTLS = false
        var latching = Rehearsal(capabilities)
        let plain = try latching.answer(recorded: name)
        #expect(plain.transports.allSatisfy { $0.ice == nil })
        #expect(!plain.local.serialized.contains("ice") && !plain.local.serialized.contains("candidate"))
        #expect(plain.audio?.remoteAddress == result.remote.media[0].connection?.address ?? plain.audio?.remoteAddress)
    }

    @Test func rtcpOfItsOwnHasItsOwnCandidates() throws {
        var call = Rehearsal()
        #expect(try call.answer(recorded: "pjsip-sdes-ice").local.media[0].candidates.allSatisfy { $0.component == 1 })
        call = Rehearsal()
        call.local.audio?.rtcpCandidates = [LocalCandidate(address: "203.0.113.1", port: 20_001)]
        let result = try call.answer(recorded: "pjsip-sdes-ice")
        let second = try #require(result.local.media[0].candidates.last)
        #expect(second.component == 2 && second.port == 20_001 && second.foundation == "1")
        #expect(result.audio?.multiplexesRTCP == false)
        #expect(result.audio?.remoteRTCPPort == result.remote.media[0].rtcp?.port)
    }

    @Test func theRestartOfOneMediumIsItsOwn() throws {
        var call = Rehearsal()
        let first = try RecordedOffers.description("baresip-dtls-ice")
        let before = try call.answer(first)
        #expect(before.transports.count == 2 && before.transports.allSatisfy { $0.ice?.local == .fresh(1) })
        var next = first
        next.media[1].attributes += [
            SDPAttribute("ice-ufrag", "other"), SDPAttribute("ice-pwd", "othersOfTwentyTwoAtLeast"),
        ]
        let after = try call.answer(next)
        #expect(after.transports.map { $0.ice?.isRestart } == [false, true])
        #expect(after.transports.map { $0.ice?.local } == [.fresh(1), .fresh(2)])
        #expect(after.transports.allSatisfy { $0.dtls?.continuity == .kept })
    }

    @Test func aRestartNeedsFreshCredentials() throws {
        let local = LocalMedia.bridge()
        let offer = try SessionDescription(parsing: Self.sound + Self.ice)
        let answer = { (offer: SessionDescription, previous: Negotiated?) throws in
            try OfferAnswer.answer(
                offer: offer, with: .browsers, local: local, previous: previous?.local,
                previousRemote: previous?.remote, makeKey: Rehearsal.key)
        }
        let first = try answer(offer, nil)
        let restart = try SessionDescription(
            parsing: Self.sound + Self.ice.replacing("abcd", with: "efgh"))
        #expect(throws: NegotiationError.credentialsNotFresh) { try answer(restart, first) }
        #expect(try answer(offer, first).transports.first?.ice?.isRestart == false)
    }

    @Test func ourOwnReofferMayRestart() throws {
        var call = Rehearsal()
        try call.answer(recorded: "chromium-plain")
        let plain = try call.offer()
        #expect(plain.media.map { $0.attributes.first("ice-ufrag") } == ["frag1", "frag1"])
        call.local.ice?.restarts = true
        let restart = try call.offer()
        #expect(restart.media.map { $0.attributes.first("ice-ufrag") } == ["frag3", "frag3"])
        call.local.ice?.credentials = .fresh(1)
        #expect(throws: NegotiationError.credentialsNotFresh) {
            try OfferAnswer.makeOffer(
                with: call.capabilities, local: call.local, previous: call.agreed?.local,
                previousRemote: call.agreed?.remote, makeKey: Rehearsal.key)
        }
    }

    @Test func twoWhoAreLiteSendToTheBestCandidate() throws {
        var call = Rehearsal()
        let result = try call.answer(recorded: "janus")
        let transport = try #require(result.transports.first)
        #expect(transport.ice?.isRemoteLite == true && transport.dtls?.role == .server)
        #expect(transport.remoteAddress == "198.51.100.30" && transport.remotePort == 20_562)
        #expect(result.audio?.remoteAddress == "198.51.100.30" && result.video?.remoteRTCPPort == 20_562)
        #expect(result.audio?.direction == .receiveOnly)
    }

    @Test(arguments: [
        (candidate, false), (candidate.replacing("192.0.2.9", with: "192.0.2.10"), true),
        (candidate.replacing("4000", with: "4002"), true), ("", false),
        (candidate.replacing("192.0.2.9", with: "5b2f.local"), false),
        (candidate.replacing("192.0.2.9", with: "10.0.0.9") + candidate, false), (candidate + "a=ice-mismatch\n", true),
    ])
    func whoChangedTheAddressOnTheWayIsSentTheMedia(candidates: String, isMismatch: Bool) throws {
        var call = Rehearsal()
        let result = try call.answer(Self.sound + Self.ice + candidates)
        #expect((result.transports.first?.ice == nil) == isMismatch)
        #expect((result.local.media[0].attributes.first("ice-mismatch") != nil) == isMismatch)
        #expect(result.local.media[0].candidates.isEmpty == isMismatch)
        #expect(result.audio?.remoteAddress == "192.0.2.9" && result.audio?.remotePort == 4000)
    }

    @Test func theAnswererMaySayMismatch() throws {
        var capabilities = MediaCapabilities.browsers
        capabilities.offersDTLS = false
        capabilities.offersSlides = false
        var call = Rehearsal(capabilities)
        let offer = try call.offer()
        #expect(offer.media.map(\.transport) == ["RTP/SAVP", "RTP/SAVP"])
        #expect(offer.media.allSatisfy { $0.attributes.first("ice-pwd") != nil && $0.candidates.count == 3 })
        #expect(offer.attributes.first("group") == nil)
        func reply(_ more: String) throws -> SessionDescription {
            try SessionDescription(
                parsing: Self.sound.replacing("crypto:1", with: "crypto:3") + more + "m=video 0 RTP/SAVP 97\n")
        }
        #expect(try call.accept(reply(""), to: offer).transports.map { $0.ice == nil } == [true])
        #expect(try call.accept(reply(Self.ice), to: offer).transports.map { $0.ice == nil } == [false])
        let mismatch = try call.accept(reply(Self.ice + "a=ice-mismatch\n"), to: offer)
        #expect(mismatch.transports.map { $0.ice == nil } == [true])
    }

    @Test func holdByAddressIsNoHoldWithICE() throws {
        var call = Rehearsal()
        let text = Self.sound.replacing("c=IN IP4 192.0.2.9", with: "c=IN IP4 0.0.0.0")
        #expect(try call.answer(text).audio?.direction == .receiveOnly)
        call = Rehearsal()
        #expect(try call.answer(text + Self.ice).audio?.direction == .sendReceive)
    }

    @Test func withoutAWayThereIsNoAgreement() throws {
        var local = LocalMedia.bridge()
        local.ice = nil
        var call = Rehearsal(local: local)
        #expect(throws: NegotiationError.iceRequired) { try call.answer(recorded: "chromium-plain") }
        // A peer with DTLS and an address is latched on to.
        let result = try call.answer(recorded: "asterisk")
        #expect(result.transports.map { $0.ice == nil && $0.dtls != nil } == [true])
        #expect(result.audio?.remotePort == 18_126)
        call = Rehearsal()
        let crippled = try RecordedOffers.text("chromium-plain").replacing("a=ice-ufrag:", with: "a=ice-x:")
        #expect(throws: NegotiationError.iceRequired) { try call.answer(crippled) }
    }

    @Test(arguments: [
        "1 1 UDP 2130706431 192.0.2.9 4000 typ host",
        "S1 2 TCP 1 fd00::1 9 typ srflx raddr 10.0.0.1 rport 1 tcptype passive",
        "a 1 udp 0 abc.local 1 typ newkind generation 0 network-cost 999", "x/+ 256 dccp 4294967295 h 65535 typ relay",
    ])
    func candidatesReadAsTheyAreWritten(value: String) throws {
        let candidate = try #require(ICECandidate(parsing: value))
        #expect(candidate.value.lowercased() == value.lowercased())
        #expect(ICECandidate(parsing: candidate.value) == candidate)
    }

    @Test(arguments: [
        "", "1 1 UDP 1 h 1 typ", "1 0 UDP 1 h 1 typ host", "1 257 UDP 1 h 1 typ host", "1 1 UDP -1 h 1 typ host",
        "1 1 UDP 4294967296 h 1 typ host", "1 1 UDP 1 h 65536 typ host", "1 1 UDP 1 h 1 kind host",
        "123456789012345678901234567890123 1 UDP 1 h 1 typ host", "a,b 1 UDP 1 h 1 typ host",
    ])
    func malformedCandidatesAreNone(value: String) { #expect(ICECandidate(parsing: value) == nil) }

    @Test func credentialsAreBoundedAndNotPrinted() throws {
        let password = String(repeating: "p", count: 22)
        let credentials = try #require(ICECredentials(usernameFragment: "abcd", password: password))
        #expect(!"\(credentials)".contains("pp") && !String(reflecting: credentials).contains("pp"))
        #expect(ICECredentials(usernameFragment: "abc", password: password) == nil)
        #expect(ICECredentials(usernameFragment: "abc:", password: password) == nil)
        #expect(ICECredentials(usernameFragment: "abcd", password: String(password.dropLast())) == nil)
        #expect(ICECredentials(usernameFragment: String(repeating: "a", count: 257), password: password) == nil)
    }
}
