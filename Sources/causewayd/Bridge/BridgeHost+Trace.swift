import Conference
import MediaPlane
import PortalAPI
import Signalling

/// How a call did in its meeting, kept a while beyond its end.
struct CallStory: Sendable {
    var point: String
    var meeting: String
    var convening: LiveConvening
    var media: CallMedia?
}

/// The stories of calls that are over, the latest.
struct CallStories: Sendable {
    private static let most = 2_000
    private var ofCall: [CallID: CallStory] = [:]
    private var order: [CallID] = []

    subscript(call: CallID) -> CallStory? { ofCall[call] }

    mutating func add(_ story: CallStory, of call: CallID) {
        if ofCall.updateValue(story, forKey: call) == nil { order.append(call) }
        guard order.count > 2 * Self.most else { return }
        for old in order.prefix(Self.most) { ofCall[old] = nil }
        order.removeFirst(Self.most)
    }
}

extension BridgeHost {
    /// A call's story up to now; nil where it came into no meeting, or its story is forgotten.
    func story(of call: CallID) async -> CallStory? {
        if let story = stories[call] { return story }
        let participant = ParticipantID(call)
        guard let meeting = hallSeating(participant), let hall = halls[meeting] else { return nil }
        var statistics = await media.statistics(of: hall.room)
        for room in hall.sideRooms.values { statistics += await media.statistics(of: room) }
        let leg = legOfParticipant[participant]
        return story(of: participant, in: meeting, statistics.first { $0.leg == leg })
    }

    /// Keeps the story of a call that ends.
    func remember(_ call: CallID) {
        let participant = ParticipantID(call)
        guard let meeting = hallSeating(participant),
            let story = story(of: participant, in: meeting, qualityBook.statistics(of: participant))
        else { return }
        stories.add(story, of: call)
    }

    private func story(
        of participant: ParticipantID, in meeting: MeetingID, _ statistics: LegStatistics?
    ) -> CallStory? {
        guard let seat = halls[meeting]?.seats[participant], let hall = halls[meeting] else { return nil }
        let convening = LiveConvening(
            sitting: hall.opening.convening?.rawValue, confidentiality: hall.opening.confidentiality.rawValue)
        let media = statistics.map { leg in
            let kinds: [(String, StreamStatistics?)] = [
                ("audio", leg.audio), ("video", leg.video), ("slides", leg.slides),
            ]
            return CallMedia(
                keying: seat.media?.keying,
                streams: kinds.compactMap { kind, stream in stream.flatMap { CallMedia.Stream(kind, $0) } },
                quality: qualityBook.live(participant), lineBitsPerSecond: leg.lineBitsPerSecond)
        }
        return CallStory(
            point: seat.admission.point.rawValue, meeting: meeting.rawValue, convening: convening, media: media)
    }
}

extension CallMedia.Stream {
    fileprivate init?(_ kind: String, _ statistics: StreamStatistics) {
        guard let stream = LiveStream(statistics) else { return nil }
        self.init(kind: kind, stream: stream, suite: statistics.suite?.sdesName)
        lossDownPercent = statistics.remoteFractionLost * 100
        jitterDownMilliseconds = statistics.remoteJitterMilliseconds
        unauthenticated = statistics.unauthenticated
        malformed = statistics.malformed
        keyframesRequested = statistics.keyframesRequested
        retransmitted = statistics.packetsRetransmitted
    }
}
