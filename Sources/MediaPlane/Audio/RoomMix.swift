import Codecs
import RTP

/// The buffers of one room's mix, and the encoders that everyone who only listens shares: one for each codec.
struct RoomMix: ~Copyable {
    private static let codecs = 4

    /// The sum of everyone who is audible, 20 ms.
    let sum: UnsafeMutablePointer<Int32>
    /// The shared payload of each audio codec in this tick.
    private let payloads: UnsafeMutablePointer<UInt8>
    private let lengths: UnsafeMutablePointer<Int>
    private let encoders: UnsafeMutablePointer<UnsafeMutablePointer<MixEncoder>?>

    init() {
        sum = .allocate(capacity: MixFrame.samples)
        payloads = .allocate(capacity: Self.codecs * MixEncoder.mostBytes)
        lengths = .allocate(capacity: Self.codecs)
        lengths.initialize(repeating: -1, count: Self.codecs)
        encoders = .allocate(capacity: Self.codecs)
        encoders.initialize(repeating: nil, count: Self.codecs)
    }

    deinit {
        for index in 0..<Self.codecs {
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
        lengths.update(repeating: -1, count: Self.codecs)
    }

    /// The mix for listeners of `codec`, encoded on the first call of a tick.
    mutating func shared(_ codec: MediaCodec) -> UnsafeRawBufferPointer? {
        let index = Int(codec.rawValue)
        guard index < Self.codecs else { return nil }
        let payload = payloads + index * MixEncoder.mostBytes
        if lengths[index] < 0 {
            if encoders[index] == nil {
                guard let encoder = try? MixEncoder(codec) else { return nil }
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

    private var own: UnsafeMutablePointer<MixEncoder>?
    private var framesLeft = 0

    deinit {
        own?.deinitialize(count: 1)
        own?.deallocate()
    }

    /// Whether the leg is to be sent its own mix in this tick rather than the shared one.
    mutating func needsOwn(audible: Bool) -> Bool {
        framesLeft = audible ? Self.keptFrames : max(0, framesLeft - 1)
        return framesLeft > 0
    }

    mutating func encode(
        _ codec: MediaCodec, _ sum: UnsafePointer<Int32>, less frame: UnsafePointer<Int16>?,
        into bytes: UnsafeMutableRawPointer
    ) -> Int {
        if own?.pointee.codec != codec {
            own?.deinitialize(count: 1)
            own?.deallocate()
            own = nil
            guard let encoder = try? MixEncoder(codec) else { return 0 }
            let place = UnsafeMutablePointer<MixEncoder>.allocate(capacity: 1)
            place.initialize(to: encoder)
            own = place
        }
        return own?.pointee.encode(sum, less: frame, into: bytes) ?? 0
    }
}
