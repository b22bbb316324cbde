/// An m-line of an offer on whose media both agree, and whose transport is not settled yet.
struct MediaDraft {
    var media: NegotiatedMedia
    var writer: MediaLineWriter
    var extensions = ExtensionAgreement()
    /// As the peer tells it: with ICE and DTLS if they are to be used.
    var ice: PeerICE?
    var dtls: PeerDTLS?
    /// ICE is spoken of, and off because somebody changed the address on the way (RFC 8839 §4.2.5).
    var hasMismatch = false

    var index: Int { media.index }
}

/// Settles the transports of an answer: what is bundled, and ICE and DTLS of each.
struct TransportAnswering {
    let offer: SessionDescription
    let local: LocalMedia
    let previous: SessionDescription?
    let previousRemote: SessionDescription?

    private(set) var drafts: [MediaDraft]
    private(set) var transports: [NegotiatedTransport] = []
    private(set) var refused: [NegotiationError] = []
    private var bundles: [BundleGroup] = []

    init(
        _ drafts: [MediaDraft], of offer: SessionDescription, local: LocalMedia, previous: SessionDescription?,
        previousRemote: SessionDescription?
    ) throws(NegotiationError) {
        self.offer = offer
        self.local = local
        self.previous = previous
        self.previousRemote = previousRemote
        self.drafts = drafts
        bundle()
        let bundled = Set(bundles.flatMap(\.indexes))
        self.drafts.removeAll { draft in
            let needsBundle = offer.media[draft.index].isBundleOnly || draft.media.pane != nil
            let isRefused = needsBundle && !bundled.contains(draft.index)
            if isRefused { refused.append(.bundleRefused) }
            return isRefused
        }
        let alone = self.drafts.map(\.index).filter { !bundled.contains($0) }.map { BundleGroup(indexes: [$0]) }
        for group in (bundles + alone).sorted(by: { $0.indexes[0] < $1.indexes[0] }) {
            try settle(group.indexes, isBundle: bundled.contains(group.indexes[0]))
        }
    }

    /// Of the session: which m-lines are bundled, and that we are lite.
    func sessionAttributes(in answer: SessionDescription) -> [SDPAttribute] {
        var attributes = bundles.map { SDPAttribute("group", $0.value(in: answer)) }
        if transports.contains(where: { $0.ice != nil }) { attributes += LocalICE.sessionAttributes }
        return attributes
    }

    private func place(of index: Int) -> Int? { drafts.firstIndex { $0.index == index } }

    /// Takes each offered group as far as it goes: m-lines with DTLS and multiplexed RTCP (RFC 9143 §9.3) whose payload
    /// types mean no different things.
    private mutating func bundle() {
        for group in BundleGroup.groups(in: offer) {
            var formats: [UInt8: CodecMapping] = [:]
            var numbers: [UInt8: String] = [:]
            var members: [Int] = []
            for index in group.indexes {
                guard let place = place(of: index), drafts[place].dtls != nil, drafts[place].media.multiplexesRTCP
                else { continue }
                let mappings = drafts[place].writer.mappings
                guard mappings.allSatisfy({ mapping in formats[mapping.payloadType]?.isLike(mapping) ?? true }) else {
                    continue
                }
                // Of one format there are parameters of one kind; those of slides, which are the largest, go for all.
                for mapping in mappings where drafts[place].media.isSlides || formats[mapping.payloadType] == nil {
                    formats[mapping.payloadType] = mapping
                }
                drafts[place].extensions.agree(with: &numbers)
                members.append(place)
            }
            guard !members.isEmpty else { continue }
            for place in members { drafts[place].useParameters(of: formats) }
            bundles.append(BundleGroup(indexes: members.map { drafts[$0].index }))
        }
    }

    private mutating func settle(_ indexes: [Int], isBundle: Bool) throws(NegotiationError) {
        guard let first = place(of: indexes[0]) else { return }
        let tagged = drafts[first]
        let before = PreviousTransport(ofFirst: indexes, local: previous, remote: previousRemote)
        var stream = tagged.writer.stream
        if isBundle, let port = before?.section.port, let owner = local.stream(at: port) { stream = owner }
        var transport = NegotiatedTransport(
            mediaIndexes: indexes, localAddress: stream.address, localPort: stream.port,
            remoteAddress: tagged.media.remoteAddress, remotePort: tagged.media.remotePort)
        var attributes: [SDPAttribute] = tagged.hasMismatch ? [SDPAttribute("ice-mismatch")] : []
        var candidates: [SDPAttribute] = []
        if let peer = tagged.ice, let fresh = local.ice {
            let ice = try Self.agree(peer, after: before, fresh: fresh.credentials)
            attributes += ice.local.attributes
            candidates = stream.candidateAttributes(multiplexed: tagged.media.multiplexesRTCP)
            if ice.isRemoteLite, let best = peer.best(isIPv6: SDPConnection(address: stream.address).isIPv6) {
                transport.remoteAddress = best.address
                transport.remotePort = best.port
            }
            transport.ice = ice
        }
        if let peer = tagged.dtls, let own = local.dtls {
            let dtls = PreviousTransport.agree(peer, after: before)
            // An association that goes on does so with the certificate that it has.
            let kept = dtls.continuity == .kept ? before?.localFingerprints ?? [] : []
            attributes += (kept.isEmpty ? own.fingerprints : kept).map { SDPAttribute("fingerprint", $0.value) }
            attributes.append(SDPAttribute("setup", dtls.role.setup.rawValue))
            transport.dtls = dtls
        }
        for index in indexes {
            guard let place = place(of: index) else { continue }
            drafts[place].join(
                transport, stream, attributes: attributes + (index == tagged.index ? candidates : []))
        }
        transports.append(transport)
    }

    private static func agree(
        _ peer: PeerICE, after before: PreviousTransport?, fresh: ICECredentials
    ) throws(NegotiationError) -> NegotiatedICE {
        let isRestart = PreviousTransport.isRestart(peer, after: before)
        if isRestart, let old = before?.localICE,
            old.usernameFragment == fresh.usernameFragment || old.password == fresh.password
        {
            throw .credentialsNotFresh
        }
        return NegotiatedICE(
            local: isRestart ? fresh : before?.localICE ?? fresh, remote: peer.credentials,
            remoteCandidates: peer.candidates.filter(\.isUsable), isRestart: isRestart, isRemoteLite: peer.isLite,
            trickles: peer.trickles)
    }
}

extension MediaDraft {
    /// The same parameters for a format on all m-lines of a BUNDLE (RFC 9143 §9.1): browsers insist.
    fileprivate mutating func useParameters(of formats: [UInt8: CodecMapping]) {
        for index in writer.codecs.indices {
            guard let format = formats[writer.codecs[index].payloadType] else { continue }
            writer.codecs[index].formatParameters = format.formatParameters
        }
        media.receivable = writer.codecs
    }

    /// Puts the m-line on its transport.
    fileprivate mutating func join(
        _ transport: NegotiatedTransport, _ stream: LocalStream, attributes: [SDPAttribute]
    ) {
        writer.stream.address = stream.address
        writer.stream.port = stream.port
        writer.transportAttributes = attributes
        writer.extensions = extensions.lines
        media.extensions = extensions.negotiated
        media.take(transport)
    }
}

extension CodecMapping {
    fileprivate func isLike(_ other: CodecMapping) -> Bool {
        let isSame =
            encodingName.isSameIgnoringCase(other.encodingName) && clockRate == other.clockRate
            && channels == other.channels
        guard isSame, let ours = h264, let theirs = other.h264 else { return isSame && isSameRetransmission(other) }
        return ours.family == theirs.family && ours.packetizationMode == theirs.packetizationMode
    }

    private func isSameRetransmission(_ other: CodecMapping) -> Bool {
        encodingName != "rtx" || formatParameters == other.formatParameters
    }
}

extension LocalMedia {
    /// The stream with a port, on which a transport stays whatever becomes of its m-lines.
    func stream(at port: UInt16) -> LocalStream? {
        guard port != 0 else { return nil }
        return [audio, video, slides].lazy.compactMap { $0 }.first { $0.port == port }
    }
}

extension LocalICE {
    /// Lite, and of RFC 8445 (RFC 8839 §5.6).
    static let sessionAttributes = [SDPAttribute("ice-lite"), SDPAttribute("ice-options", "ice2")]
}
