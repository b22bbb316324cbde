import Codecs
import RTP

/// The mixer's clock: 20 ms of 48 kHz mono, everywhere.
enum MixFrame {
    static let sampleRate = 48_000
    static let samples = 960
    static let nanoseconds: UInt64 = 20_000_000
}

/// Encodes mixed frames for one codec: for one talker, or for all who only listen.
struct MixEncoder: ~Copyable {
    /// The most bytes that a frame takes in any codec.
    static let mostBytes = OpusEncoder.maximumFrameBytes

    let codec: MediaCodec
    // Which of these there are follows from the codec.
    private var opus: OpusEncoder?
    private var g722: G722Encoder?
    private var resampler: Resampler?
    private var limiter = MixLimiter()
    private let frame: UnsafeMutablePointer<Int16>
    private let narrow: UnsafeMutablePointer<Int16>

    init(_ codec: MediaCodec) throws(CodecError) {
        switch codec {
        case .opus:
            var opus = try OpusEncoder(channels: 1, application: .voice, bitrate: 48_000, complexity: 5)
            try opus.setForwardErrorCorrection(true)
            try opus.setExpectedLoss(percent: 5)
            self.opus = consume opus
        case .g722:
            g722 = try G722Encoder()
            resampler = try Resampler(from: 48_000, to: 16_000)
        case .pcmu, .pcma:
            resampler = try Resampler(from: 48_000, to: 8_000)
        case .vp8, .h264:
            throw .cannotCreate(codec: codec.encodingName, reason: "it is no sound")
        }
        self.codec = codec
        frame = .allocate(capacity: MixFrame.samples)
        narrow = .allocate(capacity: MixFrame.samples)
    }

    deinit {
        frame.deallocate()
        narrow.deallocate()
    }

    /// Encodes 20 ms of `sum`, without `own` where given, into `bytes` (room for `mostBytes`).
    /// Returns the payload's length; 0 when the encoder refused.
    mutating func encode(
        _ sum: UnsafePointer<Int32>, less own: UnsafePointer<Int16>?, into bytes: UnsafeMutableRawPointer
    ) -> Int {
        limiter.write(sum, less: own, into: frame, count: MixFrame.samples)
        let input = UnsafeBufferPointer(start: frame, count: MixFrame.samples)
        let output = UnsafeMutableRawBufferPointer(start: bytes, count: Self.mostBytes)
        let narrowed = UnsafeMutableBufferPointer(start: narrow, count: MixFrame.samples)
        switch codec {
        case .opus: return (try? opus?.encode(input, into: output)) ?? 0
        case .g722:
            let produced = (resampler?.process(input, into: narrowed).produced ?? 0) & ~1
            return (try? g722?.encode(UnsafeBufferPointer(rebasing: narrowed[..<produced]), into: output)) ?? 0
        case .pcmu, .pcma:
            let produced = resampler?.process(input, into: narrowed).produced ?? 0
            let law: G711 = codec == .pcmu ? .muLaw : .aLaw
            return law.encode(UnsafeBufferPointer(rebasing: narrowed[..<produced]), into: output)
        case .vp8, .h264: return 0
        }
    }
}
