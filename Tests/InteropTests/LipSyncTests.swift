import Foundation
import InteropSupport
import Testing

/// A flash and a beep that begin together every two seconds are told apart by nobody, in the master and in the film.
///
/// `CAUSEWAY_MEETING_MINUTES=30` makes the meeting as long as a real one; without it the meeting lasts half a minute.
@Suite(.serialized, .enabled(if: Tool.areInstalled("ffmpeg", "ffprobe"), "ffmpeg is missing"))
struct LipSyncTests {
    @Test func soundAndPictureStayTogetherFromStartToEnd() async throws {
        let minutes = ProcessInfo.processInfo.environment["CAUSEWAY_MEETING_MINUTES"].flatMap(Double.init) ?? 0.5
        let clapper = try await Self.clapper()
        let silent = try await Self.silent()
        let own = try await Self.distances(in: View(path: clapper), from: 1)
        try #require(own.count >= 4 && own.allSatisfy { abs($0) < 0.03 }, "the film itself: \(own)")
        let points = (0..<5).map { RunningDaemon.Point("diem\($0)", "Điểm cầu số \($0)") }
        try await TestSite.with({
            $0.points = points
        }) { site in
            var callers = [try FilmPoint(clapper, to: site.daemon, as: points[0])]
            _ = try await site.daemon.waitForMedia(of: 1, packets: 25)
            for point in points.dropFirst() { callers.append(try FilmPoint(silent, to: site.daemon, as: point)) }
            let meeting = try await site.daemon.waitForMedia(of: 5, packets: 100)
            var memory: [Int] = []
            let end = ContinuousClock.now + .seconds(Int(minutes * 60))
            while ContinuousClock.now < end {
                try await Task.sleep(until: min(end, .now + .seconds(60)), clock: .continuous)
                memory.append(try site.daemon.process.residentKilobytes())
            }
            let live = try #require(try await site.daemon.meetings().first)
            for participant in live.participants {
                #expect(participant.audio?.packetsLost == 0 && participant.video?.packetsLost == 0)
            }
            for caller in callers { try await caller.hangUp() }
            let sent = callers.reduce(UInt64(0)) { sum, caller in
                let (sound, picture) = caller.packets.withLock { $0 }
                return sum + sound + picture
            }
            let recording = try await site.daemon.waitUntilSealed(meeting.id, within: .seconds(120 + Int(minutes * 60)))
            #expect(recording.summary.state == "sealed" && recording.notes.isEmpty, "\(recording.notes)")
            // The last of each point may still be under way when it hangs up.
            let told = (sent - min(sent, UInt64(points.count))...sent).map {
                "\($0) packets, 0 lost on the way, 0 lost here"
            }
            #expect(told.contains { site.daemon.log.contains($0) }, "\(sent)? \(site.daemon.log)")
            let package = try #require(recording.directory)
            // The film has the first point's tile at the upper left.
            let views = [
                try await View.master(package + "/data/master.mkv", of: points[0].name),
                View(path: package + "/data/access.webm", crop: "iw*0.2:ih*0.2:iw*0.05:ih*0.06"),
            ]
            var report = "\(sent) packets; resident \(memory) kB;"
            for view in views {
                for (name, start) in [("start", 2.0), ("middle", minutes * 30 - 6), ("end", minutes * 60 - 12)] {
                    let found = try await Self.distances(in: view, from: max(2, start))
                    let worst = found.map { abs($0) }.max() ?? 1
                    #expect(found.count >= 4 && worst <= 0.040, "\(view.path), \(name): \(found)")
                    report += " \((view.path as NSString).lastPathComponent) \(name) \(Int(worst * 1_000)) ms;"
                }
            }
            print("meeting of \(minutes) minutes: \(report)")
            if memory.count > 10 {
                let (early, late) = (memory[5], memory[memory.count - 1])
                #expect(Double(late) < Double(early) * 1.05, "resident memory grew: \(memory) kB")
            }
        }
    }

    /// What of a file is looked at: streams by number, and a part of the picture in fractions of its size.
    private struct View {
        var path: String
        var picture = ""
        var sound = ""
        var crop = "iw:ih:0:0"

        /// The streams of a point in a master.
        static func master(_ path: String, of name: String) async throws -> View {
            let streams = try await Tool.run(
                "ffprobe",
                ["-v", "error", "-show_entries", "stream=index,codec_type:stream_tags=title", "-of", "csv=p=0", path]
            ).split(separator: "\n").map { $0.split(separator: ",") }.filter { $0.count == 3 && $0[2] == name }
            guard let picture = streams.first(where: { $0[1] == "video" })?[0],
                let sound = streams.first(where: { $0[1] == "audio" })?[0]
            else { throw ToolFailure("\(name) is not in \(path)") }
            return View(path: path, picture: ":si=\(picture)", sound: ":si=\(sound)")
        }
    }

    /// From each beep's begin to its flash's, in seconds, for ten seconds from `start` on.
    private static func distances(in view: View, from start: Double) async throws -> [Double] {
        func probe(_ source: String, _ entries: String) async throws -> [[Double?]] {
            try await Tool.run(
                "ffprobe", ["-v", "error", "-f", "lavfi", "-i", source, "-show_entries", entries, "-of", "csv=p=0"]
            ).split(separator: "\n").map { $0.split(separator: ",").map { Double($0) } }
        }
        let (from, until) = (max(0, start - 1), start + 11)
        let brightness = try await probe(
            "movie=\(view.path):seek_point=\(from)\(view.picture),trim=end=\(until),crop=\(view.crop),signalstats",
            "frame=pts_time:frame_tags=lavfi.signalstats.YAVG"
        ).compactMap { row in row.count >= 2 ? row[0].flatMap { time in row[1].map { (time: time, level: $0) } } : nil }
        let levels = brightness.map(\.level)
        let middle = ((levels.max() ?? 0) + (levels.min() ?? 0)) / 2
        let flashes = zip(brightness, brightness.dropFirst()).filter { $0.level < middle && $1.level >= middle }
            .map(\.1.time)
        let beeps = try await probe(
            "amovie=\(view.path):seek_point=\(from)\(view.sound),atrim=end=\(until),silencedetect=n=-30dB:d=0.5",
            "frame_tags=lavfi.silence_end"
        ).compactMap { $0.first ?? nil }
        return beeps.filter { (start..<start + 10).contains($0) }.compactMap { beep in
            flashes.map { $0 - beep }.min { abs($0) < abs($1) }
        }
    }

    /// A flash and a beep of a frequency every two seconds.
    static func clapper(_ frequency: Int = 1_000) async throws -> String {
        try await TestMedia.clip(
            "clapper-\(frequency)",
            picture: "color=black:s=320x240:r=25,drawbox=c=white:t=fill:enable='lt(mod(t,2),0.2)'",
            sound: "aevalsrc='if(lt(mod(t,2),0.2),0.4*sin(2*PI*\(frequency)*t),0)':s=48000", in: TestSite.media)
    }

    static func silent() async throws -> String {
        try await TestMedia.clip(
            "silent", picture: "testsrc2=s=320x240:r=25", sound: "anullsrc=r=48000:cl=mono", in: TestSite.media)
    }
}
