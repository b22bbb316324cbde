import Conference
import Foundation
import Logging
import MediaPlane
import Recorder

/// The recording of a meeting begins.
extension BridgeHost {
    func startRecording(_ meeting: MeetingID, _ order: Conference.RecordingOrder) async {
        guard let hall = halls[meeting] else { return }
        // Ordered again after it was stopped: the master goes on, with a gap.
        if let recording = hall.recording { return setTap(recording.recorder.tap, of: meeting) }
        guard let record = hall.record else {
            guard hall.forRecord == nil else {
                halls[meeting]?.forRecord?.order = order
                return
            }
            inbox.put(.recordingFailed(meeting, "the archive could not take the meeting in"))
            return
        }
        if let refusal = archive.recordingRefusal(of: record) {
            inbox.put(.recordingFailed(meeting, refusal.description))
            return
        }
        do {
            let parts = RecordingParts(archive.paths(of: record))
            let part = parts.count + 1
            let recorder = try RecorderPair(
                path: parts.path(part), second: secondRecording(of: meeting, part: part),
                title: hall.opening.title, meeting: meeting.rawValue,
                onTrouble: { [inbox] text, goesOn in
                    inbox.put(goesOn ? .recorderFailed(meeting, text) : .recordingFailed(meeting, text))
                })
            let offset = hall.recordedBefore.map { Int64(Date().timeIntervalSince($0.began) * 1_000) } ?? 0
            halls[meeting]?.begin(.init(recorder: recorder, offset: max(0, offset)))
            markSpotlight(of: meeting)
            try media.setTap(recorder.tap, of: hall.room)
            enterRecording(of: meeting)
            logger(of: meeting).info("meeting \(meeting) is recorded by order of \(order.orderedBy)")
        } catch {
            inbox.put(.recordingFailed(meeting, "\(error)"))
        }
    }

    func secondRecording(of meeting: MeetingID, part: Int) -> SecondRecording? {
        second.map { SecondRecording(in: $0, meeting: meeting.rawValue, part: part) }
    }

    func setTap(_ tap: TapRing?, of meeting: MeetingID) {
        guard let hall = halls[meeting] else { return }
        try? media.setTap(tap, of: hall.room)
    }
}
