import Codecs
import Congestion
import RTP

/// A leg on its worker: its streams, and the sound on its way in and out.
struct LegState: ~Copyable {
    let id: LegID
    /// Which of its worker's slots is its own.
    var slot = 0
    var room: UnsafeMutablePointer<RoomState>
    /// What it carries to another bridge; nil for a point's own leg.
    var carriage: Carriage?
    /// Who carries this one, of those in its room.
    var carriers = PointerList<LegState>()
    let audio: UnsafeMutablePointer<StreamState>
    let video: UnsafeMutablePointer<PictureState>
    private(set) var slides: UnsafeMutablePointer<PictureState>?
    /// Of the camera, where it comes in several sizes at once: all streams but the one above.
    private(set) var layers = PointerList<PictureState>()
    /// Where further cameras are shown.
    private(set) var panes = PointerList<PictureState>()
    /// All of the above: the sound's stream first, the camera's, and then the slides'.
    private(set) var streams = PointerList<StreamState>()
    /// What the peer is shown something in, the least important first: panes, the camera's and the slides'.
    private(set) var pictures = PointerList<PictureState>()
    /// What the peer shows: those, and the layers.
    private(set) var sources = PointerList<PictureState>()
    private(set) var paths = PointerList<PathState>()

    /// The camera's among the streams.
    static var placeOfVideo: Int { 1 }

    /// Of the sizes of the camera's picture, that which is recorded.
    var recorded: UnsafeMutablePointer<PictureState>?
    /// What the line to the peer carries, where the peer is shown pictures or tells more than receiver reports do.
    var line: BandwidthEstimator?
    /// By receiver reports the line was found too narrow once.
    var wasNarrow = false
    /// To a peer that gives no more than reports, with headers, when it was counted last.
    var octetsSent: UInt64 = 0
    /// Until when the line is taken to be on its way back from a silence.
    var recoversUntil: UInt64 = 0

    var input: AudioInput
    var activity = SpeechActivity()
    /// What comes of its sound is neither mixed nor recorded.
    var isMuted: Bool
    /// The leg's frame is part of the sum of this tick.
    var isInMix = false
    /// Frames for which the leg spoke and was not among the room's loudest.
    var framesInVain = 0
    var output = AudioOutput()
    /// What it alone is told.
    var clips = ClipQueue()
    /// What it said a while ago, in a room that echoes.
    var echo: UnsafeMutablePointer<EchoLine>?
    var gain = AutomaticGain()
    /// Made where noise is taken out, once the leg is heard.
    var suppressor: UnsafeMutablePointer<NoiseSuppressor>?
    var watch = SoundWatch()
    /// By which its sound and its pictures belong together.
    var clock = SourceClock()

    /// What it is shown, where that is something else than the room's.
    var layout: RoomLayout?
    /// What it makes of its panes.
    var paneUse = PaneUse.none
    /// Its slides make it the presenter only when control says so.
    var hasFloorControl = false
    var heard = false
    var silentReported = false
    var startedAt: UInt64
    var digits = TelephoneEventDetector()
    /// When it last told of a key by an event (RFC 4733), on the monotonic clock.
    var lastEventAt: UInt64?

    /// - Parameter leg: where this is going to be.
    init(
        seat: LegSeat, at leg: UnsafeMutablePointer<LegState>, room: UnsafeMutablePointer<RoomState>, now: UInt64,
        random: inout some RandomNumberGenerator
    ) {
        id = seat.id
        self.room = room
        startedAt = now
        isMuted = room.pointee.mutesNewcomers
        input = AudioInput()
        audio = .allocateHot()
        audio.initialize(
            to: StreamState(
                isVideo: false, of: leg, sockets: seat.audio, track: seat.audioTrack, sources: seat.audioSources,
                random: &random))
        video = .allocateHot()
        video.initialize(
            to: PictureState(
                .camera, of: leg, sockets: seat.video ?? .none, track: seat.videoTrack, sources: seat.videoSources,
                random: &random))
        streams.append(audio)
        take(video)
    }

    deinit {
        audio.deinitialize(count: 1)
        audio.deallocateHot()
        echo?.deinitialize(count: 1)
        echo?.deallocate()
        suppressor?.deinitialize(count: 1)
        suppressor?.deallocate()
        for index in 0..<sources.count {
            sources[index].deinitialize(count: 1)
            sources[index].deallocateHot()
        }
        for index in 0..<panes.count {
            panes[index].deinitialize(count: 1)
            panes[index].deallocateHot()
        }
        for index in 0..<paths.count {
            paths[index].deinitialize(count: 1)
            paths[index].deallocate()
        }
    }

    func stream(_ role: StreamRole) -> UnsafeMutablePointer<StreamState>? {
        switch role {
        case .audio: audio
        case .video: video.pointee.stream
        case .slides: slides?.pointee.stream
        // Of these there are several.
        case .pane: nil
        }
    }

    /// One more camera can be shown.
    mutating func add(pane: UnsafeMutablePointer<PictureState>) {
        pane.pointee.stream.pointee.picture = pane
        panes.append(pane)
        pictures.append(pane)
        pictures.moveToFront(pane)
        streams.append(pane.pointee.stream)
    }

    /// The point arranges pictures itself, as they come: nothing is composed for it.
    var arrangesItself: Bool {
        guard paneUse != .none else { return false }
        for index in 0..<panes.count where panes[index].pointee.stream.pointee.sends { return true }
        return false
    }

    /// The transport on a stream's sockets, made where there is none yet.
    mutating func path(ledBy lead: UnsafeMutablePointer<StreamState>) -> UnsafeMutablePointer<PathState> {
        for index in 0..<paths.count where paths[index].pointee.lead == lead { return paths[index] }
        let path = UnsafeMutablePointer<PathState>.allocate(capacity: 1)
        path.initialize(to: PathState(lead: lead))
        paths.append(path)
        return path
    }

    /// Slides are to be had too. Once a leg.
    mutating func add(slides: UnsafeMutablePointer<PictureState>) {
        self.slides = slides
        take(slides)
    }

    /// The camera's picture comes in one more size.
    mutating func add(layer: UnsafeMutablePointer<PictureState>) {
        layers.append(layer)
        take(layer, isView: false)
    }

    private mutating func take(_ picture: UnsafeMutablePointer<PictureState>, isView: Bool = true) {
        let stream = picture.pointee.stream
        stream.pointee.picture = picture
        if isView { pictures.append(picture) }
        sources.append(picture)
        streams.append(stream)
    }

    /// The bridge accepts media from the peer.
    var receives: Bool {
        for index in 0..<streams.count where streams[index].pointee.receives { return true }
        return false
    }

    /// The peer accepts media from the bridge.
    var sends: Bool {
        for index in 0..<streams.count where streams[index].pointee.sends { return true }
        return false
    }

    /// When the next report of one of its streams is due, on the monotonic clock; `.max` for never.
    var nextReportAt: UInt64 {
        var next = UInt64.max
        for index in 0..<streams.count {
            let stream = streams[index]
            guard stream.pointee.sends || stream.pointee.receives, stream.pointee.nextReportAt != 0 else { continue }
            next = min(next, stream.pointee.nextReportAt)
        }
        return next
    }

    /// When the last authenticated packet of any stream came; the start of the leg before the first.
    var lastPacketAt: UInt64 {
        var last = startedAt
        for index in 0..<streams.count { last = max(last, streams[index].pointee.lastPacketAt) }
        return last
    }
}
