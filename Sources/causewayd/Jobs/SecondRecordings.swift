import Archive
import Foundation
import LogSubjects
import Recorder

/// Brings second recordings into the masters of meetings that are over, and writes down what came of it.
struct SecondRecordings {
    /// Nil where the site has none.
    let directory: String?
    let archive: Archive
    let logger: SubjectLogger

    /// Joins a meeting's second recording, where there is one, and then the parts that a restart made of it. Returns what the
    /// master lacks now, where it was changed.
    func join(_ meeting: MeetingRecord) async -> GapMap? {
        let parts = RecordingParts(archive.paths(of: meeting))
        var gaps: GapMap?
        SecondRecording.resume(parts.paths.work, parts.paths.master)
        for number in 1...max(1, parts.count) {
            if let joined = await joinSecond(of: meeting, part: number, into: parts.path(number)) { gaps = joined }
        }
        return await joinParts(parts, of: meeting) ?? gaps
    }

    private func joinParts(_ parts: RecordingParts, of meeting: MeetingRecord) async -> GapMap? {
        do {
            guard let gaps = try await parts.join() else { return nil }
            logger.about(room: meeting.room).info(
                "meeting \(meeting: meeting.id): the \(parts.count) parts of its recording are one master")
            try archive.append(
                [
                    EventRecord(
                        at: Date(), masterMilliseconds: gaps.durationMilliseconds, name: "recording-parts-joined",
                        fields: ["parts": "\(parts.count)"])
                ], to: meeting)
            return gaps
        } catch {
            logger.about(room: meeting.room).error(
                "meeting \(meeting: meeting.id): the parts of its recording stay apart: \(error)")
            try? await archive.addNote(
                meeting.id, .fault,
                "the recording is in parts (data/master-2.mkv and so on), for they could not be joined: \(error)")
            return nil
        }
    }

    private func joinSecond(of meeting: MeetingRecord, part: Int, into master: String) async -> GapMap? {
        guard let directory else { return nil }
        let paths = archive.paths(of: meeting)
        let recording = SecondRecording(in: directory, meeting: meeting.id, part: part)
        let outcome = await recording.settle(into: master, work: paths.work)
        do {
            switch outcome {
            case .none: return nil
            case .nothingMore:
                logger.about(room: meeting.room).info(
                    "meeting \(meeting: meeting.id): the second recording has nothing that the master has not")
                return nil
            case .merged(let line, let gaps):
                let (first, second) = (line.first, line.second)
                logger.about(room: meeting.room).info(
                    "meeting \(meeting: meeting.id): two recordings are one master; the second had \(second?.alone ?? 0) packets alone"
                )
                try archive.append(
                    [
                        EventRecord(
                            at: Date(), masterMilliseconds: line.durationMilliseconds, name: "recordings-merged",
                            fields: [
                                "firstPackets": "\(first?.packets ?? 0)", "firstAlone": "\(first?.alone ?? 0)",
                                "secondPackets": "\(second?.packets ?? 0)", "secondAlone": "\(second?.alone ?? 0)",
                                "clocks": line.tie ?? "",
                            ])
                    ], to: meeting)
                return gaps
            case .stoodIn:
                logger.about(room: meeting.room).warning(
                    "meeting \(meeting: meeting.id): there was no master; the second recording is it")
                try await archive.addNote(
                    meeting.id, .warning, "the master could not be written; the second recording took its place")
                return try GapMap(readingMaster: master)
            case .failed(let reason):
                logger.about(room: meeting.room).error(
                    "meeting \(meeting: meeting.id): the second recording could not be joined: \(reason)")
                try await archive.addNote(
                    meeting.id, .fault,
                    "the second recording stays in \(recording.folder), for it could not be joined: \(reason)")
                return nil
            }
        } catch {
            logger.about(room: meeting.room).error(
                "meeting \(meeting: meeting.id): what became of its second recording could not be written: \(error)")
            return nil
        }
    }
}
