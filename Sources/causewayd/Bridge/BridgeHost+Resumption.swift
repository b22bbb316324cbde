import Archive
import Conference
import Foundation
import MediaPlane
import Signalling
import Synchronization

/// Meetings that go on over a restart: what is kept of them for the next daemon, and what a former one kept.
extension BridgeHost {
    /// What changes is gathered for so long.
    static let gathering = Duration.milliseconds(250)
    private static let longestGathering = Duration.seconds(5)

    /// A meeting that a former daemon held, and that goes on.
    struct Former: Sendable {
        var kept: KeptMeeting
        var record: MeetingRecord
        /// Until when that daemon lived.
        var until: Date
        /// What it recorded.
        var recorded: RecordingParts.Extent?
    }

    /// Takes meetings over, before points can call. Returns those that cannot go on: their room is gone.
    nonisolated func resume(_ meetings: [Former]) async -> [Former] {
        await withCheckedContinuation { take(resuming: meetings, $0) }
    }

    func takeOver(_ meetings: [Former]) async -> [Former] {
        var refused: [Former] = []
        for former in meetings {
            formers[former.kept.memory.id] = former
            let since = WallTime(millisecondsSince1970: Int64(former.until.timeIntervalSince1970 * 1_000))
            var isRefused = false
            for action in conference.handle(.resume(former.kept.memory, since: since), at: now) {
                if case .refuseCommand = action { isRefused = true }
                await perform(action)
            }
            formers[former.kept.memory.id] = nil
            if isRefused { refused.append(former) }
            // Its points that sat in a branch here are in the meeting again, and need not be called.
            if trunks?.branches[former.kept.memory.room] != nil { await found(.here, of: former.kept.memory.room) }
        }
        return refused
    }

    /// The media room and the record of a meeting that goes on.
    func reopen(_ opening: Conference.MeetingOpening, _ attending: Set<ParticipantID>) {
        guard let former = formers[opening.id] else { return }
        var hall = makeHall(opening)
        hall.record = former.record
        hall.attending = attending
        hall.recordedBefore = former.recorded
        put(hall)
        logger.notice(
            "meeting \(opening.id) goes on in room \(opening.room): \(former.kept.memory.points.count) points were in it"
        )
    }

    /// Has everything kept, a moment from now.
    func remember() {
        guard let keeper, remembering == nil, !halls.isEmpty || hasKept else { return }
        remembering = Task {
            try? await Task.sleep(for: rememberingPause)
            remembering = nil
            await learnWaysBack()
            hasKept = !halls.isEmpty
            let began = ContinuousClock.now
            await keeper.keep(conference.memories.map(kept) + suspended)
            // A two-hundredth of the time: meetings are written whole, and where hundreds come and go that is much.
            rememberingPause = min(max(Self.gathering, (ContinuousClock.now - began) * 200), Self.longestGathering)
        }
    }

    /// A meeting is to go on in the next daemon.
    func suspend(_ memory: MeetingMemory) async {
        suspended.append(kept(memory))
        guard let hall = removeHall(memory.id) else { return }
        logger.about(room: hall.opening.room.rawValue).notice(
            "meeting \(memory.id) is to go on when the daemon is there again")
        finishing[memory.id] = Task { [self] in
            if let result = await hall.recording?.recorder.finish() {
                logger.about(room: hall.opening.room.rawValue).info("master of \(memory.id): \(result)")
            }
            closeRooms(of: hall)
            finishing[memory.id] = nil
        }
    }

    /// Returns when all is kept.
    func settleMemories() async {
        await minutes.settle()
        await keeper?.keep(conference.memories.map(kept) + suspended)
    }

    private func kept(_ memory: MeetingMemory) -> KeptMeeting {
        let points = memory.points
        return KeptMeeting(
            memory: memory,
            callers: waysBack.values.filter { way in point(named: way.point).map(points.contains) ?? false }
                .sorted { ($0.point, $0.port) < ($1.point, $1.port) })
    }

    private func point(named username: String) -> PointID? { accounts.withLock { $0.point(of: username) } }

    private func learnWaysBack() async {
        let present = Set(legOfParticipant.keys)
        let unknown = present.subtracting(waysBack.keys).subtracting(withoutWayBack)
        if !unknown.isEmpty, let ways = await calls?.waysBack(of: unknown.map { CallID(rawValue: $0.rawValue) }) {
            for participant in unknown {
                if let way = ways[CallID(rawValue: participant.rawValue)] {
                    waysBack[participant] = way
                } else {
                    withoutWayBack.insert(participant)
                }
            }
        }
        withoutWayBack.formIntersection(present)
    }

    /// Who is called again at once when it registers.
    func awaitRegistration(of points: Set<PointID>) {
        awaited.withLock { $0 = points }
    }

    nonisolated func registered(_ username: String) {
        guard awaited.withLock({ !$0.isEmpty }), let point = accounts.withLock({ $0.point(of: username) }),
            awaited.withLock({ $0.contains(point) })
        else { return }
        reachable(point)
    }
}
