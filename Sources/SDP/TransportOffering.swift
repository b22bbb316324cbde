/// The transports of offers of ours.
extension OfferAnswer {
    /// Attributes that a transport has, and in a BUNDLE the tagged m-line alone (RFC 9143 §7.1.3). Offers repeat those of
    /// DTLS on all: Chromium (156) turns an m-line down where one before it has no fingerprint.
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
                if index > 0, offer.media[index].port == first.port,
                    offer.media[index].connection == first.connection
                {
                    offer.media[index].port = 0
                    offer.media[index].attributes.append(SDPAttribute("bundle-only"))
                    continue
                }
            }
            guard let ice = local.ice, let stream = local.stream(at: offer.media[index].port) else { continue }
            offer.media[index].attributes += ice.credentials.attributes
            // Who does not multiplex finds RTCP by its own candidates; to DTLS it is offered in no other way.
            offer.media[index].attributes += stream.candidateAttributes(multiplexed: dtls != nil)
        }
        if dtls != nil {
            let bundle = Bundle(indexes: Array(offer.media.indices))
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
        let bundles = remote.map { Bundle.agreed(previous, $0) } ?? Bundle.groups(in: previous)
        let bundled = Set(bundles.flatMap(\.indexes))
        let alone = offer.media.indices.filter { !bundled.contains($0) }.map { Bundle(indexes: [$0]) }
        var groups: [Bundle] = []
        for bundle in bundles + alone {
            let indexes = bundle.indexes.filter { offer.media[$0].isOn && !offer.media[$0].isFloorControl }
            guard let tagged = indexes.first, let before = bundle.tagged.map({ previous.media[$0] }) else { continue }
            if bundled.contains(tagged) { groups.append(Bundle(indexes: indexes)) }
            let ice = try reofferedICE(before, of: previous, &offer, indexes, local)
            let fingerprints = before.attributes.all("fingerprint").compactMap { DTLSFingerprint(parsing: $0) }
            for index in indexes {
                offer.media[index].attributes.removeAll { transportNames.contains($0.name) }
                offer.media[index].attributes += fingerprints.isEmpty ? [] : attributes(of: fingerprints)
            }
            offer.media[tagged].attributes += ice
        }
        offer.attributes += groups.map { SDPAttribute("group", $0.value(in: offer)) }
        if offer.media.contains(where: { $0.attributes.first("ice-ufrag") != nil }) {
            offer.attributes += LocalICE.sessionAttributes
        }
    }

    /// What ICE of `before`, the tagged m-line as it was, becomes; its port goes to all m-lines.
    private static func reofferedICE(
        _ before: MediaDescription, of previous: SessionDescription, _ offer: inout SessionDescription,
        _ indexes: [Int], _ local: LocalMedia
    ) throws(NegotiationError) -> [SDPAttribute] {
        var stream = LocalStream(address: local.address, port: offer.media[indexes[0]].port)
        if let owner = local.stream(at: before.port) ?? local.stream(at: stream.port) { stream = owner }
        if indexes.count > 1 || before.attributes.first("fingerprint") != nil {
            for index in indexes {
                offer.media[index].port = stream.port
                offer.media[index].connection = SDPConnection(address: stream.address)
            }
        }
        guard let ice = local.ice, let kept = PeerICE(before, tagged: nil, of: previous)?.credentials else { return [] }
        if ice.restarts, ice.credentials == kept { throw .credentialsNotFresh }
        return (ice.restarts ? ice.credentials : kept).attributes
            + stream.candidateAttributes(multiplexed: before.multiplexesRTCP)
    }

    private static func attributes(of fingerprints: [DTLSFingerprint]) -> [SDPAttribute] {
        fingerprints.map { SDPAttribute("fingerprint", $0.value) } + [SDPAttribute("setup", "actpass")]
    }
}
