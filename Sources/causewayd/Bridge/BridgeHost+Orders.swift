import Conference
import Foundation
import MediaPlane
import PortalAPI

/// Meetings for those who lead them: how one stands, and orders in it.
extension BridgeHost {
    func convening(of meeting: String) async -> LiveConvening? {
        conference.status(of: MeetingID(meeting)).map { LiveConvening($0) }
    }

    func control(of meeting: String) async -> MeetingControl? {
        let id = MeetingID(meeting)
        guard let hall = halls[id], conference.isOpen(id) else { return nil }
        var statistics = await media.statistics(of: hall.room)
        for room in hall.sideRooms.values { statistics += await media.statistics(of: room) }
        // It may have closed while the counters were asked for.
        guard let status = conference.status(of: id) else { return nil }
        let ofLeg = Dictionary(statistics.map { ($0.leg, $0) }) { first, _ in first }
        return MeetingControl(status, at: now) { participant in
            legOfParticipant[participant].flatMap { ofLeg[$0] }
        } troubles: { participant in
            halls[id]?.seats[participant]?.troubles ?? []
        }
    }

    nonisolated func carryOut(
        _ order: MeetingOrder, in meeting: String, by giver: OrderGiver
    ) async throws(OrderRefusal) {
        guard let command = Conference.Command(order) else { throw .incomplete }
        let officer = Officer(giver)
        let refusal = await carryOut(command, in: MeetingID(meeting), by: officer)
        let outcome = refusal.map { OrderRefusal($0) }
        await logger(of: MeetingID(meeting)).about(point: order.point).notice(
            "order \(order.order.rawValue)",
            fields: [
                "by": "\(giver.name)", "authority": "\(giver.authority.rawValue)",
                "outcome": "\(outcome?.rawValue ?? "done")",
            ])
        if let outcome { throw outcome }
    }
}

extension Officer {
    fileprivate init(_ giver: OrderGiver) {
        let authority: Authority =
            switch giver.authority {
            case .administrator: .administrator
            case .chair: .chair
            case .technician: .technician
            }
        self.init(name: giver.name, authority: authority, person: giver.person.map { PersonID($0) })
    }
}

extension Conference.Command {
    /// Nil where the order lacks something.
    fileprivate init?(_ order: MeetingOrder) {
        let point = order.point.map { PointID($0) }
        let reason = order.reason ?? ""
        // A number of seconds that is none fails the rules' bounds.
        let period = order.seconds.map { $0.isFinite && abs($0) < 1e6 ? Duration.seconds($0) : .zero }
        switch order.order {
        case .open: self = .open
        case .close: self = .close
        case .lock: self = .lock(true)
        case .unlock: self = .lock(false)
        case .muteAll: self = .setAllMicrophones(.muted)
        case .unmuteAll: self = .setAllMicrophones(.open)
        case .allowUnmute: self = .letPointsUnmute(true)
        case .forbidUnmute: self = .letPointsUnmute(false)
        case .endSpeech: self = .takeWord
        case .spotlight: self = .spotlight(point)
        case .record: self = .startRecording(document: order.document ?? "", reason: reason)
        case .pauseRecording: self = .pauseRecording(reason: reason)
        case .resumeRecording: self = .resumeRecording(reason: reason)
        case .stopRecording: self = .stopRecording(reason: reason)
        case .message: self = .showMessage(order.text)
        case .closeVote: self = .closeVote
        case .openVote:
            guard let question = order.text else { return nil }
            self = .openVote(VoteProposal(question: question, isSecret: order.isSecret ?? false, period: period))
        case .layout:
            guard let layout = order.name.flatMap(Layout.init(rawValue:)) else { return nil }
            if let points = order.points {
                guard layout == .chair, points.count <= 100 else { return nil }
                self = .arrange(points.map { PointID($0) }, of: point)
                return
            }
            self = .setLayout(layout, of: point)
        case .admit, .remove, .mute, .unmute, .speak, .lowerHand, .moveAside, .recall, .excuse:
            guard let point else { return nil }
            self.init(order, reason, period, of: point)
        }
    }

    private init?(_ order: MeetingOrder, _ reason: String, _ period: Duration?, of point: PointID) {
        switch order.order {
        case .admit: self = .admit(point)
        case .remove: self = .remove(point, reason: reason)
        case .mute: self = .setMicrophone(point, .muted)
        case .unmute: self = .setMicrophone(point, .open)
        case .speak: self = .giveWord(point, limit: period)
        case .lowerHand: self = .lowerHand(point)
        case .moveAside:
            guard let room = order.name else { return nil }
            self = .moveAside(point, to: SideRoomID(room))
        case .recall: self = .recall(point)
        case .excuse: self = .excuse(point, reason: reason)
        default: return nil
        }
    }
}

extension OrderRefusal {
    fileprivate init(_ refusal: Conference.Refusal) {
        self =
            switch refusal {
            case .noSuchMeeting, .noSuchRoom, .roomClosed: .unknownMeeting
            case .notAllowed: .notAllowed
            case .notOpen: .notOpen
            case .alreadySo, .nobodyToCall: .alreadySo
            case .notInMeeting, .notInvited: .notInMeeting
            case .notRecording: .notRecording
            case .tooSecretToRecord: .tooSecretToRecord
            case .recordingFailed: .recordingFailed
            case .voteIsOpen: .voteIsOpen
            case .noVoteIsOpen: .noVoteIsOpen
            case .badText: .badText
            case .outOfBounds: .outOfBounds
            }
    }
}
