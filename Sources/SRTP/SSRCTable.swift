/// What is known of one SSRC in one direction (RFC 3711 §3.2.3).
struct SSRCState {
    let ssrc: UInt32
    /// Sender: the highest index protected; nil before the first packet.
    var highestSent: UInt64?
    /// Receiver: nil before the first packet that authenticated.
    var received: ReplayWindow?
    /// Sender: the index the next SRTCP packet takes.
    var nextRTCPIndex: UInt32 = 0
    var receivedRTCP = RTCPReplayWindow()

    init(ssrc: UInt32) { self.ssrc = ssrc }
}

/// The SSRCs of one direction of a stream. It never forgets one: a forgotten sender would start again at an index that
/// it has used, a forgotten receiver would admit what was replayed. When it is full, a new SSRC needs a new master key.
struct SSRCTable: ~Copyable {
    static let capacity = 16
    private let states: UnsafeMutablePointer<SSRCState>
    private(set) var count = 0
    /// Where the SSRC was that was asked for last.
    private var hint = 0

    init() { states = HotMemory.allocate(SSRCState.self, Self.capacity) }
    deinit { HotMemory.free(states, Self.capacity) }

    /// Where the SSRC lies that was asked for last.
    var newest: UnsafePointer<SSRCState> { UnsafePointer(states + hint) }
    var isFull: Bool { count == Self.capacity }

    @inline(__always)
    mutating func find(_ ssrc: UInt32) -> UnsafeMutablePointer<SSRCState>? {
        if hint < count, states[hint].ssrc == ssrc { return states + hint }
        for index in 0..<count where states[index].ssrc == ssrc {
            hint = index
            return states + index
        }
        return nil
    }

    /// Adds `ssrc`, which is not there; nil when the table is full.
    mutating func add(_ ssrc: UInt32) -> UnsafeMutablePointer<SSRCState>? {
        guard !isFull else { return nil }
        (states + count).initialize(to: SSRCState(ssrc: ssrc))
        count += 1
        hint = count - 1
        return states + hint
    }

    mutating func findOrAdd(_ ssrc: UInt32) -> UnsafeMutablePointer<SSRCState>? { find(ssrc) ?? add(ssrc) }
}
