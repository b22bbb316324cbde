import Foundation
import InteropSupport
import Matroska
import Testing

/// Points whose clocks run fast and slow, over lines that lose, repeat, reorder and delay, one of them without a report ever,
/// muted and held for a while: what they sent at one moment is at one moment of the master and of the film.
///
/// Each sends flashes and beeps that begin together every two seconds. `CAUSEWAY_MEETING_MINUTES=30` makes the meeting as long as
/// a real one; without it one of the clocks is ten times as wrong as clocks are, which shows in a minute what 200 ppm show in ten.
@Suite(.serialized, .enabled(if: Tool.areInstalled("ffmpeg", "ffprobe"), "ffmpeg is missing"))
struct DriftingPointsTests {
    private struct Point {
        var name: String
        var frequency: Int
        var conditions: FilmPoint.Conditions
    }
    private static let period: Int64 = 2_000_000_000

    @Test func whatWasSentTogetherIsTogetherInTheMasterAndInTheFilm() async throws {
        let given = ProcessInfo.processInfo.environment["CAUSEWAY_MEETING_MINUTES"].flatMap(Double.init)
        let minutes = given ?? 1
        let more = given == nil ? 2_000.0 : 200
        let kinds = [
            Point(
                name: "nhanh", frequency: 600,
                conditions: .init(drift: 200, soundDelay: 10, pictureDelay: 120)),
            Point(
                name: "cham", frequency: 1_000,
                conditions: .init(drift: -200, soundDelay: 40, pictureDelay: 60, loss: 0.01, repeats: 0.05, swaps: 0.05)
            ),
            Point(name: "nhanhhon", frequency: 1_600, conditions: .init(drift: more, soundDelay: 80, pictureDelay: 20)),
            // Without reports nobody can know of the ways' lengths: they are the same.
            Point(
                name: "khongbao", frequency: 2_500,
                conditions: .init(drift: -200, reports: false, soundDelay: 20, pictureDelay: 20)),
        ]
        let points = kinds.map { RunningDaemon.Point($0.name, "Điểm cầu \($0.name)") }
        var clips: [String] = []
        for kind in kinds { clips.append(try await LipSyncTests.clapper(kind.frequency)) }
        try await TestSite.with({ $0.points = points }) { site in
            var callers: [FilmPoint] = []
            for (index, point) in points.enumerated() {
                callers.append(try FilmPoint(clips[index], to: site.daemon, as: point, kinds[index].conditions))
                _ = try await site.daemon.waitForMedia(of: index + 1, packets: 10)
            }
            let meeting = try #require(try await site.daemon.meetings().first)
            let begin = ContinuousClock.now
            let beginning = Self.monotonic()
            func sleep(toShare share: Double) async throws {
                try await Task.sleep(until: begin + .seconds(minutes * 60 * share), clock: .continuous)
            }
            try await sleep(toShare: 0.35)
            let muted = try await site.daemon.causeway(["meetings", "mute", meeting.id, points[0].id])
            #expect(muted.status == 0, "\(muted.output)")
            try callers[2].hold(true, version: 2)
            try await sleep(toShare: 0.45)
            let unmuted = try await site.daemon.causeway(["meetings", "unmute", meeting.id, points[0].id])
            #expect(unmuted.status == 0, "\(unmuted.output)")
            try callers[2].hold(false, version: 3)
            try await sleep(toShare: 1)
            for caller in callers { try await caller.hangUp() }
            let recording = try await site.daemon.waitUntilSealed(
                meeting.id, within: .seconds(120 + Int(minutes * 60)))
            let package = try #require(recording.directory)
            let master = package + "/data/master.mkv"
            let date = try #require(try MatroskaReader(path: master).info.dateNanoseconds)
            let origin = Double(date - Self.wallLessMonotonic())
            let (allThere, end) = (
                (Double(beginning) - origin) / 1e9 + 3, (Double(beginning) - origin) / 1e9 + minutes * 60 - 0.5
            )
            let quiet = [allThere - 3 + minutes * 60 * 0.34...allThere + 3 + minutes * 60 * 0.45]
            var report = ""
            for (index, point) in points.enumerated() {
                let conditions = kinds[index].conditions
                let expected = Self.moments(callers[index], from: origin, seconds: minutes * 60 + 30)
                let lossy = conditions.loss > 0
                for view in [
                    try await ClapperView.master(master, of: point.name),
                    ClapperView(
                        path: package + "/data/access.webm", crop: Self.tile(index), frequency: kinds[index].frequency),
                ] {
                    let marks = try await view.marks().during { time in
                        // Until all are there, and while some are silent, the film's tiles are others.
                        quiet.allSatisfy { !$0.contains(time) } && time > allThere && time < end
                    }
                    let beeps = Self.judge(marks.beeps, expected)
                    // A picture that lacks a part may flash of itself.
                    let flashes = Self.judge(marks.flashes, expected).filter { !lossy || abs($0) < 0.3 }
                    let pairs = Self.pairs(marks)
                    let what = "\(point.name) in \((view.path as NSString).lastPathComponent)"
                    report +=
                        "\n  \(what): lips \(Self.text(pairs)), beeps \(Self.text(beeps)), flashes \(Self.text(flashes))"
                    // Where a flash's first picture, or a beep's first packet, was lost it begins later.
                    let least = Int(minutes * 60 / 2 * 0.55)
                    #expect(pairs.count >= least, "\(what): \(pairs.count) of \(least)")
                    #expect(Self.share(pairs, within: 0.040) >= (lossy ? 0.85 : 1), "\(what): \(pairs)")
                    // All of all points lie in one tenth of a second about when they were sent.
                    for (kind, found) in [("beeps", beeps), ("flashes", flashes)] {
                        #expect(found.count >= least, "\(what), \(kind): \(found.count) of \(least)")
                        #expect(
                            Self.share(found, from: -0.03, to: 0.07) >= (lossy ? 0.85 : 1), "\(what), \(kind): \(found)"
                        )
                    }
                }
            }
            let gaps = try String(contentsOfFile: package + "/data/gaps.json", encoding: .utf8)
            #expect(gaps.contains("\"away\""))
            print("measured, \(minutes) minutes:\(report)")
        }
    }

    /// Points in the order of the register, two by two.
    private static func tile(_ index: Int) -> String {
        "iw*0.2:ih*0.2:iw*\(index % 2 == 0 ? 0.1 : 0.6):ih*\(index < 2 ? 0.1 : 0.6)"
    }

    private static func monotonic() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func wallLessMonotonic() -> Int64 {
        var (wall, monotonic) = (timespec(), timespec())
        clock_gettime(CLOCK_REALTIME, &wall)
        clock_gettime(CLOCK_MONOTONIC, &monotonic)
        return Int64(wall.tv_sec - monotonic.tv_sec) * 1_000_000_000 + Int64(wall.tv_nsec - monotonic.tv_nsec)
    }

    /// When a point's flashes and beeps were sent, in seconds of the master.
    private static func moments(_ caller: FilmPoint, from origin: Double, seconds: Double) -> [Double] {
        (0..<Int(seconds / 2)).map { (Double(caller.moment(of: Int64($0) * period)) - origin) / 1e9 }
    }

    /// From when it was sent to when it is seen or heard, in seconds.
    private static func judge(_ found: [Double], _ sent: [Double]) -> [Double] {
        found.compactMap { time in sent.map { time - $0 }.min { abs($0) < abs($1) } }
    }

    private static func pairs(_ marks: ClapperMarks) -> [Double] {
        marks.beeps.compactMap { beep in
            marks.flashes.map { $0 - beep }.min { abs($0) < abs($1) }.flatMap { abs($0) < 0.9 ? $0 : nil }
        }
    }

    private static func share(_ values: [Double], within limit: Double) -> Double {
        share(values, from: -limit, to: limit)
    }

    private static func share(_ values: [Double], from low: Double, to high: Double) -> Double {
        values.isEmpty ? 0 : Double(values.count { (low...high).contains($0) }) / Double(values.count)
    }

    private static func text(_ values: [Double]) -> String {
        let sorted = values.sorted().map { Int(($0 * 1_000).rounded()) }
        guard let low = sorted.first, let high = sorted.last else { return "none" }
        return "\(low)…\(sorted[sorted.count / 2])…\(high) ms (\(sorted.count))"
    }
}

/// When flashes and beeps begin, in seconds of a file.
struct ClapperMarks {
    var flashes: [Double]
    var beeps: [Double]

    func during(_ isMeant: (Double) -> Bool) -> ClapperMarks {
        ClapperMarks(flashes: flashes.filter(isMeant), beeps: beeps.filter(isMeant))
    }
}

/// Where flashes and beeps are in a file.
struct ClapperView {
    var path: String
    /// Options of ffmpeg's `movie` source that choose a stream.
    var picture = ""
    var sound = ""
    var crop = "iw:ih:0:0"
    /// Of the beeps, where others are heard too.
    var frequency: Int?

    /// The streams of a point in a master.
    static func master(_ path: String, of name: String) async throws -> ClapperView {
        let streams = try await Tool.run(
            "ffprobe",
            ["-v", "error", "-show_entries", "stream=index,codec_type:stream_tags=title", "-of", "csv=p=0", path]
        ).split(separator: "\n").map { $0.split(separator: ",") }.filter { $0.count == 3 && $0[2] == name }
        guard let picture = streams.first(where: { $0[1] == "video" })?[0],
            let sound = streams.first(where: { $0[1] == "audio" })?[0]
        else { throw ToolFailure("\(name) is not in \(path)") }
        return ClapperView(path: path, picture: ":si=\(picture)", sound: ":si=\(sound)")
    }

    /// When flashes and beeps begin, in seconds of the file.
    func marks() async throws -> ClapperMarks {
        func probe(_ source: String, _ entries: String) async throws -> [[Double?]] {
            try await Tool.run(
                "ffprobe", ["-v", "error", "-f", "lavfi", "-i", source, "-show_entries", entries, "-of", "csv=p=0"]
            ).split(separator: "\n").map { $0.split(separator: ",").map { Double($0) } }
        }
        let brightness = try await probe(
            "movie=\(path)\(picture),crop=\(crop),signalstats", "frame=pts_time:frame_tags=lavfi.signalstats.YAVG"
        ).compactMap { row in row.count >= 2 ? row[0].flatMap { time in row[1].map { (time: time, level: $0) } } : nil }
        let levels = brightness.map(\.level)
        let middle = ((levels.max() ?? 0) + (levels.min() ?? 0)) / 2
        let flashes = zip(brightness, brightness.dropFirst()).filter { $0.level < middle && $1.level >= middle }.map(
            \.1.time)
        if let frequency { return ClapperMarks(flashes: flashes, beeps: try await beeps(of: frequency)) }
        let beeps = try await probe(
            "amovie=\(path)\(sound),silencedetect=n=-30dB:d=0.5", "frame_tags=lavfi.silence_end"
        ).compactMap { $0.first ?? nil }
        return ClapperMarks(flashes: flashes, beeps: beeps)
    }

    /// Among beeps of other frequencies: in windows of 10 ms multiples of 100 Hz do not hear each other, and one is half full
    /// of a beep in the moment that it begins.
    private func beeps(of frequency: Int) async throws -> [Double] {
        let raw = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString).f32")
        defer { try? FileManager.default.removeItem(at: raw) }
        try await Tool.run(
            "ffmpeg",
            [
                "-loglevel", "error", "-y", "-i", path, "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-ac",
                "1",
                "-ar", "48000", "-f", "f32le", raw.path,
            ])
        let data = try Data(contentsOf: raw)
        let (window, hop, rate) = (480, 96, 48_000.0)
        let levels: [Float] = data.withUnsafeBytes { bytes in
            let samples = bytes.bindMemory(to: Float.self)
            let wave = (0..<window).map { index in
                let phase = 2 * Double.pi * Double(frequency) * Double(index) / rate
                return (cos: Float(cos(phase)), sin: Float(sin(phase)))
            }
            return stride(from: 0, through: samples.count - window, by: hop).map { start in
                var (real, imaginary): (Float, Float) = (0, 0)
                for index in 0..<window {
                    real += samples[start + index] * wave[index].cos
                    imaginary += samples[start + index] * wave[index].sin
                }
                return (real * real + imaginary * imaginary).squareRoot()
            }
        }
        let half = (levels.max() ?? 0) / 2
        var found: [Double] = []
        for index in levels.indices.dropFirst() where levels[index - 1] < half && levels[index] >= half {
            let time = (Double(index * hop) + Double(window) / 2) / rate
            if time - (found.last ?? -1) > 0.5 { found.append(time) }
        }
        return found
    }
}
