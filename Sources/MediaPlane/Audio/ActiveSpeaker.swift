/// Chooses whose picture a room sees: the one who speaks, held long enough that short interjections change nothing.
///
/// Fed once a 20 ms tick with everyone who speaks; `Key` names a leg.
struct ActiveSpeaker<Key: Hashable> {
    /// A speaker takes over from one who is silent after this many frames (300 ms)…
    private static var framesToTakeSilentFloor: Int { 15 }
    /// …and from one who still speaks after this many frames of being clearly louder (1 s).
    private static var framesToTakeHeldFloor: Int { 50 }
    private static var louder: Float { 6 }
    /// With nobody speaking for this long (3 s), the room has no speaker.
    private static var framesToFallSilent: Int { 150 }

    /// Whoever speaks now; nil after a silence.
    private(set) var current: Key?
    private var challenger: Key?
    private var challengerFrames = 0
    private var silentFrames = 0
    private var smoothed: [Key: Float] = [:]

    /// One tick. `speakers` lists each speaking leg with its level in dBov. Returns true when `current` changed.
    mutating func tick(_ speakers: some Sequence<(key: Key, level: Float)>) -> Bool {
        let before = current
        var loudest: (key: Key, level: Float)?
        var currentLevel: Float?
        for speaker in speakers {
            let level = (smoothed[speaker.key] ?? speaker.level) * 0.9 + speaker.level * 0.1
            smoothed[speaker.key] = level
            if speaker.key == current {
                currentLevel = level
            } else if loudest == nil || level > loudest!.level {
                loudest = (speaker.key, level)
            }
        }
        if currentLevel == nil && loudest == nil {
            silentFrames += 1
            if silentFrames >= Self.framesToFallSilent { current = nil }
        } else {
            silentFrames = 0
        }
        consider(loudest, against: currentLevel)
        return current != before
    }

    mutating func remove(_ key: Key) {
        smoothed[key] = nil
        if current == key { current = nil }
        if challenger == key { challenger = nil }
    }

    private mutating func consider(_ loudest: (key: Key, level: Float)?, against currentLevel: Float?) {
        guard let loudest, currentLevel == nil || loudest.level > currentLevel! + Self.louder else {
            challenger = nil
            challengerFrames = 0
            return
        }
        challengerFrames = loudest.key == challenger ? challengerFrames + 1 : 1
        challenger = loudest.key
        let needed =
            current == nil ? 1 : currentLevel == nil ? Self.framesToTakeSilentFloor : Self.framesToTakeHeldFloor
        if challengerFrames >= needed {
            current = loudest.key
            challenger = nil
            challengerFrames = 0
        }
    }
}
