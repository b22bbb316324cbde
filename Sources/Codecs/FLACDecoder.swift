internal import CFLAC

/// Decodes FLAC frames, one at a time, as Matroska carries them (RFC 9639), to 16-bit sound. One thread at a time may
/// use it.
public final class FLACDecoder {
    public let sampleRate: Int
    public let channels: Int
    /// The most samples a channel that a frame may hold; a buffer of this many times the channels takes any frame.
    public let maximumBlockSize: Int

    private let decoder: UnsafeMutablePointer<FLAC__StreamDecoder>
    private let exchange: Exchange

    /// - Parameter codecPrivate: "fLaC" and a STREAMINFO block of 16-bit sound in one or two channels; what follows is
    ///   ignored.
    public init(codecPrivate: UnsafeRawBufferPointer) throws(CodecError) {
        guard codecPrivate.count >= 42, codecPrivate.starts(with: "fLaC".utf8), codecPrivate[4] & 0x7F == 0,
            codecPrivate[5] == 0, codecPrivate[6] == 0, codecPrivate[7] == 34
        else { throw .malformed(codec: "FLAC", reason: "no stream information (RFC 9639 §8.2)") }
        let block = Int(codecPrivate[10]) << 8 | Int(codecPrivate[11])
        let rate = Int(codecPrivate[18]) << 12 | Int(codecPrivate[19]) << 4 | Int(codecPrivate[20]) >> 4
        let channels = Int(codecPrivate[20] >> 1 & 7) + 1
        let bits = Int(codecPrivate[20] & 1) << 4 | Int(codecPrivate[21] >> 4)
        guard bits == 15, (1...2).contains(channels), rate > 0, block >= 16 else {
            throw .malformed(
                codec: "FLAC", reason: "\(bits + 1) bits, \(channels) channels, \(rate) Hz, blocks of \(block)")
        }
        guard let decoder = FLAC__stream_decoder_new() else { throw .cannotCreate(codec: "FLAC", reason: "no memory") }
        sampleRate = rate
        self.channels = channels
        maximumBlockSize = block
        self.decoder = decoder
        exchange = Exchange(channels: channels)

        let status = FLAC__stream_decoder_init_stream(
            decoder, flacRead, nil, nil, nil, nil, flacWrite, nil, { _, _, _ in },
            Unmanaged.passUnretained(exchange).toOpaque())
        guard status == FLAC__STREAM_DECODER_INIT_STATUS_OK else {
            throw .cannotCreate(codec: "FLAC", reason: "libFLAC status \(status.rawValue)")
        }
        var head = Array(codecPrivate.prefix(42))
        head[4] |= 0x80
        let read = head.withUnsafeBytes { bytes in
            exchange.input = bytes
            defer { exchange.input = UnsafeRawBufferPointer(start: nil, count: 0) }
            return FLAC__stream_decoder_process_until_end_of_metadata(decoder)
        }
        guard read != 0 else {
            throw .malformed(codec: "FLAC", reason: "stream information that libFLAC does not read")
        }
    }

    deinit {
        FLAC__stream_decoder_finish(decoder)
        FLAC__stream_decoder_delete(decoder)
    }

    /// Decodes one frame; stereo is interleaved.
    /// - Returns: samples a channel.
    public func decode(
        _ frame: UnsafeRawBufferPointer, into samples: UnsafeMutableBufferPointer<Int16>
    ) throws(CodecError) -> Int {
        exchange.input = frame
        exchange.output = samples
        exchange.produced = 0
        exchange.neededOutput = 0
        FLAC__stream_decoder_process_single(decoder)
        // Whatever is left of a damaged frame must not run into the next one.
        FLAC__stream_decoder_flush(decoder)
        exchange.input = UnsafeRawBufferPointer(start: nil, count: 0)
        exchange.output = UnsafeMutableBufferPointer(start: nil, count: 0)
        if exchange.neededOutput > 0 { throw .outputTooSmall(codec: "FLAC", needed: exchange.neededOutput) }
        guard exchange.produced > 0 else { throw .malformed(codec: "FLAC", reason: "no whole frame (RFC 9639 §9)") }
        return exchange.produced
    }
}

/// What libFLAC's callbacks read from and write to during one call.
private final class Exchange {
    let channels: Int
    var input = UnsafeRawBufferPointer(start: nil, count: 0)
    var output = UnsafeMutableBufferPointer<Int16>(start: nil, count: 0)
    var produced = 0
    var neededOutput = 0

    init(channels: Int) { self.channels = channels }
}

private let flacRead: FLAC__StreamDecoderReadCallback = { _, buffer, count, client in
    guard let buffer, let count, let client else { return FLAC__STREAM_DECODER_READ_STATUS_ABORT }
    let exchange = Unmanaged<Exchange>.fromOpaque(client).takeUnretainedValue()
    let taken = min(count.pointee, exchange.input.count)
    count.pointee = taken
    guard taken > 0 else { return FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM }
    UnsafeMutableRawBufferPointer(start: buffer, count: taken)
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: exchange.input[..<taken]))
    exchange.input = UnsafeRawBufferPointer(rebasing: exchange.input[taken...])
    return FLAC__STREAM_DECODER_READ_STATUS_CONTINUE
}

private let flacWrite: FLAC__StreamDecoderWriteCallback = { _, frame, planes, client in
    guard let frame, let planes, let client else { return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT }
    let exchange = Unmanaged<Exchange>.fromOpaque(client).takeUnretainedValue()
    let header = frame.pointee.header
    let channels = exchange.channels
    guard Int(header.channels) == channels, header.bits_per_sample == 16, exchange.produced == 0 else {
        return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT
    }
    let count = Int(header.blocksize)
    guard exchange.output.count >= count * channels else {
        exchange.neededOutput = count * channels
        return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT
    }
    for channel in 0..<channels {
        guard let plane = planes[channel] else { return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT }
        for index in 0..<count {
            exchange.output[index * channels + channel] = Int16(truncatingIfNeeded: plane[index])
        }
    }
    exchange.produced = count
    return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE
}
