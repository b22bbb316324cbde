import Archive
import Foundation
import LogSubjects
import Recorder

/// Finishes what a daemon that died left unfinished, and finds which of its meetings go on.
struct Recovery {
    let archive: Archive
    /// Where meetings are recorded a second time.
    let second: String?
    let keeper: MeetingKeeper
    let resumeWithin: Duration
    let logger: SubjectLogger

    /// Meetings that a former daemon held until lately, with what it recorded of them.
    /// - Parameter room: in which they are; nil: wherever.
    func resumable(in room: String? = nil) async throws -> [BridgeHost.Former] {
        guard resumeWithin > .zero else { return [] }
        var formers: [BridgeHost.Former] = []
        for meeting in try await archive.unfinishedMeetings()
        where meeting.state != .recovering && (room == nil || meeting.room == room) {
            guard let (kept, until) = keeper.load(meeting.id), kept.memory.isResumable,
                abs(until.timeIntervalSinceNow) <= Double(resumeWithin.components.seconds)
            else { continue }
            let recorded = RecordingParts(archive.paths(of: meeting)).glance(until: until)
            formers.append(BridgeHost.Former(kept: kept, record: meeting, until: until, recorded: recorded))
        }
        return formers
    }

    /// What is to be done, looked up before meetings of this daemon's own can end.
    struct Agenda: Sendable {
        /// Meetings whose end the former daemon did not live to write down.
        var unfinished: [MeetingRecord]
        /// Meetings that are over, and whose packages want completing.
        var incomplete: [MeetingRecord]
    }

    /// - Parameters:
    ///   - goingOn: meetings that are left alone.
    ///   - room: in which the others are; nil: wherever.
    func agenda(but goingOn: Set<String>, in room: String? = nil) async throws -> Agenda {
        Agenda(
            unfinished: try await archive.unfinishedMeetings().filter {
                !goingOn.contains($0.id) && (room == nil || $0.room == room)
            }, incomplete: try await archive.meetingsToComplete().filter { room == nil || $0.room == room })
    }

    /// Tells each meeting whose package wants completing; what is left when the task is cancelled the next start does.
    func run(_ agenda: Agenda, onComplete: (String) async -> Void) async {
        var incomplete = agenda.incomplete
        for meeting in agenda.unfinished where !Task.isCancelled {
            do { incomplete.append(try await finish(meeting)) } catch {
                logger.about(room: meeting.room).error(
                    "meeting \(meeting: meeting.id) could not be recovered: \(error)")
            }
        }
        let recordings = SecondRecordings(directory: second, archive: archive, logger: logger)
        for meeting in incomplete where !Task.isCancelled {
            let joined = await recordings.join(meeting)
            do { try account(for: meeting, joined) } catch {
                logger.about(room: meeting.room).error(
                    "what the master of \(meeting: meeting.id) lacks could not be written: \(error)")
            }
            await onComplete(meeting.id)
        }
    }

    /// Writes down what the master lacks where whoever recorded it could not, or where two recordings are one now. Of a master
    /// whose recorder died its own times are all that is known.
    private func account(for meeting: MeetingRecord, _ joined: GapMap?) throws {
        let paths = archive.paths(of: meeting)
        let kept = FileManager.default.contents(atPath: paths.payload(GapMap.fileName))
            .flatMap { try? JSONDecoder().decode(GapMap.self, from: $0) }
        let isTold = try archive.events(of: meeting).contains { $0.name == GapMap.eventName }
        guard joined != nil || kept == nil || !isTold, FileManager.default.fileExists(atPath: paths.master) else {
            return
        }
        let gaps = try joined ?? kept ?? GapMap(readingMaster: paths.master)
        try archive.add(try gaps.json(), as: GapMap.fileName, to: meeting)
        if !isTold { try archive.append(gaps.events(at: Date()), to: meeting) }
    }

    private func finish(_ meeting: MeetingRecord) async throws -> MeetingRecord {
        let parts = RecordingParts(archive.paths(of: meeting))
        if meeting.state != .recovering { try await archive.setState(meeting.id, to: .recovering) }
        var duration: Int64?
        var ends = [meeting.openedAt]
        var text = "the daemon ended in the middle of the meeting"
        do {
            if let recorded = try parts.recover() {
                duration = recorded.milliseconds
                // The recording begins when it is ordered, which may be long after the first call.
                ends.append(recorded.began + Double(recorded.milliseconds) / 1_000)
                text +=
                    "; its recording was finished by recovery and holds "
                    + "\(String(format: "%.1f", Double(recorded.milliseconds) / 1_000)) s"
                if recorded.damagedClusters > 0 {
                    text += "; \(recorded.damagedClusters) parts of it were damaged on the disk and are gaps"
                }
            }
        } catch {
            text += "; its recording could not be finished: \(error)"
        }
        try await archive.addNote(meeting.id, .warning, text)
        // When it ended is not known better than by what was recorded and written down.
        ends += ((try? archive.events(of: meeting)) ?? []).map(\.at)
        let end = ends.max() ?? meeting.openedAt
        let closed = try await archive.closeMeeting(
            meeting.id, at: end, reason: "daemon-died", durationMilliseconds: duration)
        logger.about(room: meeting.room).warning("meeting \(meeting: meeting.id): \(text)")
        return closed
    }
}
