import Testing

@testable import SDP

@Suite struct DTLSAgreementTests {
    static let head = "v=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\n"
    static let print = "a=fingerprint:\(DTLSFingerprint.made(of: 1).value)\n"
    static let other = "a=fingerprint:\(DTLSFingerprint.made(of: 2).value)\n"
    static func sound(_ lines: String, profile: String = "UDP/TLS/RTP/SAVP") -> String {
        head + "m=audio 4000 \(profile) 8\na=rtcp-mux\n" + lines
    }

    @Test(arguments: [
        ("a=setup:actpass\n", DTLSRole.server, "passive"), ("a=setup:active\n", .server, "passive"),
        ("", .server, "passive"), ("a=setup:passive\n", .client, "active"), ("a=setup:PASSIVE\n", .client, "active"),
    ])
    func theBridgeWaitsWhereItMay(setup: String, role: DTLSRole, written: String) throws {
        var call = Rehearsal()
        let result = try call.answer(Self.sound(Self.print + setup))
        #expect(result.transports.first?.dtls?.role == role)
        #expect(result.local.media[0].attributes.first("setup") == written)
        #expect(result.audio?.usesDTLS == true && result.audio?.crypto == nil)
        // Said of the whole session it is the same.
        var session = Rehearsal()
        let whole = Self.sound("").replacing("t=0 0\n", with: "t=0 0\n" + Self.print + setup)
        #expect(try session.answer(whole).transports.first?.dtls?.role == role)
    }

    @Test(arguments: ["holdconn", "whatever", ""])
    func thatNobodyBeginsIsRefused(setup: String) throws {
        var call = Rehearsal()
        #expect(throws: NegotiationError.unusableSetup(setup)) {
            try call.answer(Self.sound(Self.print + "a=setup:\(setup)\n"))
        }
    }

    @Test func ofSeveralFingerprintsTheStrongestCount() throws {
        var call = Rehearsal()
        let strong = DTLSFingerprint.made(of: 3, hash: .sha512)
        let lines = "a=fingerprint:sha-1 " + Array(repeating: "AB", count: 20).joined(separator: ":") + "\n"
        let result = try call.answer(Self.sound(lines + Self.print + "a=fingerprint:\(strong.value)\n"))
        #expect(result.transports.first?.dtls?.fingerprints == [strong])
        #expect(throws: NegotiationError.noUsableFingerprint) { try call.answer(Self.sound(lines)) }
        #expect(throws: NegotiationError.noUsableFingerprint) { try call.answer(Self.sound("")) }
    }

    @Test func withoutDTLSHereItIsSaidSo() throws {
        var local = LocalMedia.bridge()
        local.dtls = nil
        var call = Rehearsal(local: local)
        #expect(throws: NegotiationError.unsupportedTransport("UDP/TLS/RTP/SAVP")) {
            try call.answer(Self.sound(Self.print))
        }
    }

    /// Which of SDES and DTLS it is, where an offer has both.
    @Test(arguments: [
        ("UDP/TLS/RTP/SAVPF", true, true, true), ("UDP/TLS/RTP/SAVP", true, false, false),
        ("RTP/SAVPF", true, true, false), ("RTP/SAVPF", false, true, true), ("RTP/AVP", true, true, false),
        ("RTP/AVP", false, true, true),
    ])
    func theProfileDecides(profile: String, hasCrypto: Bool, hasFingerprint: Bool, isDTLS: Bool) throws {
        var call = Rehearsal()
        let crypto = hasCrypto ? InteractiveConnectivityTests.crypto : ""
        let result = try call.answer(Self.sound(crypto + (hasFingerprint ? Self.print : ""), profile: profile))
        #expect(result.audio?.usesDTLS == isDTLS && (result.audio?.crypto == nil) == isDTLS)
        #expect((result.local.media[0].attributes.first("fingerprint") != nil) == isDTLS)
        #expect((result.local.media[0].attributes.first("crypto") != nil) != isDTLS)
        #expect(result.local.media[0].transport == profile)
    }

    @Test(arguments: [
        (print + "a=setup:actpass\n", AssociationContinuity.kept, DTLSRole.server),
        (print + "a=setup:active\n", .kept, .server), (print + "a=setup:passive\n", .replaced(.role), .client),
        (other + "a=setup:actpass\n", .replaced(.fingerprints), .server),
        (other + "a=setup:passive\n", .replaced(.fingerprints), .client),
        (print + "a=setup:actpass\na=tls-id:two\n", .replaced(.identifier), .server),
        (print + "a=setup:actpass\na=tls-id:one\n", .kept, .server),
    ])
    func whatMakesANewAssociation(lines: String, continuity: AssociationContinuity, role: DTLSRole) throws {
        var call = Rehearsal()
        #expect(try call.answer(Self.sound(Self.print + "a=setup:actpass\na=tls-id:one\n")).audio?.usesDTLS == true)
        // The certificate here is renewed meanwhile.
        call.local.dtls = LocalDTLS(fingerprints: [.made(of: 0xcd)])
        let result = try call.answer(Self.sound(lines))
        #expect(result.transports.first?.dtls?.continuity == continuity)
        #expect(result.transports.first?.dtls?.role == role)
        let kept = continuity == .kept
        #expect(result.local.media[0].attributes.first("setup") == (role == .server ? "passive" : "active"))
        #expect(
            result.local.media[0].attributes.first("fingerprint") == DTLSFingerprint.made(of: kept ? 0xab : 0xcd).value,
            "an association keeps its certificate")
    }

    @Test func aClientStaysTheClient() throws {
        var call = Rehearsal()
        #expect(try call.answer(Self.sound(Self.print + "a=setup:passive\n")).transports[0].dtls?.role == .client)
        let result = try call.answer(Self.sound(Self.print + "a=setup:actpass\n"))
        #expect(result.transports[0].dtls?.role == .client && result.transports[0].dtls?.continuity == .kept)
        // What was there before is not known without the peer's description.
        let blind = try OfferAnswer.answer(
            offer: result.remote, with: call.capabilities, local: call.local, previous: result.local,
            makeKey: Rehearsal.key)
        #expect(blind.transports[0].dtls?.continuity == .new)
    }

    @Test(
        arguments: [("active", .server), ("passive", .client), ("actpass", nil), ("holdconn", nil)]
            as [(String, DTLSRole?)])
    func theAnswerSaysWhoBegins(setup: String, role: DTLSRole?) throws {
        var call = Rehearsal()
        let offer = try call.offer()
        let text = Self.sound(Self.print + "a=setup:\(setup)\n", profile: "UDP/TLS/RTP/SAVPF")
        let answer = try SessionDescription(
            parsing: text + "m=video 0 UDP/TLS/RTP/SAVPF 97\nm=video 0 UDP/TLS/RTP/SAVPF 97\n")
        guard let role else {
            #expect(throws: NegotiationError.unusableSetup(setup)) { try call.accept(answer, to: offer) }
            return
        }
        let result = try call.accept(answer, to: offer)
        #expect(result.transports.map(\.dtls?.role) == [role] && result.transports[0].ice == nil)
        #expect(result.transports[0].mediaIndexes == [0] && result.audio?.remotePort == 4000)
        // It stays so when the peer offers next.
        let next = try call.answer(Self.sound(Self.print + "a=setup:actpass\n", profile: "UDP/TLS/RTP/SAVPF"))
        #expect(next.transports[0].dtls?.continuity == .kept && next.transports[0].dtls?.role == role)
    }

    @Test func anAnswerWithoutAFingerprintIsRefused() throws {
        var call = Rehearsal()
        let offer = try call.offer()
        let answer = try SessionDescription(
            parsing: Self.sound(InteractiveConnectivityTests.crypto, profile: "UDP/TLS/RTP/SAVPF")
                + "m=video 0 UDP/TLS/RTP/SAVPF 97\nm=video 0 UDP/TLS/RTP/SAVPF 97\n")
        #expect(throws: NegotiationError.noUsableFingerprint) { try call.accept(answer, to: offer) }
    }

    @Test func fingerprintsReadInEitherCase() throws {
        let value = "SHA-256 " + Array(repeating: "aB", count: 32).joined(separator: ":")
        let read = try #require(DTLSFingerprint(parsing: value))
        #expect(read == .made(of: 0xab) && DTLSFingerprint(parsing: read.value) == read)
        let bad = [
            "", "sha-256", "sha-256 AB", "md5 " + Array(repeating: "AB", count: 16).joined(separator: ":"),
            "sha-256 " + Array(repeating: "AB", count: 33).joined(separator: ":"),
            "sha-256 " + Array(repeating: "+1", count: 32).joined(separator: ":"),
            "sha-256 " + Array(repeating: "A", count: 32).joined(separator: ":"),
        ]
        for value in bad { #expect(DTLSFingerprint(parsing: value) == nil) }
    }
}
