import Codecs
import Foundation
import Matroska
import Recorder

/// A point in the master: all its tracks, before and after it came back.
final class Sitter {
    /// Without a picture for this long the point shows its name plate only.
    private static let pictureStays: Int64 = 4_000_000_000
    /// Without sound or picture for this long the point has left.
    private static let presenceStays: Int64 = 5_000_000_000

    let name: String
    private(set) var tracks: Set<UInt64> = []
    private var voices: [UInt64: Voice] = [:]
    private var decoders: [UInt64: any VideoDecoder] = [:]
    private var newest: (track: UInt64, time: Int64)?
    private var lastBlock: Int64?
    private(set) var hasNewPicture = false
    private(set) var undecodable = 0

    init(name: String) { self.name = name }

    func add(_ track: MatroskaTrack) {
        tracks.insert(track.number)
        switch track.codec {
        case .opus, .flac: voices[track.number] = Voice(track)
        case .vp8: decoders[track.number] = try? VPXDecoder(.vp8)
        case .vp9: decoders[track.number] = try? VPXDecoder(.vp9)
        case .h264:
            let configuration = track.codecPrivate.withUnsafeBytes { try? AVCConfiguration(parsing: $0) }
            decoders[track.number] = try? H264Decoder(configuration: configuration)
        }
    }

    func take(_ block: MatroskaBlock) {
        lastBlock = block.timestampNanoseconds
        if let voice = voices[block.track] {
            voice.take(block)
        } else if let decoder = decoders[block.track] {
            let decoded = block.data.withUnsafeBytes { try? decoder.decode($0) }
            if decoded == nil { undecodable += 1 }
            if decoded == true {
                newest = (block.track, block.timestampNanoseconds)
                hasNewPicture = true
            }
        }
    }

    /// Whether the point is in the meeting at `time`; `isComing` tells that more of it follows soon.
    func isPresent(at time: Int64, isComing: @autoclosure () -> Bool) -> Bool {
        guard let lastBlock else { return false }
        let gone = time - lastBlock
        return gone < 1_000_000_000 || (gone < Self.presenceStays && isComing())
    }

    /// The decoder that holds the picture to show; nil without one.
    func picture(at time: Int64) -> (any VideoDecoder)? {
        guard let newest, time - newest.time < Self.pictureStays else { return nil }
        return decoders[newest.track]
    }

    func pictureWasDrawn() { hasNewPicture = false }

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
