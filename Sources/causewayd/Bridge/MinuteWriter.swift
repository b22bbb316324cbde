import Archive
import LogSubjects
import Signalling

/// Writes what happens in meetings to their packages, and who came and left to the catalogue. What gathers in a fifth
/// of a second is written together, off the control thread: the catalogue syncs at each commit, and a hundred arrivals a
/// second do not wait for a hundred syncs.
actor MinuteWriter {
    private enum Minute: Sendable {
        case event(EventRecord, MeetingRecord)
        case roll(RollEntry)

        var meeting: String {
            switch self {
            case .event(_, let meeting): meeting.id
            case .roll(let entry): entry.meeting
            }
        }
    }

    private static let gathering = Duration.milliseconds(200)
    /// Who adds more waits for the disk.
    private static let mostWaiting = 10_000
    /// What the archive cannot take now it may take later: a disk that was full, a catalogue that somebody held.
    private static let pauseAfterFailure = Duration.seconds(1)
    private static let mostPatience = Duration.seconds(120)
    /// Of somebody who waits until all is written.
    private static let mostPatienceOfOthers = Duration.seconds(10)

    private let archive: Archive
    private let thread: ControlThread
    private let fence: MeetingFence
    private let logger: SubjectLogger
    private var waiting: [Minute] = []
    private var writing: Task<Void, Never>?
    /// What gathers before it is written: this alone is cut short, never the writing.
    private var pause: Task<Void, Never>?
    private var settling = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.executor }

    init(archive: Archive, thread: ControlThread, fence: MeetingFence, logger: SubjectLogger) {
        self.archive = archive
        self.thread = thread
        self.fence = fence
        self.logger = logger
    }

    func write(_ event: EventRecord, to meeting: MeetingRecord) async { await add(.event(event, meeting)) }

    func write(_ entry: RollEntry) async { await add(.roll(entry)) }

    /// Returns when everything that was to be written before is.
    func settle() async {
        settling += 1
        pause?.cancel()
        await writing?.value
        settling -= 1
    }

    private func add(_ minute: Minute) async {
        while waiting.count >= Self.mostWaiting { await writing?.value }
        waiting.append(minute)
        guard writing == nil else { return }
        writing = thread.begin { await self.empty() }
    }

    private func empty() async {
        var failedSince: ContinuousClock.Instant?
        while !waiting.isEmpty {
            if settling == 0 { await gather() }
            // Of a meeting that another bridge has nothing is written any more, whatever it waited for.
            let minutes = waiting.filter { fence.holds($0.meeting) }
            waiting = []
            let first = failedSince ?? .now
            let isLast = ContinuousClock.now - first > (settling > 0 ? Self.mostPatienceOfOthers : Self.mostPatience)
            // The task prefers the control thread, which no disk may hold up.
            let left = await withTaskExecutorPreference(globalConcurrentExecutor) { [archive, logger] in
                await Self.write(minutes, to: archive, logger, isLast: isLast)
            }
            failedSince = left.isEmpty || isLast ? nil : first
            guard failedSince != nil else { continue }
            // Before what came meanwhile, for events are written in their order.
            waiting = left + waiting
            _ = try? await Task.sleep(for: Self.pauseAfterFailure)
        }
        writing = nil
    }

    private func gather() async {
        let pause = Task { _ = try? await Task.sleep(for: Self.gathering) }
        self.pause = pause
        await pause.value
    }

    /// Returns what could not be written and may be written later; after the last attempt nothing, and the log says what is lost.
    @concurrent
    private static func write(
        _ minutes: [Minute], to archive: Archive, _ logger: SubjectLogger, isLast: Bool
    ) async -> [Minute] {
        var events: [String: (meeting: MeetingRecord, events: [EventRecord])] = [:]
        var roll: [RollEntry] = []
        for minute in minutes {
            switch minute {
            case .event(let event, let meeting): events[meeting.id, default: (meeting, [])].events.append(event)
            case .roll(let entry): roll.append(entry)
            }
        }
        var left: [Minute] = []
        for (meeting, events) in events.values {
            do { try archive.append(events, to: meeting) } catch {
                if error.mayPass, !isLast {
                    left += events.map { .event($0, meeting) }
                } else {
                    logger.error("\(events.count) events of \(meeting: meeting.id) could not be written: \(error)")
                }
            }
        }
        do throws(ArchiveError) {
            for meeting in try await archive.writeRoll(roll) {
                logger.error("the roll of \(meeting: meeting) could not be written: the catalogue does not know it")
            }
        } catch {
            if error.mayPass, !isLast {
                left += roll.map { .roll($0) }
            } else {
                for (meeting, entries) in Dictionary(grouping: roll, by: \.meeting) {
                    logger.error("\(entries.count) entries of the roll of \(meeting: meeting) are lost: \(error)")
                }
            }
        }
        if !left.isEmpty {
            logger.warning("the archive cannot take what happens in meetings now; it is kept, and tried again")
        }
        return left
    }
}
