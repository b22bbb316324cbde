import Archive
import Cluster
import Conference
import LogSubjects
import MediaPlane
import Signalling

/// The bridge as one of several: meetings are opened in rooms only that are at home here.
extension BridgeHost {
    /// Why a point that calls cannot come in here; nil where it can, or where this is not for the cluster to say. A room that nobody has is
    /// taken.
    func homeRefusal(of call: PointCall) async -> CallAdmission? {
        guard call.direction == .incoming, !desk.isChecked(by: call.room),
            accounts.withLock({ $0.point(of: call.username) }) != nil,
            let reason = await homeRefusal(of: RoomID(call.room), unlessReached: true)
        else { return nil }
        logger.notice("\(call.username) cannot enter \(call.room) here: \(reason)")
        return .refuse(code: 503, reason: reason)
    }

    /// - Parameter isReached: whether it is enough that another bridge has the room, and takes calls from here.
    func homeRefusal(of room: RoomID, unlessReached isReached: Bool = false) async -> String? {
        guard cluster != nil, let homes = trunks?.homes, conference.register.room(room) != nil,
            conference.meeting(in: room) == nil
        else { return nil }
        switch await homes.home(of: room) {
        case .here: return nil
        case .elsewhere(let bridge, _): return isReached ? nil : "Bridge \(bridge) has the room"
        case .unknown: return "It is not known which bridge has the room"
        }
    }

    /// A room is another's now: its meeting here is cut off.
    nonisolated func lose(_ room: RoomID) async {
        await withCheckedContinuation { if !inbox.put(.lost(room, $0)) { $0.resume() } }
    }

    /// The room is left to whoever wants it, unless it is in use.
    nonisolated func letGoSoon(of room: RoomID) {
        guard cluster != nil else { return }
        inbox.put(.letGo(room))
    }

    func letGo(of room: RoomID) {
        guard let cluster, conference.meeting(in: room) == nil, !finishingRooms.values.contains(room),
            !conference.convenings.values.contains(where: { $0.room == room })
        else { return }
        cluster.finish(room.rawValue)
    }

    /// What of a meeting is here ends without a word: another bridge writes what is to be written.
    func lose(_ meeting: MeetingID) {
        guard let hall = removeHall(meeting) else { return }
        logger.warning("meeting \(meeting) is another bridge's now: it ends here")
        finishing[meeting] = Task { [self] in
            // Into its own part of the recording, which is joined with the others.
            if let result = await hall.recording?.recorder.finish() { logger.info("master of \(meeting): \(result)") }
            closeRooms(of: hall)
            finishing[meeting] = nil
        }
    }
}
