import Codecs
import Foundation
import Matroska

/// A point in the master: all its tracks, before and after it came back. Or what a point presented.
final class Sitter {
    /// Without a picture for this long the point shows its name plate only.
    private let pictureStays: Int64
    /// Without sound or picture for this long the point has left.
    static let presenceStays: Int64 = 5_000_000_000
    /// How long a block itself lasts, at most.
    private static let blockLength: Int64 = 60_000_000

    let name: String
    private var voices: [UInt64: Voice] = [:]
    private var decoders: [UInt64: any VideoDecoder] = [:]
    /// Pictures not yet due, oldest first.
    private var pending: [MatroskaBlock] = []
    private var newest: (track: UInt64, time: Int64)?
    /// When the point is there.
    var presence: [ClosedRange<Int64>] = []
    private var passedPresence = 0
    private var hasNewPicture = false
    private var hadPicture = false
    /// Of tracks with pictures, and of those that have no decoder.
    private var logs: [UInt64: TrackDecoding] = [:]

    init(name: String, pictureStays: Int64 = 4_000_000_000) {
        self.name = name
        self.pictureStays = pictureStays
    }

    /// What became of the blocks of each of its tracks.
    var decodings: [TrackDecoding] { logs.values + voices.values.map(\.log) }

    /// Whether sound waits to be mixed.
    var isSounding: Bool { voices.values.contains(where: \.isSounding) }

    func add(_ track: MatroskaTrack, of point: String, isShow: Bool, _ parts: SeatingParts) {
        let isSound = track.codec == .opus || track.codec == .flac
        guard parts.contains(isSound ? .sound : .pictures) else { return }
        let log = TrackDecoding(
            track: track.number, point: point, name: name, kind: isSound ? "audio" : isShow ? "slides" : "video",
            codec: track.codec.rawValue)
        if isSound { voices[track.number] = Voice(track, log) }
        if voices[track.number] == nil { logs[track.number] = log }
        switch track.codec {
        case .opus, .flac: break
        case .vp8: decoders[track.number] = try? VPXDecoder(.vp8)
        case .vp9: decoders[track.number] = try? VPXDecoder(.vp9)
        case .h264:
            let configuration = track.codecPrivate.withUnsafeBytes { try? AVCConfiguration(parsing: $0) }
            decoders[track.number] = try? H264Decoder(configuration: configuration)
        }
    }

    /// The point is there at `time`, for it sent something. Times grow.
    func notePresence(at time: Int64) {
        if let last = presence.last, time - last.upperBound <= Self.presenceStays {
            presence[presence.count - 1] = last.lowerBound...max(last.upperBound, time + Self.blockLength)
        } else {
            presence.append(time...time + Self.blockLength)
        }
    }

    /// Takes a block: sound is decoded at once, pictures wait until they are due. Blocks come in the order of their
    /// times.
    func take(_ block: MatroskaBlock) {
        if let voice = voices[block.track] {
            voice.take(block)
        } else if decoders[block.track] != nil {
            pending.append(block)
        } else {
            logs[block.track]?.blocks += 1
            logs[block.track]?.note(.refused, at: block.timestampNanoseconds)
        }
    }

    /// Whether the point is in the meeting at `time`, which only grows.
    func isPresent(at time: Int64) -> Bool {
        while passedPresence < presence.count, presence[passedPresence].upperBound < time { passedPresence += 1 }
        return passedPresence < presence.count && presence[passedPresence].contains(time)
    }

    func forgetDecodings() {
        for log in logs.values { logs[log.track] = log.begunAnew }
    }

    func hasPicture(before time: Int64) -> Bool { pending.first.map { $0.timestampNanoseconds < time } ?? false }

    /// Decodes the pictures that are due.
    func decodePictures(before time: Int64) {
        let due = pending.prefix { $0.timestampNanoseconds < time }
        for block in due {
            guard let decoder = decoders[block.track] else { continue }
            let decoded = block.data.withUnsafeBytes { try? decoder.decode($0) }
            logs[block.track]?.blocks += 1
            if decoded == nil { logs[block.track]?.note(.refused, at: block.timestampNanoseconds) }
            if decoded == true {
                newest = (block.track, block.timestampNanoseconds)
                hasNewPicture = true
            }
        }
        pending.removeFirst(due.count)
    }

    /// The decoder that holds the picture to show; nil without one.
    func picture(at time: Int64) -> (any VideoDecoder)? {
        guard let newest, time - newest.time < pictureStays else { return nil }
        return decoders[newest.track]
    }

    /// Whether the tile looks other than when this was last asked.
    func takeChange(at time: Int64) -> Bool {
        let hasPicture = picture(at: time) != nil
        defer {
            hasNewPicture = false
            hadPicture = hasPicture
        }
        return hasNewPicture || hasPicture != hadPicture
    }

    /// Forgets sound that nobody will hear, to a sample of the timeline.
    func dropSound(before end: Int) {
        for voice in voices.values { voice.drop(before: end) }
    }

    /// Adds the point's sound to the mix; returns its level in dBFS.
    func mix(_ range: Range<Int>, into sum: inout [Int32]) -> Double {
        let energy = voices.values.reduce(0.0) { $0 + $1.mix(range, into: &sum) }
        return VoiceLevel.decibels(energy: energy, samples: range.count)
    }
}

enum VoiceLevel {
    /// Of so many samples with this sum of squares; at least -127.
    static func decibels(energy: Double, samples: Int) -> Double {
        guard energy > 0, samples > 0 else { return -127 }
        return max(-127, 10 * log10(energy / Double(samples) / (32_768 * 32_768)))
    }
}
