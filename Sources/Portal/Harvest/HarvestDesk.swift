import Archive
import Foundation
import Office
import OfficeStore
import Vietnamese

/// Answers those who harvest (OAI-PMH 2.0), of meetings that are ordinary: the others are not there.
///
/// Before each answer it looks at what was sealed, destroyed or written into the Office's journal since the last, so that what
/// is told is never behind what may be known.
actor HarvestDesk {
    static let pageLength = 100
    private static let mostUnits = 500

    private let archive: Archive
    private let office: OfficeStore
    private let discretion: Discretion
    private let tokens: OAIResumptionKey
    private var catchingUp: Task<Void, any Error>?

    init(archive: Archive, office: OfficeStore, discretion: Discretion, tokens: OAIResumptionKey = OAIResumptionKey()) {
        self.archive = archive
        self.office = office
        self.discretion = discretion
        self.tokens = tokens
    }

    /// The answer to a request's arguments; nil for those that are not well formed.
    ///
    /// - Throws: what the archive throws; whatever is wrong with the request is in the answer.
    func answer(
        _ pairs: [(name: String, value: String)]?, _ document: OAIDocument, at now: Date = Date()
    ) async throws -> Data {
        let second = Int64(now.timeIntervalSince1970.rounded(.down))
        let accepted: OAIRequest.Accepted
        do throws(OAIFault) {
            accepted = try OAIRequest.accept(pairs)
        } catch {
            return document.data(.fault(error), to: nil, at: second)
        }
        do {
            let request = try OAIRequest(accepted, tokens: tokens, at: second)
            try await catchUp(at: second)
            let answer = try await answer(request, document.configuration, at: second)
            return document.data(answer, to: accepted, at: second)
        } catch let fault as OAIFault {
            return document.data(.fault(fault), to: accepted, at: second)
        }
    }

    private func answer(
        _ request: OAIRequest, _ configuration: HarvestConfiguration, at now: Int64
    ) async throws -> OAIDocument.Answer {
        switch request {
        case .identify: return .identify(earliest: try await archive.earliestHarvestStamp() ?? now)
        case .listMetadataFormats(let identifier):
            if let identifier { _ = try await item(identifier, configuration) }
            return .formats
        case .getRecord(let identifier): return .record(try await item(identifier, configuration))
        case .listSets(let token): return try await sets(token, at: now)
        case .list(let isWhole, let selection, let token):
            return try await list(isWhole: isWhole, selection, token, at: now)
        }
    }

    private func item(_ identifier: String, _ configuration: HarvestConfiguration) async throws -> HarvestPage.Item {
        guard let id = configuration.meeting(of: identifier), let item = try await archive.harvestItem(id) else {
            throw OAIFault(.idDoesNotExist, "There is no record of this identifier.")
        }
        return item
    }

    private func list(
        isWhole: Bool, _ selection: HarvestSelection, _ token: OAIResumption?, at now: Int64
    ) async throws -> OAIDocument.Answer {
        let page = try await archive.harvestPage(selection, after: token?.cursor, limit: Self.pageLength)
        guard !page.items.isEmpty || token != nil else {
            throw OAIFault(.noRecordsMatch, "No records are there by these arguments.")
        }
        let given = token?.given ?? 0
        guard let next = page.next else {
            // A list that came in one piece needs no token; the last of several has an empty one.
            let end = token.map { OAIDocument.Continuation(token: "", expires: nil, cursor: given, total: $0.total) }
            guard !page.items.isEmpty else {
                throw OAIFault(.badResumptionToken, "What was left of the list has changed; harvest again.")
            }
            return .list(isWhole: isWhole, page.items, end)
        }
        let total = if let known = token?.total { known } else { try await archive.harvestCount(selection) }
        let resumption = OAIResumption(
            verb: isWhole ? .listRecords : .listIdentifiers, from: selection.from, until: selection.until,
            set: selection.set, datestamp: next.datestamp, last: next.meetingID, given: given + page.items.count,
            total: total, expires: now + OAIResumptionKey.life)
        return .list(
            isWhole: isWhole, page.items,
            .init(token: tokens.seal(resumption), expires: resumption.expires, cursor: given, total: total))
    }

    private func sets(_ token: OAIResumption?, at now: Int64) async throws -> OAIDocument.Answer {
        let found = try await archive.harvestSets(after: token?.last, limit: Self.pageLength + 1)
        let sets = Array(found.prefix(Self.pageLength))
        let given = token?.given ?? 0
        guard !sets.isEmpty || token != nil else {
            throw OAIFault(.noSetHierarchy, "There is no record yet, and so no set.")
        }
        guard found.count > sets.count, let last = sets.last else {
            return .sets(sets, token.map { _ in .init(token: "", expires: nil, cursor: given, total: nil) })
        }
        let resumption = OAIResumption(
            verb: .listSets, last: last.spec, given: given + sets.count, expires: now + OAIResumptionKey.life)
        return .sets(
            sets, .init(token: tokens.seal(resumption), expires: resumption.expires, cursor: given, total: nil))
    }

    // MARK: What is known by now

    /// Of several who ask at once, one looks.
    private func catchUp(at now: Int64) async throws {
        if let catchingUp { return try await catchingUp.value }
        let task = Task { try await lookAgain(at: now) }
        catchingUp = task
        defer { catchingUp = nil }
        try await task.value
    }

    private func lookAgain(at now: Int64) async throws {
        let newest = try await office.journal(limit: 1).first?.number ?? 0
        let mark = try await archive.harvestMark()
        while case let pending = try await archive.harvestPending(), !pending.isEmpty {
            // The first time nobody has harvested yet: records get the time of what made them.
            try await archive.harvest(try await opinions(of: pending), at: mark == nil ? nil : now)
        }
        if let mark, mark < newest {
            let changed = try await office.meetingsChanged(from: mark, to: newest)
            for id in changed.sorted() {
                let held = try await archive.meetings(ofSchedule: id).filter(\.state.isSealedForGood)
                try await archive.harvest(try await opinions(of: held), at: now)
            }
        }
        if mark != newest { try await archive.setHarvestMark(newest) }
    }

    private func opinions(of meetings: [MeetingRecord]) async throws -> [HarvestRecord.Opinion] {
        let named = Set(meetings.compactMap(\.sitting).map(ScheduledMeeting.id(ofSitting:)))
        let scheduled = try await office.meetings(named: named)
        let ordinary = Set(try await discretion.ordinary(meetings).map(\.id))
        var opinions: [HarvestRecord.Opinion] = []
        for meeting in meetings {
            var sets: Set<HarvestSet> = []
            if ordinary.contains(meeting.id) {
                let field = meeting.sitting.flatMap { scheduled[ScheduledMeeting.id(ofSitting: $0)]?.field } ?? ""
                if !field.isEmpty { sets.insert(Self.set(HarvestSet.field, field)) }
                let units = Set(try await archive.details(of: meeting.id).participants.compactMap(\.unit))
                for unit in units.sorted().prefix(Self.mostUnits) where !unit.isEmpty {
                    sets.insert(Self.set(HarvestSet.unit, unit))
                }
            }
            opinions.append(.init(of: meeting, mayBeKnown: ordinary.contains(meeting.id), sets: sets))
        }
        return opinions
    }

    private static func set(_ kind: String, _ name: String) -> HarvestSet {
        HarvestSet(spec: kind + VietnameseText.slug(name, limit: 60), name: name)
    }
}

extension OfficeStore {
    /// Meetings of the schedule of which the journal has something in these lines; also what is none.
    fileprivate func meetingsChanged(from last: Int64, to newest: Int64) async throws -> Set<String> {
        var changed: Set<String> = []
        var before = newest &+ 1
        while before > last &+ 1 {
            let lines = try await journal(limit: 1000, before: before)
            for line in lines where line.number > last {
                changed.insert(ScheduledMeeting.id(ofSitting: String(line.subject.prefix { $0 != " " })))
            }
            guard let lowest = lines.last?.number else { break }
            before = lowest
        }
        return changed
    }
}
