import Foundation
import Matroska
import MediaPlane
import RTP
import Testing

@testable import Recorder

/// A meeting of a whole day, in virtual time: the numbers and timestamps of its streams wrap, their clocks drift, and nothing of
/// that shows.
@Suite struct LongMeetingTests {
    private static let hours: Int64 = 24

    /// Timestamps of 90 kHz wrap every 13.3 hours and of 48 kHz every 24.9; sequence numbers of a picture every 44 minutes.
    @Test(arguments: [200.0, -200.0])
    func soundAndPictureOfADayStayWhereTheyWere(drift: Double) throws {
        let sender = SenderClock()
        var streams = [(rate: UInt32(48_000), delay: Int64(20)), (90_000, 110)].map { rate, delay in
            (
                clock: StreamClock(clockRate: rate, floor: .min), timestamps: TimestampExtender(), rate: Int64(rate),
                delay: delay * milli, last: Int64.min
            )
        }
        var random = SplitMix(4)
        var worst: (lips: Int64, time: Int64) = (0, 0)
        var wraps = 0
        for step in 0..<(Self.hours * 3_600 * 10) {
            // Every 100 ms; what lies between changes nothing.
            let time = step * 100 * milli
            let media = time + Int64(Double(time) * drift / 1_000_000)
            var given: [Int64] = []
            for index in streams.indices {
                let ticks = media / second * streams[index].rate + media % second * streams[index].rate / second
                let stamp = UInt32(truncatingIfNeeded: ticks &+ 0xFFF0_0000)
                let arrival = second + time + streams[index].delay + Int64.random(in: 0...(15 * milli), using: &random)
                let extended = streams[index].timestamps.extend(stamp)
                if step > 0, step % 50 == 0 {
                    let ntp = 3_900_000_000_000_000_000 + media
                    sender.report(ntp: ntp, arrival: arrival)
                    streams[index].clock.report(ntp: ntp, ticks: extended)
                }
                let place = streams[index].clock.time(ofTicks: extended, arrival: arrival, sender: sender)
                if place < streams[index].last { Issue.record("time ran back at \(time / second) s") }
                streams[index].last = place
                given.append(place)
                if index == 1, stamp < 9_000, step > 0 { wraps += 1 }
            }
            guard time > 20 * second else { continue }
            worst.lips = max(worst.lips, abs(given[0] - given[1]))
            worst.time = max(worst.time, abs(given[0] - second - time - 20 * milli))
        }
        #expect(wraps >= 1)
        #expect(worst.lips <= 25 * milli, "\(worst.lips / milli) ms apart")
        #expect(worst.time <= 40 * milli, "\(worst.time / milli) ms from when it was")
        let measured = try #require(streams[0].clock.drift.partsPerMillion)
        #expect(abs(measured - drift) < 2, "\(measured) ppm")
    }

    /// The file of a day: a sound of 20 ms now and then, in long packets so that the day passes quickly.
    @Test func theFileOfADayIsValidFromItsFirstClusterToItsIndex() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        recording.add(1, leg: 1, .video)
        var sound = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 10 * milli, drift: 200)
        var picture = SimulatedStream(track: 1, codec: .vp8, ssrc: 2, delay: 10 * milli, drift: 200)
        let length = Self.hours * 3_600 * second
        let step = 500 * milli
        var sent = 0
        for time in stride(from: 0, to: length, by: Int64.Stride(step)) {
            // A frame of 60 ms of sound that stands for all; 120 ms packets of a slow talker would look the same.
            recording.feed(sound.packet(at: time, opus(sent)))
            recording.feed(picture.packet(at: time, vp8(sent, keyframe: sent % 20 == 0), marker: true))
            if sent % 10 == 5 {
                recording.feed(sound.report(at: time))
                recording.feed(picture.report(at: time))
            }
            try recording.drain(at: time + 15 * milli)
            sent += 1
        }
        try recording.drain(at: length)
        let result = try recording.finish()
        let sounds = result.blocks.filter { $0.track == result.blocks[0].track }
        #expect(result.blocks.count == 2 * sent)
        var worst: Int64 = 0
        for (index, block) in sounds.enumerated() {
            worst = max(worst, abs(block.timestampNanoseconds - Int64(index) * step - 10 * milli))
        }
        #expect(worst <= 40 * milli, "\(worst / milli) ms")
        for track in result.summary.tracks {
            #expect(track.packetsLost == 0 && track.framesDropped == 0)
            #expect(abs((track.clockDriftPPM ?? 0) - 200) < 5, "\(track.clockDriftPPM ?? 0)")
        }
        #expect(abs(result.summary.durationMilliseconds - length / milli) < 1_000)
        let size = try #require(
            try FileManager.default.attributesOfItem(atPath: recording.path)[.size] as? Int)
        // A cluster of two blocks and its head take some 80 octets, an index entry 20.
        #expect(size < 300 << 10 + sent * 130, "\(size) octets")
        // The index is bounded, and leads everywhere.
        if let ffprobe = tool("ffprobe") {
            for hour in [0, 7, 13, 14, 23] as [Int64] {
                let found = try run(
                    ffprobe,
                    [
                        "-v", "error", "-read_intervals", "\(hour * 3_600 + 61)%+#2", "-show_entries",
                        "packet=pts_time", "-of", "csv=p=0", recording.path,
                    ])
                let first = try #require(
                    found.output.split(whereSeparator: { $0 == "\n" || $0 == "," }).first.flatMap { Double($0) },
                    "\(found.output)")
                #expect(abs(first - Double(hour * 3_600 + 61)) <= 10.1, "at \(hour) h: \(first)")
            }
        }
    }
}
