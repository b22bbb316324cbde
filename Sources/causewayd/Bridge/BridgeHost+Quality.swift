import Archive
import Conference
import Foundation
import MediaPlane
import PortalAPI
import Quality
import Signalling

/// How lines do: what points had checked, and how legs do in meetings.
extension BridgeHost {
    nonisolated func lineChecks(of point: String?) async -> [LineCheck] { await desk.checks(of: point) }

    nonisolated func lineCheck(_ id: String) async -> LineCheck? { await desk.check(id) }

    func quality(of meeting: String) async -> MeetingQuality? {
        guard let status = conference.status(of: MeetingID(meeting)) else { return nil }
        return MeetingQuality(
            meeting: meeting, endsAt: Date(), intervalSeconds: QualityBook.interval / .seconds(1),
            thresholds: qualityBook.thresholds,
            points: status.participants.map {
                qualityBook.point($0.id, code: $0.point.rawValue, name: $0.name)
            })
    }

    /// Looks at every leg of every meeting, again and again.
    func watchQuality() async {
        while !Task.isCancelled {
            for hall in halls.values {
                var statistics = await media.statistics(of: hall.room)
                for room in hall.sideRooms.values { statistics += await media.statistics(of: room) }
                let now = ContinuousClock.now
                for leg in statistics {
                    guard let participant = participantOfLeg[leg.leg] else { continue }
                    for alarm in qualityBook.look(at: participant, leg, at: now) { tell(alarm, in: hall) }
                    await writeQuality(of: participant, isOver: false)
                }
            }
            qualityBook.keep(Set(legOfParticipant.keys))
            do { try await Task.sleep(for: QualityBook.interval) } catch { return }
        }
    }

    /// Writes how a leg did into its meeting's record, from which the report has it.
    /// - Parameter isOver: the leg ends.
    func writeQuality(of participant: ParticipantID, isOver: Bool = true) async {
        guard let meeting = hallSeating(participant), let hall = halls[meeting] else { return }
        await writeQuality(of: participant, in: hall, isOver: isOver)
    }

    func writeQualities(in hall: Hall) async {
        for participant in hall.seats.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            await writeQuality(of: participant, in: hall, isOver: true)
        }
    }

    private func writeQuality(of participant: ParticipantID, in hall: Hall, isOver: Bool) async {
        guard let record = hall.record, let seat = hall.seats[participant],
            let tally = qualityBook.takeTally(of: participant, isOver: isOver)
        else { return }
        var fields = [
            "point": seat.admission.point.rawValue, "participant": "\(participant)",
            "seconds": String(Int(tally.seconds.rounded())),
        ]
        for (name, value) in [
            ("lossPercent", tally.lossPercent), ("jitterMilliseconds", tally.jitterMilliseconds),
            ("roundTripMilliseconds", tally.roundTripMilliseconds), ("opinionScore", tally.opinionScore),
        ] { fields[name] = value.map { String(format: "%.2f", $0) } }
        if tally.freezes > 0 { fields["freezes"] = String(tally.freezes) }
        await minutes.write(
            EventRecord(
                at: Date(), masterMilliseconds: hall.masterMilliseconds, name: "line-quality", fields: fields),
            to: record)
    }

    private func tell(_ alarm: QualityBook.Alarm, in hall: Hall) {
        let point = hall.seats[alarm.participant]?.admission.point.rawValue ?? "\(alarm.participant)"
        let logger = logger(of: alarm.participant)
        let (figure, value) = (alarm.change.figure.rawValue, String(format: "%.1f", alarm.change.value))
        switch alarm.change.change {
        case .raised:
            logger.warning(
                "meeting \(hall.opening.id): the line of \(point) is bad: \(figure) \(value)")
        case .ended:
            logger.notice(
                "meeting \(hall.opening.id): the line of \(point) is well again: \(figure) \(value)")
        }
        onQualityAlarm(hall.opening.id, alarm)
    }

    // MARK: Sound that disturbs

    /// A leg's sound disturbs the others: its point is named to the technician.
    func note(_ trouble: SoundTrouble, of leg: LegID) {
        guard let participant = participantOfLeg[leg], let meeting = conference.meeting(of: participant) else { return }
        halls[meeting]?.seats[participant]?.troubles.removeAll { $0.kind == trouble.kind }
        halls[meeting]?.seats[participant]?.troubles.append(trouble)
        logger(of: participant).warning(
            "meeting \(meeting): the sound of \(name(of: participant, in: meeting)) disturbs: \(trouble)")
    }

    func forget(_ kind: SoundTrouble.Kind, of leg: LegID) {
        guard let participant = participantOfLeg[leg], let meeting = conference.meeting(of: participant) else { return }
        halls[meeting]?.seats[participant]?.troubles.removeAll { $0.kind == kind }
        logger(of: participant).notice(
            "meeting \(meeting): no more \(kind) from \(name(of: participant, in: meeting))")
    }

    private func name(of participant: ParticipantID, in meeting: MeetingID) -> String {
        halls[meeting]?.seats[participant]?.admission.point.rawValue ?? "\(participant)"
    }
}

extension SoundTrouble: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noise(let level): String(format: "steady noise at %.0f dBov", level)
        case .echo(let milliseconds, let correlation, let attenuation):
            String(
                format: "it returns what it hears after %d ms, %.0f dB softer (correlation %.2f)", milliseconds,
                attenuation, correlation)
        case .howl(let hertz, let level): String(format: "it howls at %.0f Hz, %.0f dBov", hertz, level)
        }
    }
}
