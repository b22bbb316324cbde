/// Settles the transports that an answer to an offer of ours leaves.
struct TransportAccepting {
    /// What the peer says of the transport of an m-line.
    struct Peer {
        var ice: PeerICE?
        var dtls: PeerDTLS?
        var isBundled: Bool
    }

    let answer: SessionDescription
    let offer: SessionDescription
    let previous: SessionDescription?
    let previousRemote: SessionDescription?
    private let bundles: [BundleGroup]
    private var peers: [Int: Peer] = [:]
    private(set) var settled: [NegotiatedTransport] = []

    init(
        answer: SessionDescription, offer: SessionDescription, previous: SessionDescription?,
        previousRemote: SessionDescription?
    ) {
        self.answer = answer
        self.offer = offer
        self.previous = previous
        self.previousRemote = previousRemote
        bundles = BundleGroup.agreed(answer, offer)
    }

    private func bundle(of index: Int) -> BundleGroup? { bundles.first { $0.indexes.contains(index) } }

    mutating func peer(of index: Int) throws(NegotiationError) -> Peer {
        let bundle = bundle(of: index)
        guard bundle != nil || !offer.media[index].isBundleOnly else { throw .bundleRefused }
        let place = bundle?.tagged ?? index
        let ours = ourSection(place)
        let theirs = answer.media[place]
        var peer = Peer(isBundled: bundle != nil)
        // Where both ways to keys were offered, the answer says which it takes.
        let vouches = [theirs.attributes, answer.attributes].contains { $0.first("fingerprint") != nil }
        let isBySDES = !ours.cryptos.isEmpty && (!theirs.cryptos.isEmpty || !vouches)
        if ours.attributes.first("fingerprint") != nil, !isBySDES {
            peer.dtls = try PeerDTLS(theirs, tagged: nil, of: answer)
            guard let setup = peer.dtls?.setup else { throw .noUsableFingerprint }
            guard setup != .actpass else { throw .unusableSetup(setup.rawValue) }
        }
        if PeerICE(ours, tagged: nil, of: offer) != nil {
            peer.ice = PeerICE(theirs, tagged: nil, of: answer)
            let told = RemoteTransport(theirs, of: answer)
            let isContradicted =
                told.flatMap { told in peer.ice?.contradicts(address: told.address, port: told.port) } ?? false
            if isContradicted || peer.ice?.hasMismatch ?? false { peer.ice = nil }
        }
        peers[index] = peer
        return peer
    }

    /// Our m-line with the attributes of a transport: one that is bundle-only has those of the group's first.
    private func ourSection(_ index: Int) -> MediaDescription {
        guard offer.media[index].isBundleOnly || offer.media[index].attributes.first("ice-ufrag") == nil,
            let tagged = BundleGroup.groups(in: offer).first(where: { $0.indexes.contains(index) })?.tagged
        else { return offer.media[index] }
        return offer.media[tagged]
    }

    mutating func settle(_ media: inout [NegotiatedMedia]) throws(NegotiationError) {
        for first in media.indices {
            let index = media[first].index
            guard let peer = peers[index], !settled.contains(where: { $0.mediaIndexes.contains(index) }) else {
                continue
            }
            let members = bundle(of: index)?.indexes.filter { other in media.contains { $0.index == other } }
            let indexes = members ?? [index]
            let place = bundle(of: index)?.tagged ?? index
            let ours = ourSection(place)
            let told = RemoteTransport(answer.media[place], of: answer, byICE: peer.ice != nil)
            var transport = NegotiatedTransport(
                mediaIndexes: indexes, localAddress: (ours.connection ?? offer.connection)?.address ?? "",
                localPort: ours.port, remoteAddress: told?.address ?? media[first].remoteAddress,
                remotePort: told?.port ?? media[first].remotePort)
            // The peer keeps to what is tagged in its answer, and so do we.
            let before = PreviousTransport(ofFirst: indexes, local: previous, remote: previousRemote)
            if let theirs = peer.ice, let local = PeerICE(ours, tagged: nil, of: offer)?.credentials {
                transport.ice = NegotiatedICE(
                    local: local, remote: theirs.credentials, remoteCandidates: theirs.candidates.filter(\.isUsable),
                    isRestart: PreviousTransport.isRestart(theirs, after: before), isRemoteLite: theirs.isLite,
                    trickles: theirs.trickles)
                let isIPv6 = SDPConnection(address: transport.localAddress).isIPv6
                if theirs.isLite, let best = theirs.best(isIPv6: isIPv6) {
                    transport.remoteAddress = best.address
                    transport.remotePort = best.port
                }
            }
            transport.dtls = peer.dtls.map { PreviousTransport.agree($0, after: before) }
            for member in media.indices where indexes.contains(media[member].index) {
                media[member].take(transport)
            }
            settled.append(transport)
        }
    }
}
