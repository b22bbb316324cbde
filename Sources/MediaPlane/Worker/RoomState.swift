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
    var speaker = ActiveSpeaker<LegID>()
    var talkers = Talkers()
    var mix = RoomMix()
    /// What all are told.
    var clips = ClipQueue()
    /// Where not 0, everybody hears and sees itself, so many frames of 20 ms later.
    var echoFrames = 0
    /// A clip is in this tick's sum.
    var isAnnounced = false

    init(id: MediaRoomID, tap: TapRing?) {
        self.id = id
        setTap(tap)
    }

    deinit { tap?.release() }

    mutating func setTap(_ ring: TapRing?) {
        tap?.release()
        tap = ring.map(Unmanaged.passRetained)
        reportedDrops = ring?.droppedEntries ?? 0
    }
}
