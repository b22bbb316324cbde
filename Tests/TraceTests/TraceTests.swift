import Crypto
import Foundation
import Testing

@testable import Trace

@Suite(.enabled(if: Speech.isPossible, "espeak-ng or ffmpeg is not installed")) struct TraceTests {
    private static let key = SymmetricKey(data: Array(0..<32).map(UInt8.init))
    private static let seconds = 90
    private static let original = Result { try Speech.samples(seconds: seconds) }
    private static let copies = (1...40).map { TraceDetector.Candidate(copy: UInt64($0), begins: 20_000) }

    /// A minute from 0:20 on, made for grant 17.
    private static func copy() throws -> [Int16] {
        var samples = Array(try original.get()[20 * Speech.rate..<80 * Speech.rate])
        var trace = SoundTrace(TraceSequence(key: key, copy: 17), sampleRate: Speech.rate, channels: 1)
        // In pieces of any length, as files are read.
        var at = 0
        while at < samples.count {
            let count = min(samples.count - at, Int.random(in: 1...9_999))
            samples[at..<at + count].withUnsafeMutableBufferPointer { trace.apply(to: $0) }
            at += count
        }
        return samples
    }

    private func findings(_ samples: [Int16]) throws -> (place: Int?, found: [TraceDetector.Finding]) {
        let detector = TraceDetector(original: Speech.curve(try Self.original.get()))
        let curve = Speech.curve(samples)
        guard let place = detector.place(of: curve) else { return (nil, []) }
        return (place, detector.findings(in: curve, at: place, Self.copies, key: Self.key))
    }

    @Test(arguments: [
        ["wav"], ["-c:a", "aac", "-b:a", "96k", "m4a"], ["-c:a", "libmp3lame", "-b:a", "64k", "mp3"],
        ["-c:a", "libopus", "-b:a", "24k", "ogg"],
        // A telephone's band, and another's level.
        ["-af", "highpass=300,lowpass=3400,volume=-9dB", "-ar", "8000", "-c:a", "pcm_alaw", "wav"],
        // A loudness that a publisher evens out, and noise of a room.
        ["-af", "acompressor=threshold=0.1:ratio=2:attack=200:release=2000", "-c:a", "aac", "m4a"],
    ])
    func aCopyIsKnownAfterWhatOthersDoToIt(arguments: [String]) throws {
        let (place, found) = try findings(try Speech.through(try Self.copy(), arguments))
        #expect(abs((place ?? 0) - 2000) <= 8, "codecs delay by some milliseconds")
        #expect(found.first?.copy == 17 && found.first?.isCertain == true, "\(arguments): \(found.prefix(3))")
        #expect(found.dropFirst().allSatisfy { $0.score < 5 }, "\(arguments): \(found.prefix(3))")
    }

    @Test func aPieceOfACopyIsKnown() throws {
        let copy = try Self.copy()
        let piece = Array(copy[23 * Speech.rate..<53 * Speech.rate])
        let (place, found) = try findings(try Speech.through(piece, ["-c:a", "aac", "-b:a", "64k", "m4a"]))
        #expect(abs((place ?? 0) - 4300) <= 8)
        #expect(found.first?.copy == 17 && found.first?.isCertain == true, "\(found.prefix(3))")
    }

    @Test func whatWasNotMadeForAnybodyIsNobodys() throws {
        let untouched = Array(try Self.original.get()[20 * Speech.rate..<80 * Speech.rate])
        let (_, found) = try findings(try Speech.through(untouched, ["-c:a", "aac", "-b:a", "96k", "m4a"]))
        #expect(found.count == 40 && found.allSatisfy { !$0.isCertain }, "\(found.prefix(3))")
        // Another's key finds nothing.
        let detector = TraceDetector(original: Speech.curve(try Self.original.get()))
        let curve = Speech.curve(try Self.copy())
        let strange = detector.findings(in: curve, at: 2000, Self.copies, key: SymmetricKey(size: .bits256))
        #expect(strange.allSatisfy { !$0.isCertain })
    }

    @Test func anotherSoundIsNoCopy() throws {
        let other = try Speech.samples(seconds: 60, speed: 120)
        #expect(try findings(other).place == nil)
        #expect(try findings([]).place == nil)
        #expect(try findings([Int16](repeating: 0, count: 60 * Speech.rate)).place == nil)
    }

    @Test func theTraceIsAQuarterOfADecibel() throws {
        let before = Array(try Self.original.get()[20 * Speech.rate..<80 * Speech.rate])
        let after = try Self.copy()
        let (one, two) = (Speech.curve(before), Speech.curve(after))
        let changes = zip(one.levels, two.levels).filter { $0.0 > -50 }.map { abs($0.0 - $0.1) }
        #expect(changes.max() ?? 0 < 0.4 && changes.reduce(0, +) / Float(changes.count) > 0.2)
        // Full scale does not wrap around.
        var loud = [Int16](repeating: 32_767, count: 9_600) + [Int16](repeating: -32_768, count: 9_600)
        var trace = SoundTrace(TraceSequence(key: Self.key, copy: 1), sampleRate: Speech.rate, channels: 2)
        loud.withUnsafeMutableBufferPointer { trace.apply(to: $0) }
        #expect(loud.prefix(9_600).allSatisfy { $0 > 31_000 } && loud.suffix(9_600).allSatisfy { $0 < -31_000 })
    }

    @Test func signsAreFair() {
        var signs = TraceSequence(key: Self.key, copy: 3)
        let sum = (0..<100_000).reduce(Float(0)) { $0 + signs.sign(UInt64($1)) }
        #expect(abs(sum) < 1_500)
        var again = TraceSequence(key: Self.key, copy: 3)
        #expect(
            again.sign(70_000)
                == {
                    var other = TraceSequence(key: Self.key, copy: 3); return other.sign(70_000)
                }())
    }

    @Test func aCurveGoesOverTheLineAsHundredths() throws {
        let curve = Speech.curve(try Self.copy())
        let back = LevelCurve(centibels: curve.centibels)
        #expect(zip(curve.levels, back.levels).allSatisfy { abs($0 - $1) < 0.011 })
    }
}
