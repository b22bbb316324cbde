/// The clips that a leg or a room is to hear, one after another. Bounded, and nothing is allocated.
///
/// While one plays, everybody else is softer by 12 dB: a notice is understood over a speaker, and the speaker goes on being
/// followed, where silence would cut a word out of the meeting.
struct ClipQueue: ~Copyable {
    static let capacity = 8
    private static let duckedGain: Float = 0.25

    private struct Entry {
        var clip: Unmanaged<SoundClip>
        var id: PlaybackID
    }

    private var entries = InlineArray<8, Entry?>(repeating: nil)
    private var first = 0
    private var count = 0
    /// Samples of the first that were played.
    private var position = 0
    /// How loud the others are; it glides over one frame.
    private(set) var gain: Float = 1
    private(set) var gainBefore: Float = 1

    deinit {
        for index in entries.indices { entries[index]?.clip.release() }
    }

    /// The gain of others at both ends of the frame that `play` makes next.
    var nextGains: (Float, Float) { (gain, count > 0 ? Self.duckedGain : 1) }
    /// The next frame is not just what the others say.
    var isHeard: Bool { count > 0 || gain != 1 }

    /// False when it is full.
    mutating func append(_ clip: SoundClip, _ id: PlaybackID) -> Bool {
        guard count < Self.capacity else { return false }
        entries[(first + count) % Self.capacity] = Entry(clip: .passRetained(clip), id: id)
        count += 1
        return true
    }

    /// Writes the next 20 ms, silence where nothing plays, and moves the others' gain. Returns the playing that ended.
    mutating func play(into frame: UnsafeMutablePointer<Int16>) -> PlaybackID? {
        gainBefore = gain
        gain = count > 0 ? Self.duckedGain : 1
        guard count > 0, let entry = entries[first] else {
            frame.update(repeating: 0, count: MixFrame.samples)
            return nil
        }
        let (made, isOver) = entry.clip._withUnsafeGuaranteedRef { clip in
            let made = min(MixFrame.samples, clip.count - position)
            if made > 0 { frame.update(from: clip.samples + position, count: made) }
            return (made, position + made >= clip.count)
        }
        if made < MixFrame.samples { (frame + made).update(repeating: 0, count: MixFrame.samples - made) }
        position += made
        guard isOver else { return nil }
        removeFirst()
        return entry.id
    }

    /// Gives up all that wait and play, one a call; nil when there is none.
    mutating func takeNext() -> PlaybackID? {
        guard count > 0, let entry = entries[first] else { return nil }
        removeFirst()
        return entry.id
    }

    private mutating func removeFirst() {
        entries[first]?.clip.release()
        entries[first] = nil
        first = (first + 1) % Self.capacity
        count -= 1
        position = 0
    }
}
