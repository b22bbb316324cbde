internal import COpus

/// One Opus stream being decoded to 48 kHz (RFC 6716). Nothing is allocated after `init`.
///
/// `@unchecked Sendable`: the value owns its C object alone and cannot be copied, so whoever holds it is its only user.
public struct OpusDecoder: ~Copyable, @unchecked Sendable {
    /// The longest packet: 120 ms at 48 kHz (RFC 6716 §3.2.5), in samples a channel. A buffer of this many samples
    /// times the channels takes whatever a packet holds.
    public static let maximumPacketSamples = 5_760

    public let channels: Int
    private let state: OpaquePointer

    /// - Parameter channels: 1 or 2, whatever the sender uses: the decoder mixes down or doubles. Stereo is interleaved.
    public init(channels: Int = 1) throws(CodecError) {
        guard channels == 1 || channels == 2 else {
            throw .cannotCreate(codec: "Opus", reason: "\(channels) channels; 1 or 2 are possible")
        }
        var status: Int32 = 0
        guard let state = opus_decoder_create(48_000, Int32(channels), &status) else {
            throw .cannotCreate(codec: "Opus", reason: opusReason(status))
        }
        self.channels = channels
        self.state = state
    }

    deinit { opus_decoder_destroy(state) }

    /// Decodes one packet.
    /// - Returns: samples a channel, at most what `samples` holds.
    public mutating func decode(
        _ packet: UnsafeRawBufferPointer, into samples: UnsafeMutableBufferPointer<Int16>
    ) throws(CodecError) -> Int {
        guard let duration = Self.duration(of: packet) else {
            throw .malformed(codec: "Opus", reason: "not a packet as RFC 6716 §3 frames it")
        }
        guard samples.count >= duration * channels else {
            throw .outputTooSmall(codec: "Opus", needed: duration * channels)
        }
        return try decode(packet, into: samples, frameSamples: samples.count / channels, recovering: false)
    }

    /// Makes up sound for a lost packet: fills all of `samples`, whose length is the lost time: a multiple of 2.5 ms
    /// (120 samples a channel), at most 120 ms.
    /// - Returns: samples a channel.
    public mutating func conceal(into samples: UnsafeMutableBufferPointer<Int16>) throws(CodecError) -> Int {
        try checkLostTime(samples.count)
        return try decode(
            UnsafeRawBufferPointer(start: nil, count: 0), into: samples, frameSamples: samples.count / channels,
            recovering: false)
    }

    /// Rebuilds a lost packet from the copy that the packet after it carries (forward error correction), concealing where
    /// there is none. Fills all of `samples`, whose length is the lost time as in `conceal`. Decode `next` afterwards as
    /// usual.
    /// - Returns: samples a channel.
    public mutating func recover(
        fromNext next: UnsafeRawBufferPointer, into samples: UnsafeMutableBufferPointer<Int16>
    ) throws(CodecError) -> Int {
        try checkLostTime(samples.count)
        guard Self.duration(of: next) != nil else {
            throw .malformed(codec: "Opus", reason: "not a packet as RFC 6716 §3 frames it")
        }
        return try decode(next, into: samples, frameSamples: samples.count / channels, recovering: true)
    }

    /// Forgets the past, as if newly made.
    public mutating func reset() { _ = causeway_opus_decoder_reset(state) }

    /// How long a packet lasts, in samples at 48 kHz: 120 to 5,760. `nil` if it is no Opus packet. Reads two bytes.
    public static func duration(of packet: UnsafeRawBufferPointer) -> Int? {
        guard let bytes = packet.baseAddress, packet.count > 0 else { return nil }
        let samples = opus_packet_get_nb_samples(
            bytes.assumingMemoryBound(to: UInt8.self), Int32(clamping: packet.count), 48_000)
        return (120...Int32(maximumPacketSamples)).contains(samples) ? Int(samples) : nil
    }

    /// Whether a packet is in stereo. `nil` if it is empty.
    public static func isStereo(_ packet: UnsafeRawBufferPointer) -> Bool? {
        packet.first.map { $0 & 4 != 0 }
    }

    private func checkLostTime(_ count: Int) throws(CodecError) {
        let samples = count / channels
        guard count % channels == 0, samples % 120 == 0, (120...Self.maximumPacketSamples).contains(samples) else {
            throw .invalidSetting(
                codec: "Opus", reason: "a loss of \(samples) samples; 2.5 to 120 ms, in steps of 2.5, can be concealed")
        }
    }

    private mutating func decode(
        _ packet: UnsafeRawBufferPointer, into samples: UnsafeMutableBufferPointer<Int16>, frameSamples: Int,
        recovering: Bool
    ) throws(CodecError) -> Int {
        guard let output = samples.baseAddress else {
            throw .outputTooSmall(codec: "Opus", needed: Self.maximumPacketSamples * channels)
        }
        let decoded = opus_decode(
            state, packet.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(clamping: packet.count),
            output, Int32(clamping: min(frameSamples, Self.maximumPacketSamples)), recovering ? 1 : 0)
        guard decoded > 0 else { throw .malformed(codec: "Opus", reason: opusReason(decoded)) }
        return Int(decoded)
    }
}
