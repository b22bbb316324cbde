import Conference
import SIP

/// Which bridge leads the meetings of a room.
enum RoomHome: Hashable, Sendable {
    case here
    case elsewhere(BridgeID, at: SIPURI)
    /// Nobody knows, or nobody does: the room cannot be entered now.
    case unknown
}

/// Where rooms are led in a cluster. Asked at each call and, for rooms that have a branch here, once a second: it is to answer
/// from memory.
protocol RoomHomes: Sendable {
    func home(of room: RoomID) async -> RoomHome
    /// By which another bridge is reached; nil where there is none of that name.
    func address(of bridge: BridgeID) async -> SIPURI?
}

/// Rooms that stay where the configuration puts them: for a site that divides its rooms among bridges itself. What is not in
/// the table is led wherever it is called.
struct FixedRoomHomes: RoomHomes {
    let own: BridgeID
    let rooms: [RoomID: BridgeID]
    let bridges: [BridgeID: SIPURI]

    func home(of room: RoomID) async -> RoomHome {
        guard let bridge = rooms[room], bridge != own else { return .here }
        return bridges[bridge].map { .elsewhere(bridge, at: $0) } ?? .unknown
    }

    func address(of bridge: BridgeID) async -> SIPURI? { bridges[bridge] }
}
