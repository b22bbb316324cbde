import Codecs
import RTP

/// Keeps G.711 and G.722 sound as FLAC: archives of the future will know it. Each frame gets the time of its first sample.
final class PCMKeeper {
    struct Frame {
        var bytes: [UInt8]
        var time: Int64
        var duration: Int64
    }

    let sampleRate: Int
    let codecPrivate: [UInt8]
    private let codec: MediaCodec
    private var g722: G722Decoder?
    private let encoder: FLACEncoder
    /// Where in the samples a packet begins, and when; those that frames still to come may begin in.
    private var marks: [(sample: Int, time: Int64)] = []
    private var samplesIn = 0
    private var samplesOut = 0

    /// Nil when a codec cannot be set up.
    init?(_ codec: MediaCodec) {
        self.codec = codec
        sampleRate = codec == .g722 ? 16_000 : 8_000
        if codec == .g722 {
            guard let decoder = try? G722Decoder() else { return nil }
            g722 = consume decoder
        }
        guard let encoder = try? FLACEncoder(sampleRate: sampleRate, blockSize: sampleRate / 50) else { return nil }
        self.encoder = encoder
        codecPrivate = encoder.codecPrivate
    }

    func push(_ payload: UnsafeRawBufferPointer, at time: Int64) -> [Frame] {
        guard (1...4_000).contains(payload.count) else { return [] }
        var samples = [Int16](repeating: 0, count: payload.count * 2)
        let count = samples.withUnsafeMutableBufferPointer { room -> Int in
            switch codec {
            case .pcmu: G711.muLaw.decode(payload, into: room)
            case .pcma: G711.aLaw.decode(payload, into: room)
            default: (try? g722?.decode(payload, into: room)) ?? 0
            }
        }
        marks.append((samplesIn, time))
        samplesIn += count
        let frames = samples[..<count].withUnsafeBufferPointer { (try? encoder.encode($0)) ?? [] }
        return frames.map(place)
    }

    func finish() -> [Frame] { ((try? encoder.finish()) ?? []).map(place) }

    private func place(_ frame: FLACFrame) -> Frame {
        while marks.count > 1, marks[1].sample <= samplesOut { marks.removeFirst() }
        let mark = marks.first ?? (samplesOut, 0)
        let time = mark.time + Int64(samplesOut - mark.sample) * 1_000_000_000 / Int64(sampleRate)
        samplesOut += frame.sampleCount
        return Frame(
            bytes: frame.bytes, time: time, duration: Int64(frame.sampleCount) * 1_000_000_000 / Int64(sampleRate))
    }
}
