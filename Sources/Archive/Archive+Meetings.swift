import Foundation
import SQLDatabase
import Vietnamese

/// A meeting from its opening to its close.
extension Archive {
    /// Makes the package's directory, its first `meeting.json` and event log, and enters the meeting in the catalogue.
    public func openMeeting(_ new: NewMeeting) async throws(ArchiveError) -> MeetingRecord {
        guard PackagePaths.isUsable(id: new.id) else { throw .invalidMeetingID(new.id) }
        if try await find(new.id) != nil { throw .meetingExists(new.id) }
        let package = try makePackageDirectory(for: new)
        let title = VietnameseText.stored(new.title)
        let room = VietnameseText.stored(new.room)
        let convener = new.convener.map(VietnameseText.stored)
        let document = new.document.map(VietnameseText.stored)
        let searched = [title, room, convener, document].compactMap(\.self).joined(separator: "\n")
        let meeting = MeetingRecord(
            id: new.id, room: room, title: title, convener: convener, document: document, sitting: new.sitting,
            confidentiality: new.confidentiality, package: package, layout: .bag,
            openedAt: new.openedAt.roundedToMillisecond, state: .running, bridge: bridge,
            searchText: VietnameseText.folded(searched))
        let paths = paths(of: meeting)
        do throws(ArchiveError) {
            for directory in Self.directories(of: paths) { try DurableFile.makeDirectory(directory) }
            try PackageMetadata(meeting, record(of: meeting), participants: [], notes: []).write(to: paths.metadata)
            _ = try log(of: meeting)
            try await write { [self] db in
                try check(meeting, db)
                try meeting.insert(db)
            }
        } catch {
            // Only what this call made: the directory was new.
            logs.withLock { $0[meeting.id] = nil }
            for file in [paths.metadata, paths.events] { unlink(file) }
            for directory in Self.directories(of: paths).reversed() { rmdir(directory) }
            throw error
        }
        return meeting
    }

    private static func directories(of paths: PackagePaths) -> [String] {
        [paths.directory, paths.work, paths.directory + "/data", paths.directory + "/metadata"]
    }

    /// Adds a line to the meeting's `events.jsonl`. Give `durable` for what must survive a power cut of this very
    /// second. Blocks for a write to the page cache, and for a sync about once a second.
    public func append(
        _ event: EventRecord, to meeting: MeetingRecord, durable: Bool = false
    ) throws(ArchiveError) {
        try append([event], to: meeting, durable: durable)
    }

    /// Adds lines in one write: all of them, or none.
    public func append(
        _ events: [EventRecord], to meeting: MeetingRecord, durable: Bool = false
    ) throws(ArchiveError) {
        try log(of: meeting).append(events, durable: durable)
    }

    /// The events of a meeting, in order.
    public func events(of meeting: MeetingRecord) throws(ArchiveError) -> [EventRecord] {
        try meeting.refuseDestroyed()
        let path = paths(of: meeting).events
        guard meeting.layout == .encrypted else { return try EventLog.read(path) }
        let file = try open(path, of: meeting)
        return EventLog.parse(try file.beginning(Int(clamping: file.octets)))
    }

    /// Writes down who came and who left, in their order and in one commit. Returns the meetings that are not in the
    /// catalogue, or another bridge's; what was said of them is passed over.
    @discardableResult
    public func writeRoll(_ entries: [RollEntry]) async throws(ArchiveError) -> Set<String> {
        guard !entries.isEmpty else { return [] }
        return try await write { [self] db in
            var unknown: Set<String> = []
            for id in Set(entries.map(\.meeting)) {
                guard let meeting = try MeetingRecord.fetchOne(db, key: id) else {
                    unknown.insert(id)
                    continue
                }
                do { try check(meeting, db) } catch ArchiveError.notItsBridge { unknown.insert(id) }
            }
            for entry in entries where !unknown.contains(entry.meeting) { try entry.write(to: db) }
            return unknown
        }
    }

    /// Moves a meeting on, for example to `.recording` and back to `.running`, or to `.recovering`. A meeting is closed
    /// by `closeMeeting` and sealed by `seal`, not by this.
    @discardableResult
    public func setState(_ id: String, to state: MeetingState) async throws(ArchiveError) -> MeetingRecord {
        try await write { [self] db in
            var meeting = try Self.meeting(id, db)
            try check(meeting, db)
            guard !state.isSealedForGood, state != .closed || !meeting.state.isUnfinished else {
                throw ArchiveError.wrongState(
                    meeting: id, state: meeting.state, asked: "set to \(state.rawValue) directly")
            }
            try meeting.move(to: state)
            try meeting.update(db)
            return meeting
        }
    }

    /// Ends a meeting, or its recovery: whoever is still in has left, `meeting.json` is written anew, the event log
    /// closed. `durationMilliseconds` is the master's length; nil where nothing was recorded. After an error the same may be asked again.
    @discardableResult
    public func closeMeeting(
        _ id: String, at time: Date, reason: String? = nil, durationMilliseconds: Int64? = nil
    ) async throws(ArchiveError) -> MeetingRecord {
        let time = time.roundedToMillisecond
        let meeting = try await write { [self] db in
            var meeting = try Self.meeting(id, db)
            try check(meeting, db)
            // Said again, for the disk was full after the catalogue had taken it.
            if meeting.state == .closed, meeting.closedAt == time { return meeting }
            guard meeting.state.isUnfinished else {
                throw ArchiveError.wrongState(meeting: id, state: meeting.state, asked: "closed again")
            }
            try meeting.move(to: .closed)
            meeting.closedAt = time
            meeting.closeReason = reason.map(VietnameseText.stored)
            meeting.durationMilliseconds = durationMilliseconds ?? meeting.durationMilliseconds
            try meeting.update(db)
            try db.execute(
                sql: "UPDATE participants SET leftAt = ? WHERE meetingID = ? AND leftAt IS NULL",
                arguments: [IndochinaTime.text(time), id])
            return meeting
        }
        try logs.withLock { $0.removeValue(forKey: id) }?.finish()
        try await writeMetadata(of: meeting)
        return meeting
    }

    /// Notes something that an operator or archivist should know, in the catalogue and, until it is sealed, in the
    /// package.
    public func addNote(
        _ id: String, _ severity: MeetingNote.Severity, _ text: String
    ) async throws(ArchiveError) {
        let note = MeetingNote(
            meetingID: id, at: now().roundedToMillisecond, severity: severity, text: VietnameseText.stored(text))
        try await write { db in
            _ = try Self.meeting(id, db)
            try note.insert(db)
        }
    }

    /// Meetings whose end the daemon did not live to write down, oldest first: to be recovered at start.
    public func unfinishedMeetings() async throws(ArchiveError) -> [MeetingRecord] {
        let states = MeetingState.allCases.filter(\.isUnfinished).map(\.rawValue)
        return try await read { [mine] db in
            try MeetingRecord.fetchAll(
                db, "SELECT * FROM meetings WHERE state IN \(states) AND \(mine) ORDER BY openedAt, id")
        }
    }

    /// Meetings that are over, have no job waiting or running, and want their seal (or a job first), oldest first.
    public func meetingsToComplete() async throws(ArchiveError) -> [MeetingRecord] {
        try await read { [mine] db in
            try MeetingRecord.fetchAll(
                db,
                """
                SELECT * FROM meetings WHERE state IN ('closed', 'composing') AND \(mine) AND NOT EXISTS
                (SELECT 1 FROM jobs WHERE jobs.meetingID = meetings.id AND jobs.state IN ('queued', 'running'))
                ORDER BY openedAt, id
                """)
        }
    }

    func writeMetadata(of meeting: MeetingRecord) async throws(ArchiveError) {
        let details = try await details(of: meeting.id)
        try PackageMetadata(meeting, record(of: meeting), participants: details.participants, notes: details.notes)
            .write(to: paths(of: meeting).metadata)
    }

    private func record(of meeting: MeetingRecord) -> PackageMetadata.Record {
        PackageMetadata.Record(
            meeting, settings.holder, meeting.retentionClass.flatMap { retention[$0] } ?? retention.standard)
    }

    private func makePackageDirectory(for new: NewMeeting) throws(ArchiveError) -> String {
        for name in PackagePaths.packageNames(for: new) {
            let path = root + "/" + name
            try DurableFile.makeDirectory((path as NSString).deletingLastPathComponent)
            if mkdir(path, 0o750) == 0 {
                try DurableFile.syncDirectory(of: path)
                return name
            }
            guard errno == EEXIST else { throw ArchiveError(errno: errno, path: path) }
        }
        throw .meetingExists(new.id)
    }

    private func log(of meeting: MeetingRecord) throws(ArchiveError) -> EventLog {
        try logs.withLock { (logs) throws(ArchiveError) in
            if let log = logs[meeting.id] { return log }
            guard !meeting.state.isSealedForGood else {
                throw .wrongState(meeting: meeting.id, state: meeting.state, asked: "given another event")
            }
            let log = try EventLog(path: paths(of: meeting).events)
            logs[meeting.id] = log
            return log
        }
    }
}

extension MeetingRecord {
    mutating func move(to next: MeetingState) throws(ArchiveError) {
        guard state != next else { return }
        guard state.canBecome(next) else { throw .wrongState(meeting: id, state: state, asked: next.rawValue) }
        state = next
    }
}
