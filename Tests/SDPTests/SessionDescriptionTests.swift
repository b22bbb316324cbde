import SDP
import Testing

@Suite struct SessionDescriptionTests {
    @Test(arguments: DeviceDescriptions.all) func whatIsWrittenReadsTheSame(text: String) throws {
        let parsed = try SessionDescription(parsing: text)
        let written = parsed.serialized
        #expect(try SessionDescription(parsing: written) == parsed)
        #expect(try SessionDescription(parsing: written).serialized == written)
        #expect(written.hasSuffix("\r\n"))
    }

    @Test func keepsCanonicalTextOctetForOctet() throws {
        let text = DeviceDescriptions.baresip.split(separator: "\n").map { $0 + "\r\n" }.joined()
        #expect(try SessionDescription(parsing: text).serialized == text)
    }

    @Test func aCombiningMarkAfterASpaceBeginsAWord() throws {
        let session = try SessionDescription(
            parsing: "v=0\no=- 1 1 IN IP4 h\nm=audio 4 RTP/AVP 0 \u{301}\na=mid: \u{301}\n")
        #expect(session.media[0].formats == ["0", "\u{301}"])
        #expect(session.media[0].identification == "\u{301}")
    }

    @Test func readsEveryLineKind() throws {
        let session = try SessionDescription(
            parsing: """
                v=0
                o=jdoe 3724394400 3724394405 IN IP6 2001:db8::1
                s=Cuộc họp giao ban
                i=Information
                u=https://example.com/
                e=jane@example.com
                p=+84 24 1234
                c=IN IP4 233.252.0.1/127/3
                b=X-YZ:128
                t=3724394400 3724398000
                r=604800 3600 0 90000
                a=recvonly
                m=audio 49170/2 rtp/avp 0
                i=Sound
                c=IN IP6 FF1E:03AD::7F2E:172A:1E24/3
                a=ptime:20
                x=unknown
                """)
        #expect(session.origin.address.isIPv6 && session.origin.version == 3_724_394_405)
        #expect(session.name == "Cuộc họp giao ban" && session.connection?.address == "233.252.0.1")
        #expect(session.media[0].portCount == 2 && session.media[0].transport == "RTP/AVP")
        #expect(session.media[0].connection?.address == "FF1E:03AD::7F2E:172A:1E24")
        #expect(session.media[0].title == "Sound" && session.media[0].packetTimeMilliseconds == 20)
        #expect(session.times == ["3724394400 3724398000"] && session.bandwidths == ["X-YZ:128"])
    }

    @Test(arguments: [
        ("", SDPMalformed(.empty, line: 0)),
        ("v=1\n", SDPMalformed(.unsupportedVersion, line: 1)),
        ("o=- 1 1 IN IP4 h\nv=0\n", SDPMalformed(.unsupportedVersion, line: 1)),
        ("v=0\ns=-\n", SDPMalformed(.missingOrigin, line: 0)),
        ("v=0\no=- 1 1 IN IP4\n", SDPMalformed(.badOrigin, line: 2)),
        ("v=0\no=- x 1 IN IP4 h\n", SDPMalformed(.badOrigin, line: 2)),
        ("v=0\no=- 1 1 IN IP4 h\nc=IN IP5 h\n", SDPMalformed(.badConnection, line: 3)),
        ("v=0\no=- 1 1 IN IP4 h\nm=audio x RTP/AVP 0\n", SDPMalformed(.badMedia, line: 3)),
        ("v=0\no=- 1 1 IN IP4 h\nm=audio 70000 RTP/AVP 0\n", SDPMalformed(.badMedia, line: 3)),
        ("v=0\no=- 1 1 IN IP4 h\nm=audio 1 RTP/AVP\n", SDPMalformed(.badMedia, line: 3)),
        ("v=0\no=- 1 1 IN IP4 h\nnonsense\n", SDPMalformed(.notTypeEqualsValue, line: 3)),
        ("v=0\no=- 1 1 IN IP4 h\na=:x\n", SDPMalformed(.badAttribute, line: 3)),
        ("v=0\no=- 1 1 IN IP4 h\0\n", SDPMalformed(.containsNUL, line: 0)),
        ("v=0\no=\r 1 1 IN IP4 h\n", SDPMalformed(.containsReturn, line: 2)),
    ])
    func saysWhatIsWrongAndWhere(text: String, error: SDPMalformed) {
        #expect(throws: error) { try SessionDescription(parsing: text) }
        #expect(!error.description.isEmpty)
    }

    @Test func isBounded() {
        let head = "v=0\no=- 1 1 IN IP4 h\n"
        let long = head + String(repeating: "a", count: SessionDescription.maximumSize)
        #expect(throws: SDPMalformed(.tooLong, line: 0)) { try SessionDescription(parsing: long) }
        let lines = head + String(repeating: "a=x\n", count: SessionDescription.maximumLines)
        #expect(throws: SDPMalformed.self) { try SessionDescription(parsing: lines) }
        let media = head + String(repeating: "m=audio 1 RTP/AVP 0\n", count: SessionDescription.maximumMedia + 1)
        #expect(throws: SDPMalformed(.tooManyMedia, line: 35)) { try SessionDescription(parsing: media) }
    }

    @Test func valuesCannotAddLines() throws {
        var session = SessionDescription(
            origin: SDPOrigin(sessionID: "1", version: 1, address: SDPConnection(address: "192.0.2.1")))
        session.name = "x\r\nm=audio 1 RTP/AVP 0"
        session.attributes = [SDPAttribute("tool", "a\nb")]
        #expect(try SessionDescription(parsing: session.serialized).media.isEmpty)
    }

    @Test func keysAreNotPrinted() throws {
        let session = try SessionDescription(parsing: DeviceDescriptions.baresip)
        let chrome = try SessionDescription(parsing: DeviceDescriptions.chrome)
        for text in ["\(session)", String(reflecting: session), "\(session.media[0].attributes)"] {
            #expect(!text.contains("inline"))
        }
        #expect(!"\(session.media[0].cryptos)".contains("inline") && !"\(chrome)".contains("P2uYro0UCOQ4"))
        #expect(session.serialized.contains("inline:zPZGNFvRphuCqsMRvPJPMqUYFZi7aT66HVyYqJ/s"))
    }

    @Test func damagedDescriptionsNeverTrapAndStayStable() {
        var generator = SeededGenerator(seed: 20)
        var accepted = 0
        for round in 0..<6000 {
            var bytes = Array(DeviceDescriptions.all[round % DeviceDescriptions.all.count].utf8)
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = .random(in: 0...255, using: &generator)
                case 1: bytes.removeSubrange(index..<min(bytes.count, index + 5))
                default: bytes.insert(contentsOf: [10, 109, 61, 32], at: index)
                }
            }
            guard let session = try? SessionDescription(parsing: bytes) else { continue }
            accepted += 1
            let written = session.serialized
            #expect((try? SessionDescription(parsing: written))?.serialized == written)
            var capabilities = MediaCapabilities()
            capabilities.allowsClear = true
            _ = try? OfferAnswer.answer(
                offer: session, with: capabilities, local: .example,
                makeKey: { [UInt8](repeating: 1, count: $0.keyAndSaltLength) })
        }
        #expect(accepted > 1000)
        for _ in 0..<5000 {
            _ = try? SessionDescription(parsing: generator.bytes(Int.random(in: 0...200, using: &generator)))
        }
    }
}

@Suite struct AttributeTests {
    @Test func cryptoReadsKeyLifetimeAndIndex() throws {
        // RFC 4568 §9.2's example.
        let line = try CryptoAttribute(
            parsing: "1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:32 WSH=128")
        #expect(line.tag == 1 && line.suite == .aesCM128HMACSHA1_80 && line.keyAndSalt.count == 30)
        #expect(line.keyAndSalt == Array("wDfvg&T+)xG7@fb5jU,RaA}\\|p0%*#".utf8))
        #expect(line.lifetime == "2^20" && line.masterKeyIndex == .init(value: 1, length: 32))
        #expect(line.sessionParameters == ["WSH=128"] && line.hasPlainParameters)
        #expect(try CryptoAttribute(parsing: line.value) == line)
        #expect(try CryptoAttribute(parsing: line.value).value == line.value)
    }

    @Test(arguments: [
        ("1 AES_CM_128_HMAC_SHA1_80", CryptoAttribute.Malformed.notTagSuiteKey),
        ("x AES_CM_128_HMAC_SHA1_80 inline:AA==", .badTag),
        ("1234567890 AES_CM_128_HMAC_SHA1_80 inline:AA==", .badTag),
        ("1 AES_CM_128_HMAC_SHA1_80 outline:AA==", .keyNotInline),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:", .keyNotBase64),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:A*==", .keyNotBase64),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:A", .keyNotBase64),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJS", .keyLengthNotOfSuite),
        ("1 AEAD_AES_128_GCM inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj", .keyLengthNotOfSuite),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^99", .badLifetime),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|1:0", .badMasterKeyIndex),
    ])
    func malformedCryptoIsRefused(value: String, error: CryptoAttribute.Malformed) {
        #expect(throws: error) { try CryptoAttribute(parsing: value) }
    }

    @Test func weakeningParametersAreSeen() throws {
        let key = "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
        let weakening = [
            "UNENCRYPTED_SRTP", "UNENCRYPTED_SRTCP", "UNAUTHENTICATED_SRTP", "KDR=1", "FEC_ORDER=FEC_SRTP",
        ]
        for parameter in weakening {
            #expect(try !CryptoAttribute(parsing: "1 AES_CM_128_HMAC_SHA1_80 \(key) \(parameter)").hasPlainParameters)
        }
    }

    @Test func readsMediaAttributes() throws {
        let chrome = try SessionDescription(parsing: DeviceDescriptions.chrome)
        #expect(chrome.media[0].payloadMaps.map(\.encodingName) == ["opus", "G722", "PCMU", "PCMA", "telephone-event"])
        #expect(chrome.media[0].rtcp?.port == 9 && chrome.media[0].rtcp?.address?.isUnspecified == true)
        #expect(chrome.media[0].multiplexesRTCP && chrome.media[0].identification == "0")
        #expect(chrome.media[0].sources == [1001])
        let polycom = try SessionDescription(parsing: DeviceDescriptions.polycom)
        #expect(polycom.origin.username == "Group 500 Phong hop 1" && polycom.origin.sessionID == "1634")
        #expect(polycom.media[2].content == ["slides"])
        #expect(polycom.media[1].feedback == [RTCPFeedback(payloadType: nil, kind: "ccm fir")])
        #expect(FormatParameters(parsing: polycom.media[1].formatParameters(of: 109))["max-mbps"] == "245000")
        #expect(RTPMap(parsing: "96 opus/48000/2")?.value == "96 opus/48000/2")
        for bad in ["96", "x opus/48000", "200 opus/48000", "96 opus", "96 opus/0", "96 opus/8000/0", "96 /8000"] {
            #expect(RTPMap(parsing: bad) == nil)
        }
    }
}
