import DTLS
import Glibc
import SRTP
import STUN

/// The handshake on one path, until it is known whose keys it gives.
///
/// Where ICE found the way, there is one association, with whoever checked. Without it the peer may be behind a NAT, and
/// come from another address than its description says: a few others may begin as well, each with an association of its
/// own, and whoever proves to be the peer has the path. So a stranger can neither take the peer's place nor end its
/// handshake; and he is sent nothing that is longer than what he sent before he has answered from his address.
struct PathHandshake {
    enum Action {
        /// To an address; nil: to where ICE says.
        case send([UInt8], to: TransportAddress?)
        case connected(local: SRTPMasterKey, remote: SRTPMasterKey, at: TransportAddress?)
        case failed(DTLSFailure)
        case closed
    }

    private struct Stranger {
        let address: TransportAddress
        let association: DTLSAssociation
        var datagrams = 0
    }

    /// Besides the address of the description.
    static let mostStrangers = 4

    private let context: DTLSContext
    private let parameters: PathParameters.Keying
    /// Where the peer is; nil where ICE knows.
    private var address: TransportAddress?
    private var association: DTLSAssociation
    private var strangers: [Stranger] = []
    private var isConnected = false
    /// Why the last stranger was refused, who may have been the peer.
    private var refusal: DTLSFailure?

    /// - Parameter address: of the peer's description; nil where ICE finds it.
    init(
        _ context: DTLSContext, _ parameters: PathParameters.Keying, at address: TransportAddress?
    ) throws(DTLSSetupError) {
        self.context = context
        self.parameters = parameters
        self.address = address
        association = try Self.association(context, parameters, asksForCookie: address != nil)
    }

    private static func association(
        _ context: DTLSContext, _ parameters: PathParameters.Keying, asksForCookie: Bool
    ) throws(DTLSSetupError) -> DTLSAssociation {
        try DTLSAssociation(
            context, role: parameters.role, fingerprints: parameters.fingerprints, wallClock: time(nil),
            asksForCookie: asksForCookie)
    }

    var deadline: ContinuousClock.Instant? {
        strangers.reduce(association.deadline) { least, stranger in
            guard let other = stranger.association.deadline else { return least }
            return min(least ?? other, other)
        }
    }

    mutating func start(at now: ContinuousClock.Instant) -> [Action] {
        perform(association.handle(.start, at: now))
    }

    mutating func close(at now: ContinuousClock.Instant) -> [Action] {
        strangers = []
        return perform(association.handle(.close, at: now))
    }

    mutating func timeOut(at now: ContinuousClock.Instant) -> [Action] {
        var actions: [Action] = []
        for stranger in strangers where stranger.association.deadline.map({ $0 <= now }) ?? false {
            actions += perform(stranger.association.handle(.timeout, at: now), of: stranger)
        }
        if association.deadline.map({ $0 <= now }) ?? false {
            actions += perform(association.handle(.timeout, at: now))
        }
        return actions
    }

    mutating func take(_ datagram: [UInt8], from source: TransportAddress, at now: ContinuousClock.Instant) -> [Action]
    {
        guard let address, source != address else { return perform(association.handle(.datagram(datagram), at: now)) }
        guard !isConnected, parameters.role == .server else { return [] }
        var actions: [Action] = []
        if !strangers.contains(where: { $0.address == source }) {
            guard Self.isClientHello(datagram), let new = admit(source) else { return [] }
            actions += perform(new.association.handle(.start, at: now), of: new)
        }
        guard let index = strangers.firstIndex(where: { $0.address == source }) else { return actions }
        strangers[index].datagrams += 1
        let stranger = strangers[index]
        return actions + perform(stranger.association.handle(.datagram(datagram), at: now), of: stranger)
    }

    /// Makes room by forgetting who was heard least and first.
    private mutating func admit(_ source: TransportAddress) -> Stranger? {
        guard let association = try? Self.association(context, parameters, asksForCookie: true) else { return nil }
        let stranger = Stranger(address: source, association: association)
        if strangers.count >= Self.mostStrangers,
            let least = strangers.indices.min(by: { strangers[$0].datagrams < strangers[$1].datagrams })
        {
            strangers.remove(at: least)
        }
        strangers.append(stranger)
        return stranger
    }

    /// In the clear, of the first epoch (RFC 6347 §4.1, §4.2.2).
    private static func isClientHello(_ datagram: [UInt8]) -> Bool {
        datagram.count > 25 && datagram[0] == 22 && datagram[3] | datagram[4] == 0 && datagram[13] == 1
    }

    private mutating func perform(_ actions: [DTLSAction]) -> [Action] {
        actions.map { action in
            switch action {
            case .send(let datagram): return .send(datagram, to: address)
            case .connected(let local, let remote):
                isConnected = true
                strangers = []
                return .connected(local: local, remote: remote, at: address)
            // Who never came to the address of the description may have come from elsewhere, and was refused.
            case .failed(.handshakeTimeout): return .failed(refusal ?? .handshakeTimeout)
            case .failed(let failure): return .failed(failure)
            case .closed: return .closed
            }
        }
    }

    private mutating func perform(_ actions: [DTLSAction], of stranger: Stranger) -> [Action] {
        var result: [Action] = []
        for action in actions {
            switch action {
            case .send(let datagram): result.append(.send(datagram, to: stranger.address))
            case .connected(let local, let remote):
                address = stranger.address
                association = stranger.association
                isConnected = true
                strangers = []
                result.append(.connected(local: local, remote: remote, at: stranger.address))
            case .failed(let failure):
                refusal = failure
                strangers.removeAll { $0.association === stranger.association }
            case .closed: strangers.removeAll { $0.association === stranger.association }
            }
        }
        return result
    }
}
