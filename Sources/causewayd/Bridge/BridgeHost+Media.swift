import Logging
import MediaPlane
import Signalling

/// What the media plane tells.
extension BridgeHost {
    /// A point may send before its seat is told of.
    func keep(_ event: MediaEvent, of leg: LegID) {
        if heardEarly.count >= Self.mostHeardEarly { heardEarly.removeAll() }
        heardEarly[leg, default: []].append(event)
    }

    static let mostHeardEarly = 1_000

    func hear(_ event: MediaEvent) async {
        if await desk.hear(event) { return }
        if await hearBranch(event) { return }
        switch event {
        case .legHeard(let leg):
            guard let participant = participantOfLeg[leg] else { return keep(event, of: leg) }
            await decide(.mediaEstablished(participant))
            await noticeRecording(to: leg, participant)
        case .clipEnded(let clip, let leg, let end):
            guard let leg else { return }
            clipEnded(clip, of: leg)
            await noticeEnded(clip, of: leg, end)
        case .soundTrouble(let leg, let trouble): note(trouble, of: leg)
        case .soundWell(let leg, let kind): forget(kind, of: leg)
        case .speakerChanged(let room, let leg):
            guard let meeting = meetingOfRoom[room] else { return }
            await decide(.speakerChanged(meeting, leg.flatMap { participantOfLeg[$0] }))
        case .presenterChanged(let room, let leg):
            guard let meeting = meetingOfRoom[room] else { return }
            let presenter = leg.flatMap { participantOfLeg[$0] }
            halls[meeting]?.presenter = presenter
            await calls?.presented(by: leg, in: room)
            await decide(.presenterChanged(meeting, presenter))
            (presenter.map { logger(of: $0) } ?? logger(of: meeting)).info(
                "meeting \(meeting): \(presenter.map { "\($0) presents" } ?? "nobody presents")")
        case .legSilent(let leg):
            guard let participant = participantOfLeg[leg] else { return }
            logger(of: participant).warning("\(participant) has been silent for too long and is taken out")
            await decide(.legSilent(participant))
        case .keysRefused(let leg, let reason):
            guard let participant = participantOfLeg[leg] else { return }
            logger(of: participant).warning("\(participant) has no keys for its media, and is hung up: \(reason)")
            await calls?.hangUp(CallID(rawValue: participant.rawValue), reason: "no keys for the media")
        case .streamHeard(let leg, let isPicture):
            guard let participant = participantOfLeg[leg] else { return keep(event, of: leg) }
            await decide(.seen(participant, isPicture ? .picture : .sound))
        case .digit(let leg, let digit):
            if let participant = participantOfLeg[leg] { await press(digit, participant, .media) }
        case .tapOverflow(let room, let packets):
            guard let meeting = meetingOfRoom[room] else { return }
            lostPackets.increment(by: packets)
            halls[meeting]?.lostPackets &+= UInt64(clamping: packets)
            logger(of: meeting).error("meeting \(meeting): the recording lost \(packets) packets: the disk is too slow")
            await note(.warning, "the recording lost \(packets) packets because the disk was too slow", on: meeting)
        }
    }
}
