import Cluster
import Conference
import SIP
import Synchronization

/// Where rooms are led, as the bridges of a cluster agree on it in their database.
final class ClusterRoomHomes: RoomHomes {
    /// For so long an answer stands that names another bridge: what is asked again meanwhile costs the database nothing.
    private static let freshness = Duration.seconds(1)
    private static let most = 10_000

    private struct Known {
        var home: RoomHome
        var at: ContinuousClock.Instant
    }

    private let member: ClusterMember
    private let known = Mutex<[RoomID: Known]>([:])

    init(_ member: ClusterMember) { self.member = member }

    func home(of room: RoomID) async -> RoomHome {
        if member.epoch(of: room.rawValue) == nil, let home = remembered(room) { return home }
        switch await member.home(of: room.rawValue) {
        case .here: return .here
        case .unknown: return .unknown
        case .elsewhere(let bridge):
            let home = Self.uri(of: bridge).map { RoomHome.elsewhere(BridgeID(bridge.name), at: $0) } ?? .unknown
            known.withLock { known in
                if known.count >= Self.most { known = [:] }
                known[room] = Known(home: home, at: .now)
            }
            return home
        }
    }

    func address(of bridge: BridgeID) async -> SIPURI? { member.bridge(named: bridge.rawValue).flatMap(Self.uri) }

    private func remembered(_ room: RoomID) -> RoomHome? {
        known.withLock { $0[room] }.flatMap { $0.at.duration(to: .now) < Self.freshness ? $0.home : nil }
    }

    private static func uri(of bridge: KnownBridge) -> SIPURI? {
        bridge.trunk.flatMap { (try? URI(parsing: $0))?.sip }
    }
}

extension TrunkDesk {
    /// Nil where this bridge is alone.
    init?(_ member: ClusterMember?) {
        guard let member else { return nil }
        self.init(own: BridgeID(member.me.name), homes: ClusterRoomHomes(member))
    }
}
