internal import CFLAC

/// One FLAC frame, as a Matroska block or an Ogg packet carries it (RFC 9639 §9).
public struct FLACFrame: Sendable, Equatable {
    public var bytes: [UInt8]
    /// Samples a channel in the frame.
    public var sampleCount: Int
}

/// Encodes 16-bit sound to FLAC as it arrives (libFLAC; RFC 9639), without a file around it.
///
/// Frames come out in order, each `blockSize` samples but the last. libFLAC looks one sample ahead: a frame comes out
/// with the first sample of the one after it, or at `finish`.
/// One thread at a time may use it.
public final class FLACEncoder {
    public let sampleRate: Int
    public let channels: Int
    public let blockSize: Int

    /// "fLaC" and the STREAMINFO block, marked as the last of the metadata: Matroska's CodecPrivate. 42 bytes.
    public private(set) var codecPrivate: [UInt8] = []

    private let encoder: UnsafeMutablePointer<FLAC__StreamEncoder>
    private let sink = FrameSink()
    private var wide: [Int32] = []
    private var finished = false

    /// - Parameters:
    ///   - sampleRate: Hz, 1 to 655,350.
    ///   - channels: 1 or 2; stereo samples are interleaved.
    ///   - blockSize: samples a channel in each frame, 16 to 65,535.
    ///   - compressionLevel: 0 (least work) to 8.
    public init(sampleRate: Int, channels: Int = 1, blockSize: Int, compressionLevel: Int = 2) throws(CodecError) {
        guard (1...655_350).contains(sampleRate), (1...2).contains(channels), (16...65_535).contains(blockSize),
            (0...8).contains(compressionLevel)
        else {
            throw .cannotCreate(
                codec: "FLAC",
                reason: "\(sampleRate) Hz, \(channels) channels, blocks of \(blockSize), level \(compressionLevel)")
        }
        guard let encoder = FLAC__stream_encoder_new() else { throw .cannotCreate(codec: "FLAC", reason: "no memory") }
        self.encoder = encoder
        self.sampleRate = sampleRate
        self.channels = channels
        self.blockSize = blockSize

        FLAC__stream_encoder_set_channels(encoder, UInt32(channels))
        FLAC__stream_encoder_set_bits_per_sample(encoder, 16)
        FLAC__stream_encoder_set_sample_rate(encoder, UInt32(sampleRate))
        FLAC__stream_encoder_set_compression_level(encoder, UInt32(compressionLevel))
        FLAC__stream_encoder_set_blocksize(encoder, UInt32(blockSize))
        // The subset forbids blocks over 4,608 samples; Matroska does not need the subset.
        FLAC__stream_encoder_set_streamable_subset(encoder, blockSize <= 4_608 ? 1 : 0)

        let status = FLAC__stream_encoder_init_stream(
            encoder, flacWrite, nil, nil, nil, Unmanaged.passUnretained(sink).toOpaque())
        guard status == FLAC__STREAM_ENCODER_INIT_STATUS_OK else {
            throw .cannotCreate(codec: "FLAC", reason: "libFLAC status \(status.rawValue)")
        }
        // What was written so far is "fLaC", STREAMINFO and a comment block, which goes: the STREAMINFO becomes the last.
        let head = sink.take().flatMap(\.bytes)
        guard head.count >= 42, head.starts(with: Array("fLaC".utf8)) else {
            throw .cannotCreate(codec: "FLAC", reason: "libFLAC wrote no stream information")
        }
        codecPrivate = Array(head.prefix(42))
        codecPrivate[4] |= 0x80
    }

    deinit {
        if !finished { FLAC__stream_encoder_finish(encoder) }
        FLAC__stream_encoder_delete(encoder)
    }

    /// Takes any number of samples.
    /// - Returns: the frames that they completed.
    public func encode(_ samples: UnsafeBufferPointer<Int16>) throws(CodecError) -> [FLACFrame] {
        guard !finished, samples.count.isMultiple(of: channels), samples.count <= 1 << 24 else {
            throw .encodingFailed(
                codec: "FLAC", reason: "the stream is finished, or \(samples.count) samples are uneven")
        }
        wide.removeAll(keepingCapacity: true)
        wide.append(contentsOf: samples.lazy.map(Int32.init))
        let taken = wide.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, buffer.count > 0 else { return FLAC__bool(1) }
            return FLAC__stream_encoder_process_interleaved(encoder, base, UInt32(buffer.count / channels))
        }
        guard taken != 0 else {
            let state = FLAC__stream_encoder_get_state(encoder)
            throw .encodingFailed(codec: "FLAC", reason: "libFLAC state \(state.rawValue)")
        }
        return sink.take()
    }

    /// Encodes what is left, in a frame that may be shorter. Nothing can be encoded afterwards.
    public func finish() throws(CodecError) -> [FLACFrame] {
        guard !finished else { return [] }
        finished = true
        guard FLAC__stream_encoder_finish(encoder) != 0 else {
            throw .encodingFailed(codec: "FLAC", reason: "the last frame could not be written")
        }
        return sink.take()
    }
}

/// Where libFLAC's callback leaves frames. It is apart from the encoder so that it is still whole while the encoder's
/// `deinit` finishes the stream.
private final class FrameSink {
    private var frames: [FLACFrame] = []

    func write(_ bytes: UnsafeBufferPointer<UInt8>, sampleCount: Int) {
        frames.append(FLACFrame(bytes: Array(bytes), sampleCount: sampleCount))
    }

    func take() -> [FLACFrame] {
        defer { frames.removeAll(keepingCapacity: true) }
        return frames
    }
}

private let flacWrite: FLAC__StreamEncoderWriteCallback = { _, bytes, count, samples, _, client in
    guard let client, let bytes else { return FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR }
    Unmanaged<FrameSink>.fromOpaque(client).takeUnretainedValue()
        .write(UnsafeBufferPointer(start: bytes, count: count), sampleCount: Int(samples))
    return FLAC__STREAM_ENCODER_WRITE_STATUS_OK
}
