/// A group of records by which archive systems harvest selectively (OAI-PMH 2.0 §2.6).
public struct HarvestSet: Hashable, Sendable, Comparable {
    /// `field-y-te`, `unit-so-tai-chinh`.
    public var spec: String
    public var name: String
    public init(spec: String, name: String) {
        self.spec = spec
        self.name = name
    }

    public static func < (one: Self, other: Self) -> Bool { one.spec < other.spec }
}

/// What archive systems are told of a meeting, and since when (OAI-PMH 2.0 §2.5).
///
/// Its datestamp is when what is told last changed, not when the package was sealed: a level that is set years later takes
/// the record back, or shows it, and whoever harvests what is new has to hear of that.
public struct HarvestRecord: Equatable, Sendable {
    public enum State: String, Sendable {
        /// It was never shown: nothing of it is told, not even that it is there.
        case hidden
        case live
        /// It was shown once, or may be known, and is no more: this stands for good (`deletedRecord: persistent`).
        case deleted
    }

    public var meetingID: String
    /// Seconds since 1970.
    public var datestamp: Int64
    public var state: State
    /// In the order of their specs, each spec once.
    public var sets: [HarvestSet]

    public init(meetingID: String, datestamp: Int64, state: State, sets: [HarvestSet]) {
        self.meetingID = meetingID
        self.datestamp = datestamp
        self.state = state
        self.sets = sets
    }

    /// What is thought of a meeting now.
    public struct Opinion: Equatable, Sendable {
        public var meeting: MeetingRecord
        /// Whether those who harvest may know of it.
        public var mayBeKnown: Bool
        public var sets: Set<HarvestSet>
        public init(of meeting: MeetingRecord, mayBeKnown: Bool, sets: Set<HarvestSet>) {
            self.meeting = meeting
            self.mayBeKnown = mayBeKnown
            self.sets = sets
        }
    }

    /// The record by a new opinion. What was told once is never unsaid: it becomes deleted.
    ///
    /// - Parameter stamp: seconds since 1970, for what changed.
    static func next(after old: HarvestRecord?, _ opinion: Opinion, at stamp: Int64) -> HarvestRecord {
        let wasTold = old.map { $0.state != .hidden } ?? false
        let state: State =
            if opinion.mayBeKnown {
                opinion.meeting.state == .sealed ? .live : .deleted
            } else {
                wasTold ? .deleted : .hidden
            }
        var record = HarvestRecord(
            meetingID: opinion.meeting.id, datestamp: stamp, state: state,
            // Sets of what is withdrawn stay: those who harvest by set hear that it is gone, and of no other set.
            sets: opinion.mayBeKnown ? Self.ordered(opinion.sets) : old?.sets ?? [])
        if let old, old.state == record.state, old.sets == record.sets { record.datestamp = old.datestamp }
        return record
    }

    private static func ordered(_ sets: Set<HarvestSet>) -> [HarvestSet] {
        Dictionary(sets.map { ($0.spec, $0) }) { min($0.name, $1.name) == $0.name ? $0 : $1 }.values.sorted()
    }
}

/// Which records are wanted.
public struct HarvestSelection: Equatable, Sendable {
    /// Seconds since 1970, both inclusive.
    public var from: Int64?
    public var until: Int64?
    public var set: String?
    public init(from: Int64? = nil, until: Int64? = nil, set: String? = nil) {
        self.from = from
        self.until = until
        self.set = set
    }
}

/// The record after which a page begins.
public struct HarvestCursor: Equatable, Sendable {
    public var datestamp: Int64
    public var meetingID: String
    public init(datestamp: Int64, meetingID: String) {
        self.datestamp = datestamp
        self.meetingID = meetingID
    }
}

public struct HarvestPage: Equatable, Sendable {
    public struct Item: Equatable, Sendable {
        public var record: HarvestRecord
        public var meeting: MeetingRecord
    }

    public var items: [Item]
    /// Where the next page begins; nil on the last.
    public var next: HarvestCursor?
}
