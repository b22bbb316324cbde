import BFCP
import Logging
import MediaPlane
import SDP

/// The floors of the rooms, as calls need them: opened for the first point of a room that knows floor control, closed after
/// the last. Lives on the control thread.
actor FloorDesk {
    private struct Floor {
        let conference: UInt32
        var users = 1
    }

    private let service: FloorControlService
    private let thread: ControlThread
    private var floors: [MediaRoomID: Floor] = [:]
    /// Calls that ask for themselves.
    private var members: Set<CallID> = []
    /// Calls that present without floor control: the bridge asks for them, so that others see that the floor is taken.
    private var guests: [MediaRoomID: CallID] = [:]
    private var heldByGuest: Set<MediaRoomID> = []
    private let onHolder: @Sendable (CallID?, MediaRoomID) -> Void

    /// - Parameter onHolder: told, on the control thread, which call presents in a room; nil for none.
    init(
        _ configuration: FloorControlConfiguration, on thread: ControlThread, logger: Logger,
        onHolder: @escaping @Sendable (CallID?, MediaRoomID) -> Void
    ) {
        self.thread = thread
        self.onHolder = onHolder
        let changed = FloorChanges()
        service = FloorControlService(configuration: configuration, on: thread, logger: logger) { changed.tell($0) }
        changed.desk = self
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.executor }

    func start() async throws(SignallingError) { try await service.start() }
    func stop() async { await service.stop() }

    /// A place in the floor control of a room; nil where there is none to be had.
    func admit(_ call: CallID, _ user: FloorUserName, to room: MediaRoomID) async -> FloorTicket? {
        if floors[room] != nil {
            floors[room]?.users += 1
        } else {
            guard let conference = await service.open() else { return nil }
            floors[room] = Floor(conference: conference)
        }
        guard let floor = floors[room] else { return nil }
        if guests[room] == call { await dismissGuest(of: room, floor) }
        let ticket = await service.admit(
            FloorParticipant(rawValue: call.rawValue), named: user.name, to: floor.conference,
            peer: user.host.map { FloorPeer(host: $0) })
        if ticket == nil { await leave(room) } else { members.insert(call) }
        return ticket
    }

    /// What the bridge's description says of it.
    func local(_ ticket: FloorTicket, address: String) async -> LocalFloorControl {
        var local = LocalFloorControl(
            address: address, udpPort: await service.udpPort, tcpPort: await service.tcpPort,
            conferenceID: ticket.conferenceID, userID: ticket.userID, floorID: ticket.floorID)
        local.connects = true
        return local
    }

    /// The call agreed on floor control, anew, or no longer.
    func move(
        _ call: CallID, _ user: FloorUserName, in room: MediaRoomID, to agreed: NegotiatedFloorControl?
    ) async {
        guard let floor = floors[room] else { return }
        let peer = agreed.map { agreed in
            FloorPeer(
                host: agreed.remoteAddress, udpPort: agreed.transport == .udp ? agreed.remotePort : nil,
                tcpPort: agreed.connects && !agreed.keepsConnection ? agreed.remotePort : nil,
                signallingHost: user.host)
        }
        let participant = FloorParticipant(rawValue: call.rawValue)
        await service.move(participant, in: floor.conference, to: peer)
        // Whose description has no floor control any more cannot give the floor back.
        if peer == nil { await service.release(by: participant, in: floor.conference) }
    }

    func dismiss(_ call: CallID, from room: MediaRoomID, _ ticket: FloorTicket?) async {
        guard let ticket else { return }
        members.remove(call)
        await service.dismiss(FloorParticipant(rawValue: call.rawValue), from: ticket.conferenceID)
        await leave(room)
    }

    private func leave(_ room: MediaRoomID) async {
        floors[room]?.users -= 1
        guard let floor = floors[room], floor.users <= 0 else { return }
        floors[room] = nil
        guests[room] = nil
        heldByGuest.remove(room)
        await service.close(floor.conference)
    }

    /// Whose slides all see now; nil for nobody's.
    func presents(_ call: CallID?, _ user: FloorUserName?, in room: MediaRoomID) async {
        guard let floor = floors[room], guests[room] == nil || guests[room] != call else { return }
        await dismissGuest(of: room, floor)
        guard let call, let user, !members.contains(call) else { return }
        guests[room] = call
        let participant = FloorParticipant(rawValue: call.rawValue)
        guard await service.admit(participant, named: user.name, to: floor.conference, peer: nil) != nil else { return }
        _ = try? await service.request(by: participant, in: floor.conference)
    }

    private func dismissGuest(of room: MediaRoomID, _ floor: Floor) async {
        guard let guest = guests.removeValue(forKey: room) else { return }
        await service.dismiss(FloorParticipant(rawValue: guest.rawValue), from: floor.conference)
    }

    fileprivate func changed(_ change: FloorChange) {
        guard let room = floors.first(where: { $0.value.conference == change.conferenceID })?.key else { return }
        let holder = change.holder.map { CallID(rawValue: $0.rawValue) }
        let wasGuest = heldByGuest.contains(room)
        let isGuest = holder != nil && holder == guests[room]
        if isGuest { heldByGuest.insert(room) } else { heldByGuest.remove(room) }
        // Its slides made it the presenter, and their end ends that: nobody is appointed.
        if isGuest || (wasGuest && holder == nil) { return }
        onHolder(holder, room)
    }
}

/// How others in a room see a point that presents, and where its signalling comes from.
struct FloorUserName: Sendable {
    let name: String
    let host: String?

    init(name: String, host: String?) {
        self.name = name
        self.host = host
    }

    init(_ call: PointCall) { self.init(name: call.displayName ?? call.username, host: call.remoteHost) }
}

/// Leads from the service, which is made first, to the desk.
private final class FloorChanges: @unchecked Sendable {
    // Set once, before the service starts, and used on the control thread only.
    weak var desk: FloorDesk?

    func tell(_ change: FloorChange) { desk?.assumeIsolated { $0.changed(change) } }
}
