/// What the bridge says of itself in ICE. It is lite (RFC 8445 §2.5): it only answers checks, and learns from them where
/// the peer is.
public struct LocalICE: Sendable, Hashable {
    /// Fresh for each description. They are written where a transport is new and where ICE restarts; elsewhere those of
    /// the description before stay in force.
    public var credentials: ICECredentials
    /// Our own re-offer restarts ICE (RFC 8839 §4.4.1.1).
    public var restarts = false

    public init(credentials: ICECredentials, restarts: Bool = false) {
        self.credentials = credentials
        self.restarts = restarts
    }
}

/// What the bridge says of itself in DTLS.
public struct LocalDTLS: Sendable, Hashable {
    /// Of its certificate, by one hash or several.
    public var fingerprints: [DTLSFingerprint]

    public init(fingerprints: [DTLSFingerprint]) { self.fingerprints = fingerprints }
}

/// An address at which peers reach a stream of the bridge, written as a host candidate.
public struct LocalCandidate: Sendable, Hashable {
    /// As peers see it: behind a NAT that maps one to one, the one outside.
    public var address: String
    public var port: UInt16

    public init(address: String, port: UInt16) {
        self.address = address
        self.port = port
    }
}

extension LocalStream {
    /// `a=candidate` lines in order of preference (RFC 8839 §5.1), and the word that these are all.
    func candidateAttributes(multiplexed: Bool) -> [SDPAttribute] {
        let own = [LocalCandidate(address: address, port: port)]
        let components = [(UInt16(1), candidates.isEmpty ? own : candidates), (2, multiplexed ? [] : rtcpCandidates)]
        var lines: [SDPAttribute] = []
        for (component, places) in components {
            for (rank, place) in places.prefix(MediaDescription.maximumCandidates).enumerated() {
                let candidate = ICECandidate(
                    foundation: String(rank + 1), component: component,
                    priority: ICECandidate.hostPriority(rank: rank, component: component), address: place.address,
                    port: place.port)
                lines.append(SDPAttribute("candidate", candidate.value))
            }
        }
        return lines + [SDPAttribute("end-of-candidates")]
    }
}
