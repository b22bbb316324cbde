import Archive
import Foundation
import NIOCore
import NIOPosix
import PortalAPI
import Synchronization
import Trace

/// Tells whose copy somebody has, by how loud it is beside the recording. One at a time: all of the recording is listened to.
final class TraceDesk: Sendable {
    private static let mostFindings = 5
    /// Shorter ones say nothing (``TraceDetector``).
    private static let leastLevels = 10 * LevelCurve.perSecond

    private let archive: Archive
    private let isBusy = Mutex(false)

    init(archive: Archive) { self.archive = archive }

    func answer(_ question: TraceQuestion, _ meeting: MeetingRecord) async throws -> TraceAnswer {
        guard (Self.leastLevels...TraceQuestion.mostLevels).contains(question.levels.count) else {
            throw Refusal(
                .badRequest, "Levels of 10 seconds to 10 minutes are needed, a hundred a second.",
                hint: "causeway supply trace measures them.")
        }
        let isMine = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isMine else {
            throw Refusal(.serviceUnavailable, "Another copy is being traced.", hint: "Ask again in a minute.")
        }
        defer { isBusy.withLock { $0 = false } }
        guard let (package, source) = try await archive.watchable(meeting) else {
            throw Refusal(.conflict, "The recording has nothing to compare with.", hint: "Was it destroyed?")
        }
        defer { package.close() }
        let grants = try await grants(of: meeting.id)
        let scratch = "\(archive.root)/work/trace-\(UUID().uuidString)"
        let original = try await LevelCurve.measured(of: source, scratch: scratch)
        let key = try archive.traceKey()
        let candidates = grants.map {
            TraceDetector.Candidate(copy: UInt64(clamping: $0.number), begins: $0.span?.lowerBound ?? 0)
        }
        return try await NIOSingletons.posixBlockingThreadPool.runIfActive {
            let copy = LevelCurve(centibels: question.levels)
            let detector = TraceDetector(original: original)
            guard let place = detector.place(of: copy) else {
                return TraceAnswer(recording: meeting.id, begins: nil, findings: [])
            }
            let findings = detector.findings(in: copy, at: place, candidates, key: key).prefix(Self.mostFindings)
            return TraceAnswer(
                recording: meeting.id, begins: Double(place) / Double(LevelCurve.perSecond),
                findings: findings.compactMap { finding in
                    guard let grant = grants.first(where: { UInt64(clamping: $0.number) == finding.copy }) else {
                        return nil
                    }
                    return TraceAnswer.Finding(
                        grant: grant.number, holder: grant.holder.id, holderName: grant.holder.name,
                        agency: grant.holder.agency, score: finding.score, isCertain: finding.isCertain)
                })
        }
    }

    /// Every grant of a recording, also those that are over: copies of them may be anywhere.
    private func grants(of meeting: String) async throws -> [AccessGrant] {
        var grants: [AccessGrant] = []
        while true {
            let page = try await archive.accessGrants(meeting: meeting, before: grants.last?.number, limit: 500)
            grants += page
            if page.count < 500 { return grants }
        }
    }
}
