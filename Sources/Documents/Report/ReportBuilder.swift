import Foundation

/// Makes a report of a meeting's events, one after another.
struct ReportBuilder {
    private let facts: MeetingFacts
    /// Records from before the event `entered` say only who waited, and what let it in.
    private let saysWhoEntered: Bool
    private var seats: [String: ReportSeat] = [:]
    /// Points in the order in which they were first heard of.
    private var order: [String] = []
    private var beganAt: Date?
    private var lastEvent: Date
    private var turns = SpeechTurns()
    private var votes: [Int: MeetingReport.Vote] = [:]
    private var openVote: Int?
    private var messages: [MeetingReport.Message] = []
    private var recording: [MeetingReport.RecordingStep] = []
    private var incidents: [MeetingReport.Incident] = []
    private var lines: [String: LineRecord] = [:]
    private var recorded: [String: RecordedPoint] = [:]
    private var closedAt: Date?

    private init(_ facts: MeetingFacts, saysWhoEntered: Bool) {
        self.facts = facts
        self.saysWhoEntered = saysWhoEntered
        lastEvent = facts.openedAt
        for point in facts.points {
            meet(point.id)
            seats[point.id] = ReportSeat(name: point.name, unit: point.unit, isExpected: point.isExpected)
        }
    }

    static func report(
        _ facts: MeetingFacts, _ log: MeetingLog, calendar: WorkingCalendar
    ) -> MeetingReport {
        var builder = ReportBuilder(facts, saysWhoEntered: log.events.contains { $0.name == "entered" })
        for event in log.events { builder.take(event) }
        return builder.finished(skipped: log.skipped, calendar)
    }

    // MARK: Events

    private mutating func take(_ event: MeetingLog.Event) {
        lastEvent = max(lastEvent, event.at)
        switch event.name {
        case "opened-by-chair": begin(event)
        case "joined": join(event)
        case "entered", "waits", "admitted", "unlocked": comeIn(event)
        case "media-established": change(event) { $0.sawMedia(of: event.call) }
        case "left": leave(event)
        case "late":
            change(event) { $0.isLate = true }
            comeIn(event)
        case "excused":
            change(event) {
                $0.reason = event.fields["reason"]
                $0.isExpected = true
            }
        case "missing":
            for point in (event.fields["points"] ?? "").split(separator: " ").prefix(10_000) {
                change(point: String(point)) { $0.isExpected = true }
            }
        case "speaker": turns.heard(event.point, at: event.at)
        case "word-given":
            if let point = event.point {
                turns.given(to: point, limit: event.fields["limitSeconds"].flatMap { Int($0) }, at: event.at)
            }
        case "word-ended", "word-taken": if let point = event.point { turns.ended(by: point, at: event.at) }
        case "message", "message-shown":
            if let text = event.fields["text"] {
                let point = event.name == "message" ? event.point : nil
                messages.append(.init(at: event.at, from: point.map(name), text: text))
            }
        case "vote-opened", "vote-closed", "ballot": vote(event)
        case _ where event.name.hasPrefix("recording-"): record(event)
        case "stream-recorded":
            if let point = event.point { recorded[point, default: RecordedPoint()].take(stream: event.fields) }
        case "master-decoded":
            if let point = event.point { recorded[point, default: RecordedPoint()].take(decoding: event.fields) }
        case "told-of-recording":
            if let point = event.point { recorded[point, default: RecordedPoint()].take(notice: event) }
        case "line-quality":
            if let point = event.point {
                meet(point)
                lines[point, default: LineRecord()].take(event.fields)
            }
        case "dropped", "not-reached", "refused", "pin-refused", "removed": incident(event)
        case "closed": closedAt = event.at
        default: break
        }
    }

    private mutating func meet(_ point: String) {
        guard seats[point] == nil else { return }
        order.append(point)
        seats[point] = ReportSeat(name: point)
    }

    private mutating func change(_ event: MeetingLog.Event, _ change: (inout ReportSeat) -> Void) {
        if let point = event.point { self.change(point: point, change) }
    }

    private mutating func change(point: String, _ change: (inout ReportSeat) -> Void) {
        meet(point)
        change(&seats[point, default: ReportSeat(name: point)])
    }

    /// What was before is the rehearsal.
    private mutating func begin(_ event: MeetingLog.Event) {
        guard beganAt == nil else { return }
        beganAt = event.at
        turns = SpeechTurns()
        votes = [:]
        messages = []
        letAllIn(event)
    }

    private mutating func letAllIn(_ event: MeetingLog.Event) {
        guard !saysWhoEntered else { return }
        for point in order { change(point: point) { $0.enterAll(at: event.at) } }
    }

    private mutating func comeIn(_ event: MeetingLog.Event) {
        switch event.name {
        case "entered": change(event) { $0.enter(event.call, at: event.at) }
        case _ where saysWhoEntered: break
        case "waits": change(event) { $0.wait(event.call) }
        case "unlocked": letAllIn(event)
        default: change(event) { $0.enterAll(at: event.at) }
        }
    }

    private mutating func join(_ event: MeetingLog.Event) {
        let isKnown = facts.points.contains { $0.id == event.point }
        let isIn = !saysWhoEntered
        change(event) { seat in
            // The register's name goes before the event's, and the first event's before later ones.
            if !isKnown, !seat.hasJoined {
                seat.name = event.fields["name"] ?? seat.name
                seat.unit = event.fields["unit"] ?? seat.unit
            }
            seat.join(event.call, at: event.at, isIn: isIn)
        }
    }

    private mutating func leave(_ event: MeetingLog.Event) {
        change(event) { $0.leave(event.call, at: event.at, because: event.fields["reason"]) }
        // Another call of it may still be there.
        if let point = event.point, seats[point]?.isCalling == false { turns.left(point, at: event.at) }
    }

    private mutating func vote(_ event: MeetingLog.Event) {
        let fields = event.fields
        if event.name == "ballot" {
            guard let number = openVote, let point = event.point, let ballot = fields["ballot"],
                var vote = votes[number], !vote.isSecret, !vote.ballots.contains(where: { $0.point == point })
            else { return }
            vote.ballots.append(.init(point: point, name: name(point), ballot: ballot))
            votes[number] = vote
            return
        }
        guard let number = fields["vote"].flatMap({ Int($0) }) else { return }
        var vote =
            votes[number]
            ?? MeetingReport.Vote(
                number: number, question: fields["question"] ?? "", isSecret: fields["secret"] == "true",
                votesFor: 0, votesAgainst: 0, abstentions: 0, notVoted: 0, ballots: [])
        if event.name == "vote-opened" {
            vote.openedAt = event.at
            openVote = number
        } else {
            func count(_ key: String) -> Int { fields[key].flatMap { Int($0) }.map { max(0, $0) } ?? 0 }
            vote.closedAt = event.at
            vote.votesFor = count("for")
            vote.votesAgainst = count("against")
            vote.abstentions = count("abstain")
            vote.notVoted = count("notVoted")
            openVote = openVote == number ? nil : openVote
        }
        votes[number] = vote
    }

    private mutating func record(_ event: MeetingLog.Event) {
        let fields = event.fields
        recording.append(
            .init(
                step: event.name, at: event.at, by: fields["by"].map(name) ?? fields["orderedBy"],
                document: fields["document"],
                reason: fields["reason"] ?? fields["text"]))
        if event.name == "recording-failed" { incident(event) }
    }

    private mutating func incident(_ event: MeetingLog.Event) {
        incidents.append(
            .init(
                kind: event.name, at: event.at, point: event.point, name: event.point.map(name),
                text: event.fields["reason"] ?? event.fields["text"]))
    }

    private func name(_ point: String) -> String { seats[point]?.name ?? point }

    // MARK: The end

    private mutating func finished(skipped: Int, _ calendar: WorkingCalendar) -> MeetingReport {
        let end = max(facts.openedAt, facts.closedAt ?? closedAt ?? lastEvent)
        turns.end(at: end)
        for point in order { change(point: point) { $0.end(at: end) } }
        incidents += facts.notes.map { .init(kind: "note", at: $0.at, text: $0.text) }
        incidents.sort { $0.at < $1.at }
        return MeetingReport(
            meeting: .init(
                id: facts.id, title: facts.title, room: facts.room, convener: facts.convener,
                document: facts.document, chair: facts.chair, openedAt: facts.openedAt, beganAt: beganAt,
                closedAt: facts.closedAt ?? closedAt, closeReason: facts.closeReason,
                durationSeconds: seconds(end.timeIntervalSince(beganAt ?? facts.openedAt))),
            agencies: agencies, speeches: speeches,
            votes: votes.values.sorted { $0.number < $1.number }, messages: messages, recording: recording,
            recorded: order.compactMap { point in
                recorded[point].map {
                    .init(point: point, name: name(point), notice: $0.notice, streams: $0.streams)
                }
            },
            incidents: incidents, quality: quality,
            conclusion: conclusion(after: end, calendar), savedKilometres: savedKilometres, skippedLines: skipped)
    }

    private var agencies: [MeetingReport.Agency] {
        var agencies: [MeetingReport.Agency] = []
        for point in order {
            guard let seat = seats[point] else { continue }
            let attendance = attendance(point, seat)
            // Who was neither expected nor came in is no part of the meeting.
            guard seat.isExpected || attendance.presence != .absent else { continue }
            if let index = agencies.firstIndex(where: { $0.unit == seat.unit ?? "" }) {
                agencies[index].points.append(attendance)
            } else {
                agencies.append(.init(unit: seat.unit ?? "", points: [attendance]))
            }
        }
        return agencies
    }

    private func attendance(_ point: String, _ seat: ReportSeat) -> MeetingReport.Attendance {
        let stays = seat.stays(since: beganAt)
        let isPresent = stays.contains(where: \.hadMedia)
        return .init(
            point: point, name: seat.name, presence: stays.isEmpty ? .absent : isPresent ? .present : .silent,
            isExpected: seat.isExpected, isLate: seat.isLate && !stays.isEmpty,
            firstJoined: stays.map(\.time.lowerBound).min(), lastLeft: stays.map(\.time.upperBound).max(),
            presentSeconds: seconds(Self.union(stays.map(\.time))), reconnections: max(0, stays.count - 1),
            reason: isPresent ? nil : seat.reason)
    }

    private var speeches: [MeetingReport.Speech] {
        turns.speeches.enumerated().map { index, turn in
            .init(
                number: index + 1, kind: turn.isGiven ? .given : .heard, point: turn.point, name: name(turn.point),
                unit: seats[turn.point]?.unit, startedAt: turn.from, seconds: seconds(turn.seconds),
                limitSeconds: turn.limit)
        }
    }

    private var quality: [MeetingReport.Quality] {
        order.compactMap { point in lines[point]?.quality(of: point, named: name(point)) }
    }

    private func conclusion(after end: Date, _ calendar: WorkingCalendar) -> MeetingReport.Conclusion? {
        guard facts.ordersConclusionNotice else { return nil }
        return calendar.day(after: end, workingDays: WorkingCalendar.daysToConclusion).map { due in
            .init(
                dueDay: due.day, workingDays: WorkingCalendar.daysToConclusion, lacksHolidays: due.lacksHolidays)
        }
    }

    /// Where no place of the room is known, it is that of the first in the order of protocol who was there.
    private var savedKilometres: Double? {
        let present = facts.points.filter { seats[$0.id]?.stays(since: beganAt).contains(where: \.hadMedia) == true }
            .compactMap(\.place)
        guard let place = facts.place ?? present.first, !present.isEmpty else { return nil }
        return present.reduce(0) { $0 + 2 * $1.kilometres(to: place) }
    }

    /// The time that ranges cover, in seconds.
    static func union(_ ranges: [ClosedRange<Date>]) -> TimeInterval {
        var covered: TimeInterval = 0
        var end = Date.distantPast
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            covered += max(0, range.upperBound.timeIntervalSince(max(end, range.lowerBound)))
            end = max(end, range.upperBound)
        }
        return covered
    }

    /// Whole seconds, of a time that a clock may have made absurd.
    private func seconds(_ interval: TimeInterval) -> Int { Int(min(max(0, interval), 1e9).rounded()) }
}

extension MeetingReport {
    public init(_ facts: MeetingFacts, _ log: MeetingLog, calendar: WorkingCalendar) {
        self = ReportBuilder.report(facts, log, calendar: calendar)
    }
}
