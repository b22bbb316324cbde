import DTLS
import SRTP

/// A client and a server of DTLS, and a network that delivers what they send late, twice, cut or changed, and octets of
/// its own.
enum DTLSTarget {
    private struct Ends {
        let client: DTLSContext
        let server: DTLSContext
    }

    private static let wallClock = 1_767_225_600
    private static let ends: Ends? = {
        let day = 86_400
        guard let client = try? DTLSIdentity(validFrom: wallClock - day, until: wallClock + day),
            let server = try? DTLSIdentity(validFrom: wallClock - day, until: wallClock + day),
            let clientContext = try? DTLSContext(client), let serverContext = try? DTLSContext(server)
        else { return nil }
        return Ends(client: clientContext, server: serverContext)
    }()

    private struct End {
        let association: DTLSAssociation
        var sent: [[UInt8]] = []
        var keys: (local: SRTPMasterKey, remote: SRTPMasterKey)?
        var isOver = false

        mutating func handle(_ event: DTLSEvent, at now: ContinuousClock.Instant) throws(FuzzFinding) {
            let actions = association.handle(event, at: now)
            try require(!isOver || actions.isEmpty, "what is over acts")
            for action in actions {
                switch action {
                case .send(let octets):
                    try require(octets.count <= DTLSAssociation.maximumTransmissionUnit, "\(octets.count) octets sent")
                    if sent.count < 64 { sent.append(octets) }
                case .connected(let local, let remote):
                    try require(keys == nil, "keys come twice")
                    keys = (local, remote)
                case .failed, .closed: isOver = true
                }
            }
            try require(!isOver || association.deadline == nil, "what is over has a deadline")
        }
    }

    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        guard let ends,
            let client = try? DTLSAssociation(
                ends.client, role: .client, fingerprints: [ends.server.identity.fingerprint], wallClock: wallClock),
            let server = try? DTLSAssociation(
                ends.server, role: .server, fingerprints: [ends.client.identity.fingerprint], wallClock: wallClock)
        else { throw FuzzFinding(description: "DTLS cannot be set up") }
        var both = [End(association: client), End(association: server)]
        var now = ContinuousClock.now
        var input = FuzzInput(octets)
        // How far the handshake goes undisturbed.
        for end in both.indices { try both[end].handle(.start, at: now) }
        var delivered = [0, 0]
        for _ in 0..<Int(input.byte() & 7) {
            for end in both.indices {
                let next = delivered[1 - end]
                guard next < both[1 - end].sent.count else { continue }
                delivered[1 - end] = next + 1
                try both[end].handle(.datagram(both[1 - end].sent[next]), at: now)
            }
        }
        for _ in 0..<48 where !input.isEmpty {
            let choice = input.byte()
            let end = Int(choice & 1)
            switch choice >> 1 & 7 {
            case 0: try both[end].handle(.datagram(input.octets(Int(input.byte()))), at: now)
            case 1:
                now += .milliseconds(Int(input.byte()) * 16)
                try both[end].handle(.timeout, at: now)
            case 2 where choice >> 4 == 0: try both[end].handle(.close, at: now)
            default:
                let from = choice >> 4 & 3 == 3 ? end : 1 - end
                guard !both[from].sent.isEmpty else { continue }
                var datagram = both[from].sent[Int(input.byte()) % both[from].sent.count]
                for _ in 0..<Int(choice >> 6) {
                    let position = Int(input.half()) % max(1, datagram.count)
                    if datagram.indices.contains(position) { datagram[position] ^= input.byte() }
                }
                if choice >> 4 & 3 == 2 { datagram.removeLast(min(datagram.count, Int(input.byte()))) }
                try both[end].handle(.datagram(datagram), at: now)
            }
        }
        if let one = both[0].keys, let other = both[1].keys {
            try require(
                one.local.keyAndSalt == other.remote.keyAndSalt && one.remote.keyAndSalt == other.local.keyAndSalt,
                "both have keys, and not the same")
        }
    }
}
