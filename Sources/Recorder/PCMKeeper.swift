import Codecs
import RTP

/// Keeps G.711 and G.722 sound as FLAC: archives of the future will know it. Each frame gets the time of its first sample.
///
/// Every run of unbroken sound has an encoder of its own: its last frame is as long as what is left, so that no frame
/// reaches over a gap and nothing is made up to fill one.
final class PCMKeeper {
    struct Frame {
        var bytes: [UInt8]
        var time: Int64
        var duration: Int64
    }

    /// A packet that begins this much after the end of the one before begins a new run: less than the shortest packet.
    private static let seamNanoseconds: Int64 = 5_000_000

    let sampleRate: Int
    let codecPrivate: [UInt8]
    private let codec: MediaCodec
    private var g722: G722Decoder?
    private var run: Run?

    private struct Run {
        let encoder: FLACEncoder
        /// Where in the samples a packet begins, and when; those that frames still to come may begin in.
        var marks: [(sample: Int, time: Int64)] = []
        var samplesIn = 0
        var samplesOut = 0
        var end: Int64 = 0
    }

    /// Nil when a codec cannot be set up.
    init?(_ codec: MediaCodec) {
        self.codec = codec
        sampleRate = codec == .g722 ? 16_000 : 8_000
        guard let encoder = Self.encoder(sampleRate) else { return nil }
        codecPrivate = encoder.codecPrivate
        run = Run(encoder: encoder)
        guard restart() else { return nil }
    }

    private static func encoder(_ sampleRate: Int) -> FLACEncoder? {
        try? FLACEncoder(sampleRate: sampleRate, blockSize: sampleRate / 50)
    }

    /// The source begins anew; `endRun` comes before. False when its codec cannot be set up.
    func restart() -> Bool {
        guard codec == .g722 else { return true }
        guard let decoder = try? G722Decoder() else { return false }
        g722 = consume decoder
        return true
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
        var frames: [Frame] = []
        if let run, run.samplesIn > 0, time - run.end > Self.seamNanoseconds { frames = endRun() }
        guard var run = run ?? Self.encoder(sampleRate).map({ Run(encoder: $0) }) else { return frames }
        run.marks.append((run.samplesIn, time))
        run.samplesIn += count
        run.end = time + duration(count)
        let encoded = samples[..<count].withUnsafeBufferPointer { (try? run.encoder.encode($0)) ?? [] }
        frames += encoded.map { place($0, in: &run) }
        self.run = run
        return frames
    }

    /// What the encoder still holds, where sound breaks off.
    func endRun() -> [Frame] {
        guard var run, run.samplesIn > 0 else { return [] }
        self.run = nil
        return ((try? run.encoder.finish()) ?? []).map { place($0, in: &run) }
    }

    private func place(_ frame: FLACFrame, in run: inout Run) -> Frame {
        while run.marks.count > 1, run.marks[1].sample <= run.samplesOut { run.marks.removeFirst() }
        let mark = run.marks.first ?? (run.samplesOut, run.end)
        let time = mark.time + duration(run.samplesOut - mark.sample)
        run.samplesOut += frame.sampleCount
        return Frame(bytes: frame.bytes, time: time, duration: duration(frame.sampleCount))
    }

    private func duration(_ samples: Int) -> Int64 { Int64(samples) * 1_000_000_000 / Int64(sampleRate) }
}
