import Conference
import MediaPlane
import PortalAPI
import Quality

/// How the legs of meetings have done lately, one sample every few seconds, and which alarms ring.
struct QualityBook {
    static let interval = Duration.seconds(5)
    /// Ten minutes.
    private static let samples = 120
    /// So much is lost of the record, at most, where the daemon dies.
    private static let longestUnwritten = 600.0

    private struct Page {
        var last: LegStatistics
        var at: ContinuousClock.Instant
        var ring = QualityRing(capacity: QualityBook.samples)
        var alarms = QualityAlarms()
        /// Of what is not in the meeting's record yet.
        var tally = QualityTally()
    }

    struct Alarm: Sendable, Equatable {
        var participant: ParticipantID
        var change: QualityAlarms.Change
    }

    let thresholds: LineThresholds
    private var pages: [ParticipantID: Page] = [:]

    init(thresholds: LineThresholds) { self.thresholds = thresholds }

    /// Takes a look at a leg; the first only begins.
    mutating func look(
        at participant: ParticipantID, _ statistics: LegStatistics, at now: ContinuousClock.Instant
    ) -> [Alarm] {
        guard var page = pages[participant], page.last.leg == statistics.leg else {
            let tally = pages[participant]?.tally ?? QualityTally()
            pages[participant] = Page(last: statistics, at: now, tally: tally)
            return []
        }
        let seconds = (now - page.at) / .seconds(1)
        let sample = QualitySample(from: page.last, to: statistics, seconds: seconds)
        page.tally.take(sample, seconds: seconds)
        page.last = statistics
        page.at = now
        page.ring.append(sample)
        let changes = page.alarms.take(sample, thresholds)
        pages[participant] = page
        return changes.map { Alarm(participant: participant, change: $0) }
    }

    /// What is to be written down of a leg; nil where nothing was measured since the last time.
    /// - Parameter isOver: the leg ends; else it is written down only where much has gathered.
    mutating func takeTally(of participant: ParticipantID, isOver: Bool) -> QualityTally? {
        guard let tally = pages[participant]?.tally, tally.seconds > (isOver ? 0 : Self.longestUnwritten) else {
            return nil
        }
        pages[participant]?.tally = QualityTally()
        return tally
    }

    /// Forgets all but these.
    mutating func keep(_ participants: Set<ParticipantID>) {
        for participant in pages.keys where !participants.contains(participant) { pages[participant] = nil }
    }

    /// As a leg was when it was looked at last.
    func statistics(of participant: ParticipantID) -> LegStatistics? { pages[participant]?.last }

    func live(_ participant: ParticipantID) -> LiveQuality? {
        pages[participant].flatMap { page in page.ring.latest.map { LiveQuality($0, alarms: page.alarms.raised) } }
    }

    func point(_ participant: ParticipantID, code: String, name: String) -> MeetingQuality.Point {
        let page = pages[participant]
        return .init(
            point: code, name: name, alarms: page?.alarms.raised ?? [], samples: page?.ring.samples ?? [])
    }
}

extension QualitySample {
    fileprivate init(from before: LegStatistics, to after: LegStatistics, seconds: Double) {
        self.init()
        let line = LegLine(from: before, to: after, seconds: seconds)
        lossUp = line.lossUp
        lossDown = line.lossDown
        jitterUpMilliseconds = lossUp == nil ? nil : after.audio.jitterMilliseconds
        jitterDownMilliseconds =
            after.audio.remoteHighestSequence == 0 ? nil : after.audio.remoteJitterMilliseconds
        roundTripMilliseconds = after.audio.roundTripMilliseconds ?? after.video.roundTripMilliseconds
        let scores = line.scores(
            jitterUp: jitterUpMilliseconds, jitterDown: jitterDownMilliseconds, roundTrip: roundTripMilliseconds)
        opinionScore = [scores.up, scores.down].compactMap { $0 }.min()
        bitrateUp = line.bitrateUp
        bitrateDown = line.bitrateDown
        pictureHeight = line.picture?.height
        frameRate = line.picture?.frameRate
        freezes = line.picture?.freezes ?? 0
    }
}
