import Foundation
import Vietnamese

/// Two sittings that want the same room, or the same point, at the same time.
public struct Clash: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// Refused: a room has one meeting at a time.
        case room
        /// One is still sitting when the other rehearses there.
        case rehearsal
        case point
    }
    public var kind: Kind
    /// The room's or the point's id.
    public var subject: String
    public var sitting: ScheduledSitting
    /// Of a secret one only its times.
    public var other: ScheduledSitting
    /// The other meeting's title, which a secret one does not give.
    public var otherTitle: String
}

extension ScheduledMeeting {
    public static let mostClashes = 200

    /// Where this meeting and others get into each other's way; the first are told.
    public func clashes(with others: [ScheduledMeeting]) -> [Clash] {
        var found: [Clash] = []
        let sittings = sittings
        for other in others where other.id != id && !other.isCancelled {
            let shared = Set(invited.map(\.point)).intersection(other.invited.map(\.point)).sorted()
            guard room == other.room || !shared.isEmpty else { continue }
            let title = other.confidentiality.isStateSecret ? "—" : other.title
            for (sitting, with) in Self.near(sittings, other.sittings) {
                let with = other.confidentiality.isStateSecret ? with.unnamed : with
                func add(_ kind: Clash.Kind, _ subject: String) {
                    found.append(Clash(kind: kind, subject: subject, sitting: sitting, other: with, otherTitle: title))
                }
                let overlaps = sitting.starts < with.ends && with.starts < sitting.ends
                if room == other.room { add(overlaps ? .room : .rehearsal, room) }
                if overlaps { for point in shared { add(.point, point) } }
                if found.count >= Self.mostClashes { return Array(found.prefix(Self.mostClashes)) }
            }
        }
        return found
    }

    /// Pairs whose times overlap when the rehearsals are counted in. Both lists are in order, and in each all last alike.
    private static func near(
        _ ones: [ScheduledSitting], _ others: [ScheduledSitting]
    ) -> [(ScheduledSitting, ScheduledSitting)] {
        var pairs: [(ScheduledSitting, ScheduledSitting)] = []
        var first = 0
        for one in ones {
            while first < others.count, others[first].ends <= one.rehearsalFrom { first += 1 }
            var next = first
            while next < others.count, others[next].rehearsalFrom < one.ends {
                pairs.append((one, others[next]))
                next += 1
            }
        }
        return pairs
    }

    /// The meeting on the schedule with the others: what it clashes with, or why it cannot be.
    public func placed(
        among others: [ScheduledMeeting], _ register: OfficeRegister, now: Date?
    ) throws(ScheduleFault) -> [Clash] {
        try check(register, now: now)
        let clashes = clashes(with: others)
        if let taken = clashes.first(where: { $0.kind == .room }) {
            throw .roomTaken(
                room: room, by: taken.otherTitle,
                at: String(IndochinaTime.text(taken.other.starts).prefix(16)).replacing("T", with: " "))
        }
        return clashes
    }
}
