import Archive
import Cluster
import Conference
import Foundation
import LogSubjects
import Office
import OfficeStore

/// Hands sittings to the conference as their time comes, and takes them back when it is over or they are cancelled. It looks
/// at the wall clock at least twice a minute, for that may be set.
struct ConveningClock: Sendable {
    private static let longestSleep = Duration.seconds(30)

    let office: OfficeStore
    let host: BridgeHost
    /// Where this bridge is one of several, and the archive that knows which of the meetings are over.
    let cluster: (member: ClusterMember, archive: Archive)?
    let logger: SubjectLogger
    private let wakes: AsyncStream<Void>
    private let wake_: AsyncStream<Void>.Continuation

    init(
        office: OfficeStore, host: BridgeHost, cluster: (member: ClusterMember, archive: Archive)? = nil,
        logger: SubjectLogger
    ) {
        self.office = office
        self.host = host
        self.cluster = cluster
        self.logger = logger
        (wakes, wake_) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The schedule changed.
    func wake() { wake_.yield() }

    /// Until the task is cancelled.
    func run() async {
        var inForce: [ConveningID: Convening] = [:]
        var wakes = wakes.makeAsyncIterator()
        while !Task.isCancelled {
            var sleep = Self.longestSleep
            do {
                let now = Date()
                let plan = ConveningPlan(try await office.meetings(endingAfter: now), office.register, at: now)
                hand(try await notOver(plan.inForce), &inForce)
                takeRooms(of: inForce)
                if let next = plan.nextChange { sleep = min(sleep, .seconds(max(0.05, next.timeIntervalSince(now)))) }
            } catch {
                logger.error("the schedule cannot be read: \(error)")
            }
            let alarm = Task { [wake_, sleep] in
                try await Task.sleep(for: sleep)
                wake_.yield()
            }
            await wakes.next()
            alarm.cancel()
        }
    }

    /// Of several bridges one held the meeting, and perhaps ended it.
    private func notOver(_ due: [Convening]) async throws -> [Convening] {
        guard let cluster, !due.isEmpty else { return due }
        let over = try await cluster.archive.sittingsThatAreOver(among: due.map(\.id.rawValue))
        return due.filter { !over.contains($0.id.rawValue) }
    }

    /// The bridge that takes the room first opens the meeting; the others know of it, should that one die.
    private func takeRooms(of inForce: [ConveningID: Convening]) {
        guard let cluster else { return }
        for room in Set(inForce.values.map(\.room)) where cluster.member.epoch(of: room.rawValue) == nil {
            Task { [host] in
                if case .here = await cluster.member.home(of: room.rawValue) { host.look() }
            }
        }
    }

    private func hand(_ due: [Convening], _ inForce: inout [ConveningID: Convening]) {
        let wanted = Dictionary(due.map { ($0.id, $0) }) { first, _ in first }
        for (id, convening) in inForce where wanted[id] == nil {
            host.cancelConvening(id)
            host.letGoSoon(of: convening.room)
        }
        for (id, convening) in wanted where inForce[id] != convening {
            if inForce[id] == nil { logger.notice("\(id): rehearsal and meeting in room \(convening.room) may begin") }
            host.convene(convening)
        }
        inForce = wanted
    }
}
