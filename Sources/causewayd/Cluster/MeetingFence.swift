import Archive
import Cluster
import SQLDatabase
import Synchronization

/// Which meetings are this bridge's to write of, where several share an archive: those whose rooms are at home here, in the epoch in which
/// they came. What a bridge was about to write that was paused or cut off for too long is void.
final class MeetingFence: Sendable {
    /// A room in an epoch.
    struct Claim: Hashable, Sendable {
        var room: String
        var epoch: Int64
    }

    /// Of meetings that were lost, which are remembered for what may still be written of them.
    private static let mostClaims = 10_000

    private let member: ClusterMember?
    private let claims = Mutex<[String: Claim]>([:])

    /// - Parameter member: nil where the bridge is alone, and everything is its own.
    init(_ member: ClusterMember?) { self.member = member }

    /// A meeting opens here, or goes on here.
    func enter(_ meeting: String, in room: String) {
        guard let member else { return }
        let claim = Claim(room: room, epoch: member.epoch(of: room) ?? 0)
        claims.withLock { claims in
            if claims.count >= Self.mostClaims { claims = claims.filter { member.epoch(of: $0.value.room) != nil } }
            claims[meeting] = claim
        }
    }

    /// All is written of it.
    func leave(_ meeting: String) { claims.withLock { $0[meeting] = nil } }

    /// What is to hold in the database while something is written of a meeting; nil where nothing has to.
    func claim(of meeting: String) -> Claim? { claims.withLock { $0[meeting] } }

    /// In the transaction that writes of a meeting: another bridge may have taken its room a moment ago.
    func check(_ meeting: MeetingRecord, _ db: SQLConnection) throws {
        guard let claim = claim(of: meeting.id) else { return }
        guard try HomeStore.isIn(claim.epoch, room: claim.room, db) else {
            throw ArchiveError.notItsBridge(meeting: meeting.id)
        }
    }

    /// Whether the meeting is this bridge's at this moment, as far as it knows.
    func holds(_ meeting: String) -> Bool {
        guard let member, let claim = claim(of: meeting) else { return true }
        return member.epoch(of: claim.room) == claim.epoch
    }
}
