/// What was in force on an m-line's transport before a description came.
struct PreviousTransport {
    /// Our m-line that had the transport's attributes and port.
    var section: MediaDescription
    var localICE: ICECredentials?
    /// nil also where the peer's description is not known any more.
    var remoteICE: ICECredentials?
    var localFingerprints: [DTLSFingerprint] = []
    private var association: (peer: PeerDTLS, role: DTLSRole)?

    /// nil where the m-line was off, or is new.
    init?(of index: Int, local: SessionDescription?, remote: SessionDescription?) {
        guard let local, local.media.indices.contains(index), local.media[index].isOn else { return nil }
        let known = remote.flatMap { $0.media.count == local.media.count ? $0 : nil }
        // The answer's order says which is tagged, and an offer's is no other.
        let groups = known.map { BundleGroup.agreed(local, $0) } ?? BundleGroup.groups(in: local)
        let place = groups.first { $0.indexes.contains(index) }?.tagged ?? index
        section = local.media[place]
        localICE = PeerICE(section, tagged: nil, of: local)?.credentials
        let ours = try? PeerDTLS(section, tagged: nil, of: local)
        localFingerprints = section.attributes.all("fingerprint").compactMap { DTLSFingerprint(parsing: $0) }
        guard let known, known.media[place].isOn else { return }
        let tagged = BundleGroup.groups(in: known).first { $0.indexes.contains(place) }?.tagged.map { known.media[$0] }
        remoteICE = PeerICE(known.media[place], tagged: tagged, of: known)?.credentials
        guard let ours, let peer = try? PeerDTLS(known.media[place], tagged: tagged, of: known) else { return }
        let weBegin = ours.setup == .active || ours.setup == .actpass && peer.setup == .passive
        association = (peer, weBegin ? .client : .server)
    }

    /// Of m-lines that are bundled now, the first that was on.
    init?(ofFirst indexes: [Int], local: SessionDescription?, remote: SessionDescription?) {
        let found = indexes.lazy.compactMap { PreviousTransport(of: $0, local: local, remote: remote) }.first
        guard let found else { return nil }
        self = found
    }

    /// What a description of the peer's makes of the association (RFC 8842 §5). It is not replaced by a change of ICE or of
    /// addresses alone.
    static func agree(_ peer: PeerDTLS, after previous: PreviousTransport?) -> NegotiatedDTLS {
        // To a peer that can be either, the bridge is the server: it does not know where to send until it is spoken to.
        let role: DTLSRole = peer.setup == .passive ? .client : .server
        var agreed = NegotiatedDTLS(role: role, fingerprints: peer.fingerprints, continuity: .new)
        guard let (before, roleBefore) = previous?.association else { return agreed }
        if Set(before.fingerprints) != Set(peer.fingerprints) {
            agreed.continuity = .replaced(.fingerprints)
        } else if let old = before.tlsID, let new = peer.tlsID, old != new {
            agreed.continuity = .replaced(.identifier)
        } else if peer.setup != .actpass, role != roleBefore {
            agreed.continuity = .replaced(.role)
        } else {
            agreed.role = roleBefore
            agreed.continuity = .kept
        }
        return agreed
    }

    /// Whether the peer's credentials are others than before.
    static func isRestart(_ ice: PeerICE, after previous: PreviousTransport?) -> Bool {
        previous?.remoteICE.map { $0 != ice.credentials } ?? false
    }
}
