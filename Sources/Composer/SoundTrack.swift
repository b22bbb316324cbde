import Codecs
import Matroska

/// The mixed sound of the access copy: limited, encoded as Opus, 20 ms a packet.
final class SoundTrack {
    static let frameNanoseconds: Int64 = 20_000_000
    static let frameSamples = 960
    private static let ceiling: Float = 30_000

    let track: MatroskaTrack
    private var encoder: OpusEncoder
    private let lookahead: Int
    private var waiting: [Int16] = []
    private var position = 0
    private var gain: Float = 1

    init(bitrate: Int) throws(CodecError) {
        var encoder = try OpusEncoder(channels: 1, application: .audio, bitrate: bitrate, complexity: 8)
        try encoder.setVariableBitrate(true)
        lookahead = encoder.lookahead
        track = MatroskaTrack(
            number: 2, codec: .opus, language: "vi",
            codecPrivate: MatroskaTrack.opusHead(channels: 1, preSkip: UInt16(clamping: lookahead)), sampleRate: 48_000,
            channels: 1, codecDelayNanoseconds: UInt64(lookahead) * 1_000_000_000 / 48_000,
            seekPreRollNanoseconds: 80_000_000)
        self.encoder = consume encoder
    }

    /// Takes the sum of all voices, continuing where the last one ended; gives the packets that it completes.
    func encode(_ sum: [Int32]) -> [MatroskaBlock] {
        let peak = sum.reduce(UInt32(0)) { max($0, $1.magnitude) }
        let allowed = peak == 0 ? 1 : min(1, Self.ceiling / Float(peak))
        let target = min(allowed, gain + 0.04)
        var now = min(gain, allowed)
        let step = (target - now) / Float(max(sum.count, 1))
        for sample in sum {
            waiting.append(Int16(max(-32_768, min(32_767, Float(sample) * now))))
            now += step
        }
        gain = target
        return drain()
    }

    func finish() -> [MatroskaBlock] {
        // The encoder's own delay, so that the last sound comes out of it.
        let rest = (Self.frameSamples - (waiting.count + lookahead) % Self.frameSamples) % Self.frameSamples
        waiting.append(contentsOf: repeatElement(0, count: lookahead + rest))
        return drain()
    }

    private func drain() -> [MatroskaBlock] {
        var blocks: [MatroskaBlock] = []
        var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumFrameBytes)
        while waiting.count >= Self.frameSamples {
            let length = waiting[..<Self.frameSamples].withUnsafeBufferPointer { samples in
                bytes.withUnsafeMutableBytes { (try? encoder.encode(samples, into: $0)) ?? 0 }
            }
            waiting.removeFirst(Self.frameSamples)
            if length > 0 {
                blocks.append(
                    MatroskaBlock(
                        track: 2, timestampNanoseconds: Int64(position) * 1_000_000_000 / 48_000, isKeyframe: true,
                        data: Array(bytes[..<length])))
            }
            position += Self.frameSamples
        }
        return blocks
    }
}
