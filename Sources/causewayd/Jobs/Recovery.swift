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
            guard let gaps = await recordings.join(meeting) else { continue }
            do { try archive.add(try gaps.json(), as: GapMap.fileName, to: meeting) } catch {
                logger.error("what the master of \(meeting.id) lacks could not be written: \(error)")
            }
        }
        return meetings.map(\.id)
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
                try archive.add(try GapMap(readingMaster: master).json(), as: GapMap.fileName, to: meeting)
                text +=
                    "; its recording was finished by recovery and holds "
                    + "\(String(format: "%.1f", Double(outcome.durationMilliseconds) / 1000)) s"
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
