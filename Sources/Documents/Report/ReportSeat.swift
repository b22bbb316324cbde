import Foundation

/// A point's part in a meeting, put together of the record's events: its calls, and what each had of the meeting. A call
/// that only waited, rehearsed or never gave the PIN is no part of it.
struct ReportSeat {
    /// Time of one call in the hall or in a side room.
    struct Stay: Equatable {
        var time: ClosedRange<Date>
        /// Sound or picture came over the call.
        var hadMedia: Bool
    }

    private struct Call {
        var enteredAt: Date?
        var hadMedia = false
        func stay(until end: Date) -> Stay? {
            enteredAt.map { Stay(time: $0...max($0, end), hadMedia: hadMedia) }
        }
    }

    var name: String
    var unit: String?
    var isExpected = false
    var isLate = false
    var reason: String?
    private(set) var hasJoined = false
    /// Calls that last, by participant.
    private var calls: [String: Call] = [:]
    private var stays: [Stay] = []

    init(name: String, unit: String? = nil, isExpected: Bool = false) {
        self.name = name
        self.unit = unit
        self.isExpected = isExpected
    }

    var isCalling: Bool { !calls.isEmpty }
    private var wasIn: Bool { !stays.isEmpty || calls.values.contains { $0.enteredAt != nil } }

    /// - Parameter isIn: whether a call is in the hall unless the record says that it waits.
    mutating func join(_ call: String, at time: Date, isIn: Bool) {
        hasJoined = true
        if let stay = calls[call]?.stay(until: time) { stays.append(stay) }
        calls[call] = Call(enteredAt: isIn ? time : nil)
    }

    mutating func enter(_ call: String, at time: Date) {
        guard let former = calls[call] else { return }
        calls[call]?.enteredAt = former.enteredAt ?? time
    }

    /// All calls of it that wait come in.
    mutating func enterAll(at time: Date) {
        for call in calls.keys { enter(call, at: time) }
    }

    /// In a record that does not say who entered. Whoever was in before waits for no more than its PIN, and when that was
    /// given is not said: unless it proves to have been wrong, it is taken to have been at once.
    mutating func wait(_ call: String) {
        guard let waiting = calls.removeValue(forKey: call) else { return }
        let isBack = wasIn
        calls[call] = Call(enteredAt: isBack ? waiting.enteredAt : nil, hadMedia: waiting.hadMedia)
    }

    mutating func sawMedia(of call: String) { calls[call]?.hadMedia = true }

    mutating func leave(_ call: String, at time: Date, because reason: String?) {
        guard let left = calls.removeValue(forKey: call), reason != "wrong-pin", let stay = left.stay(until: time)
        else { return }
        stays.append(stay)
    }

    mutating func end(at time: Date) {
        for call in calls.keys.sorted() { leave(call, at: time, because: nil) }
    }

    /// Of its stays what is not before the meeting's beginning, in the order of ending.
    func stays(since beginning: Date?) -> [Stay] {
        guard let beginning else { return stays }
        return stays.compactMap { stay in
            let (from, to) = (stay.time.lowerBound, stay.time.upperBound)
            guard to > beginning || from >= beginning else { return nil }
            return Stay(time: max(from, beginning)...to, hadMedia: stay.hadMedia)
        }
    }
}
