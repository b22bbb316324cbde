/// Limits and merges the keyframe requests that go to one source (RFC 5104 §4.3.1.2): however many viewers ask, the
/// source is asked once, and again only while none has come.
struct KeyframeGovernor {
    private static let leastInterval: UInt64 = 400_000_000
    private static let patience: UInt64 = 1_000_000_000

    private enum State {
        case idle
        case asked(at: UInt64)
    }
    private var state: State = .idle
    private var lastAsked: UInt64?

    /// A viewer needs a keyframe at `now` (monotonic nanoseconds). Returns true when the source is to be asked.
    mutating func request(at now: UInt64) -> Bool {
        if let lastAsked, now &- lastAsked < Self.leastInterval { return false }
        if case .asked(let time) = state, now &- time < Self.patience { return false }
        state = .asked(at: now)
        lastAsked = now
        return true
    }

    mutating func keyframeArrived() { state = .idle }
}
