import Foundation
import Matroska
import MediaPlane
import RTP
import Testing

@testable import Recorder

@Suite struct RecordingSessionTests {
    @Test func payloadsAreKeptBitForBitAndTracksSayWhoseTheyAre() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 7, .audio)
        recording.add(1, leg: 7, .video)
        var sound = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 5 * milli)
        var picture = SimulatedStream(track: 1, codec: .vp8, ssrc: 2, delay: 5 * milli)
        for frame in 0..<100 {
            let time = Int64(frame) * 20 * milli
            recording.feed(sound.packet(at: time, opus(frame)))
            if frame.isMultiple(of: 2) {
                recording.feed(picture.packet(at: time, vp8(frame, keyframe: frame == 0), marker: true))
            }
            try recording.drain(at: time + 10 * milli)
        }
        let result = try recording.finish()
        #expect(result.tracks.map(\.codec) == [.opus, .vp8])
        for track in result.tracks {
            #expect(track.name == "Xã Phú Lộc")
            #expect(track.tags["POINT"] == "phu-loc")
            #expect(track.tags["LEG"] == "7")
        }
        #expect(result.tracks[1].width == 352)
        #expect(result.tracks[1].height == 288)
        let audio = result.blocks.filter { $0.track == 1 }
        #expect(audio.map(\.data) == (0..<100).map(opus))
        let video = result.blocks.filter { $0.track == 2 }
        #expect(
            video.map(\.data) == stride(from: 0, to: 100, by: 2).map { Array(vp8($0, keyframe: $0 == 0).dropFirst(4)) })
        #expect(video.map(\.isKeyframe) == [true] + Array(repeating: false, count: 49))
        #expect(result.summary.tracks.map(\.packets) == [100, 50])
        #expect(result.summary.tracks.allSatisfy { $0.packetsLost == 0 && $0.framesDropped == 0 })
    }

    @Test func aPictureWhoseParameterSetsOnlyTheDescriptionTellsIsKept() throws {
        // RFC 6184 §8.2.1's example.
        let sps: [UInt8] = [0x67, 0x42, 0x00, 0x0a, 0x96, 0x53, 0x05, 0x89, 0x88]
        let pps: [UInt8] = [0x68, 0xc9, 0x63, 0x88]
        let recording = try SimulatedRecording()
        recording.add(1, leg: 7, .video, parameterSets: [sps, pps])
        var picture = SimulatedStream(track: 1, codec: .h264, ssrc: 2, delay: 5 * milli)
        for frame in 0..<10 {
            let unit: [UInt8] = [frame == 0 ? 0x65 : 0x41, 0x9a, UInt8(frame)]
            recording.feed(picture.packet(at: Int64(frame) * 40 * milli, unit, marker: true))
            try recording.drain(at: Int64(frame) * 40 * milli + 10 * milli)
        }
        let result = try recording.finish()
        let track = try #require(result.tracks.first)
        #expect(track.codec == .h264 && track.width == 176 && track.height == 144)
        #expect(
            track.codecPrivate
                == H264DecoderConfiguration.record(sequenceParameters: sps, pictureParameters: pps))
        #expect(result.blocks.count == 10 && result.blocks[0].isKeyframe)
        #expect(result.blocks[3].data == [0, 0, 0, 3, 0x41, 0x9a, 3])
    }

    @Test func soundAndPictureThatTookDifferentWaysAreAlignedByTheirReports() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        recording.add(1, leg: 1, .video)
        var sound = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 10 * milli)
        var picture = SimulatedStream(track: 1, codec: .vp8, ssrc: 2, delay: 190 * milli)
        var random = SystemRandomNumberGenerator()
        var waiting: [(Int64, () -> Void)] = []
        for frame in 0..<1_500 {
            let time = Int64(frame) * 20 * milli
            let jitter = Int64.random(in: 0...15, using: &random) * milli
            let packet = sound.packet(at: time, opus(frame), jitter: jitter)
            waiting.append((time + sound.delay + jitter, { recording.feed(packet) }))
            let film = picture.packet(at: time, vp8(frame, keyframe: frame.isMultiple(of: 50)), marker: true)
            waiting.append((time + picture.delay, { recording.feed(film) }))
            if frame % 250 == 50 {
                let (a, b) = (sound.report(at: time), picture.report(at: time))
                waiting.append((time + sound.delay, { recording.feed(a) }))
                waiting.append((time + picture.delay, { recording.feed(b) }))
            }
            for due in waiting.filter({ $0.0 <= time }).sorted(by: { $0.0 < $1.0 }) { due.1() }
            waiting.removeAll { $0.0 <= time }
            try recording.drain(at: time)
        }
        for due in waiting.sorted(by: { $0.0 < $1.0 }) { due.1() }
        try recording.drain(at: 31 * second)
        let blocks = try recording.finish().blocks
        // Frame n of both was made at one instant.
        let sounds = Dictionary(blocks.filter { $0.track == 1 }.map { (number(of: $0), $0.timestampNanoseconds) }) {
            $1
        }
        let pictures = Dictionary(blocks.filter { $0.track == 2 }.map { (number(of: $0), $0.timestampNanoseconds) }) {
            $1
        }
        #expect(sounds.count == 1_500)
        #expect(pictures.count == 1_500)
        for frame in 400..<1_500 {
            let apart = abs(sounds[frame]! - pictures[frame]!)
            #expect(apart <= 10 * milli, "frame \(frame) is \(apart / milli) ms apart")
        }
        // And nothing ran back.
        for track in 1...2 as ClosedRange<UInt64> {
            let times = blocks.filter { $0.track == track }.sorted { number(of: $0) < number(of: $1) }.map(
                \.timestampNanoseconds)
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
        }
    }

    @Test func aSenderWhoseClockIsWrongStaysInTimeForThreeHours() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        recording.add(1, leg: 1, .video)
        // 100 parts in a million are 1.08 s in three hours; sound and picture cards drift apart too.
        var sound = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 20 * milli, drift: 100)
        var picture = SimulatedStream(track: 1, codec: .vp8, ssrc: 2, delay: 20 * milli, drift: -100)
        var worst: Int64 = 0
        var step = 0
        var time: Int64 = 0
        while time < 3 * 3600 * second {
            // A packet a second stands for the fifty that would come.
            recording.feed(sound.packet(at: time, opus(step & 0xFFFF)))
            recording.feed(
                picture.packet(at: time, vp8(step & 0xFFFF, keyframe: step.isMultiple(of: 10)), marker: true))
            if step % 5 == 0 {
                recording.feed(sound.report(at: time))
                recording.feed(picture.report(at: time))
            }
            try recording.drain(at: time + 25 * milli)
            time += second
            step += 1
        }
        let blocks = try recording.finish().blocks
        var order = 0
        for block in blocks where block.track == 1 {
            let true_ = Int64(order) * second + 20 * milli
            worst = max(worst, abs(block.timestampNanoseconds - true_))
            order += 1
        }
        #expect(worst <= 40 * milli, "off by \(worst / milli) ms at worst")
        let sounds = blocks.filter { $0.track == 1 }.map(\.timestampNanoseconds)
        let pictures = blocks.filter { $0.track == 2 }.map(\.timestampNanoseconds)
        let apart = abs(sounds.last! - pictures.last!)
        #expect(apart <= 40 * milli, "sound and picture are \(apart / milli) ms apart at the end")
    }

    @Test func lostPacketsShowAsGapsAndReorderedOnesInOrder() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var sound = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 5 * milli)
        var held: (TapEntry, [UInt8])?
        for frame in 0..<200 {
            let time = Int64(frame) * 20 * milli
            let packet = sound.packet(at: time, opus(frame))
            switch frame {
            case 50..<55: break  // lost
            case 100: held = packet  // comes two packets late
            case 102:
                recording.feed(packet)
                if let held {
                    recording.feed(
                        (
                            TapEntry(
                                kind: .packet, track: 0, arrivalNanoseconds: packet.0.arrivalNanoseconds,
                                codec: packet.0.codec), held.1
                        ))
                }
            case 150:
                recording.feed(packet)
                recording.feed(packet)  // twice
            default: recording.feed(packet)
            }
            try recording.drain(at: time + 10 * milli)
        }
        let result = try recording.finish()
        let numbers = result.blocks.map(number(of:))
        #expect(numbers == Array(0..<50) + Array(55..<200))
        for block in result.blocks {
            let expected = Int64(number(of: block)) * 20 * milli + 5 * milli
            #expect(abs(block.timestampNanoseconds - expected) <= 2 * milli)
        }
        #expect(result.summary.tracks[0].packetsLost == 5)
    }

    @Test func aPointThatChangesCodecAndSSRCGetsATrackForEachCodec() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var first = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 0)
        var second_ = SimulatedStream(track: 0, codec: .pcma, ssrc: 2, delay: 0)
        var third = SimulatedStream(track: 0, codec: .opus, ssrc: 3, delay: 0)
        for frame in 0..<150 {
            let time = Int64(frame) * 20 * milli
            switch frame {
            case 0..<50: recording.feed(first.packet(at: time, opus(frame)))
            case 50..<100: recording.feed(second_.packet(at: time, [UInt8](repeating: 0x55, count: 160)))
            default: recording.feed(third.packet(at: time, opus(frame)))
            }
            try recording.drain(at: time)
        }
        let result = try recording.finish()
        #expect(result.tracks.map(\.codec) == [.opus, .flac])
        #expect(result.tracks[1].tags["SOURCE_CODEC"] == "PCMA")
        #expect(result.tracks[1].sampleRate == 8_000)
        #expect(result.blocks.count { $0.track == 1 } == 100)
        let flac = result.blocks.filter { $0.track == 2 }.map(\.timestampNanoseconds)
        #expect(flac.count == 50)
        #expect(abs(flac[0] - 1_000 * milli) <= milli)
        #expect(abs(flac[49] - 1_980 * milli) <= milli)
    }

    @Test func packetsThatComeBeforeTheirTrackIsToldOfAreKept() throws {
        let recording = try SimulatedRecording()
        var sound = SimulatedStream(track: 4, codec: .opus, ssrc: 1, delay: 0)
        for frame in 0..<50 {
            recording.feed(sound.packet(at: Int64(frame) * 20 * milli, opus(frame)))
            if frame == 25 { recording.add(4, leg: 1, .audio) }
            try recording.drain(at: Int64(frame) * 20 * milli)
        }
        #expect(try recording.finish().blocks.map(number(of:)) == Array(0..<50))
    }

    @Test func rubbishNeverTraps() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        recording.add(1, leg: 1, .video)
        var random = SystemRandomNumberGenerator()
        for round in 0..<10_000 {
            var bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if bytes.count > 1 { bytes[0] = 0x80 }
            recording.feed(
                (
                    TapEntry(
                        kind: .packet, track: UInt16.random(in: 0...2, using: &random),
                        arrivalNanoseconds: UInt64.random(in: 0...(.max), using: &random),
                        codec: UInt8.random(in: 0...7, using: &random)), bytes
                ))
            if round.isMultiple(of: 7) {
                recording.feed(
                    TapEntry(
                        kind: Bool.random(using: &random) ? .senderReport : .end,
                        track: UInt16.random(in: 0...2, using: &random),
                        arrivalNanoseconds: UInt64.random(in: 0...(.max), using: &random),
                        rtpTimestamp: UInt32.random(in: 0...(.max), using: &random),
                        ntpTimestamp: UInt64.random(in: 0...(.max), using: &random)))
            }
            if round.isMultiple(of: 50) { try recording.drain(at: Int64(round) * milli) }
        }
        _ = try recording.finish()
    }
}
