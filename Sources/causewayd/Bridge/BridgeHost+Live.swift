import Conference
import ConferenceInfo
import Logging
import MediaPlane
import PortalAPI
import Recorder
import SIP
import Signalling
import Synchronization

/// What the portal and the command line ask of meetings in progress.
extension BridgeHost {
    func status() async -> BridgeStatus {
        let open = conference.openMeetings
        let workers = await media.workerStatistics()
        let media = MediaStatus(workers)
        return BridgeStatus(
            version: Version.text, startedAt: startedAt,
            listeners: await calls?.listeners.map { ListenerStatus(transport: $0.transport, address: $0.address) }
                ?? [],
            liveMeetings: open.count, participants: open.reduce(0) { $0 + $1.participants.count },
            pointsConfigured: accounts.withLock { $0.count }, pointsRegistered: await calls?.registeredPoints ?? 0,
            media: media, warnings: warnings(of: open, workers), drain: drained)
    }

    func meetings() async -> [LiveMeeting] {
        var live: [LiveMeeting] = []
        for meeting in conference.openMeetings {
            guard let hall = halls[meeting.id] else { continue }
            let statistics = await media.statistics(of: hall.room)
            live.append(LiveMeeting(meeting, hall, statistics, qualityBook))
        }
        return live
    }

    /// How far recorders are behind, by room.
    func recorderLags() -> [(room: String, seconds: Double)] {
        halls.values.compactMap { hall in
            hall.recording?.recorder.lagSeconds.map { (hall.opening.room.rawValue, $0) }
        }
    }

    func press(_ key: Character, _ participant: ParticipantID, _ way: KeyEchoes.Way) async {
        guard echoes.isNew(key, of: participant, by: way, at: ContinuousClock.now) else { return }
        logger(of: participant).debug("\(participant) pressed \(key)")
        await decide(.key(participant, key))
    }

    func order(
        _ command: Conference.Command, in meeting: MeetingID, by officer: Officer,
        _ reply: CheckedContinuation<Conference.Refusal?, Never>
    ) async {
        var refusal: Conference.Refusal?
        for action in conference.handle(.command(meeting, command, by: officer), at: now) {
            if case .refuseCommand(let reason) = action { refusal = reason }
            await perform(action)
        }
        reply.resume(returning: refusal)
    }

    /// Has an order carried out; nil when it was.
    nonisolated func carryOut(
        _ command: Conference.Command, in meeting: MeetingID, by officer: Officer
    ) async -> Conference.Refusal? {
        await withCheckedContinuation { inbox.put(.command(meeting, command, by: officer, $0)) }
    }

    nonisolated func drain(by: String) async -> Bool {
        await withCheckedContinuation { inbox.put(.drain(true, by: by, $0)) }
    }

    nonisolated func cancelDrain(by: String) async -> Bool {
        await withCheckedContinuation { inbox.put(.drain(false, by: by, $0)) }
    }

    nonisolated func endMeeting(_ id: String, by: String) async throws(LiveBridgeError) {
        let wasOpen = await withCheckedContinuation {
            inbox.put(.end(MeetingID(id), by: by, $0))
        }
        if !wasOpen { throw .unknownMeeting }
    }

    nonisolated func callPoints(_ points: [String]?, into room: String, by: String) async throws(LiveBridgeError)
        -> [String]
    {
        if let reason = await homeRefusal(of: RoomID(room)) { throw .failed(reason: reason) }
        let outcome = await withCheckedContinuation {
            inbox.put(.call(RoomID(room), points?.map { PointID($0) }, by: by, $0))
        }
        do throws(Conference.Refusal) { return try outcome.get().map(\.rawValue) } catch {
            throw LiveBridgeError(error)
        }
    }

    nonisolated func movePoint(
        _ point: String, from meeting: String, to room: String, by: String
    ) async throws(LiveBridgeError) {
        let refusal = await withCheckedContinuation {
            inbox.put(.move(PointID(point), from: MeetingID(meeting), to: RoomID(room), by: by, $0))
        }
        switch refusal {
        case nil: break
        case .nobodyToCall: throw .notInMeeting(point)
        case .some(let refusal): throw LiveBridgeError(refusal)
        }
    }
}

extension LiveBridgeError {
    init(_ refusal: Conference.Refusal) {
        self =
            switch refusal {
            case .noSuchRoom: .unknownRoom
            case .notInvited(let points): .notInvited(points.map(\.rawValue))
            case .roomClosed: .failed(reason: "the room is closed")
            case .nobodyToCall: .nobodyToCall
            case .noSuchMeeting: .unknownMeeting
            default: .failed(reason: "\(refusal)")
            }
    }
}

/// Signalling, as far as the host needs it.
protocol CallControl: Sendable {
    var listeners: [(transport: String, address: String)] { get async }
    var registeredPoints: Int { get async }
    func hangUp(_ call: CallID, reason: String) async
    func relay(_ message: RelayedMessage, to calls: [CallID]) async
    func transfer(_ call: CallID, to room: String) async
    func presented(by leg: LegID?, in room: MediaRoomID) async
    func tell(_ referral: Referral.ID, status: UInt16) async
    func publish(_ info: ConferenceInfo, of room: String) async
    func waysBack(of calls: [CallID]) async -> [CallID: RegisteredContact]
    func call(_ username: String, at address: String?, into room: String, title: String, media: MediaRoomID) async
        -> CallID?
    func project(
        _ subject: TrunkSubject, to bridge: SIPURI, room: String, beside media: MediaRoomID, carrying leg: LegID,
        _ streams: CarriedStreams
    ) async -> CallID?
    func carry(_ streams: CarriedStreams, in call: CallID) async
    func order(_ text: String, in call: CallID) async
    func forward(hand isRaised: Bool, in call: CallID) async
    func dismiss(_ call: CallID, code: UInt16, reason: String) async
}
