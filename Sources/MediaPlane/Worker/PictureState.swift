import Congestion
import RTP

/// One of a leg's streams of pictures, the camera's or slides: what comes in by it, and what its peer is shown there.
struct PictureState: ~Copyable {
    enum Content: Hashable {
        case camera, slides
        /// Nothing comes in: one more camera is shown there.
        case pane
    }

    let stream: UnsafeMutablePointer<StreamState>
    var temporalLimit = TemporalLayerFilter()
    /// How fast its pictures leave to the peer.
    var pacer = Pacer()
    /// The picture that the peer is shown.
    var view: PictureView
    /// How many lines of the cache the above takes, as far as most packets to a viewer touch it.
    static let linesToShow = 3

    let content: Content
    let leg: UnsafeMutablePointer<LegState>
    /// Whose camera a pane is to show.
    var subject: LegID?

    /// Requests that go to the peer for a keyframe of its picture.
    var keyframes = KeyframeGovernor()
    /// Its newest pictures; nil until they are sent to somebody who may ask for them again.
    var history: UnsafeMutablePointer<PacketHistory>?
    /// Packets that the peer may still be sent again, till the next tenth of a second.
    var retransmissionsLeft = 0
    /// What it would be shown over a line that carries everything.
    var candidate: UnsafeMutablePointer<PictureState>?
    /// How much of it the line carries.
    var ladder = QualityLadder()
    var hasLadder = false
    /// When the newest keyframe began to be sent to the peer; 0 for none.
    var keyframeSentAt: UInt64 = 0

    /// What comes of it, in bit/s, and what that was measured from.
    var rate: UInt64 = 0
    var measuredAt: UInt64 = 0
    var measuredBytes: UInt64 = 0
    /// Made by the studio, without a peer behind it.
    var production: ProductionID?
    /// Its packets are copied for the studio.
    var isFilmed = false
    /// The studio could make nothing of them, and is not asked again before then.
    var undecodableUntil: UInt64 = 0
    var motion = PictureMotion()
    /// Temporal layers that were seen (RFC 7741 §4.2).
    var temporalLayers: UInt8 = 1
    /// How often its numbers began anew: what viewers know it by (`Worker.viewID`) is another each time.
    private(set) var beginnings: UInt32 = 0
    /// What came of its newest pictures, and what they lack: large, and so the last.
    var arrivals = ArrivalWindow()
    var losses = LossDetector()

    init(
        _ content: Content, of leg: UnsafeMutablePointer<LegState>, sockets: PortAllocator.Pair, track: UInt16,
        sources: StreamSources, random: inout some RandomNumberGenerator
    ) {
        self.content = content
        self.leg = leg
        view = PictureView(random: &random)
        stream = .allocateHot()
        stream.initialize(
            to: StreamState(isVideo: true, of: leg, sockets: sockets, track: track, sources: sources, random: &random))
    }

    deinit {
        history?.deinitialize(count: 1)
        history?.deallocate()
        stream.deinitialize(count: 1)
        stream.deallocateHot()
    }

    /// It comes by another SSRC from now on.
    mutating func changeSource() {
        losses = LossDetector()
        arrivals = ArrivalWindow()
        beginAnew()
    }

    /// Its numbers may be those that it gave before: of what was sent nothing is sent again.
    mutating func beginAnew() {
        beginnings &+= 1
        forgetHistory()
    }

    mutating func forgetHistory() {
        history?.deinitialize(count: 1)
        history?.deallocate()
        history = nil
    }

    /// Its packets may have something to do: it is no pane, or one that shows somebody.
    var isLookedAt: Bool { content != .pane || subject != nil }

    /// The peer can show what another stream's peer sends.
    func canShow(_ source: UnsafeMutablePointer<PictureState>) -> Bool {
        guard stream.pointee.sends, let format = source.pointee.stream.pointee.receivedFormat else { return false }
        return stream.pointee.payloadType(for: format) != nil
    }
}

/// What a peer is shown in one stream: a source, and the source it waits for.
struct PictureView {
    typealias Source = UnsafeMutablePointer<PictureState>
    private(set) var current: Source?
    /// Where it differs from `current`: the switch is made when a keyframe of it begins.
    private(set) var wanted: Source?
    var rewriter: StreamRewriter

    init(random: inout some RandomNumberGenerator) {
        // Below 2^15, so that a peer that misses the first packets misses no rollover with them (RFC 3711 §3.3.1).
        let first: UInt16 = random.next()
        rewriter = StreamRewriter(clockRate: 90_000, firstSequence: first >> 1, firstTimestamp: random.next())
    }

    /// Waits for a source, going on with the one before meanwhile; for nil it stops at once.
    mutating func want(_ source: Source?) {
        wanted = source
        if source == nil, current != nil {
            current = nil
            rewriter.interrupt()
        }
    }

    /// A keyframe of the wanted source begins. `id` names the source to the rewriter.
    mutating func takeUp(_ id: UInt32) {
        current = wanted
        rewriter.switchSource(to: id)
    }

    /// A source is no more.
    mutating func forget(_ source: Source) {
        if current == source {
            current = nil
            rewriter.interrupt()
        }
        if wanted == source { wanted = nil }
    }
}
