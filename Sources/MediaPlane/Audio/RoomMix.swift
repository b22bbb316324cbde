import Codecs
import Congestion
import RTP

/// The buffers of one room's mix, and the encoders that everyone who only listens shares: one for each codec, and
/// for Opus one for each kind of line.
struct RoomMix: ~Copyable {
    private static let codecs = 4
    private static let encodings = codecs + MixEncoder.Line.allCases.count - 1

    /// The sum of everyone who is audible, 20 ms.
    let sum: UnsafeMutablePointer<Int32>
    /// Room for what one leg alone hears, and for a clip's frame.
    let overlay: UnsafeMutablePointer<Int32>
    let clip: UnsafeMutablePointer<Int16>
    /// Of the sum, in dBov.
    private(set) var level: Float = -127
    /// The shared payload of each encoding in this tick.
    private let payloads: UnsafeMutablePointer<UInt8>
    private let lengths: UnsafeMutablePointer<Int>
    /// Whether each was not needed in the last tick.
    private let isStale: UnsafeMutablePointer<Bool>
    private let encoders: UnsafeMutablePointer<UnsafeMutablePointer<MixEncoder>?>

    init() {
        sum = .allocate(capacity: MixFrame.samples)
        overlay = .allocate(capacity: MixFrame.samples)
        clip = .allocate(capacity: MixFrame.samples)
        payloads = .allocate(capacity: Self.encodings * MixEncoder.mostBytes)
        lengths = .allocate(capacity: Self.encodings)
        lengths.initialize(repeating: -1, count: Self.encodings)
        isStale = .allocate(capacity: Self.encodings)
        isStale.initialize(repeating: false, count: Self.encodings)
        encoders = .allocate(capacity: Self.encodings)
        encoders.initialize(repeating: nil, count: Self.encodings)
    }

    deinit {
        for index in 0..<Self.encodings {
            encoders[index]?.deinitialize(count: 1)
            encoders[index]?.deallocate()
        }
        sum.deallocate()
        overlay.deallocate()
        clip.deallocate()
        payloads.deallocate()
        lengths.deallocate()
        isStale.deallocate()
        encoders.deallocate()
    }

    /// Begins a tick.
    mutating func clear() {
        sum.update(repeating: 0, count: MixFrame.samples)
        for index in 0..<Self.encodings { isStale[index] = lengths[index] < 0 }
        lengths.update(repeating: -1, count: Self.encodings)
    }

    /// The sum is whole.
    mutating func measure() { level = MixArithmetic.level(UnsafePointer(sum), less: nil, count: MixFrame.samples) }

    /// The mix for listeners of `codec` on such lines, encoded on the first call of a tick.
    mutating func shared(_ codec: MediaCodec, for line: MixEncoder.Line) -> UnsafeRawBufferPointer? {
        guard Int(codec.rawValue) < Self.codecs else { return nil }
        // Only Opus makes a difference between lines.
        let index = codec == .opus && line != .clean ? Self.codecs + line.rawValue - 1 : Int(codec.rawValue)
        let payload = payloads + index * MixEncoder.mostBytes
        if lengths[index] < 0 {
            if encoders[index] == nil {
                guard let encoder = try? MixEncoder(codec, for: line) else { return nil }
                let place = UnsafeMutablePointer<MixEncoder>.allocate(capacity: 1)
                place.initialize(to: encoder)
                encoders[index] = place
            } else if isStale[index] {
                encoders[index]?.pointee.reset()
            }
            lengths[index] = encoders[index]?.pointee.encode(sum, less: nil, into: payload) ?? 0
        }
        return lengths[index] > 0 ? UnsafeRawBufferPointer(start: payload, count: lengths[index]) : nil
    }
}

/// What a leg hears while it talks itself: the mix without its own voice, from an encoder of its own.
struct AudioOutput: ~Copyable {
    /// A leg that fell silent keeps its encoder for this many frames (2 s), so that a pause between words costs nothing.
    private static let keptFrames = 100

    /// Silence is left out after so many frames of it (200 ms)…
    private static let framesToPause = 10
    /// …but for one in so many (400 ms), as Opus itself does it, so that the peer hears that the call lasts.
    private static let framesBetweenSigns = 20

    private var own: UnsafeMutablePointer<MixEncoder>?
    private var framesLeft = 0
    private var startsAnew = false
    private var steering = OpusLossSteering()
    private var framesSilent = 0
    /// Silence was left out before the frame that is due.
    private(set) var resumes = false

    /// The kind of line that the leg is on, as the peer's reports have it.
    var line: MixEncoder.Line { MixEncoder.Line(steering.protection) }

    /// The peer told how much of what it was sent since it told last is lost, 0...1.
    mutating func report(loss: Double) { _ = steering.report(loss: loss) }

    /// Whether a peer that likes silence left out (RFC 7587 §6.1, `usedtx`) is sent nothing in this tick; called once in
    /// each. On a line that loses much, the packet after a silence would be the one that is missed.
    mutating func pauses(isSilent: Bool) -> Bool {
        framesSilent = isSilent ? framesSilent + 1 : 0
        let past = framesSilent - Self.framesToPause
        let pauses = past > 0 && past % Self.framesBetweenSigns != 0 && steering.protection.mayPause
        resumes = pauses || resumes && past > 0
        return pauses
    }

    deinit {
        own?.deinitialize(count: 1)
        own?.deallocate()
    }

    /// Whether the leg is to be sent its own mix in this tick rather than the shared one.
    mutating func needsOwn(audible: Bool) -> Bool {
        if audible && framesLeft == 0 { startsAnew = true }
        framesLeft = audible ? Self.keptFrames : max(0, framesLeft - 1)
        return needsOwn
    }

    /// What that said last.
    var needsOwn: Bool { framesLeft > 0 }

    mutating func encode(
        _ codec: MediaCodec, _ sum: UnsafePointer<Int32>, less frame: UnsafePointer<Int16>?,
        into bytes: UnsafeMutableRawPointer
    ) -> Int {
        let line = line
        if own?.pointee.codec != codec || own?.pointee.line != line {
            own?.deinitialize(count: 1)
            own?.deallocate()
            own = nil
            guard let encoder = try? MixEncoder(codec, for: line) else { return 0 }
            let place = UnsafeMutablePointer<MixEncoder>.allocate(capacity: 1)
            place.initialize(to: encoder)
            own = place
        } else if startsAnew {
            own?.pointee.reset()
        }
        startsAnew = false
        return own?.pointee.encode(sum, less: frame, into: bytes) ?? 0
    }
}
