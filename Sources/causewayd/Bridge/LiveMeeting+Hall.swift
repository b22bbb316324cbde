import Conference
import MediaPlane
import PortalAPI
import RTP

extension LiveMeeting {
    /// A meeting as the portal shows it: who sits in it by the rules, and how their media does by the media plane.
    init(_ meeting: MeetingStatus, _ hall: Hall, _ statistics: [LegStatistics], _ quality: QualityBook) {
        let ofLeg = Dictionary(statistics.map { ($0.leg, $0) }) { first, _ in first }
        let speaker = meeting.speaker.flatMap { speaker in meeting.participants.first { $0.id == speaker } }
        let presenter = hall.presenter.flatMap { presenter in meeting.participants.first { $0.id == presenter } }
        self.init(
            id: meeting.id.rawValue, room: meeting.room.rawValue, title: meeting.title, openedAt: meeting.openedAt.date,
            recording: meeting.recordingFailure != nil ? .stopped : meeting.isRecording ? .recording : .off,
            speaker: speaker?.point.rawValue, presenter: presenter?.point.rawValue,
            participants: meeting.participants.map { participant in
                let leg = hall.seats[participant.id]?.leg.flatMap { ofLeg[$0.id] }
                var live = LiveParticipant(
                    point: participant.point.rawValue, name: participant.name, unit: participant.unitName,
                    joinedAt: participant.joined.date, isSpeaking: leg?.isSpeaking ?? false,
                    handRaisedAt: participant.handRaised?.date,
                    audio: leg.flatMap { LiveStream($0.audio) }, video: leg.flatMap { LiveStream($0.video) },
                    slides: leg?.slides.flatMap { LiveStream($0) })
                live.lineBitsPerSecond = leg?.lineBitsPerSecond
                live.quality = quality.live(participant.id)
                live.soundTroubles = hall.seats[participant.id]?.troubles.map(\.kind.rawValue) ?? []
                return live
            })
        convening = LiveConvening(meeting)
    }
}

extension LiveConvening {
    init(_ meeting: MeetingStatus) {
        self.init(sitting: meeting.convening?.rawValue, confidentiality: meeting.confidentiality.rawValue)
    }
}

extension MediaStatus {
    init(_ workers: [WorkerStatistics]) {
        let longest = workers.map(\.longestTick).max() ?? .zero
        self.init(
            workers: workers.count, lateFrames: workers.reduce(0) { $0 + $1.lateTicks },
            skippedFrames: workers.reduce(0) { $0 + $1.skippedTicks },
            longestMilliseconds: longest / .milliseconds(1))
    }
}

extension LiveStream {
    init?(_ statistics: StreamStatistics) {
        guard let codec = statistics.codec ?? statistics.sentCodec else { return nil }
        self.init(
            codec: codec.encodingName, packetsReceived: statistics.packetsReceived,
            packetsSent: statistics.packetsSent, packetsLost: statistics.packetsLost,
            jitterMilliseconds: statistics.jitterMilliseconds,
            roundTripMilliseconds: statistics.roundTripMilliseconds)
        isWithheld = statistics.isWithheld
    }
}
