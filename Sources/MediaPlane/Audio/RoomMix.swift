import Codecs
import RTP

/// The buffers of one room's mix, and the encoders that everyone who only listens shares: one for each codec, and
/// for Opus one for the lines that lose packets.
struct RoomMix: ~Copyable {
    private static let codecs = 4
    private static let encodings = codecs + 1

    /// The sum of everyone who is audible, 20 ms.
    let sum: UnsafeMutablePointer<Int32>
    /// The shared payload of each encoding in this tick.
    private let payloads: UnsafeMutablePointer<UInt8>
    private let lengths: UnsafeMutablePointer<Int>
    private let encoders: UnsafeMutablePointer<UnsafeMutablePointer<MixEncoder>?>

    init() {
        sum = .allocate(capacity: MixFrame.samples)
        payloads = .allocate(capacity: Self.encodings * MixEncoder.mostBytes)
        lengths = .allocate(capacity: Self.encodings)
        lengths.initialize(repeating: -1, count: Self.encodings)
        encoders = .allocate(capacity: Self.encodings)
        encoders.initialize(repeating: nil, count: Self.encodings)
    }

    deinit {
        for index in 0..<Self.encodings {
            encoders[index]?.deinitialize(count: 1)
            encoders[index]?.deallocate()
        }
        sum.deallocate()
        payloads.deallocate()
        lengths.deallocate()
        encoders.deallocate()
    }

    /// Begins a tick.
    mutating func clear() {
        sum.update(repeating: 0, count: MixFrame.samples)
        lengths.update(repeating: -1, count: Self.encodings)
    }

    /// The mix for listeners of `codec` on such lines, encoded on the first call of a tick.
    mutating func shared(_ codec: MediaCodec, for line: MixEncoder.Line) -> UnsafeRawBufferPointer? {
        guard Int(codec.rawValue) < Self.codecs else { return nil }
        // Only Opus makes a difference between lines.
        let index = codec == .opus && line == .lossy ? Self.codecs : Int(codec.rawValue)
        let payload = payloads + index * MixEncoder.mostBytes
        if lengths[index] < 0 {
            if encoders[index] == nil {
                guard let encoder = try? MixEncoder(codec, for: line) else { return nil }
                let place = UnsafeMutablePointer<MixEncoder>.allocate(capacity: 1)
                place.initialize(to: encoder)
                encoders[index] = place
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

    /// The share of packets that a peer must report lost to be sent what bears loss…
    private static let lossLimit = 0.02
    /// …for this many frames (30 s) from its last such report.
    private static let lossyFrames = 1_500

    private var own: UnsafeMutablePointer<MixEncoder>?
    private var framesLeft = 0
    private var startsAnew = false
    private var lossyFramesLeft = 0

    /// The kind of line that the leg is on, as the peer's reports have it.
    var line: MixEncoder.Line { lossyFramesLeft > 0 ? .lossy : .clean }

    /// Takes note of what the peer reports, once a tick.
    mutating func note(fractionLost: Double) {
        lossyFramesLeft = fractionLost >= Self.lossLimit ? Self.lossyFrames : max(0, lossyFramesLeft - 1)
    }

    deinit {
        own?.deinitialize(count: 1)
        own?.deallocate()
    }

    /// Whether the leg is to be sent its own mix in this tick rather than the shared one.
    mutating func needsOwn(audible: Bool) -> Bool {
        if audible && framesLeft == 0 { startsAnew = true }
        framesLeft = audible ? Self.keptFrames : max(0, framesLeft - 1)
        return framesLeft > 0
    }

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
