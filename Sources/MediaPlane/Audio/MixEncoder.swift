import Codecs
import Congestion
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

    /// What a stream is made to bear: few kinds, so that listeners share encoders.
    enum Line: Int, CaseIterable {
        /// Next to no loss: Opus as CELT alone, a third of the work for the same sound at more bits.
        case clean
        /// Loss that the peer reports: Opus with a copy of the frame before in each packet (RFC 6716 §2.1.7).
        case lossy
        /// So much of it that the copies are heard often, and are made nearly as good as what they repeat.
        case heavy

        init(_ protection: OpusProtection) {
            guard protection.inBandRedundancy else {
                self = .clean
                return
            }
            self = protection.lossPercentage > Self.mostLossy ? .heavy : .lossy
        }

        /// In percent.
        private static let mostLossy: UInt8 = 10

        /// Of Opus, in bit/s.
        var bitrate: Int {
            switch self {
            case .clean: 80_000
            case .lossy: 48_000
            case .heavy: 56_000
            }
        }

        /// What the encoder is told to expect, in percent.
        fileprivate var expectedLoss: Int {
            switch self {
            case .clean: 0
            case .lossy: 8
            case .heavy: 20
            }
        }
    }

    let codec: MediaCodec
    let line: Line
    // Which of these there are follows from the codec.
    private var opus: OpusEncoder?
    private var g722: G722Encoder?
    private var resampler: Resampler?
    private var telephone: TelephoneDownsampler?
    private var limiter = MixLimiter()
    private let frame: UnsafeMutablePointer<Int16>
    private let narrow: UnsafeMutablePointer<Int16>

    init(_ codec: MediaCodec, for line: Line) throws(CodecError) {
        switch (codec, line) {
        case (.opus, .clean):
            opus = try OpusEncoder(channels: 1, application: .lowDelay, bitrate: line.bitrate, complexity: 5)
        case (.opus, _):
            var opus = try OpusEncoder(channels: 1, application: .voice, bitrate: line.bitrate, complexity: 5)
            try opus.setForwardErrorCorrection(true)
            try opus.setExpectedLoss(percent: line.expectedLoss)
            self.opus = consume opus
        case (.g722, _):
            g722 = try G722Encoder()
            resampler = try Resampler(from: 48_000, to: 16_000)
        case (.pcmu, _), (.pcma, _):
            telephone = TelephoneDownsampler()
        case (.vp8, _), (.h264, _):
            throw .cannotCreate(codec: codec.encodingName, reason: "it is no sound")
        }
        self.codec = codec
        self.line = line
        frame = .allocate(capacity: MixFrame.samples)
        narrow = .allocate(capacity: MixFrame.samples)
    }

    deinit {
        frame.deallocate()
        narrow.deallocate()
    }

    /// Forgets the past: the next frame is decoded well whatever the decoder was given before.
    mutating func reset() { opus?.reset() }

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
            let produced = telephone?.process(input, into: narrowed) ?? 0
            let law: G711 = codec == .pcmu ? .muLaw : .aLaw
            return law.encode(UnsafeBufferPointer(rebasing: narrowed[..<produced]), into: output)
        case .vp8, .h264: return 0
        }
    }
}
