import RTP

/// A leg on its worker: two streams, the sound on its way in and out, and the picture it is shown.
struct LegState: ~Copyable {
    let id: LegID
    let room: UnsafeMutablePointer<RoomState>
    let audio: UnsafeMutablePointer<StreamState>
    let video: UnsafeMutablePointer<StreamState>

    var input: AudioInput
    var activity = SpeechActivity()
    /// The leg's frame is part of the sum of this tick.
    var isInMix = false
    /// Frames for which the leg spoke and was not among the room's loudest.
    var framesInVain = 0
    var output = AudioOutput()

    /// Requests that go to this leg for a keyframe of its picture.
    var keyframes = KeyframeGovernor()
    /// What its pictures lack.
    var losses = LossDetector()
    /// Its newest pictures; nil until they are sent to somebody who may ask for them again.
    var history: UnsafeMutablePointer<PacketHistory>?
    /// Packets that this leg may still be sent again, till the next tenth of a second.
    var retransmissionsLeft = 0
    /// The picture that this leg is shown.
    var view: VideoView

    var heard = false
    var silentReported = false
    var startedAt: UInt64
    var digits = TelephoneEventDetector()

    init(
        seat: LegSeat, room: UnsafeMutablePointer<RoomState>, now: UInt64,
        random: inout some RandomNumberGenerator
    ) {
        id = seat.id
        self.room = room
        startedAt = now
        input = AudioInput()
        view = VideoView(random: &random)
        audio = .allocate(capacity: 1)
        audio.initialize(
            to: StreamState(isVideo: false, sockets: seat.audio, track: seat.audioTrack, random: &random))
        video = .allocate(capacity: 1)
        video.initialize(
            to: StreamState(isVideo: true, sockets: seat.video, track: seat.videoTrack, random: &random))
    }

    deinit {
        history?.deinitialize(count: 1)
        history?.deallocate()
        audio.deinitialize(count: 1)
        audio.deallocate()
        video.deinitialize(count: 1)
        video.deallocate()
    }

    /// When the last authenticated packet of either stream came; the start of the leg before the first.
    var lastPacketAt: UInt64 { max(startedAt, audio.pointee.lastPacketAt, video.pointee.lastPacketAt) }
}

/// What one leg is shown: a source, and the source it waits for.
struct VideoView {
    typealias Source = UnsafeMutablePointer<LegState>
    var current: Source?
    /// Where it differs from `current`: the switch is made when a keyframe of it begins.
    var wanted: Source?
    var rewriter: StreamRewriter

    init(random: inout some RandomNumberGenerator) {
        // Below 2^15, so that a peer that misses the first packets misses no rollover with them (RFC 3711 §3.3.1).
        let first: UInt16 = random.next()
        rewriter = StreamRewriter(clockRate: 90_000, firstSequence: first >> 1, firstTimestamp: random.next())
    }
}
