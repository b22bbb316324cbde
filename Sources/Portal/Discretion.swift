import Archive
import Foundation
import Hummingbird
import Office
import OfficeStore
import PortalAPI

/// What of meetings somebody may know: every route that shows something of a meeting asks here first. What is held back is
/// answered as if it were not there.
///
/// The rule itself is ``MeetingAudience``. What the schedule says now counts; of a meeting that it does not have, what was so
/// when it opened.
struct Discretion: Sendable {
    let office: OfficeStore
    let bridge: any LiveBridge
    let archive: Archive

    /// Those of what was convened that the visitor may know of.
    func visible<Item: Convened>(_ items: [Item], to visitor: Visitor) async throws(OfficeStoreError) -> [Item] {
        let named = Set(items.compactMap { $0.conveningSitting.map(ScheduledMeeting.id(ofSitting:)) })
        let scheduled = try await office.meetings(named: named)
        return items.filter { item in
            let meeting = item.conveningSitting.flatMap { scheduled[ScheduledMeeting.id(ofSitting: $0)] }
            return (meeting?.audience ?? item.audience).admits(visitor.identity, roles: visitor.roles)
        }
    }

    /// Those of what was convened that nothing holds back from whoever may see meetings.
    func ordinary<Item: Convened>(_ items: [Item]) async throws(OfficeStoreError) -> [Item] {
        let named = Set(items.compactMap { $0.conveningSitting.map(ScheduledMeeting.id(ofSitting:)) })
        let scheduled = try await office.meetings(named: named)
        return items.filter { item in
            let meeting = item.conveningSitting.flatMap { scheduled[ScheduledMeeting.id(ofSitting: $0)] }
            return (meeting?.audience ?? item.audience).confidentiality == .ordinary
        }
    }

    /// Refuses what is no meeting in progress, or none for this visitor.
    func requireLive(_ id: String, for visitor: Visitor) async throws {
        guard let convening = await bridge.convening(of: id), try await !visible([convening], to: visitor).isEmpty
        else {
            throw Refusal(LiveBridgeError.unknownMeeting)
        }
    }

    /// The record of a meeting, where there is one for this visitor.
    func record(_ id: String, for visitor: Visitor) async throws -> MeetingRecord {
        guard let record = try await archive.find(id), try await !visible([record], to: visitor).isEmpty else {
            throw Refusal(ArchiveError.unknownMeeting(id))
        }
        return record
    }

    /// Whether a meeting is a state secret, by what the schedule says now.
    func isStateSecret(_ record: MeetingRecord) async throws(OfficeStoreError) -> Bool {
        let id = record.conveningSitting.map(ScheduledMeeting.id(ofSitting:))
        let scheduled = try await office.meetings(named: Set([id].compactMap { $0 }))
        let audience = id.flatMap { scheduled[$0]?.audience } ?? record.audience
        return [.secret, .highlySecret, .topSecret].contains(audience.confidentiality)
    }

    /// Whether the papers of a meeting go along with what its recording's grant gives: to whom the meeting itself would be shown.
    func admitsToPapers(of record: MeetingRecord, _ holder: AccessPerson) async throws(OfficeStoreError) -> Bool {
        let id = record.conveningSitting.map(ScheduledMeeting.id(ofSitting:))
        let scheduled = try await office.meetings(named: Set([id].compactMap { $0 }))
        let audience = id.flatMap { scheduled[$0]?.audience } ?? record.audience
        return audience.admits(holder.id, roles: office.register.person(holder.id)?.roles ?? [.agencyReader])
    }

    /// Meetings on the schedule that are held back from the visitor, of these.
    func hidden(_ ids: Set<String>, from visitor: Visitor) async throws(OfficeStoreError) -> Set<String> {
        Set(
            try await office.meetings(named: ids).values.filter {
                !$0.audience.admits(visitor.identity, roles: visitor.roles)
            }.map(\.id))
    }

    /// Recordings that are held back from the visitor, of these; those that the archive does not know are.
    func hiddenRecordings(_ ids: Set<String>, from visitor: Visitor) async throws -> Set<String> {
        var records: [MeetingRecord] = []
        for id in ids {
            if let record = try await archive.find(id) { records.append(record) }
        }
        return ids.subtracting(try await visible(records, to: visitor).map(\.id))
    }
}

/// A meeting that is held, or was, as what it was convened.
protocol Convened {
    var conveningSitting: String? { get }
    var conveningConfidentiality: String? { get }
}

extension Convened {
    /// Where the schedule has nothing of it. A level that nobody knows is the highest.
    fileprivate var audience: MeetingAudience {
        MeetingAudience(
            confidentiality: conveningConfidentiality.map { .init(rawValue: $0) ?? .topSecret } ?? .ordinary)
    }
}

extension LiveConvening: Convened {
    var conveningSitting: String? { sitting }
    var conveningConfidentiality: String? { confidentiality }
}

extension LiveMeeting: Convened {
    var conveningSitting: String? { convening.sitting }
    var conveningConfidentiality: String? { convening.confidentiality }
}

extension MeetingRecord: Convened {
    var conveningSitting: String? { sitting }
    var conveningConfidentiality: String? { confidentiality }
}

extension MeetingListing: Convened {
    var conveningSitting: String? { meeting.sitting }
    var conveningConfidentiality: String? { meeting.confidentiality }
}
