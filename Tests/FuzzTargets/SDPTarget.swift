import SDP

/// A session description: the parser, the round trip, and offer and answer on whatever can be read.
enum SDPTarget {
    private static let strict = MediaCapabilities()
    private static let open = {
        var capabilities = MediaCapabilities()
        capabilities.allowsClear = true
        capabilities.acceptsMasterKeyIndex = true
        return capabilities
    }()
    private static let local = LocalMedia(
        sessionID: 1, address: "2001:db8::1", audio: LocalStream(address: "2001:db8::1", port: 20_000),
        video: LocalStream(address: "192.0.2.1", port: 20_002, rtcpPort: 20_009))

    /// With all that browsers speak.
    private static let whole = {
        var capabilities = open
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

    /// With ICE and DTLS; another number, other credentials.
    private static func bridge(_ number: Int) -> LocalMedia {
        var bridge = local
        bridge.slides = LocalStream(address: "192.0.2.1", port: 20_004)
        bridge.ice = ICECredentials(usernameFragment: "frag\(number)", password: "passwordOfTwentyTwo\(1_000 + number)")
            .map { LocalICE(credentials: $0) }
        bridge.dtls = DTLSFingerprint(hash: .sha256, digest: [UInt8](repeating: 7, count: 32))
            .map { LocalDTLS(fingerprints: [$0]) }
        return bridge
    }

    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        guard let description = try? SessionDescription(parsing: octets) else { return }
        let written = description.serialized
        guard let again = try? SessionDescription(parsing: written) else {
            // What is at the bounds may pass them when written in full.
            try require(octets.count > 32_768 || description.attributes.count > 1000, "what was written cannot be read")
            return
        }
        try require(again.serialized == written, "the second round trip changes the description")
        try require(again.media.count == description.media.count, "the round trip changes the m-lines")
        _ = description.description
        for media in description.media { check(media) }
        for capabilities in [strict, open] {
            try answer(description, capabilities)
            try accept(description, capabilities)
        }
        try bundle(description)
        if let offer = try? OfferAnswer.makeOffer(with: whole, local: bridge(1), makeKey: key) {
            let agreed = try? OfferAnswer.accept(answer: description, to: offer, with: whole)
            try agreed.map { agreed throws(FuzzFinding) in try checkTransports(agreed) }
        }
    }

    /// The same with ICE and DTLS, twice, and an offer of ours after it.
    private static func bundle(_ offer: SessionDescription) throws(FuzzFinding) {
        guard let agreed = try? OfferAnswer.answer(offer: offer, with: whole, local: bridge(1), makeKey: key) else {
            return
        }
        try require(agreed.local.media.count == offer.media.count, "an answer of other m-lines than the offer's")
        try require(!agreed.media.isEmpty && agreed.media.count <= 3, "\(agreed.media.count) media are agreed on")
        try checkTransports(agreed)
        let next = try? OfferAnswer.answer(
            offer: offer, with: whole, local: bridge(2), previous: agreed.local, previousRemote: offer,
            makeKey: { _ in [] })
        guard let next else {
            throw FuzzFinding(description: "the same offer again is refused, or its keys are made anew")
        }
        try checkTransports(next)
        for transport in next.transports {
            try require(transport.ice?.isRestart != true, "ICE restarts by the same credentials")
            let goesOn = transport.dtls.map { $0.continuity == .kept } ?? true
            try require(goesOn, "an association ends by the same offer")
        }
        let ours = try? OfferAnswer.makeOffer(
            with: whole, local: bridge(3), previous: agreed.local, previousRemote: offer, makeKey: key)
        try require(ours?.media.count == offer.media.count, "our offer has other m-lines than there were")
    }

    private static func checkTransports(_ agreed: Negotiated) throws(FuzzFinding) {
        let carried = agreed.transports.flatMap(\.mediaIndexes).sorted()
        try require(carried == agreed.media.map(\.index).sorted(), "an m-line is on no transport, or on two")
        for media in agreed.media {
            let transport = agreed.transport(of: media)
            try require(media.usesDTLS == (transport?.dtls != nil), "a medium is keyed otherwise than its transport")
            try require(!(media.usesDTLS && media.crypto != nil), "a medium is keyed twice")
        }
        guard let read = try? SessionDescription(parsing: agreed.local.serialized) else {
            throw FuzzFinding(description: "what we wrote cannot be read")
        }
        try require(read.media.count == agreed.local.media.count, "our m-lines change on the way")
    }

    private static func check(_ media: MediaDescription) {
        _ = (media.payloadMaps, media.retransmissions, media.feedback, media.cryptos, media.extendedReports)
        _ = (media.identification, media.content, media.sources, media.rtcp, media.packetTimeMilliseconds)
        _ = (media.extensionMaps.map(\.value), media.restrictions.map(\.value), media.candidates.map(\.value))
        _ = (media.sourceGroups, media.streamIdentifications, media.remoteSources)
        for map in media.payloadMaps {
            let parameters = media.formatParameters(of: map.payloadType)
            _ = (FormatParameters(parsing: parameters), H264ParameterSets.units(inFormatParameters: parameters))
        }
        for crypto in media.cryptos { _ = (crypto.value, crypto.hasPlainParameters, crypto.description) }
    }

    private static func key(_ suite: CryptoSuite) -> [UInt8] { [UInt8](repeating: 1, count: suite.keyAndSaltLength) }

    private static func answer(_ offer: SessionDescription, _ capabilities: MediaCapabilities) throws(FuzzFinding) {
        guard let agreed = try? OfferAnswer.answer(offer: offer, with: capabilities, local: local, makeKey: key) else {
            return
        }
        try require(agreed.local.media.count == offer.media.count, "an answer of other m-lines than the offer's")
        for (ours, theirs) in zip(agreed.local.media, offer.media) {
            try require(ours.kind == theirs.kind, "an answer of another kind")
            try require(theirs.port != 0 || ours.port == 0, "an answer switches a medium on")
        }
        try require(!agreed.media.isEmpty && agreed.media.count <= 2, "\(agreed.media.count) media are agreed on")
        for media in agreed.media {
            try require(capabilities.allowsClear || media.crypto != nil, "clear media is agreed to")
            try require(!media.receivable.isEmpty && !media.sending.isEmpty, "a medium without codecs")
            if let crypto = media.crypto {
                try require(crypto.remoteKeyAndSalt.count == crypto.suite.keyAndSaltLength, "a key of a wrong length")
            }
        }
        guard let read = try? SessionDescription(parsing: agreed.local.serialized) else {
            throw FuzzFinding(description: "the answer cannot be read")
        }
        try require(read.media.count == offer.media.count, "the answer's m-lines change on the way")
        let next = try? OfferAnswer.answer(
            offer: offer, with: capabilities, local: local, previous: agreed.local, makeKey: { _ in [] })
        try require(next != nil, "the same offer again is refused, or its keys are made anew")
    }

    private static func accept(_ answer: SessionDescription, _ capabilities: MediaCapabilities) throws(FuzzFinding) {
        guard let offer = try? OfferAnswer.makeOffer(with: capabilities, local: local, makeKey: key) else {
            throw FuzzFinding(description: "no offer can be made")
        }
        guard let agreed = try? OfferAnswer.accept(answer: answer, to: offer, with: capabilities) else { return }
        for media in agreed.media {
            try require(capabilities.allowsClear || media.crypto != nil, "clear media is agreed to")
            try require(!media.sending.isEmpty, "a medium without codecs")
        }
    }
}
