import Codecs
import Matroska

/// One sound track on its way into the mix: decoded to 48 kHz and laid on the master's timeline.
final class Voice {
    static let sampleRate = 48_000
    /// Packets nearer to where the last one ended than this follow it without a seam: less than the shortest packet that
    /// may have been lost, and so little that with a picture shown half a frame early or late they stay within 40 ms.
    private static let tolerance = sampleRate * 8 / 1000
    /// A shorter gap is no loss but a clock that is followed.
    private static let leastLoss = sampleRate * 15 / 1000
    /// A gap up to this long is a loss that the decoder conceals; longer ones are silence.
    private static let longestConcealed = sampleRate * 60 / 1000
    /// At most so much sound waits to be mixed; more means that times in the file lie.
    private static let mostWaiting = sampleRate * 8

    private enum Decoder {
        case flac(FLACDecoder)
        case opus
    }
    private let decoder: Decoder
    private var opus: OpusDecoder?
    private var resampler: Resampler?
    /// Sound from `start` on, in samples of the timeline.
    private var samples: [Int16] = []
    private var start = 0
    /// The largest FLAC block, and room for it and for what it becomes at six times its rate.
    private static let mostNarrow = 8_000
    private var scratch = [Int16](repeating: 0, count: 65_536)
    /// What became of its blocks.
    private(set) var log: TrackDecoding

    init?(_ track: MatroskaTrack, _ log: TrackDecoding) {
        self.log = log
        switch track.codec {
        case .opus:
            guard let decoder = try? OpusDecoder(channels: 1) else { return nil }
            opus = consume decoder
            self.decoder = .opus
        case .flac:
            guard let flac = try? track.codecPrivate.withUnsafeBytes({ try FLACDecoder(codecPrivate: $0) }),
                flac.channels == 1, flac.maximumBlockSize <= Self.mostNarrow,
                let resampler = try? Resampler(from: flac.sampleRate, to: Self.sampleRate)
            else { return nil }
            self.decoder = .flac(flac)
            self.resampler = consume resampler
            self.resampler?.skipLatency()
        case .vp8, .vp9, .h264: return nil
        }
    }

    /// Whether sound waits to be mixed.
    var isSounding: Bool { !samples.isEmpty }

    func take(_ block: MatroskaBlock) {
        let position = Int(clamping: block.timestampNanoseconds / 1_000 &* Int64(Self.sampleRate) / 1_000_000)
        let gap = position - start - samples.count
        if case .opus = decoder, !samples.isEmpty, gap > Self.tolerance, gap <= Self.longestConcealed {
            conceal(gap)
            if gap > Self.leastLoss { log.note(.concealed, at: block.timestampNanoseconds) }
        }
        log.blocks += 1
        let decoded = decode(block.data)
        guard !decoded.isEmpty else {
            log.note(.refused, at: block.timestampNanoseconds)
            return
        }
        let end = start + samples.count
        if samples.isEmpty, position >= start {
            start = position
        } else if position > end + Self.tolerance {
            guard position - start < Self.mostWaiting else { return }
            samples.append(contentsOf: repeatElement(0, count: position - end))
        } else if position < end - Self.tolerance {
            let overlap = end - position
            guard overlap < decoded.count else { return }
            samples.append(contentsOf: decoded[overlap...])
            return
        }
        samples.append(contentsOf: decoded)
    }

    /// Fills what is missing with what the decoder makes up, as near as it can.
    private func conceal(_ gap: Int) {
        let count = gap / 120 * 120
        let made = scratch.withUnsafeMutableBufferPointer { room in
            (try? opus?.conceal(into: UnsafeMutableBufferPointer(rebasing: room[..<count]))) ?? 0
        }
        samples.append(contentsOf: scratch[..<made])
    }

    private func decode(_ data: [UInt8]) -> ArraySlice<Int16> {
        data.withUnsafeBytes { bytes in
            scratch.withUnsafeMutableBufferPointer { room -> Int in
                switch decoder {
                case .opus: return (try? opus?.decode(bytes, into: room)) ?? 0
                case .flac(let flac):
                    let narrow = UnsafeMutableBufferPointer(rebasing: room[..<Self.mostNarrow])
                    let wide = UnsafeMutableBufferPointer(rebasing: room[Self.mostNarrow...])
                    guard let count = try? flac.decode(bytes, into: narrow), count > 0 else { return 0 }
                    let made =
                        resampler?.process(
                            UnsafeBufferPointer(rebasing: narrow[..<count]), into: wide
                        ).produced ?? 0
                    room.baseAddress?.update(from: wide.baseAddress!, count: made)
                    return made
                }
            }
        }.clamped(to: scratch)
    }

    /// Adds what sounds in `range` of the timeline to `sum`; returns its energy.
    func mix(_ range: Range<Int>, into sum: inout [Int32]) -> Double {
        var energy = 0.0
        let first = max(range.lowerBound, start)
        let last = min(range.upperBound, start + samples.count)
        if first < last {
            for position in first..<last {
                let sample = Int32(samples[position - start])
                sum[position - range.lowerBound] &+= sample
                energy += Double(sample) * Double(sample)
            }
        }
        drop(before: range.upperBound)
        return energy
    }

    /// Forgets what is before a sample of the timeline.
    func drop(before end: Int) {
        let passed = min(max(0, end - start), samples.count)
        samples.removeFirst(passed)
        start += passed
    }
}

extension Int {
    fileprivate func clamped(to array: [Int16]) -> ArraySlice<Int16> { array[..<Swift.min(self, array.count)] }
}
