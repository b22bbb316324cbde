import Archive
import PortalAPI
import Synchronization

/// How far a round was last, and when that was told.
final class RoundTelling: Sendable {
    private let state = Mutex<(standing: RoundStanding?, toldAt: ContinuousClock.Instant?)>((nil, nil))
    private static let pause = Duration.milliseconds(100)

    var standing: RoundStanding? { state.withLock { $0.standing } }

    /// What is worth telling: at most ten times a second, and always that another recording is through.
    func take(_ progress: RoundProgress, at now: ContinuousClock.Instant = .now) -> RoundStanding? {
        let standing = RoundStanding(progress)
        return state.withLock { state in
            let isNews = state.standing?.recordings != standing.recordings
            state.standing = standing
            if !isNews, let told = state.toldAt, now - told < Self.pause { return nil }
            state.toldAt = now
            return standing
        }
    }
}

extension RoundStanding {
    init(_ progress: RoundProgress) {
        self.init(
            recordings: progress.meetings, totalRecordings: progress.totalMeetings, bytes: progress.octets,
            totalBytes: progress.totalOctets)
    }
}
