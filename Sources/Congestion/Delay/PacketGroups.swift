/// Gathers packets that left together into groups, and tells how much farther apart two groups came than they left
/// (draft-ietf-rmcat-gcc-02 §5.1, §5.2). Times are signed nanoseconds, of the sender's clock and of the receiver's.
struct PacketGroups: Sendable {
    /// What lies between the ends of two groups.
    struct Step: Sendable, Equatable {
        var sendNanoseconds: Int64
        var arrivalNanoseconds: Int64
        /// When the later group had come.
        var arrival: Int64
    }

    enum Outcome: Sendable, Equatable {
        /// The packet belongs to the group before, or tells nothing.
        case none
        case step(Step)
        /// A clock jumped: what was known of delays is void.
        case reset
    }

    /// Packets sent within this are one group.
    static let burstNanoseconds: Int64 = 5_000_000
    /// Packets that come in less of a time than they were sent in are one group up to this.
    static let longestBurstNanoseconds: Int64 = 100_000_000
    /// More than any queue holds.
    static let jumpNanoseconds: UInt64 = 3_000_000_000
    static let mostReordered = 3

    private struct Group: Sendable {
        var firstSent: Int64
        var lastSent: Int64
        var firstArrival: Int64
        var lastArrival: Int64
    }

    private var current: Group?
    private var previous: Group?
    private var reordered = 0

    mutating func reset() {
        current = nil
        previous = nil
        reordered = 0
    }

    mutating func add(sent: Int64, arrival: Int64) -> Outcome {
        guard var group = current else {
            current = Group(firstSent: sent, lastSent: sent, firstArrival: arrival, lastArrival: arrival)
            return .none
        }
        guard ((arrival &- group.lastArrival) &- (sent &- group.lastSent)).magnitude < Self.jumpNanoseconds else {
            reset()
            current = Group(firstSent: sent, lastSent: sent, firstArrival: arrival, lastArrival: arrival)
            return .reset
        }
        // Overtaken on the way.
        guard sent >= group.firstSent else { return .none }
        if belongs(sent, arrival, to: group) {
            group.lastSent = max(group.lastSent, sent)
            group.lastArrival = max(group.lastArrival, arrival)
            current = group
            return .none
        }
        let outcome = step(to: group)
        previous = group
        current = Group(firstSent: sent, lastSent: sent, firstArrival: arrival, lastArrival: arrival)
        return outcome
    }

    private func belongs(_ sent: Int64, _ arrival: Int64, to group: Group) -> Bool {
        if sent &- group.firstSent <= Self.burstNanoseconds { return true }
        let arrivalStep = arrival &- group.lastArrival
        return arrivalStep &- (sent &- group.lastSent) < 0 && arrivalStep <= Self.burstNanoseconds
            && arrival &- group.firstArrival < Self.longestBurstNanoseconds
    }

    private mutating func step(to group: Group) -> Outcome {
        guard let previous else { return .none }
        let arrivalStep = group.lastArrival &- previous.lastArrival
        guard arrivalStep >= 0 else {
            reordered += 1
            guard reordered >= Self.mostReordered else { return .none }
            reset()
            return .reset
        }
        reordered = 0
        return .step(
            Step(
                sendNanoseconds: group.lastSent &- previous.lastSent, arrivalNanoseconds: arrivalStep,
                arrival: group.lastArrival))
    }
}
