import Archive
import Foundation
import Logging
import Recorder

/// Finishes what a daemon that died left unfinished, before anything new begins.
struct Recovery {
    let archive: Archive
    /// Where meetings are recorded a second time.
    let second: String?
    let logger: Logger

    /// Returns the meetings whose packages want completing.
    func run() async throws -> [String] {
        for meeting in try await archive.unfinishedMeetings() {
            do { try await finish(meeting) } catch {
                logger.error("meeting \(meeting.id) could not be recovered: \(error)")
            }
        }
        let meetings = try await archive.meetingsToComplete()
        let recordings = SecondRecordings(directory: second, archive: archive, logger: logger)
        for meeting in meetings {
            let joined = await recordings.join(meeting)
            do { try account(for: meeting, joined) } catch {
                logger.error("what the master of \(meeting.id) lacks could not be written: \(error)")
            }
        }
        return meetings.map(\.id)
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

    private func finish(_ meeting: MeetingRecord) async throws {
        let master = archive.paths(of: meeting).master
        if meeting.state != .recovering { try await archive.setState(meeting.id, to: .recovering) }
        var duration: Int64?
        var ends = [meeting.openedAt]
        var text = "the daemon ended in the middle of the meeting"
        if FileManager.default.fileExists(atPath: master) {
            do {
                let outcome = try MeetingRecorder.recover(path: master)
                duration = outcome.durationMilliseconds
                // The recording begins when it is ordered, which may be long after the first call.
                let began = outcome.beganNanoseconds.map { Date(timeIntervalSince1970: Double($0) / 1e9) }
                ends.append((began ?? meeting.openedAt) + Double(outcome.durationMilliseconds) / 1000)
                text +=
                    "; its recording was finished by recovery and holds "
                    + "\(String(format: "%.1f", Double(outcome.durationMilliseconds) / 1000)) s"
                if outcome.damagedClusters > 0 {
                    text += "; \(outcome.damagedClusters) parts of it were damaged on the disk and are gaps"
                }
            } catch {
                text += "; its recording could not be finished: \(error)"
            }
        }
        try await archive.addNote(meeting.id, .warning, text)
        // When it ended is not known better than by what was recorded and written down.
        ends += ((try? archive.events(of: meeting)) ?? []).map(\.at)
        let end = ends.max() ?? meeting.openedAt
        try await archive.closeMeeting(meeting.id, at: end, reason: "daemon-died", durationMilliseconds: duration)
        logger.warning("meeting \(meeting.id): \(text)")
    }
}
