/// The meetings that are open, and when something is due in each. That is asked at every event, and walks over none of them: of
/// those that were changed since it was asked last, it is looked for anew.
struct OpenMeetings: Sendable, Sequence {
    private var meetings: [MeetingID: Meeting] = [:]
    /// Of those in which something is due, by the steady clock.
    private var deadlines: [MeetingID: Duration] = [:]
    /// The planned ends of which a chair is to be told.
    private var endsToTell: [MeetingID: WallTime] = [:]
    private var changed: [MeetingID] = []

    var keys: Dictionary<MeetingID, Meeting>.Keys { meetings.keys }
    var values: Dictionary<MeetingID, Meeting>.Values { meetings.values }

    subscript(id: MeetingID) -> Meeting? {
        _read { yield meetings[id] }
        _modify {
            if changed.last != id { changed.append(id) }
            yield &meetings[id]
        }
    }

    mutating func removeValue(forKey id: MeetingID) -> Meeting? {
        deadlines[id] = nil
        endsToTell[id] = nil
        return meetings.removeValue(forKey: id)
    }

    func makeIterator() -> Dictionary<MeetingID, Meeting>.Iterator { meetings.makeIterator() }

    /// When something is due in one of them, as it was when they were looked at last.
    var deadline: Duration? { deadlines.values.min() }

    /// The first planned end of which a chair is to be told, likewise.
    var firstEndToTell: WallTime? { endsToTell.values.min() }

    /// Looks for what is due in those that were changed.
    mutating func lookAtChanged() {
        for id in changed {
            deadlines[id] = meetings[id]?.deadline
            endsToTell[id] = meetings[id]?.endToTell
        }
        changed.removeAll(keepingCapacity: true)
    }
}
