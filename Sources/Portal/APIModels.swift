import Archive
import Foundation
import PortalAPI

extension JobStatus {
    init(_ job: JobRecord, at now: Date) {
        self.init(
            id: job.id, recording: job.meetingID, kind: job.kind.rawValue, state: job.state.rawValue,
            progress: job.progress, attempts: job.attempts, error: job.error, remainingSeconds: job.remaining(at: now),
            rate: job.pace?.rate)
    }
}

extension RecordingSummary {
    init(_ meeting: MeetingRecord, participants: Int, bytes: Int64) {
        self.init(
            id: meeting.id, room: meeting.room, title: meeting.title, convener: meeting.convener,
            document: meeting.document, openedAt: meeting.openedAt, closedAt: meeting.closedAt,
            state: meeting.state.rawValue, durationMilliseconds: meeting.durationMilliseconds,
            participants: participants, bytes: bytes, verifiedAt: meeting.verifiedAt,
            isIntact: meeting.damagedFiles.map { $0 == 0 })
    }

    init(_ listing: MeetingListing) {
        self.init(listing.meeting, participants: listing.participantCount, bytes: listing.byteCount)
    }
}

extension RecordingDetail {
    /// `directory` is shown only to those who may see the server's paths.
    init(_ details: MeetingDetails, files: [PackageFile], directory: String?, at now: Date) {
        let meeting = details.meeting
        let sealedBytes = meeting.state == .sealed ? files.reduce(0) { $0 + $1.size } : 0
        self.init(
            summary: RecordingSummary(meeting, participants: details.participants.count, bytes: sealedBytes),
            package: meeting.package.split(separator: "/").last.map(String.init) ?? meeting.id,
            directory: directory, closeReason: meeting.closeReason, sealedAt: meeting.sealedAt,
            participants: details.participants.map {
                Participant(
                    point: $0.point, name: $0.name, unit: $0.unit, joinedAt: $0.joinedAt, leftAt: $0.leftAt,
                    reconnects: $0.reconnects)
            },
            files: files.map { File(path: $0.path, bytes: $0.size, sha256: $0.sha256, mime: $0.mime) },
            notes: details.notes.map { Note(at: $0.at, severity: $0.severity.rawValue, text: $0.text) },
            jobs: details.jobs.map { JobStatus($0, at: now) })
    }
}

extension VerificationOutcome {
    init(_ report: VerificationReport) {
        self.init(
            recording: report.meetingID, checkedAt: report.checkedAt, isIntact: report.isIntact,
            files: report.files.map { file in
                switch file.verdict {
                case .ok: File(path: file.path, verdict: .ok, sealedSHA256: file.sealedSHA256)
                case .changed(let found):
                    File(path: file.path, verdict: .changed, sealedSHA256: file.sealedSHA256, foundSHA256: found)
                case .missing: File(path: file.path, verdict: .missing, sealedSHA256: file.sealedSHA256)
                case .extra: File(path: file.path, verdict: .extra, sealedSHA256: nil)
                case .unreadable(let reason):
                    File(path: file.path, verdict: .unreadable, sealedSHA256: file.sealedSHA256, reason: reason)
                }
            },
            findings: report.findings.map { finding in
                Finding(
                    kind: finding.kind.rawValue, path: finding.path, fromMilliseconds: finding.milliseconds?.lowerBound,
                    toMilliseconds: finding.milliseconds?.upperBound, text: finding.text)
            })
    }
}
