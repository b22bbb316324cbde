/// Sound that is ready to be played into rooms: mono at 48 kHz, never changed once made, so that workers read it in place.
///
/// `@unchecked Sendable`: the samples are written before anybody else knows of the clip.
public final class SoundClip: @unchecked Sendable {
    /// In Hz.
    public static let sampleRate = MixFrame.sampleRate
    /// What is longer is cut off (two minutes).
    public static let mostSamples = 120 * sampleRate

    let samples: UnsafePointer<Int16>
    public let count: Int

    public init(_ samples: some Collection<Int16>) {
        count = min(samples.count, Self.mostSamples)
        let place = UnsafeMutablePointer<Int16>.allocate(capacity: max(count, 1))
        var index = 0
        for sample in samples.prefix(count) {
            place[index] = sample
            index += 1
        }
        self.samples = UnsafePointer(place)
    }

    /// One clip after another, with a pause between.
    public convenience init(joining clips: [SoundClip], pause: Duration = .milliseconds(120)) {
        let silence = Int(pause / .seconds(1) * Double(Self.sampleRate))
        var joined: [Int16] = []
        for clip in clips {
            if !joined.isEmpty { joined.append(contentsOf: repeatElement(0, count: max(0, silence))) }
            joined.append(contentsOf: UnsafeBufferPointer(start: clip.samples, count: clip.count))
        }
        self.init(joined)
    }

    deinit { samples.deallocate() }

    public var duration: Duration { .seconds(Double(count) / Double(Self.sampleRate)) }
}

/// One playing of a clip; unique for the life of the process.
public struct PlaybackID: Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// Who hears a clip.
public enum ClipAudience: Sendable {
    case room(MediaRoomID)
    case legs([LegID])
}

/// How a playing of a clip ended.
public enum ClipEnd: Sendable, Equatable {
    case played
    /// It was stopped, or whoever was to hear it left.
    case cut
    /// Too many wait already, or the leg carries another: nobody listens there.
    case refused
}
