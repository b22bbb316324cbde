/// A room on its worker: its legs, who speaks, and the mix that its listeners share.
struct RoomState: ~Copyable {
    let id: MediaRoomID
    /// Sound was agreed on with somebody, or else the audio tick until which the last of it may still be heard.
    var hasSound = false
    var soundEndsAt: UInt64 = 0
    var presentation = Presentation()
    /// Unmanaged, so that the packet path counts no references; retained by `setTap`.
    private(set) var tap: Unmanaged<TapRing>?
    var reportedDrops: UInt64 = 0
    /// Most recent speaker first; those who never spoke follow in the order of their coming.
    var legs = PointerList<LegState>()
    /// The pictures of all legs in which something is shown, in one list: what a packet's way out walks.
    var viewers = PointerList<PictureState>()
    /// Legs that carry others to other bridges. They are nobody: in neither of the lists above.
    var carriers = PointerList<LegState>()
    var speaker = ActiveSpeaker<LegID>()
    var talkers = Talkers()
    var mix = RoomMix()
    /// Legs begin muted here.
    let mutesNewcomers: Bool
    /// Whose camera all see, whoever speaks.
    var spotlight: LegID?
    /// What all are told.
    var clips = ClipQueue()
    /// Where not 0, everybody hears and sees itself, so many frames of 20 ms later.
    var echoFrames = 0
    var care = SoundCare()
    /// A clip is in this tick's sum.
    var isAnnounced = false
    /// What its points are shown, those of which nothing else is said.
    var layout = RoomLayout.forwarded
    var captions = RoomCaptions()
    /// The bridge's own seat, where composed pictures come from; made with the first.
    var stage: UnsafeMutablePointer<LegState>?

    init(id: MediaRoomID, tap: TapRing?, mutesNewcomers: Bool) {
        self.id = id
        self.mutesNewcomers = mutesNewcomers
        setTap(tap)
    }

    deinit { tap?.release() }

    mutating func setTap(_ ring: TapRing?) {
        tap?.release()
        tap = ring.map(Unmanaged.passRetained)
        reportedDrops = ring?.droppedEntries ?? 0
    }
}
