import Foundation
import Matroska
import MediaPlane
import RTP
import Testing

@testable import Recorder

/// What the master lacks is said in it, with where and why.
@Suite struct GapMapTests {
    private static func gaps(_ summary: RecordingSummary, _ track: Int = 0) -> [GapMap.Stretch] {
        GapMap(summary).streams[track].gaps
    }

    private static func expect(
        _ gaps: [GapMap.Stretch], _ wanted: [(Int64, Int64, Gap.Cause)], within tolerance: Int64 = 5,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let isRight =
            gaps.count == wanted.count
            && zip(gaps, wanted).allSatisfy {
                abs($0.from - $1.0) <= tolerance && abs($0.to - $1.1) <= tolerance && $0.cause == $1.2
            }
        #expect(isRight, "\(gaps.map { "\($0.from)-\($0.to) \($0.cause)" })", sourceLocation: sourceLocation)
    }

    @Test func soundThatWasLostThatWasNotSentAndThatWasNotToBeRecordedAreToldApart() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 2, delay: 0)
        for frame in 0..<1_000 {
            let time = Int64(frame) * 20 * milli
            switch frame {
            case 50..<54: _ = stream.packet(at: time, opus(frame))
            // Silence that its sender suppressed: the numbers go on.
            case 200..<300: break
            // Muted: the worker says so, and the numbers go on meanwhile.
            case 400..<500:
                if frame == 400 {
                    recording.feed(
                        TapEntry(kind: .end, track: 0, arrivalNanoseconds: UInt64(1_000_000_000 + time)))
                }
                _ = stream.packet(at: time, opus(frame))
            // A pause and a loss in one.
            case 600..<650: break
            case 650..<655: _ = stream.packet(at: time, opus(frame))
            default: recording.feed(stream.packet(at: time, opus(frame)))
            }
            try recording.drain(at: time)
        }
        let result = try recording.finish()
        Self.expect(
            Self.gaps(result.summary),
            [
                (1_000, 1_080, .lost), (4_000, 6_000, .notSent), (8_000, 10_000, .away), (12_000, 12_100, .lost),
                (12_100, 13_100, .notSent),
            ])
        let map = GapMap(result.summary)
        #expect(map.streams[0].missingMilliseconds == ["lost": 180, "notSent": 3_000, "away": 2_000])
        #expect(map.streams[0].packetsLost == 9)
        // The master says the same.
        let track = try #require(result.tracks.first)
        #expect(track.tags["GAPS"]?.hasPrefix("1000-1080 lost; 4000-6000 notSent; 8000-10000 away; 12000-") == true)
        #expect(track.tags["MISSING_LOST"] == "180" && track.tags["POINT"] == "phu-loc")
        #expect(map.streams[0].tracks == [track.number])
        let read = try JSONDecoder().decode(GapMap.self, from: map.json())
        #expect(read == map)
    }

    @Test func whatFoundNoRoomOnItsWayIsNotBlamedOnTheLine() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 2, delay: 0)
        for frame in 0..<1_000 {
            let time = Int64(frame) * 20 * milli
            // The disk stands still for four seconds: the ring of 1 MiB is full after some 1.5.
            recording.feed(stream.packet(at: time, opus(frame) + [UInt8](repeating: 7, count: 12_000)))
            if !(300..<500).contains(frame) { try recording.drain(at: time) }
        }
        let result = try recording.finish()
        let gap = try #require(Self.gaps(result.summary).first)
        #expect(Self.gaps(result.summary).count == 1 && gap.cause == .recorder)
        #expect((6_500...9_000).contains(gap.from) && (9_960...10_040).contains(gap.to), "\(gap)")
        #expect(result.summary.overflow > 40)
        #expect(Int64(result.summary.overflow) * 20 == gap.to - gap.from)
        #expect(GapMap(result.summary).packetsWithoutRoom == result.summary.overflow)
    }

    @Test func thePictureInWhichThereIsRoomAgainLacksItsBeginningForTheSameReason() throws {
        let recording = try SimulatedRecording()
        recording.add(1, leg: 1, .video)
        var stream = SimulatedStream(track: 1, codec: .vp8, ssrc: 2, delay: 0)
        let rest = [UInt8](repeating: 7, count: 6_000)
        for frame in 0..<300 {
            let time = Int64(frame) * 40 * milli
            recording.feed(stream.packet(at: time, vp8(frame, keyframe: frame % 100 == 0) + rest))
            // The disk stands still for four seconds, and writes again in the midst of a picture.
            let stands = (100..<200).contains(frame)
            if frame == 199 { try recording.drain(at: time) }
            recording.feed(stream.packet(at: time, [0x80, 0x80, 0x80] + rest, marker: true))
            if !stands { try recording.drain(at: time) }
        }
        let result = try recording.finish()
        #expect(result.summary.overflow > 20)
        let missing = GapMap(result.summary).streams[0].missingMilliseconds
        #expect(missing["lost"] == nil && missing["recorder"] ?? 0 > 500, "\(missing)")
    }

    @Test func picturesAreMissingTillTheNextWholeOneAndMayBeDamagedTillTheNextKeyframe() throws {
        let recording = try SimulatedRecording()
        recording.add(1, leg: 1, .video)
        var stream = SimulatedStream(track: 1, codec: .vp8, ssrc: 2, delay: 0)
        for frame in 0..<250 {
            let time = Int64(frame) * 40 * milli
            let isKeyframe = frame % 100 == 0
            if frame == 200 {
                // A keyframe in two packets, of which the second is lost.
                var bytes = vp8(frame, keyframe: true)
                bytes += [UInt8](repeating: 1, count: 40)
                recording.feed(stream.packet(at: time, bytes, marker: false))
                _ = stream.packet(at: time, [0x80, 0x80, 0x80, 1, 2], marker: true)
            } else if (40..<43).contains(frame) {
                _ = stream.packet(at: time, vp8(frame, keyframe: isKeyframe), marker: true)
            } else if frame < 120 || frame >= 200 {
                recording.feed(stream.packet(at: time, vp8(frame, keyframe: isKeyframe), marker: true))
            }
            try recording.drain(at: time)
        }
        let summary = try recording.finish().summary
        Self.expect(
            Self.gaps(summary),
            [
                (1_600, 1_720, .lost), (1_720, 4_000, .damaged), (4_800, 8_000, .notSent), (8_000, 8_040, .lost),
                (8_040, 9_960, .damaged),
            ], within: 41)
    }

    @Test(arguments: [-200.0, -20, 0, 35, 200])
    func theSendersClockIsMeasured(drift: Double) throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 2, delay: 3 * milli, drift: drift)
        var random = SystemRandomNumberGenerator()
        for frame in 0..<15_000 {
            let time = Int64(frame) * 20 * milli
            recording.feed(stream.packet(at: time, opus(frame), jitter: .random(in: 0...15 * milli, using: &random)))
            if frame % 5 == 0 { try recording.drain(at: time) }
        }
        let measured = try #require(GapMap(try recording.finish().summary).streams[0].clockDriftPPM)
        // Within the jitter of two windows' quickest packets over five minutes.
        #expect(abs(measured - drift) < 12, "\(measured)")
    }

    @Test(arguments: [MediaCodec.opus, .pcma])
    func aMasterWhoseRecorderDiedTellsItsHolesItself(codec: MediaCodec) throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: codec, ssrc: 2, delay: 0)
        for frame in 0..<500 {
            let time = Int64(frame) * 20 * milli
            let packet = stream.packet(at: time, codec == .opus ? opus(frame) : [UInt8](repeating: 0x55, count: 160))
            if !(100..<120).contains(frame), frame != 300 { recording.feed(packet) }
            try recording.drain(at: time)
        }
        let copy = recording.folder.file("copy.mkv")
        try FileManager.default.copyItem(atPath: recording.path, toPath: copy)
        _ = try MeetingRecorder.recover(path: copy)
        let map = try GapMap(readingMaster: copy)
        #expect(map.streams.map(\.point) == ["phu-loc"] && map.streams[0].kind == "audio")
        Self.expect(map.streams[0].gaps, [(2_000, 2_400, .unexplained)], within: 25)
        #expect((8_500...10_000).contains(map.durationMilliseconds))
        // Nobody counted: that is not a count of 0, in the file either.
        #expect(map.streams[0].packets == nil && map.streams[0].packetsLost == nil && map.packetsWithoutRoom == nil)
        #expect(!String(decoding: try map.json(), as: UTF8.self).contains("packets"))
    }

    /// After 3,000 packets the way that puts them in order begins anew: what is missing is missing all the same.
    /// One of almost a round of numbers looks like packets that come late.
    @Test(arguments: [2_999, 3_000, 3_001, 40_000, 62_500, 63_700, 65_534, 65_535, 65_536, 66_000, 70_000])
    func aLongGapInSoundIsAsLongAsItWas(lost: Int) throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 2, delay: 0)
        for frame in 0..<lost + 200 {
            let time = Int64(frame) * 20 * milli
            let packet = stream.packet(at: time, opus(frame), jitter: Int64(frame % 7) * milli)
            guard !(100..<100 + lost).contains(frame) else { continue }
            recording.feed(packet)
            try recording.drain(at: time)
        }
        let summary = try recording.finish().summary
        Self.expect(Self.gaps(summary), [(2_000, 2_000 + Int64(lost) * 20, .lost)], within: 20)
        #expect(summary.tracks[0].packetsLost == UInt64(lost))
    }

    @Test func aLongGapInPicturesIsLostTillTheNextWholeOne() throws {
        let recording = try SimulatedRecording()
        recording.add(1, leg: 1, .video)
        var stream = SimulatedStream(track: 1, codec: .vp8, ssrc: 2, delay: 0)
        for frame in 0..<5_000 {
            let time = Int64(frame) * 40 * milli
            let packet = stream.packet(at: time, vp8(frame, keyframe: frame % 100 == 0), marker: true)
            guard !(150..<4_150).contains(frame) else { continue }
            recording.feed(packet)
            try recording.drain(at: time)
        }
        let summary = try recording.finish().summary
        Self.expect(Self.gaps(summary), [(6_000, 166_000, .lost), (166_000, 168_000, .damaged)], within: 41)
        #expect(summary.tracks[0].packetsLost == 4_000)
    }

    /// A sender that was started again keeps its SSRC at times, and nothing else: what it had sent meanwhile nobody knows.
    @Test(arguments: [0, 30])
    func aSenderThatBeginsAnewLostNothing(pause: Int) throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 2, delay: 0)
        for frame in 0..<200 {
            if frame == 100 {
                stream.sequence &+= 20_000
                stream.firstTimestamp &+= 900_000_000
            }
            let time = Int64(frame * 20 + (frame < 100 ? 0 : pause * 1_000)) * milli
            recording.feed(stream.packet(at: time, opus(frame)))
            try recording.drain(at: time)
        }
        let summary = try recording.finish().summary
        Self.expect(Self.gaps(summary), pause == 0 ? [] : [(2_000, 32_000, .notSent)], within: 25)
        #expect(summary.tracks[0].packetsLost == 0)
    }

    @Test func aStreamThatLosesEverySecondPacketForHoursIsToldInBoundedRoom() {
        var list = GapList()
        for index in 0..<100_000 as Range<Int64> {
            list.add(Gap(.lost, from: index * 100 * milli, to: index * 100 * milli + 20 * milli))
        }
        #expect(list.gaps.count == GapList.mostGaps && list.unlisted == 100_000 - GapList.mostGaps)
        #expect(list.total(.lost) == 100_000 * 20 * milli)
    }

    /// Whatever is lost, kept twice or held up: what is told as missing and what is there make up the whole.
    @Test(arguments: 0..<20)
    func whatIsThereAndWhatIsMissingAreTheWhole(seed: UInt64) throws {
        var random = Seeded(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 2, delay: 0)
        var lost: Set<Int> = []
        var isLosing = false
        for frame in 0..<1_500 {
            let time = Int64(frame) * 20 * milli
            let packet = stream.packet(at: time, opus(frame), jitter: .random(in: 0...60 * milli, using: &random))
            isLosing = Int.random(in: 0..<100, using: &random) < (isLosing ? 70 : 3)
            if isLosing, frame > 0, frame < 1_499 { lost.insert(frame) } else { recording.feed(packet) }
            if Int.random(in: 0..<50, using: &random) == 0, !lost.contains(frame) { recording.feed(packet) }
            try recording.drain(at: time)
        }
        let result = try recording.finish()
        #expect(Set(result.blocks.map(number(of:))) == Set(0..<1_500).subtracting(lost))
        let total = result.summary.tracks[0].gaps.total(.lost) / milli
        #expect(abs(total - Int64(lost.count) * 20) <= 1, "\(total) of \(lost.count * 20)")
        for frame in lost {
            let middle = Int64(frame) * 20 + 10
            #expect(
                Self.gaps(result.summary).contains { $0.from - 70 <= middle && middle <= $0.to + 70 },
                "\(frame) is in no gap")
        }
    }

    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }
}
