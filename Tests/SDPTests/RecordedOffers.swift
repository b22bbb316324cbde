import Foundation
import SDP

/// The descriptions in `Offers`; its README says where they are from.
enum RecordedOffers {
    static let names =
        [
            "aiortc", "aiortc-answer", "asterisk", "baresip-dtls-ice", "baresip-sdes-ice", "chromium-answer",
            "chromium-compat", "chromium-plain", "firefox-answer", "firefox-max-bundle", "firefox-plain", "janus",
            "linphone-dtls-ice", "linphone-sdes-ice", "pjsip-sdes-ice", "safari",
        ] + chromiumMeeting + firefoxMeeting

    /// Of one connection, in order.
    static let chromiumMeeting = [
        "chromium-meeting-1-simulcast-datachannel", "chromium-meeting-2-screen-added",
        "chromium-meeting-3-ice-restart", "chromium-meeting-4-screen-off", "chromium-meeting-5-audio-stopped",
    ]
    static let firefoxMeeting = [
        "firefox-meeting-1-simulcast", "firefox-meeting-2-screen-added", "firefox-meeting-3-ice-restart",
    ]

    static func text(_ name: String) throws -> String {
        let folder = Bundle.module.resourceURL?.appendingPathComponent("Offers")
        guard let file = folder?.appendingPathComponent(name + ".sdp") else { throw CocoaError(.fileNoSuchFile) }
        return try String(contentsOf: file, encoding: .utf8)
    }

    static func description(_ name: String) throws -> SessionDescription {
        try SessionDescription(parsing: text(name))
    }
}

extension ICECredentials {
    /// Others for each number.
    static func fresh(_ number: Int) -> ICECredentials {
        let made = ICECredentials(usernameFragment: "frag\(number)", password: "passwordOfTwentyTwo\(1_000 + number)")
        return made ?? fresh(0)
    }
}

extension DTLSFingerprint {
    static func made(of octet: UInt8, hash: FingerprintHash = .sha256) -> DTLSFingerprint {
        DTLSFingerprint(hash: hash, digest: [UInt8](repeating: octet, count: hash.length)) ?? made(of: octet)
    }
}

extension LocalMedia {
    /// A bridge with ICE and DTLS behind a NAT that maps one to one: 203.0.113.1 is advertised, 10.0.0.1 bound.
    static func bridge(credentials number: Int = 1) -> LocalMedia {
        func stream(_ port: UInt16, _ name: String) -> LocalStream {
            var stream = LocalStream(address: "203.0.113.1", port: port)
            stream.candidates = [
                LocalCandidate(address: "203.0.113.1", port: port), LocalCandidate(address: "10.0.0.1", port: port),
                LocalCandidate(address: "2001:db8::1", port: port),
            ]
            stream.source = LocalSource(
                ssrc: UInt32(port), retransmissionSSRC: name == "audio" ? nil : UInt32(port) + 1, cname: "causeway",
                streamID: name == "slides" ? "slides" : "room", trackID: name)
            return stream
        }
        var local = LocalMedia(
            sessionID: 77, address: "203.0.113.1", audio: stream(20_000, "audio"), video: stream(20_002, "video"),
            slides: stream(20_004, "slides"))
        local.ice = LocalICE(credentials: .fresh(number))
        local.dtls = LocalDTLS(fingerprints: [.made(of: 0xab)])
        return local
    }
}

extension MediaCapabilities {
    /// All that browsers speak and we can.
    static let browsers = {
        var capabilities = MediaCapabilities()
        capabilities.headerExtensions = HeaderExtension.allCases
        capabilities.mixesExtensionForms = true
        capabilities.reducedSizeRTCP = true
        capabilities.maximumSimulcastStreams = 3
        capabilities.takesSecondVideoAsSlides = true
        capabilities.usesICEWithoutDTLS = true
        capabilities.offersDTLS = true
        capabilities.offersSlides = true
        capabilities.feedback.formUnion(["transport-cc", "goog-remb"])
        return capabilities
    }()
}

/// A call from the bridge's side: what was said last on both sides goes into what comes next.
struct Rehearsal {
    var capabilities = MediaCapabilities.browsers
    var local = LocalMedia.bridge()
    private(set) var agreed: Negotiated?
    private var offers = 0

    init(_ capabilities: MediaCapabilities = .browsers, local: LocalMedia = .bridge()) {
        self.capabilities = capabilities
        self.local = local
    }

    static func key(_ suite: CryptoSuite) -> [UInt8] { [UInt8](repeating: 0x5a, count: suite.keyAndSaltLength) }

    private mutating func renew() {
        offers += 1
        local.ice?.credentials = .fresh(offers)
    }

    @discardableResult
    mutating func answer(_ offer: SessionDescription) throws -> Negotiated {
        renew()
        let result = try OfferAnswer.answer(
            offer: offer, with: capabilities, local: local, previous: agreed?.local, previousRemote: agreed?.remote,
            makeKey: Self.key)
        agreed = result
        return result
    }

    @discardableResult
    mutating func answer(_ text: String) throws -> Negotiated { try answer(SessionDescription(parsing: text)) }

    @discardableResult
    mutating func answer(recorded name: String) throws -> Negotiated {
        try answer(RecordedOffers.description(name))
    }

    mutating func offer() throws -> SessionDescription {
        renew()
        return try OfferAnswer.makeOffer(
            with: capabilities, local: local, previous: agreed?.local, previousRemote: agreed?.remote,
            makeKey: Self.key)
    }

    @discardableResult
    mutating func accept(_ answer: SessionDescription, to offer: SessionDescription) throws -> Negotiated {
        let result = try OfferAnswer.accept(
            answer: answer, to: offer, with: capabilities, previous: agreed?.local, previousRemote: agreed?.remote)
        agreed = result
        return result
    }
}
