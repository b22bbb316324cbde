import DTLS
import SRTP
import Testing

/// A seeded generator, so that a failure can be repeated (Steele, Lea, Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// 2026-01-01, by which the tests' certificates are judged.
let today = 1_767_225_600
let day = 86_400

extension DTLSIdentity {
    static let one = made()
    static let other = made()

    static func made(validFrom: Int = today - day, until: Int = today + 365 * day) -> DTLSIdentity {
        do { return try DTLSIdentity(validFrom: validFrom, until: until) } catch { fatalError("\(error)") }
    }
}

/// What an association has told its owner.
struct Record {
    var keys: [(local: SRTPMasterKey, remote: SRTPMasterKey)] = []
    var failures: [DTLSFailure] = []
    var closings = 0

    var isOver: Bool { !failures.isEmpty || closings > 0 }

    /// Notes actions; gives what is to be sent.
    mutating func take(_ actions: [DTLSAction]) -> [[UInt8]] {
        var datagrams: [[UInt8]] = []
        for action in actions {
            switch action {
            case .send(let octets):
                #expect(octets.count <= DTLSAssociation.maximumTransmissionUnit)
                datagrams.append(octets)
            case .connected(let local, let remote): keys.append((local, remote))
            case .failed(let reason): failures.append(reason)
            case .closed: closings += 1
            }
        }
        return datagrams
    }
}

/// Two associations and the network between them, which may lose, repeat and reorder.
struct Pair {
    enum Side: CaseIterable {
        case client, server
        var peer: Side { self == .client ? .server : .client }
    }

    struct Network {
        /// Probabilities of one datagram, in percent.
        var loss = 0
        var repetition = 0
        var reordering = 0
        var random = SplitMix64(seed: 0)

        mutating func happens(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    }

    let client: DTLSAssociation
    let server: DTLSAssociation
    var records: [Side: Record] = [.client: .init(), .server: .init()]
    var network = Network()
    /// Everything that was sent.
    private(set) var sent: [(from: Side, octets: [UInt8])] = []
    private var way: [(to: Side, octets: [UInt8])] = []

    init(
        client: DTLSIdentity = .one, server: DTLSIdentity = .other,
        clientConfiguration: DTLSConfiguration = .init(firstRetransmission: .milliseconds(20)),
        serverConfiguration: DTLSConfiguration = .init(firstRetransmission: .milliseconds(20)),
        clientExpects: [DTLSFingerprint]? = nil, serverExpects: [DTLSFingerprint]? = nil
    ) throws {
        self.client = try DTLSAssociation(
            DTLSContext(client, clientConfiguration), role: .client,
            fingerprints: clientExpects ?? [server.fingerprint], wallClock: today)
        self.server = try DTLSAssociation(
            DTLSContext(server, serverConfiguration), role: .server,
            fingerprints: serverExpects ?? [client.fingerprint], wallClock: today)
    }

    subscript(side: Side) -> DTLSAssociation { side == .client ? client : server }
    func record(_ side: Side) -> Record { records[side] ?? .init() }

    mutating func handle(_ event: DTLSEvent, _ side: Side, at now: ContinuousClock.Instant = .now) {
        let actions = self[side].handle(event, at: now)
        for octets in records[side, default: .init()].take(actions) {
            sent.append((side, octets))
            if network.happens(network.loss) { continue }
            way.append((side.peer, octets))
            if network.happens(network.repetition) { way.append((side.peer, octets)) }
        }
    }

    /// Delivers everything that is on its way.
    mutating func deliver() {
        while !way.isEmpty {
            let index = network.happens(network.reordering) ? way.count - 1 : 0
            let next = way.remove(at: index)
            handle(.datagram(next.octets), next.to)
        }
    }

    /// From the start until both have keys, or one is over, or `limit` has passed.
    mutating func connect(limit: Duration = .seconds(20)) async throws {
        let end = ContinuousClock.now + limit
        for side in Side.allCases { handle(.start, side) }
        while true {
            deliver()
            if Side.allCases.allSatisfy({ !record($0).keys.isEmpty }) { return }
            if Side.allCases.contains(where: { record($0).isOver }) || ContinuousClock.now > end { return }
            // OpenSSL's timers run by the real clock.
            guard let deadline = Side.allCases.compactMap({ self[$0].deadline }).min() else { return }
            try await Task.sleep(until: min(deadline, end))
            for side in Side.allCases {
                if let deadline = self[side].deadline, deadline <= .now { handle(.timeout, side) }
            }
        }
    }
}
