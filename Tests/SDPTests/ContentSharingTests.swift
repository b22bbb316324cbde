import Testing

@testable import SDP

private func key(_ suite: CryptoSuite) -> [UInt8] { [UInt8](repeating: 0x5a, count: suite.keyAndSaltLength) }

extension LocalMedia {
    /// A bridge that takes part in content sharing.
    fileprivate static let sharing = LocalMedia(
        sessionID: 77, address: "198.51.100.1", audio: LocalStream(address: "198.51.100.1", port: 20_000),
        video: LocalStream(address: "198.51.100.1", port: 20_002),
        slides: LocalStream(address: "198.51.100.1", port: 20_004),
        floorControl: LocalFloorControl(
            address: "198.51.100.1", udpPort: 5_070, tcpPort: 5_071, conferenceID: 900, userID: 17))
}

@Suite struct ContentSharingTests {
    private func answer(
        _ text: String, local: LocalMedia = .sharing, previous: SessionDescription? = nil
    ) throws -> Negotiated {
        var capabilities = MediaCapabilities()
        capabilities.allowsClear = true
        return try OfferAnswer.answer(
            offer: SessionDescription(parsing: text), with: capabilities, local: local, previous: previous, makeKey: key
        )
    }

    @Test func aCiscoRoomSystemSharesByUDP() throws {
        let result = try answer(DeviceDescriptions.cisco)
        #expect(result.local.media.map(\.port) == [20_000, 20_002, 20_004, 5_070, 0, 0])
        #expect(result.local.media.map(\.kind) == result.remote.media.map(\.kind))
        #expect(result.video?.receivable.map(\.payloadType) == [98, 97])
        #expect(result.slides?.receivable.map(\.payloadType) == [97, 96])
        #expect(result.video?.remotePort == 59_366 && result.slides?.remotePort == 57_964)
        #expect(result.slides?.crypto?.suite == .aesCM128HMACSHA1_80)
        // Slides are to be read, so more of them is taken than of the camera's picture.
        #expect(
            result.local.media[2].formatParameters(of: 97)
                == "profile-level-id=428016;packetization-mode=1;max-mbps=245760;max-fs=8192")
        #expect(
            result.slides?.sending.first?.formatParameters
                == "profile-level-id=428016;max-mbps=245000;max-fs=8160;max-br=5000;max-fps=6000;packetization-mode=1")
        let floor = try #require(result.floorControl)
        #expect(
            floor
                == NegotiatedFloorControl(
                    index: 3, transport: .udp, remoteAddress: "192.0.2.40", remotePort: 58_624, connects: false,
                    keepsConnection: false, conferenceID: 900, userID: 17, floorID: 1))
        let text = result.local.serialized
        #expect(
            text.contains("a=content:main\r\na=label:11\r\n") && text.contains("a=content:slides\r\na=label:12\r\n"))
        #expect(
            text.contains(
                "m=application 5070 UDP/BFCP *\r\nc=IN IP4 198.51.100.1\r\na=floorctrl:s-only\r\na=confid:900\r\n"
                    + "a=userid:17\r\na=floorid:1 mstrm:12\r\n"))
        #expect(try SessionDescription(parsing: text) == result.local)
    }

    @Test func aRealPresenceSharesByTCPWithTheFloorFirst() throws {
        let result = try answer(DeviceDescriptions.realPresence)
        #expect(result.local.media.map(\.port) == [20_000, 20_002, 5_071, 20_004, 0])
        #expect(result.video?.receivable.map(\.payloadType) == [110, 109, 111])
        #expect(result.slides?.receivable.map(\.payloadType) == [110, 109, 111])
        #expect(result.floorControl?.transport == .tcp && result.floorControl?.connects == false)
        let line = result.local.media[2]
        // In the peer's own spelling.
        #expect(line.attributes.first("floorid") == "1 m-stream:3")
        #expect(line.attributes.first("setup") == "passive" && line.attributes.first("connection") == "new")
        #expect(line.formats == ["*"])
    }

    @Test func levelsDifferEachWayWhereBothAllowIt() throws {
        let result = try answer(DeviceDescriptions.studioX)
        #expect(result.local.media.map(\.port) == [20_000, 20_002, 20_004, 5_070])
        #expect(result.video?.receivable.map(\.payloadType) == [97, 126, 99])
        let lines = result.local.media
        #expect(
            lines[1].formatParameters(of: 99)
                == "profile-level-id=64001f;packetization-mode=1;level-asymmetry-allowed=1")
        #expect(
            lines[2].formatParameters(of: 97)
                == "profile-level-id=42e028;packetization-mode=1;level-asymmetry-allowed=1")
        #expect(
            lines[2].formatParameters(of: 126)
                == "profile-level-id=42e00d;packetization-mode=1;max-mbps=245760;max-fs=8192")
    }

    @Test func slidesAreToldByTheFloorWhereNothingElseTells() throws {
        let result = try answer(DeviceDescriptions.yealinkRoom)
        #expect(result.local.media.map(\.port) == [5_070, 20_000, 20_002, 20_004])
        #expect(result.slides?.direction == .receiveOnly && result.slides?.index == 3)
        #expect(result.video?.index == 2)
        #expect(result.local.media[0].attributes.first("floorid") == "1 mstrm:12")
    }

    @Test func eachMayBeHadWithoutTheOther() throws {
        var local = LocalMedia.sharing
        local.floorControl = nil
        let slidesOnly = try answer(DeviceDescriptions.cisco, local: local)
        #expect(slidesOnly.local.media.map(\.port) == [20_000, 20_002, 20_004, 0, 0, 0])
        #expect(slidesOnly.floorControl == nil)
        local = .sharing
        local.slides = nil
        let floorOnly = try answer(DeviceDescriptions.cisco, local: local)
        #expect(floorOnly.local.media.map(\.port) == [20_000, 20_002, 0, 5_070, 0, 0])
        #expect(floorOnly.local.media[3].attributes.first("floorid") == "1")
        #expect(floorOnly.slides == nil)
    }

    @Test func aSecondOfAKindIsTurnedDownInItsPlace() throws {
        let head = "v=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\n"
        let slides = "m=video 5000 RTP/AVP 96\na=rtpmap:96 VP8/90000\na=content:slides\n"
        let main = "m=video 6000 RTP/AVP 96\na=rtpmap:96 VP8/90000\n"
        let floor = "m=application 7000 UDP/BFCP *\n"
        let odd = "m=message 8000 TCP/MSRP *\n"
        let result = try answer(head + odd + floor + slides + slides + main + main + floor)
        #expect(result.local.media.map(\.port) == [0, 5_070, 20_004, 0, 20_002, 0, 0])
        #expect(result.local.media.map(\.kind) == result.remote.media.map(\.kind))
        #expect(result.local.media[2].label == "12", "it needs a label for the floor to name")
        // Slides that nobody has a codec for are no reason to refuse a call.
        let strange = slides.replacing("VP8", with: "AV9")
        #expect(try answer(head + main + strange).local.media.map(\.port) == [20_002, 0])
        // Nor is a call that has nothing but slides.
        #expect(try answer(head + slides).slides != nil)
    }

    @Test(arguments: [
        ("a=floorctrl:c-only", true), ("a=floorctrl:c-s", true), ("", true), ("a=floorctrl:s-only", false),
        ("a=bfcpver:1 2", true), ("a=bfcpver:1", false), ("a=bfcpver:x", false),
    ])
    func theBridgeIsTheServer(attribute: String, isAccepted: Bool) throws {
        let text = DeviceDescriptions.studioX.replacing("a=floorctrl:c-s", with: attribute)
        let result = try answer(text)
        #expect((result.floorControl != nil) == isAccepted)
        #expect(result.local.media[3].port == (isAccepted ? 5_070 : 0))
    }

    @Test(arguments: [
        ("actpass", false, "passive"), ("active", false, "passive"), ("passive", true, "active"),
        ("passive", false, nil), ("holdconn", true, nil),
    ])
    func whoConnectsIsArranged(setup: String, canConnect: Bool, answered: String?) throws {
        var local = LocalMedia.sharing
        local.floorControl?.connects = canConnect
        let text = DeviceDescriptions.realPresence.replacing("a=setup:actpass", with: "a=setup:\(setup)")
        let result = try answer(text, local: local)
        #expect(result.local.media[2].attributes.first("setup") == answered)
        #expect(result.floorControl?.connects == answered.map { $0 == "active" })
    }

    @Test func aReofferKeepsItsPlacesAndTheConnection() throws {
        let first = try answer(DeviceDescriptions.realPresence)
        let again = DeviceDescriptions.realPresence.replacing("a=connection:new", with: "a=connection:existing")
        let second = try answer(again, previous: first.local)
        #expect(second.floorControl?.keepsConnection == true)
        #expect(second.local.media.map(\.port) == first.local.media.map(\.port))
        #expect(second.local.media[2].attributes.first("connection") == "existing")
        // An existing connection that we know nothing of is a new one.
        #expect(try answer(again).floorControl?.keepsConnection == false)
        // Ours: the same lines in the same places.
        var capabilities = MediaCapabilities()
        capabilities.allowsClear = true
        let ours = try OfferAnswer.makeOffer(
            with: capabilities, local: .sharing, previous: first.local, makeKey: key)
        #expect(ours.media.map(\.port) == [20_000, 20_002, 5_071, 20_004, 0])
        #expect(ours.media[2].attributes.first("connection") == "existing")
        var local = LocalMedia.sharing
        local.slides = nil
        local.floorControl = nil
        let without = try OfferAnswer.makeOffer(with: capabilities, local: local, previous: first.local, makeKey: key)
        #expect(without.media.map(\.port) == [20_000, 20_002, 0, 0, 0])
    }

    @Test func slidesAreOfferedOnlyWhereAskedFor() throws {
        var capabilities = MediaCapabilities()
        let plain = try OfferAnswer.makeOffer(with: capabilities, local: .sharing, makeKey: key)
        #expect(plain.media.map(\.kind) == ["audio", "video"])
        capabilities.offersSlides = true
        let offer = try OfferAnswer.makeOffer(with: capabilities, local: .sharing, makeKey: key)
        #expect(offer.media.map(\.kind) == ["audio", "video", "video", "application"])
        #expect(offer.media.map(\.port) == [20_000, 20_002, 20_004, 5_070])
        #expect(offer.media[3].attributes.first("floorid") == "1 mstrm:12" && offer.media[2].label == "12")
        #expect(try SessionDescription(parsing: offer.serialized) == offer)
        // A peer that takes what it is offered.
        var theirs = LocalMedia.sharing
        theirs.address = "203.0.113.1"
        var answered = try OfferAnswer.answer(
            offer: offer, with: capabilities, local: theirs, makeKey: key
        ).local
        #expect(answered.media[3].port == 0, "two servers do not go together")
        answered.media[3] = MediaDescription(
            kind: "application", port: 6_000, transport: "UDP/BFCP", formats: ["*"],
            attributes: [SDPAttribute("floorctrl", "c-only")])
        let agreed = try OfferAnswer.accept(answer: answered, to: offer, with: capabilities)
        #expect(agreed.media.count == 3 && agreed.slides?.index == 2 && agreed.video?.index == 1)
        #expect(agreed.floorControl?.userID == 17 && agreed.floorControl?.remotePort == 6_000)
        #expect(agreed.slides?.sending.map(\.encodingName) == ["VP8", "H264", "H264", "H264"])
        // One that knows no slides.
        answered.media[2].port = 0
        answered.media[3].port = 0
        let bare = try OfferAnswer.accept(answer: answered, to: offer, with: capabilities)
        #expect(bare.slides == nil && bare.floorControl == nil && bare.video != nil)
        // One whose answer for the slides cannot be used still has its call.
        answered.media[2].port = 6_004
        answered.media[2].attributes.removeAll { $0.name == "crypto" }
        #expect(try OfferAnswer.accept(answer: answered, to: offer, with: capabilities).slides == nil)
    }

    @Test(
        arguments: [
            ("2 mstrm:12", FloorAssociation(floorID: 2, labels: ["12"]), "2 mstrm:12"),
            ("1 m-stream:3", FloorAssociation(floorID: 1, labels: ["3"], listName: "m-stream"), "1 m-stream:3"),
            ("1 mstrm 3", FloorAssociation(floorID: 1, labels: ["3"]), "1 mstrm:3"),
            ("1 mstrm:10 11", FloorAssociation(floorID: 1, labels: ["10", "11"]), "1 mstrm:10 11"),
            ("543", FloorAssociation(floorID: 543, labels: []), "543"), ("65536", nil, nil), ("", nil, nil),
            ("1 other:3", FloorAssociation(floorID: 1, labels: []), "1"),
        ] as [(String, FloorAssociation?, String?)])
    func floorsAreReadInAllSpellings(text: String, expected: FloorAssociation?, written: String?) {
        #expect(FloorAssociation(parsing: text) == expected)
        #expect(FloorAssociation(parsing: text)?.value == written)
    }

    @Test func whateverIsOfferedTheAnswerHasItsLines() throws {
        var generator = SeededGenerator(seed: 4)
        var capabilities = MediaCapabilities()
        capabilities.allowsClear = true
        for _ in 0..<2_000 {
            let source = DeviceDescriptions.all.randomElement(using: &generator)!
            var offer = try SessionDescription(parsing: source)
            offer.media.shuffle(using: &generator)
            for index in offer.media.indices where Int.random(in: 0..<4, using: &generator) == 0 {
                offer.media[index].attributes.shuffle(using: &generator)
                if Bool.random(using: &generator) { offer.media[index].port = 0 }
                if Bool.random(using: &generator) { offer.media[index].attributes.removeLast(1) }
                let text = String(decoding: generator.bytes(12).map { $0 % 96 + 32 }, as: UTF8.self)
                let name = ["floorid", "label", "content", "setup", "bfcpver", "confid"].randomElement(
                    using: &generator)!
                offer.media[index].attributes.insert(SDPAttribute(name, text), at: 0)
            }
            guard
                let result = try? OfferAnswer.answer(
                    offer: offer, with: capabilities, local: .sharing, makeKey: key)
            else { continue }
            #expect(result.local.media.map(\.kind) == offer.media.map(\.kind))
            #expect(result.local.media.map(\.transport) == offer.media.map(\.transport))
            for (ours, theirs) in zip(result.local.media, offer.media) where theirs.port == 0 {
                #expect(ours.port == 0)
            }
            let ports = result.local.media.map(\.port).filter { $0 != 0 }
            #expect(Set(ports).count == ports.count, "a port is named twice")
            #expect(try SessionDescription(parsing: result.local.serialized) == result.local)
        }
    }
}
