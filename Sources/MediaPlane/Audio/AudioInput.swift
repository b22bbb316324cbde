import Codecs
import RTP

/// What one leg says: packets in, frames of 20 ms at 48 kHz out, whatever the codec and the length of its packets.
/// Nothing is allocated after `prepare`.
struct AudioInput: ~Copyable {
    /// The longest packet (120 ms), and what may be left of the one before it.
    private static let fifoCapacity = OpusDecoder.maximumPacketSamples + MixFrame.samples
    private static let mostNarrowSamples = OpusDecoder.maximumPacketSamples / 3

    /// The frame that `pull` last made: `MixFrame.samples` samples.
    let frame: UnsafeMutablePointer<Int16>

    private let fifo: UnsafeMutablePointer<Int16>
    private var fifoCount = 0
    private let narrow: UnsafeMutablePointer<Int16>
    private var jitter: UnsafeMutablePointer<JitterBuffer>?
    private var decoder: UnsafeMutablePointer<AudioDecoder>?
    private var codec: MediaCodec?
    private var prepared: [MediaCodec] = []

    init() {
        frame = .allocate(capacity: MixFrame.samples)
        frame.initialize(repeating: 0, count: MixFrame.samples)
        fifo = .allocate(capacity: Self.fifoCapacity)
        narrow = .allocate(capacity: Self.mostNarrowSamples)
    }

    deinit {
        Self.free(decoder, jitter)
        frame.deallocate()
        fifo.deallocate()
        narrow.deallocate()
    }

    /// Makes the decoders for what was negotiated; what is the same as before keeps its state.
    mutating func prepare(for mappings: [PayloadMapping]) throws(MediaPlaneError) {
        prepared = mappings.map(\.codec).filter { !$0.isVideo }
        if let codec, prepared.contains(codec) { return }
        release()
        if let first = prepared.first { try use(first) }
    }

    /// An authentic packet of a negotiated codec.
    mutating func push(_ info: RTPPacketInfo, codec: MediaCodec, _ datagram: UnsafeRawBufferPointer, at now: UInt64) {
        if codec != self.codec {
            guard prepared.contains(codec), (try? use(codec)) != nil else { return }
        }
        let payload = info.payload(of: datagram)
        guard let duration = Self.duration(of: payload, codec) else { return }
        jitter?.pointee.push(
            payload, payloadType: info.payloadType, ssrc: info.ssrc, sequenceNumber: info.sequenceNumber,
            timestamp: info.timestamp, duration: duration, arrivalNanoseconds: now)
    }

    /// Makes the next `frame`. False when there is nothing to hear in it; its content is then undefined.
    mutating func pull(at now: UInt64) -> Bool {
        guard let jitter, let decoder else { return false }
        var heard = fifoCount > 0
        while fifoCount < MixFrame.samples {
            let room = UnsafeMutableBufferPointer(start: fifo + fifoCount, count: Self.fifoCapacity - fifoCount)
            switch jitter.pointee.pop(atNanoseconds: now) {
            case .packet(let packet):
                let made = decoder.pointee.decode(packet.payload, into: room, narrow: narrow)
                if made > 0 {
                    fifoCount += made
                    heard = true
                } else {
                    appendSilence()
                }
            case .lost(let following):
                let made = decoder.pointee.conceal(following: following, into: room)
                fifoCount += made
                if made > 0 { heard = true } else { appendSilence() }
            case .empty:
                appendSilence()
            }
        }
        frame.update(from: fifo, count: MixFrame.samples)
        fifoCount -= MixFrame.samples
        if fifoCount > 0 { fifo.update(from: fifo + MixFrame.samples, count: fifoCount) }
        return heard
    }

    private mutating func appendSilence() {
        let count = min(MixFrame.samples, Self.fifoCapacity - fifoCount)
        (fifo + fifoCount).update(repeating: 0, count: count)
        fifoCount += count
    }

    private mutating func use(_ codec: MediaCodec) throws(MediaPlaneError) {
        release()
        do {
            let decoder = UnsafeMutablePointer<AudioDecoder>.allocate(capacity: 1)
            do { decoder.initialize(to: try AudioDecoder(codec)) } catch {
                decoder.deallocate()
                throw error
            }
            self.decoder = decoder
        } catch {
            throw .codecUnavailable("\(error)")
        }
        let jitter = UnsafeMutablePointer<JitterBuffer>.allocate(capacity: 1)
        jitter.initialize(to: JitterBuffer(clockRate: codec.rtpClockRate))
        self.jitter = jitter
        self.codec = codec
    }

    private mutating func release() {
        Self.free(decoder, jitter)
        decoder = nil
        jitter = nil
        codec = nil
        fifoCount = 0
    }

    private static func free(
        _ decoder: UnsafeMutablePointer<AudioDecoder>?, _ jitter: UnsafeMutablePointer<JitterBuffer>?
    ) {
        decoder?.deinitialize(count: 1)
        decoder?.deallocate()
        jitter?.deinitialize(count: 1)
        jitter?.deallocate()
    }

    /// Ticks of the codec's RTP clock in a packet; nil when it cannot be one. At most 120 ms.
    private static func duration(of payload: UnsafeRawBufferPointer, _ codec: MediaCodec) -> UInt32? {
        switch codec {
        case .opus: OpusDecoder.duration(of: payload).map { UInt32($0) }
        case .g722, .pcmu, .pcma: (1...960).contains(payload.count) ? UInt32(payload.count) : nil
        case .vp8, .h264: nil
        }
    }
}

/// The decoder of one leg's codec, to 48 kHz mono.
struct AudioDecoder: ~Copyable {
    private let codec: MediaCodec
    // Which of these there are follows from the codec.
    private var opus: OpusDecoder?
    private var g722: G722Decoder?
    private var resampler: Resampler?

    init(_ codec: MediaCodec) throws(CodecError) {
        self.codec = codec
        switch codec {
        case .opus: opus = try OpusDecoder(channels: 1)
        case .g722:
            g722 = try G722Decoder()
            resampler = try Resampler(from: 16_000, to: 48_000)
        case .pcmu, .pcma: resampler = try Resampler(from: 8_000, to: 48_000)
        case .vp8, .h264: throw .cannotCreate(codec: codec.encodingName, reason: "it is no sound")
        }
    }

    /// Decodes a packet into `samples` (room for the longest); `narrow` is scratch. Returns samples written, 0 if malformed.
    mutating func decode(
        _ payload: UnsafeRawBufferPointer, into samples: UnsafeMutableBufferPointer<Int16>,
        narrow: UnsafeMutablePointer<Int16>
    ) -> Int {
        let scratch = UnsafeMutableBufferPointer(start: narrow, count: OpusDecoder.maximumPacketSamples / 3)
        let count: Int
        switch codec {
        case .opus: return (try? opus?.decode(payload, into: samples)) ?? 0
        case .g722: count = (try? g722?.decode(payload, into: scratch)) ?? 0
        case .pcmu: count = G711.muLaw.decode(payload, into: scratch)
        case .pcma: count = G711.aLaw.decode(payload, into: scratch)
        case .vp8, .h264: return 0
        }
        return resampler?.process(UnsafeBufferPointer(rebasing: scratch[..<count]), into: samples).produced ?? 0
    }

    /// Makes up 20 ms for a lost packet. Returns samples written; 0 where the codec has no concealment.
    mutating func conceal(
        following: UnsafeRawBufferPointer?, into samples: UnsafeMutableBufferPointer<Int16>
    ) -> Int {
        let lost = UnsafeMutableBufferPointer(rebasing: samples[..<min(samples.count, MixFrame.samples)])
        if let following { return (try? opus?.recover(fromNext: following, into: lost)) ?? 0 }
        return (try? opus?.conceal(into: lost)) ?? 0
    }
}
