import Glibc

/// What a room does for the sound of those who are heard.
public struct SoundCare: Sendable, Hashable {
    /// Who is far too soft is made louder, who is far too loud softer.
    public var automaticGain: Bool
    /// Steady noise is taken out of voices.
    public var noiseSuppression: Bool

    public init(automaticGain: Bool = false, noiseSuppression: Bool = false) {
        self.automaticGain = automaticGain
        self.noiseSuppression = noiseSuppression
    }
}

/// What is wrong with the sound that a leg sends, and by what it was found.
public enum SoundTrouble: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable { case noise, echo, howl }

    /// Steady loud sound that is no speech, at so many dBov.
    case noise(level: Double)
    /// It returns what it was sent, so much later and softer. The correlation is of envelopes, 0 to 1.
    case echo(milliseconds: Int, correlation: Double, attenuation: Double)
    /// One pitch that grows: its microphone hears its loudspeaker.
    case howl(hertz: Double, level: Double)

    public var kind: Kind {
        switch self {
        case .noise: .noise
        case .echo: .echo
        case .howl: .howl
        }
    }
}

/// Brings a voice into the range in which voices are good to hear, and leaves alone whatever is in there: most are, and what
/// is not touched cannot be spoilt.
struct AutomaticGain {
    /// Of active speech, in dBov. −26 is what telephony aims at (ITU-T P.56).
    private static let softest: Float = -32
    private static let loudest: Float = -14
    /// In dB.
    private static let mostGain: Float = 15
    private static let mostCut: Float = -12
    /// dB a frame: 3 dB/s up, 20 dB/s down.
    private static let rise: Float = 0.06
    private static let fall: Float = 0.4
    /// A frame counts as speech within so many dB of the loudest lately.
    private static let depth: Float = 12
    private static let ceiling: Float = 30_000

    private var speechLevel: Float?
    private var decibels: Float = 0
    private var gain: Float = 1

    /// The gain at both ends of a frame of this level (dBov) and peak; 1 and 1 leave it as it is.
    mutating func gains(level: Float, loudness: Float, isSpeaking: Bool, peak: Float) -> (Float, Float) {
        if isSpeaking, level > loudness - Self.depth {
            speechLevel = speechLevel.map { $0 + (level - $0) * 0.02 } ?? level
        }
        let before = gain
        if let speechLevel {
            let wanted =
                speechLevel < Self.softest
                ? min(Self.softest - speechLevel, Self.mostGain)
                : speechLevel > Self.loudest ? max(Self.loudest - speechLevel, Self.mostCut) : 0
            decibels += max(-Self.fall, min(Self.rise, wanted - decibels))
        }
        gain = decibels == 0 ? 1 : Self.linear(decibels)
        // A sudden shout is not made louder still.
        if gain > 1, peak * gain > Self.ceiling { gain = max(1, Self.ceiling / peak) }
        return (before, gain)
    }
}

extension AutomaticGain {
    static func linear(_ decibels: Float) -> Float { powf(10, decibels / 20) }
}
