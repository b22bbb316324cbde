import Codecs
import Foundation

/// Why a file of sound cannot be played.
public enum AnnouncementError: Error, Equatable, Sendable, CustomStringConvertible {
    case unreadable(reason: String)
    case notWAV
    /// A format other than PCM of 16 bits, one or two channels, 8 to 48 kHz.
    case unsupported(format: UInt16, bits: UInt16, channels: UInt16, sampleRate: UInt32)
    case empty
    case tooLong(seconds: Int, most: Int)

    public var description: String {
        switch self {
        case .unreadable(let reason): "cannot be read: \(reason)"
        case .notWAV: "is no WAV file"
        case .unsupported(let format, let bits, let channels, let sampleRate):
            "has format \(format) with \(bits) bits, \(channels) channels, \(sampleRate) Hz; PCM of 16 bits, one or two "
                + "channels, 8 to 48 kHz can be played"
        case .empty: "has no sound in it"
        case .tooLong(let seconds, let most): "lasts \(seconds) s; \(most) s are played at most"
        }
    }
}

/// A RIFF WAVE file of 16-bit PCM, as one channel of 48 kHz.
enum WAVFile {
    static let mostSeconds = 60

    static func samples(of file: Data) throws(AnnouncementError) -> [Int16] {
        let (format, sound) = try chunks(of: file)
        guard format.count >= 16 else { throw .notWAV }
        let (kind, channels) = (format.little16(0), format.little16(2))
        let (sampleRate, bits) = (format.little32(4), format.little16(14))
        // 0xFFFE says the same in a longer form, which is PCM where its sub-format begins with 1.
        let isPCM = kind == 1 || kind == 0xFFFE && format.count >= 26 && format.little16(24) == 1
        guard isPCM, bits == 16, (1...2).contains(channels), (8_000...48_000).contains(sampleRate) else {
            throw .unsupported(format: kind, bits: bits, channels: channels, sampleRate: sampleRate)
        }
        let frames = sound.count / (2 * Int(channels))
        guard frames > 0 else { throw .empty }
        guard frames <= mostSeconds * Int(sampleRate) else {
            throw .tooLong(seconds: frames / Int(sampleRate), most: mostSeconds)
        }
        var mono = [Int16](repeating: 0, count: frames)
        for index in 0..<frames {
            let first = Int16(bitPattern: sound.little16(index * 2 * Int(channels)))
            guard channels == 2 else {
                mono[index] = first
                continue
            }
            let second = Int16(bitPattern: sound.little16(index * 4 + 2))
            mono[index] = Int16((Int32(first) + Int32(second)) / 2)
        }
        return try resampled(mono, from: Int(sampleRate))
    }

    /// The first `fmt ` and `data` of the file. A `data` that says it is longer than the file ends with the file, as those do
    /// that were written into a pipe.
    private static func chunks(of file: Data) throws(AnnouncementError) -> (format: Data, sound: Data) {
        guard file.count >= 12, file.tag(0) == "RIFF", file.tag(8) == "WAVE" else { throw .notWAV }
        var format: Data?
        var offset = 12
        while offset + 8 <= file.count {
            let begin = offset + 8
            let end = min(file.count, begin + Int(file.little32(offset + 4)))
            let content = file.subdata(in: file.startIndex + begin..<file.startIndex + end)
            switch file.tag(offset) {
            case "fmt ": format = format ?? content
            case "data":
                guard let format else { throw .notWAV }
                return (format, content)
            default: break
            }
            offset = end + (end - begin) % 2
        }
        throw format == nil ? .notWAV : .empty
    }

    private static func resampled(_ samples: [Int16], from rate: Int) throws(AnnouncementError) -> [Int16] {
        guard rate != 48_000 else { return samples }
        let converted: [Int16]
        do throws(CodecError) {
            var resampler = try Resampler(from: rate, to: 48_000, quality: 7)
            resampler.skipLatency()
            var made = [Int16](repeating: 0, count: resampler.outputCapacity(for: samples.count))
            let (_, produced) = samples.withUnsafeBufferPointer { samples in
                made.withUnsafeMutableBufferPointer { resampler.process(samples, into: $0) }
            }
            converted = Array(made[..<produced])
        } catch {
            throw .unreadable(reason: "\(error)")
        }
        // A few samples give none.
        guard !converted.isEmpty else { throw .empty }
        return converted
    }
}

extension Data {
    fileprivate func octet(_ offset: Int) -> UInt32 { UInt32(self[startIndex + offset]) }
    fileprivate func little16(_ offset: Int) -> UInt16 { UInt16(octet(offset) | octet(offset + 1) << 8) }
    fileprivate func little32(_ offset: Int) -> UInt32 {
        octet(offset) | octet(offset + 1) << 8 | octet(offset + 2) << 16 | octet(offset + 3) << 24
    }
    fileprivate func tag(_ offset: Int) -> String {
        String(decoding: self[startIndex + offset..<startIndex + offset + 4], as: UTF8.self)
    }
}
