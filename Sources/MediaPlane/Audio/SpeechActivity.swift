/// Whether a leg speaks, judged from the levels of its frames of 20 ms.
///
/// A frame is active when it stands out from the leg's own noise floor. A leg is *audible* from its first active frame
/// on, so that no word loses its beginning, and *speaking* only after a few, so that a cough does not move the picture.
struct SpeechActivity {
    private static let floorLimit: Float = -40
    private static let quietest: Float = -127
    private static let margin: Float = 9
    private static let absoluteThreshold: Float = -52
    private static let onsetFrames = 4
    private static let hangoverFrames = 25
    private static let loudnessFall: Float = 0.2

    /// Level of the last frame in dBov (RFC 6464): 0 is the loudest, -127 silence.
    private(set) var level: Float = quietest
    /// The level of the loudest recent frame, in dBov: falls by 10 dB a second.
    private(set) var loudness: Float = quietest
    private(set) var isSpeaking = false
    private var noiseFloor: Float = -60
    private var activeFrames = 0
    private var hangover = 0

    var isAudible: Bool { hangover > 0 }

    mutating func update(level: Float) {
        self.level = level
        loudness = max(level, loudness - Self.loudnessFall)
        let isActive = level > max(Self.absoluteThreshold, noiseFloor + Self.margin)
        if isActive {
            activeFrames = min(activeFrames + 1, Self.onsetFrames)
            hangover = Self.hangoverFrames
            // A steady sound is taken for noise only slowly, about 1 dB a second.
            noiseFloor = min(noiseFloor + 0.02, Self.floorLimit)
        } else {
            hangover = max(0, hangover - 1)
            if hangover == 0 { activeFrames = 0 }
            // What is softer between syllables is no noise: the floor rises only after a pause.
            if hangover == 0 || level < noiseFloor {
                noiseFloor = min(max(noiseFloor * 0.95 + max(level, -90) * 0.05, -90), Self.floorLimit)
            }
        }
        isSpeaking = activeFrames == Self.onsetFrames && hangover > 0
    }

    /// 20 ms that were not listened to, for they hold no speech: the noise floor stays as it was last heard.
    mutating func rest() {
        hangover = max(0, hangover - 1)
        if hangover == 0 { activeFrames = 0 }
        isSpeaking = isSpeaking && hangover > 0
        loudness = max(loudness - Self.loudnessFall, Self.quietest)
    }

    mutating func silence() { update(level: Self.quietest) }

    /// 20 ms of a leg that is muted: its meter shows them, and it counts as silent.
    mutating func mute(level: Float) {
        silence()
        loudness = max(level, loudness)
    }
}
