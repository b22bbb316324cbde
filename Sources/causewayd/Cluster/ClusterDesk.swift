import Archive
import Cluster
import Conference
import Foundation
import Glibc
import LogSubjects
import Placement
import Signalling
import Synchronization

/// Carries out what changes for a bridge in a cluster: goes on with the meetings of a bridge that is dead, and drops what is another's.
final class ClusterDesk: Sendable {
    private let member: ClusterMember
    private let host: BridgeHost
    private let recovery: Recovery
    private let archive: Archive
    private let fence: MeetingFence
    private let signalling: Signalling
    private let clock: ConveningClock
    private let logger: SubjectLogger
    private let onComplete: @Sendable (String) async -> Void
    /// Lives that are over, and whose points can be called from here.
    private let adopted = Mutex<Set<BridgeLife>>([])

    init(
        member: ClusterMember, host: BridgeHost, recovery: Recovery, archive: Archive, fence: MeetingFence,
        signalling: Signalling, clock: ConveningClock, logger: SubjectLogger,
        onComplete: @escaping @Sendable (String) async -> Void
    ) {
        self.member = member
        self.host = host
        self.recovery = recovery
        self.archive = archive
        self.fence = fence
        self.signalling = signalling
        self.clock = clock
        self.logger = logger
        self.onComplete = onComplete
    }

    /// Until the member is closed.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await change in member.changes {
                switch change {
                case .joined:
                    logger.notice("bridge \(member.me.name) is in the cluster")
                    group.addTask { await self.takeUpWhatIsLeft() }
                case .serve(let room, let epoch, let former):
                    await serve(room, epoch, former)
                    if former != nil { group.addTask { await self.finishOthers(in: room, epoch) } }
                case .stop(_, .left): break
                case .stop(let room, let reason):
                    let why = reason == .taken ? "another bridge has it" : "the database was gone for too long"
                    logger.error("room \(room: room) is not led here any more: \(why)")
                    await host.lose(RoomID(room))
                    clock.wake()
                case .superseded(let other):
                    logger.error("another bridge of this name is in the cluster (\(other)): this one stops")
                    kill(getpid(), SIGTERM)
                }
            }
        }
    }

    // MARK: Rooms of the dead

    private func serve(_ room: String, _ epoch: Int64, _ former: BridgeLife?) async {
        guard let former else { return member.settle(room, epoch: epoch) }
        do {
            let formers = try await Persistence(longestPause: .seconds(1)).run(
                while: { self.member.epoch(of: room) == epoch }
            ) {
                try await self.archive.takeOver(room: room)
                let formers = try await self.recovery.resumable(in: room)
                try await self.adoptPoints(of: former, formers)
                return formers
            }
            let refused = await host.resume(formers)
            logger.notice(
                "room \(room: room) was with \(former), and is led here now: \(formers.count - refused.count) meetings go on"
            )
            host.callBack()
        } catch {
            logger.error("what \(former) held in room \(room: room) cannot go on here: \(error)")
        }
        member.settle(room, epoch: epoch)
        clock.wake()
    }

    private func adoptPoints(of former: BridgeLife, _ formers: [BridgeHost.Former]) async throws {
        let isNew = adopted.withLock { !$0.contains(former) }
        // Of one that is back its jobs and packages are its own.
        if isNew, former.bridge != member.me.name, member.isOver(former) {
            _ = try await archive.takeOver(from: former.bridge)
        }
        let contacts = isNew ? try await KeptRegistrations(archive: archive).load() : []
        await signalling.takeOver(
            contacts: contacts, callers: formers.flatMap(\.kept.callers),
            // Beyond what was kept last there may have been a few more.
            callsAfter: formers.compactMap(\.kept.memory.lastParticipant).max().map { $0.rawValue + 1_000 } ?? 0)
        adopted.withLock { _ = $0.insert(former) }
    }

    /// Meetings of a room that do not go on are ended, and their packages completed.
    private func finishOthers(in room: String, _ epoch: Int64) async {
        do {
            let agenda = try await Persistence(longestPause: .seconds(5)).run(
                while: { self.member.epoch(of: room) == epoch }
            ) {
                try await self.recovery.agenda(but: await self.host.openMeetings(), in: room)
            }
            for meeting in agenda.unfinished { fence.enter(meeting.id, in: room) }
            await recovery.run(agenda) { await self.onComplete($0) }
            for meeting in agenda.unfinished { fence.leave(meeting.id) }
        } catch {
            logger.error("what was left in room \(room: room) is left to the next start: \(error)")
        }
        host.letGoSoon(of: RoomID(room))
    }

    /// Meetings that were cut off when no bridge was there to go on with them, and packages that nobody completes: whoever
    /// gets their rooms does it.
    private func takeUpWhatIsLeft() async {
        do {
            let agenda = try await recovery.agenda(but: await host.openMeetings())
            for room in Set((agenda.unfinished + agenda.incomplete).map(\.room)).sorted() {
                guard member.epoch(of: room) == nil, case .here(let epoch) = await member.home(of: room) else {
                    continue
                }
                await finishOthers(in: room, epoch)
            }
        } catch {
            logger.error("what former runs left unfinished is left to the next start: \(error)")
        }
    }
}

extension BridgeHost {
    /// The ids of those that are open, or being finished.
    func openMeetings() -> Set<String> { Set((Array(halls.keys) + Array(finishing.keys)).map(\.rawValue)) }
}
