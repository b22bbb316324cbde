/// A room on its worker: its legs, who speaks, and the mix that its listeners share.
struct RoomState: ~Copyable {
    let id: MediaRoomID
    /// Unmanaged, so that the packet path counts no references; retained by `setTap`.
    private(set) var tap: Unmanaged<TapRing>?
    var reportedDrops: UInt64 = 0
    /// Most recent speaker first; those who never spoke follow in the order of their coming.
    var legs = PointerList<LegState>()
    var speaker = ActiveSpeaker<LegID>()
    var talkers = Talkers()
    var mix = RoomMix()
    var presentation = Presentation()
    /// Legs begin muted here.
    let mutesNewcomers: Bool
    /// Whose camera all see, whoever speaks.
    var spotlight: LegID?

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
