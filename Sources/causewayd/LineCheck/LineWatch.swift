import MediaPlane
import Quality
import RTP

/// What a leg's counters say of its line between two looks.
struct LineWatch {
    /// Quieter than this is nothing that anybody meant to be heard, in dBov.
    private static let quietest = -50.0

    private let first: LegStatistics
    private var last: LegStatistics
    private let keying: Keying
    private var loudest = -127.0
    private var jitterUp: [Double] = []
    private var jitterDown: [Double] = []
    private var trips: [Double] = []

    init(_ statistics: LegStatistics, keying: Keying) {
        first = statistics
        last = statistics
        self.keying = keying
    }

    mutating func look(_ statistics: LegStatistics) {
        last = statistics
        loudest = max(loudest, statistics.loudness)
        jitterUp.append(statistics.audio.jitterMilliseconds)
        if statistics.audio.remoteHighestSequence != 0 { jitterDown.append(statistics.audio.remoteJitterMilliseconds) }
        if let trip = statistics.audio.roundTripMilliseconds ?? statistics.video.roundTripMilliseconds {
            trips.append(trip)
        }
    }

    func measurement(after time: Duration) -> LineMeasurement {
        let seconds = max(time / .seconds(1), 0.001)
        let trip = Self.mean(trips)
        var keying = keying
        keying.suite = keying.method == .none ? nil : last.audio.suite?.sdesName ?? keying.suite
        let line = LegLine(from: first, to: last, seconds: seconds)
        let (up, down) = line.scores(
            jitterUp: Self.mean(jitterUp), jitterDown: Self.mean(jitterDown), roundTrip: trip)
        return LineMeasurement(
            seconds: seconds,
            up: .init(
                bitrate: line.bitrateUp, lossPercent: line.lossUp, jitterMilliseconds: Self.mean(jitterUp),
                opinionScore: up),
            down: .init(
                bitrate: line.bitrateDown, lossPercent: line.lossDown, jitterMilliseconds: Self.mean(jitterDown),
                opinionScore: down),
            roundTripMilliseconds: trip, soundCodec: line.receivesSound ? last.audio.codec?.encodingName : nil,
            hasSound: loudest > Self.quietest, picture: line.picture, keying: keying)
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}

/// A leg's line over some time: what its counters of before and after differ by.
struct LegLine {
    /// From the mouth into the packet and from the jitter buffer to the ear, beside the line's own time and jitter.
    private static let delayAtTheEnds = 60.0

    private let before: LegStatistics
    private let after: LegStatistics
    private let seconds: Double

    init(from before: LegStatistics, to after: LegStatistics, seconds: Double) {
        self.before = before
        self.after = after
        self.seconds = max(seconds, 0.001)
    }

    private static func streams(_ leg: LegStatistics) -> [StreamStatistics] {
        [leg.audio, leg.video] + (leg.slides.map { [$0] } ?? []) + leg.layers + leg.panes
    }

    private func rate(_ octets: (StreamStatistics) -> UInt64) -> Double {
        let (old, new) = (Self.streams(before), Self.streams(after))
        // A leg whose streams changed meanwhile is measured anew next time.
        guard old.count == new.count else { return 0 }
        let sum = zip(old, new).reduce(UInt64(0)) { sum, stream in
            let (old, new) = (octets(stream.0), octets(stream.1))
            return sum &+ (new > old ? new - old : 0)
        }
        return Double(sum) * 8 / seconds
    }

    var bitrateUp: Double { rate(\.bytesReceived) }
    var bitrateDown: Double { rate(\.bytesSent) }
    var receivesSound: Bool { after.audio.packetsReceived > before.audio.packetsReceived }

    /// Packets of sound lost on the way to the bridge, of a hundred; nil where none came.
    var lossUp: Double? { Self.lossUp(before.audio, after.audio) }

    private static func lossUp(_ before: StreamStatistics, _ after: StreamStatistics) -> Double? {
        let received = Double(after.packetsReceived) - Double(before.packetsReceived)
        let lost = Double(after.packetsLost) - Double(before.packetsLost)
        guard received > 0 else { return nil }
        return min(max(100 * lost / (received + max(lost, 0)), 0), 100)
    }

    /// The same as the peer reports it of what it is sent; nil where it reported nothing meanwhile.
    var lossDown: Double? {
        let (old, new) = (before.audio, after.audio)
        guard new.remoteHighestSequence != 0, new.remoteHighestSequence != old.remoteHighestSequence else { return nil }
        if old.remoteHighestSequence != 0 {
            let expected = Double(new.remoteHighestSequence &- old.remoteHighestSequence)
            let lost = Double(new.remotePacketsLost - old.remotePacketsLost)
            return min(max(100 * lost / expected, 0), 100)
        }
        // The first report covers all since the beginning.
        guard new.packetsSent > 0 else { return nil }
        return min(max(100 * Double(new.remotePacketsLost) / Double(new.packetsSent), 0), 100)
    }

    /// MOS of what comes from the point, and of what it hears.
    func scores(jitterUp: Double?, jitterDown: Double?, roundTrip: Double?) -> (up: Double?, down: Double?) {
        func score(_ codec: MediaCodec?, _ octets: Double, _ loss: Double?, _ jitter: Double?) -> Double? {
            guard let loss, let codec = SpeechQuality.Codec(codec, bitrate: octets * 8 / seconds) else { return nil }
            let delay = (roundTrip ?? 0) / 2 + 2 * (jitter ?? 0) + Self.delayAtTheEnds
            let score = SpeechQuality(codec, lossPercent: loss, delayMilliseconds: delay).opinionScore
            return (score * 100).rounded() / 100
        }
        let (old, new) = (before.audio, after.audio)
        return (
            score(new.codec, Double(new.bytesReceived) - Double(old.bytesReceived), lossUp, jitterUp),
            score(new.sentCodec, Double(new.bytesSent) - Double(old.bytesSent), lossDown, jitterDown)
        )
    }

    /// The largest size of the camera's picture; nil where none came.
    var picture: LineMeasurement.Picture? {
        guard before.layers.count == after.layers.count else { return nil }
        let sizes = zip([before.video] + before.layers, [after.video] + after.layers).filter {
            $1.picturesReceived > $0.picturesReceived
        }
        guard let (old, new) = sizes.max(by: { ($0.1.pictureHeight ?? 0) < ($1.1.pictureHeight ?? 0) }) else {
            return nil
        }
        return LineMeasurement.Picture(
            codec: new.codec?.encodingName ?? "?", width: new.pictureWidth, height: new.pictureHeight,
            frameRate: (Double(new.picturesReceived - old.picturesReceived) / seconds * 10).rounded() / 10,
            lossPercent: Self.lossUp(old, new) ?? 0, freezes: Int(clamping: new.freezes &- old.freezes))
    }
}

extension SpeechQuality.Codec {
    /// nil for what is no sound.
    fileprivate init?(_ codec: MediaCodec?, bitrate: Double) {
        switch codec {
        // It is not judged by the rate of what may have been silence.
        case .opus: self = .opus(bitrate: max(bitrate, 28_000))
        case .g722: self = .g722
        case .pcmu, .pcma: self = .g711
        case .vp8, .h264, nil: return nil
        }
    }
}

extension LegParameters {
    /// Where the keys of the leg's sound come from.
    var keying: Keying {
        switch audio?.security {
        case .sdes(let suite, _, _): Keying(.sdes, suite: suite.sdesName)
        case .agreed: Keying(.dtls)
        case .clear, nil: Keying(.none)
        }
    }
}
