import Crypto
import Foundation

/// Writes into the sound of a copy for whom it was made. The level goes up or down by a quarter of a decibel, ten times a
/// second, by the signs of a ``TraceSequence``: far below what is heard, and what codecs, resampling, filters and recording
/// again by a microphone leave in place. ``TraceDetector`` finds it beside the original.
public struct SoundTrace {
    /// Seconds for which a sign lasts.
    static let chipSeconds = 0.1
    /// Decibels up or down.
    static let depth: Float = 0.25
    /// Of a chip, in which the level goes over from the one before.
    private static let ramp = 0.2

    private var signs: TraceSequence
    private let channels: Int
    private let chipFrames: Int
    private var frame: UInt64 = 0
    private var gains: (before: Float, now: Float)

    /// - Parameters:
    ///   - sampleRate: 8,000 to 192,000 Hz.
    ///   - channels: of interleaved samples.
    public init(_ signs: TraceSequence, sampleRate: Int, channels: Int) {
        self.signs = signs
        self.channels = max(1, channels)
        chipFrames = max(1, Int(Double(min(max(sampleRate, 8_000), 192_000)) * Self.chipSeconds))
        let first = Self.gain(self.signs.sign(0))
        gains = (first, first)
    }

    private static func gain(_ sign: Float) -> Float { Float(pow(10, Double(sign * depth) / 20)) }

    /// The next samples, interleaved: whole frames.
    public mutating func apply(to samples: UnsafeMutableBufferPointer<Int16>) {
        let ramp = max(1, Int(Double(chipFrames) * Self.ramp))
        for index in 0..<samples.count / channels {
            let place = Int(frame % UInt64(chipFrames))
            if place == 0, frame > 0 { gains = (gains.now, Self.gain(signs.sign(frame / UInt64(chipFrames)))) }
            var gain = gains.now
            if place < ramp {
                let weight = Float(0.5 - 0.5 * cos(Double.pi * (Double(place) + 0.5) / Double(ramp)))
                gain = gains.before + (gains.now - gains.before) * weight
            }
            for channel in 0..<channels {
                let sample = (Float(samples[index * channels + channel]) * gain).rounded()
                samples[index * channels + channel] = Int16(min(max(sample, -32_768), 32_767))
            }
            frame &+= 1
        }
    }
}
