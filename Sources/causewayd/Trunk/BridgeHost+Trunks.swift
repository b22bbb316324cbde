import Conference
import LogSubjects
import MediaPlane
import Signalling

/// What happens with calls between bridges, and with those of branches: looked at before the conference hears of it.
extension BridgeHost {
    /// Whether a call that comes in, or was answered, is one of these.
    func trunkArrives(_ call: PointCall, _ reply: CheckedContinuation<CallAdmission, Never>) async -> Bool {
        guard let subject = call.trunk else { return false }
        guard call.direction == .incoming else {
            reply.resume(returning: await carrierAnswered(call.id))
            return true
        }
        switch subject.course {
        case .toHome: await arriveByTrunk(call, subject, reply)
        case .toBranch: await receive(call, subject, reply)
        }
        return true
    }

    /// The other bridge takes the call.
    private func carrierAnswered(_ call: CallID) async -> CallAdmission {
        guard let carrier = trunks?.carriers[call] else {
            return .refuse(code: 487, reason: "It is not wanted any more")
        }
        switch carrier.errand {
        case .fan(let meeting, let projection):
            await turn(meeting, .answered(projection))
            guard let room = halls[meeting]?.room else { return .refuse(code: 487, reason: "The meeting is over") }
            return .admit(room)
        case .branch(let room):
            guard let hall = trunks?.branches[room]?.media else {
                return .refuse(code: 487, reason: "The branch is over")
            }
            await branch(room, .taken(carrier.participant))
            return .admit(hall)
        }
    }

    /// Whether the leg that runs is one of these.
    func trunkAgreed(
        _ call: CallID, _ leg: LegReservation, _ agreed: LegParameters, _ reply: CheckedContinuation<Void, Never>
    ) async -> Bool {
        guard let trunks else { return false }
        if trunks.carriers[call] != nil {
            carrierAgreed(call, leg.id)
            reply.resume()
            return true
        }
        guard let room = trunks.branchOf[call] else { return false }
        await branchAgreed(call, room, leg, agreed, reply)
        return true
    }

    /// Whether the call that is over was one of these.
    func trunkEnded(_ call: CallID, _ reason: CallEndReason) async -> Bool {
        guard trunks != nil else { return false }
        if let carrier = trunks?.removeCarrier(call) {
            logger.info("\(call), which carried \(carrier.participant), is over: \(reason)")
            switch carrier.errand {
            case .fan(let meeting, let projection): await turn(meeting, .failed(projection))
            case .branch(let room): await projectionEnded(room, carrier.participant, call, reason)
            }
            return true
        }
        guard let room = trunks?.branchOf.removeValue(forKey: call) else {
            await leaveFan(ParticipantID(call))
            return false
        }
        await branchCallEnded(call, room)
        return true
    }

    /// Whether what is said of a call was of one of these.
    func trunkOrdered(_ call: CallID, saying text: String) async {
        guard let trunks, let order = TrunkOrder(text) else { return }
        if let carrier = trunks.carriers[call] {
            guard case .branch(let room) = carrier.errand else { return }
            await branch(room, .ordered(carrier.participant, order))
        } else if let room = trunks.branchOf[call] {
            await branch(room, .ordered(ParticipantID(call), order))
        } else if conference.origin(of: ParticipantID(call)) != nil {
            await heardElsewhere(ParticipantID(call), order)
        }
    }

    /// A text came by a trunk: of one of a branch's points for the meeting, or of the meeting's for one of them.
    func trunkTexted(_ call: CallID, with message: RelayedMessage) async {
        if let carrier = trunks?.carriers[call] {
            await calls?.relay(message, to: [CallID(rawValue: carrier.participant.rawValue)])
        } else if conference.origin(of: ParticipantID(call)) != nil,
            let meeting = conference.meeting(of: ParticipantID(call)),
            let seat = halls[meeting]?.seats[ParticipantID(call)]
        {
            await decide(.message(seat.admission.point, seat.admission.room, text: message.text))
        }
    }

    /// Something may be due.
    func trunksAreDue() async {
        guard let desk = trunks else { return }
        for (meeting, fan) in desk.fans where (fan.deadline.map { $0 <= now.steady } ?? false) {
            await turn(meeting, .deadlineReached)
        }
        for (room, hall) in desk.branches where (hall.rules.deadline.map { $0 <= now.steady } ?? false) {
            await branch(room, .deadlineReached)
        }
    }

    /// How often it is asked where the rooms of branches are led.
    static let homeLooks = Duration.seconds(1)

    /// Asks where the rooms of branches are led.
    func lookForHomes() {
        for room in trunks?.branches.keys.sorted() ?? [] { findHome(of: room) }
    }
}
