import Codecs
import RTP

/// The decoder of one leg's codec, to 48 kHz mono.
struct AudioDecoder: ~Copyable {
    private let codec: MediaCodec
    // Which of these there are follows from the codec.
    private var opus: OpusDecoder?
    private var g722: G722Decoder?
    private var resampler: Resampler?
    private var telephone: TelephoneUpsampler?

    init(_ codec: MediaCodec) throws(CodecError) {
        self.codec = codec
        switch codec {
        case .opus: opus = try OpusDecoder(channels: 1)
        case .g722:
            g722 = try G722Decoder()
            resampler = try Resampler(from: 16_000, to: 48_000)
        case .pcmu, .pcma: telephone = TelephoneUpsampler()
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
        let decoded = UnsafeBufferPointer(rebasing: scratch[..<count])
        return telephone?.process(decoded, into: samples) ?? resampler?.process(decoded, into: samples).produced ?? 0
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
