internal import COpus

/// One Opus stream being encoded, always at 48 kHz (RFC 6716, RTP use RFC 7587). Nothing is allocated after `init`.
///
/// `@unchecked Sendable`: the value owns its C object alone and cannot be copied, so whoever holds it is its only user.
public struct OpusEncoder: ~Copyable, @unchecked Sendable {
    public enum Application: Sendable {
        /// Tuned for speech.
        case voice
        /// Tuned for faithful sound of any kind.
        case audio
        /// Sound of any kind with 4 ms less delay and a third of the work (CELT alone), without forward error
        /// correction; needs more bits for the same sound.
        case lowDelay

        fileprivate var value: Int32 {
            switch self {
            case .voice: OPUS_APPLICATION_VOIP
            case .audio: OPUS_APPLICATION_AUDIO
            case .lowDelay: OPUS_APPLICATION_RESTRICTED_LOWDELAY
            }
        }
    }

    /// An Opus packet that `encode` writes is never larger than this (RFC 6716 §3.2.1: one frame of 1,275 bytes,
    /// and its header).
    public static let maximumFrameBytes = 1276

    public let channels: Int
    private let state: OpaquePointer

    /// - Parameters:
    ///   - channels: 1 or 2; stereo samples are interleaved.
    ///   - bitrate: bits a second, 6,000 to 510,000.
    ///   - complexity: 0 (least work) to 10.
    public init(
        channels: Int = 1, application: Application = .voice, bitrate: Int = 32_000, complexity: Int = 5
    ) throws(CodecError) {
        guard channels == 1 || channels == 2 else {
            throw .cannotCreate(codec: "Opus", reason: "\(channels) channels; 1 or 2 are possible")
        }
        var status: Int32 = 0
        guard let state = opus_encoder_create(48_000, Int32(channels), application.value, &status) else {
            throw .cannotCreate(codec: "Opus", reason: opusReason(status))
        }
        do {
            try Self.set(state, .bitrate, bitrate)
            try Self.set(state, .complexity, complexity)
        } catch {
            opus_encoder_destroy(state)
            throw error
        }
        self.channels = channels
        self.state = state
    }

    deinit { opus_encoder_destroy(state) }

    /// Encodes one frame of 2.5, 5, 10, 20, 40 or 60 ms (120, 240, 480, 960, 1,920 or 2,880 samples a channel).
    /// - Returns: the packet's length in bytes. With DTX on, a packet of 1 or 2 bytes need not be sent.
    public mutating func encode(
        _ samples: UnsafeBufferPointer<Int16>, into packet: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> Int {
        guard let input = samples.baseAddress, samples.count % channels == 0, samples.count <= 2_880 * channels else {
            throw .encodingFailed(codec: "Opus", reason: "a frame of \(samples.count) samples in \(channels) channels")
        }
        guard let output = packet.baseAddress else {
            throw .outputTooSmall(codec: "Opus", needed: Self.maximumFrameBytes)
        }
        let length = opus_encode(
            state, input, Int32(samples.count / channels), output.assumingMemoryBound(to: UInt8.self),
            Int32(clamping: packet.count))
        guard length > 0 else { throw .encodingFailed(codec: "Opus", reason: opusReason(length)) }
        return Int(length)
    }

    /// Bits a second, 6,000 to 510,000.
    public mutating func setBitrate(_ bitsPerSecond: Int) throws(CodecError) {
        try Self.set(state, .bitrate, bitsPerSecond)
    }

    /// 0 (least work) to 10 (best sound).
    public mutating func setComplexity(_ complexity: Int) throws(CodecError) {
        try Self.set(state, .complexity, complexity)
    }

    /// Whether packets carry a low-rate copy of the frame before (LBRR); it takes effect once loss is expected.
    public mutating func setForwardErrorCorrection(_ on: Bool) throws(CodecError) {
        try Self.set(state, .forwardErrorCorrection, on ? 1 : 0)
    }

    /// Whether silence is sent as a tiny packet now and then.
    public mutating func setDiscontinuousTransmission(_ on: Bool) throws(CodecError) {
        try Self.set(state, .discontinuousTransmission, on ? 1 : 0)
    }

    /// The share of packets expected to be lost, 0 to 100 percent.
    public mutating func setExpectedLoss(percent: Int) throws(CodecError) {
        try Self.set(state, .expectedLoss, percent)
    }

    /// Whether the bitrate varies with the sound (the default) or each packet has one size.
    public mutating func setVariableBitrate(_ on: Bool) throws(CodecError) {
        try Self.set(state, .variableBitrate, on ? 1 : 0)
    }

    /// Samples (a channel) by which decoded sound lags the input: Matroska's CodecDelay, Ogg's pre-skip.
    public var lookahead: Int {
        var value: Int32 = 0
        guard causeway_opus_encoder_get(state, OPUS_GET_LOOKAHEAD_REQUEST, &value) == OPUS_OK else { return 0 }
        return Int(value)
    }

    /// Forgets the past, as if newly made; settings stay.
    public mutating func reset() { _ = causeway_opus_encoder_reset(state) }

    private enum Setting {
        case bitrate, complexity, forwardErrorCorrection, discontinuousTransmission, expectedLoss, variableBitrate

        var request: Int32 {
            switch self {
            case .bitrate: OPUS_SET_BITRATE_REQUEST
            case .complexity: OPUS_SET_COMPLEXITY_REQUEST
            case .forwardErrorCorrection: OPUS_SET_INBAND_FEC_REQUEST
            case .discontinuousTransmission: OPUS_SET_DTX_REQUEST
            case .expectedLoss: OPUS_SET_PACKET_LOSS_PERC_REQUEST
            case .variableBitrate: OPUS_SET_VBR_REQUEST
            }
        }

        var allowed: ClosedRange<Int> {
            switch self {
            case .bitrate: 6_000...510_000
            case .complexity: 0...10
            case .forwardErrorCorrection, .discontinuousTransmission, .variableBitrate: 0...1
            case .expectedLoss: 0...100
            }
        }
    }

    private static func set(_ state: OpaquePointer, _ setting: Setting, _ value: Int) throws(CodecError) {
        guard setting.allowed.contains(value) else {
            throw .invalidSetting(codec: "Opus", reason: "\(setting) \(value) is outside \(setting.allowed)")
        }
        let status = causeway_opus_encoder_set(state, setting.request, Int32(value))
        guard status == OPUS_OK else {
            throw .invalidSetting(codec: "Opus", reason: "\(setting) \(value): \(opusReason(status))")
        }
    }
}

func opusReason(_ status: Int32) -> String { String(cString: opus_strerror(status)) }
