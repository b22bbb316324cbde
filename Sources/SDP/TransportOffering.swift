/// The transports of offers of ours.
extension OfferAnswer {
    /// Attributes of a transport. By RFC 9143 §7.1.3 the tagged m-line of a BUNDLE alone has them; all but candidates are
    /// written on each, which those who follow the RFC pass over: aiortc (1.x) refuses m-lines without, and Chromium (156)
    /// turns down, in an offer, the one after an m-line without a fingerprint.
    static let transportNames: Set<String> = [
        "ice-ufrag", "ice-pwd", "candidate", "end-of-candidates", "ice-mismatch", "fingerprint", "setup", "tls-id",
        "bundle-only",
    ]

    /// Of a first offer: an m-line that shares its port with the first is to be had in the BUNDLE only, all others have
    /// what they need to stand alone.
    static func offerTransports(
        _ offer: inout SessionDescription, _ capabilities: MediaCapabilities, _ local: LocalMedia
    ) {
        let dtls = capabilities.offersDTLS ? local.dtls : nil
        guard let first = offer.media.first, dtls != nil || capabilities.usesICEWithoutDTLS && local.ice != nil else {
            return
        }
        for index in offer.media.indices {
            if let dtls {
                offer.media[index].attributes.append(SDPAttribute("mid", String(index)))
                offer.media[index].attributes += attributes(of: dtls.fingerprints)
                offer.media[index].attributes += local.ice?.credentials.attributes ?? []
                if index > 0, offer.media[index].port == first.port,
                    offer.media[index].connection == first.connection
                {
                    offer.media[index].port = 0
                    offer.media[index].attributes.append(SDPAttribute("bundle-only"))
                    continue
                }
            }
            guard let ice = local.ice, let stream = local.stream(at: offer.media[index].port) else { continue }
            if dtls == nil { offer.media[index].attributes += ice.credentials.attributes }
            // Who does not multiplex finds RTCP by its own candidates; to DTLS it is offered in no other way.
            offer.media[index].attributes += stream.candidateAttributes(multiplexed: dtls != nil)
        }
        if dtls != nil {
            let bundle = BundleGroup(indexes: Array(offer.media.indices))
            offer.attributes.append(SDPAttribute("group", bundle.value(in: offer)))
        }
        if local.ice != nil { offer.attributes += LocalICE.sessionAttributes }
    }

    /// Of a later offer: each transport stays where it is, under the first of its m-lines that is on.
    static func reofferTransports(
        _ offer: inout SessionDescription, after previous: SessionDescription, _ previousRemote: SessionDescription?,
        _ local: LocalMedia
    ) throws(NegotiationError) {
        let remote = previousRemote.flatMap { $0.media.count == previous.media.count ? $0 : nil }
        let bundles = remote.map { BundleGroup.agreed(previous, $0) } ?? BundleGroup.groups(in: previous)
        let bundled = Set(bundles.flatMap(\.indexes))
        for index in offer.media.indices where previous.media[index].isBundleOnly && !bundled.contains(index) {
            offer.media[index].port = 0
            offer.media[index].attributes.removeAll { transportNames.contains($0.name) }
        }
        let alone = offer.media.indices.filter { !bundled.contains($0) }.map { BundleGroup(indexes: [$0]) }
        var groups: [BundleGroup] = []
        for bundle in bundles + alone {
            let indexes = bundle.indexes.filter { offer.media[$0].isOn && !offer.media[$0].isFloorControl }
            guard let tagged = indexes.first, let before = bundle.tagged.map({ previous.media[$0] }) else { continue }
            if bundled.contains(tagged) { groups.append(BundleGroup(indexes: indexes)) }
            let stream = place(&offer, indexes, of: before, local)
            let credentials = try reofferedCredentials(before, of: previous, local)?.attributes ?? []
            let fingerprints = before.attributes.all("fingerprint").compactMap { DTLSFingerprint(parsing: $0) }
            for index in indexes {
                offer.media[index].attributes.removeAll { transportNames.contains($0.name) }
                offer.media[index].attributes += credentials
                offer.media[index].attributes += fingerprints.isEmpty ? [] : attributes(of: fingerprints)
            }
            if !credentials.isEmpty {
                offer.media[tagged].attributes += stream.candidateAttributes(multiplexed: before.multiplexesRTCP)
            }
        }
        offer.attributes += groups.map { SDPAttribute("group", $0.value(in: offer)) }
        if offer.media.contains(where: { $0.attributes.first("ice-ufrag") != nil }) {
            offer.attributes += LocalICE.sessionAttributes
        }
    }

    /// Puts all m-lines of a transport on the port of `before`, the tagged one as it was.
    private static func place(
        _ offer: inout SessionDescription, _ indexes: [Int], of before: MediaDescription, _ local: LocalMedia
    ) -> LocalStream {
        let port = offer.media[indexes[0]].port
        let stream =
            local.stream(at: before.port) ?? local.stream(at: port) ?? LocalStream(address: local.address, port: port)
        guard indexes.count > 1 || before.attributes.first("fingerprint") != nil else { return stream }
        for index in indexes {
            offer.media[index].port = stream.port
            offer.media[index].connection = SDPConnection(address: stream.address)
        }
        return stream
    }

    /// nil without ICE.
    private static func reofferedCredentials(
        _ before: MediaDescription, of previous: SessionDescription, _ local: LocalMedia
    ) throws(NegotiationError) -> ICECredentials? {
        guard let ice = local.ice, let kept = PeerICE(before, tagged: nil, of: previous)?.credentials else {
            return nil
        }
        guard ice.restarts else { return kept }
        guard ice.credentials != kept else { throw .credentialsNotFresh }
        return ice.credentials
    }

    private static func attributes(of fingerprints: [DTLSFingerprint]) -> [SDPAttribute] {
        fingerprints.map { SDPAttribute("fingerprint", $0.value) } + [SDPAttribute("setup", "actpass")]
    }
}
