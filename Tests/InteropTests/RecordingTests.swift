import Foundation
import InteropSupport
import Testing

/// From dial-in to retrieved recording, and what becomes of it when the daemon does not live that long.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct RecordingTests {
    private static let tones = [440, 1_000, 1_700]
    private static let films = [
        "testsrc2=size=352x288:rate=25", "mandelbrot=size=352x288:rate=25", "testsrc=size=352x288:rate=25",
    ]

    @Test func aMeetingOfThreeEndsAsASealedPackageThatAnArchivistGets() async throws {
        let token = "ma-truy-cap-thu"
        let digest = try await Tool.run("sh", ["-c", "printf %s \(token) | sha256sum | cut -c1-64"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try await TestSite.with({ $0.tokenSHA256 = digest }) { site in
            for index in 0..<3 {
                let endpoint = try await site.endpoint(index, tone: Self.tones[index], film: Self.films[index])
                try await endpoint.dial(site.daemon.address())
            }
            let meeting = try await site.daemon.waitForMedia(of: 3, packets: 300, video: true)
            #expect(meeting.recording == .recording)
            #expect(Set(meeting.participants.map(\.name)) == Set(TestSite.points.map(\.name)))
            #expect(meeting.participants.allSatisfy { $0.audio?.codec == "opus" && $0.video?.codec == "VP8" })
            #expect(try await site.daemon.causeway(["meetings", "end", meeting.id]).status == 0)

            let recording = try await site.daemon.waitUntilSealed(meeting.id)
            #expect(recording.summary.state == "sealed")
            #expect(recording.notes.isEmpty, "\(recording.notes)")
            let package = try #require(recording.directory)
            let streams = try await Tool.run(
                "ffprobe",
                [
                    "-v", "warning", "-show_entries", "stream=codec_name:stream_tags=title", "-of", "csv=p=0",
                    package + "/data/master.mkv",
                ], standardError: true)
            for point in TestSite.points {
                #expect(streams.contains("opus,\(point.name)"), "\(streams)")
                #expect(streams.contains("vp8,\(point.name)"), "\(streams)")
            }
            #expect(!streams.contains("matroska,webm @"), "\(streams)")

            // Each point's own tone in its own track, and nobody else's.
            let names = streams.split(separator: "\n").filter { $0.hasPrefix("opus,") }.map { String($0.dropFirst(5)) }
            for (track, name) in names.enumerated() {
                let point = try #require(TestSite.points.firstIndex { $0.name == name })
                let sound = try await Sound(decoding: package + "/data/master.mkv", track: track)
                let level = sound.slice(1, 3).level(of: Double(Self.tones[point]))
                #expect(abs(level - -12.04) < 2, "\(name): \(level) dBFS")
                for other in 0..<3 where other != point {
                    #expect(sound.slice(1, 3).level(of: Double(Self.tones[other])) < -50)
                }
            }
            // All of them in the film's sound.
            let film = try await Sound(decoding: package + "/data/access.webm")
            let middle = film.slice(film.duration - 3, 2)
            for tone in Self.tones { #expect(middle.level(of: Double(tone)) > -20, "\(tone) Hz in the access copy") }
            let copy = try await Tool.run(
                "ffprobe",
                [
                    "-v", "error", "-show_entries", "format=duration:stream=codec_name,width,height", "-show_chapters",
                    package + "/data/access.webm",
                ])
            #expect(copy.contains("codec_name=vp9"))
            #expect(copy.contains("width=640"))
            #expect(copy.contains("[CHAPTER]"))

            // The report went into the package before it was sealed.
            let report = site.folder + "/report.json"
            let asked = try await site.daemon.causeway([
                "report", meeting.id, "--format", "json", "--output", report,
            ])
            #expect(asked.status == 0, "\(asked.output)")
            let made = try String(contentsOfFile: report, encoding: .utf8)
            #expect(try String(contentsOfFile: package + "/data/reports/report.json", encoding: .utf8) == made)
            for point in TestSite.points { #expect(made.contains("\"name\" : \"\(point.name)\"")) }
            #expect(made.components(separatedBy: "\"presence\" : \"present\"").count == 4)
            #expect(made.contains("\"step\" : \"recording-started\""))

            #expect(try await site.daemon.causeway(["recordings", "verify", meeting.id]).status == 0)
            try await Tool.run(
                "sh", ["-c", "cd '\(package)' && sha512sum --quiet -c manifest-sha512.txt tagmanifest-sha512.txt"])
            let got = site.folder + "/got"
            let answer = try await site.daemon.causeway([
                "recordings", "get", meeting.id, "--file", "access.webm", "--output", got,
            ])
            #expect(answer.status == 0, "\(answer.output)")
            try await Tool.run(
                "curl",
                [
                    "-sSf", "--cacert", site.daemon.authority, "-H", "Authorization: Bearer \(token)", "-o",
                    site.folder + "/by-https.webm",
                    "https://127.0.0.1:\(site.daemon.httpsPort)/api/v1/recordings/\(meeting.id)/files/access.webm",
                ])
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: site.folder + "/by-https.webm"))
                    == Data(contentsOf: URL(fileURLWithPath: package + "/data/access.webm")))
        }
    }

    /// What a part of mkvmerge's and MediaInfo's answers says.
    private struct Identified: Decodable {
        struct Container: Decodable {
            var recognized: Bool
            var supported: Bool
        }
        struct Track: Decodable {
            struct Properties: Decodable {
                var language: String?
                var track_name: String?
            }
            var codec: String
            var type: String
            var properties: Properties
        }
        var container: Container
        var errors: [String]
        var warnings: [String]
        var tracks: [Track]
    }
    private struct Measured: Decodable {
        struct Track: Decodable {
            var type: String
            var format: String?
            var duration: String?
            enum CodingKeys: String, CodingKey {
                case type = "@type"
                case format = "Format"
                case duration = "Duration"
            }
        }
        struct Media: Decodable { var track: [Track] }
        var media: Media
    }

    @Test(
        .enabled(
            if: Tool.areInstalled("mediainfo", "mediaconch", "mkvmerge", "mkvinfo"),
            "mediainfo, mediaconch or mkvtoolnix is missing"))
    func othersToolsFindNoFaultInASealedRecording() async throws {
        try await TestSite.with { site in
            for index in 0..<2 {
                let endpoint = try await site.endpoint(index, tone: Self.tones[index], film: Self.films[index])
                try await endpoint.dial(site.daemon.address())
            }
            let meeting = try await site.daemon.waitForMedia(of: 2, packets: 200, video: true)
            #expect(try await site.daemon.causeway(["meetings", "end", meeting.id]).status == 0)
            let recording = try await site.daemon.waitUntilSealed(meeting.id)
            let package = try #require(recording.directory)
            let (master, film) = (package + "/data/master.mkv", package + "/data/access.webm")

            let identified = try JSONDecoder().decode(
                Identified.self, from: Data(try await Tool.run("mkvmerge", ["-J", master]).utf8))
            #expect(identified.container.recognized && identified.container.supported)
            #expect(identified.errors.isEmpty && identified.warnings.isEmpty)
            #expect(identified.tracks.map(\.codec).sorted() == ["Opus", "Opus", "VP8", "VP8"])
            let sounds = identified.tracks.filter { $0.type == "audio" }
            #expect(Set(sounds.compactMap(\.properties.track_name)) == Set(TestSite.points.prefix(2).map(\.name)))
            #expect(sounds.allSatisfy { $0.properties.language == "vie" })

            let told = try await Tool.run("mkvinfo", ["-v", master], standardError: true)
            #expect(!told.contains("Error") && !told.contains("unknown element") && !told.contains("damaged"))

            let length = Double(try #require(recording.summary.durationMilliseconds)) / 1_000
            for (path, formats) in [(master, ["Opus", "VP8"]), (film, ["Opus", "VP9"])] {
                let measured = try JSONDecoder().decode(
                    Measured.self, from: Data(try await Tool.run("mediainfo", ["--Output=JSON", path]).utf8))
                let whole = try #require(measured.media.track.first { $0.type == "General" })
                #expect(abs((Double(whole.duration ?? "") ?? 0) - length) < 0.5, "\(path): \(whole)")
                let found = measured.media.track.filter { ["Audio", "Video"].contains($0.type) }.compactMap(\.format)
                #expect(Set(found) == Set(formats), "\(path): \(found)")
                // Its checks of EBML and Matroska, one by one.
                let checked = try await Tool.run("mediaconch", ["-fa", "-fx", path])
                let failed = checked.split(separator: "\n").filter { $0.contains("outcome=\"fail\"") }
                #expect(checked.contains("pass_count=") && failed.isEmpty, "\(path): \(failed)")
            }
        }
    }

    @Test func aKilledDaemonLosesAtMostASecondAndTheNextStartFinishesTheRecording() async throws {
        try await TestSite.with({ $0.resumeWithin = 0 }) { site in
            let endpoint = try await site.endpoint(0, tone: 440, film: Self.films[0])
            try await endpoint.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 1, packets: 250)
            let before = try await site.daemon.recording(meeting.id)
            let package = try #require(before.directory)
            let opened = before.summary.openedAt
            let killed = Date()
            site.daemon.process.signal(SIGKILL)
            _ = try await site.daemon.process.wait(within: .seconds(5))

            // As it lies there, somebody else's player reads it.
            let played = try await Tool.run(
                "ffmpeg", ["-v", "error", "-i", package + "/data/master.mkv", "-map", "0:a", "-f", "null", "-"],
                standardError: true)
            #expect(played.isEmpty, "\(played)")
            try await site.restart { $0.resumeWithin = 0 }
            let recording = try await site.daemon.waitUntilSealed(meeting.id)
            #expect(recording.notes.contains { $0.text.contains("finished by recovery") }, "\(recording.notes)")
            let length = Double(try #require(recording.summary.durationMilliseconds)) / 1_000
            let lasted = killed.timeIntervalSince(opened)
            #expect(length > lasted - 1.1, "\(length) s of \(lasted) s were kept")
            // What it lost nobody counted, and so it is said.
            let events = try String(contentsOfFile: package + "/data/events.jsonl", encoding: .utf8)
            let streams = events.split(separator: "\n").filter { $0.contains("\"stream-recorded\"") }
            #expect(streams.count == 2 && !streams.contains { $0.contains("\"packets") }, "\(streams)")
            let report = try String(contentsOfFile: package + "/data/reports/report.json", encoding: .utf8)
            #expect(report.contains("\"kind\"") && !report.contains("lostMilliseconds"))
            #expect(try await site.daemon.causeway(["recordings", "verify", meeting.id]).status == 0)
        }
    }

    @Test func aDaemonKilledWhileItComposesGoesOnWithTheFilm() async throws {
        try await TestSite.with { site in
            let endpoint = try await site.endpoint(0, tone: 440, film: Self.films[0])
            try await endpoint.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 1, packets: 750)
            let package = try #require(try await site.daemon.recording(meeting.id).directory)
            #expect(try await site.daemon.causeway(["meetings", "end", meeting.id]).status == 0)
            let folder = site.daemon.archive + "/work/\(meeting.id)/parts"
            // The sound is there, and of the pictures the first are being made.
            try await eventually("the film to be begun", within: .seconds(60)) {
                FileManager.default.fileExists(atPath: folder + "/segment-0.webm.part")
            }
            site.daemon.process.signal(SIGKILL)
            _ = try await site.daemon.process.wait(within: .seconds(5))
            #expect(!FileManager.default.fileExists(atPath: package + "/data/access.webm"))
            let sound = try FileManager.default.attributesOfItem(atPath: folder + "/sound.webm")[.modificationDate]
            try await site.restart()
            let recording = try await site.daemon.waitUntilSealed(meeting.id)
            #expect(recording.jobs.map(\.state) == ["finished"] && recording.jobs.first?.attempts == 2)
            #expect(sound != nil)
            let length = Double(try #require(recording.summary.durationMilliseconds)) / 1_000
            let film = try await Tool.run(
                "ffprobe",
                ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", package + "/data/access.webm"])
            let seconds = try #require(Double(film.trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(abs(seconds - length) < 1, "\(seconds) of \(length) s")
            #expect(try await site.daemon.causeway(["recordings", "verify", meeting.id]).status == 0)
            #expect(try await site.daemon.causeway(["recordings", "watch", meeting.id]).output.contains("sealed"))
        }
    }

    @Test func aFullDiskStopsTheRecordingAndNotTheMeeting() async throws {
        guard geteuid() == 0 else { return }
        let disk = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-disk-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        try await Tool.run("mount", ["-t", "tmpfs", "-o", "size=5500k", "tmpfs", disk])
        do {
            try await TestSite.with({ $0.archive = disk }) { site in
                let endpoint = try await site.endpoint(0, tone: 440, film: Self.films[1])
                try await endpoint.dial(site.daemon.address())
                try await eventually("the recording to stop", within: .seconds(60)) {
                    try await site.daemon.meetings().first?.recording == .stopped
                }
                let meeting = try #require(try await site.daemon.meetings().first)
                let packets = meeting.participants[0].audio?.packetsReceived ?? 0
                try await eventually("the meeting to go on") {
                    try await (site.daemon.meetings().first?.participants[0].audio?.packetsReceived ?? 0) > packets + 50
                }
                #expect(site.daemon.log.contains("no space left"))
                let master = try #require(
                    try FileManager.default.subpathsOfDirectory(atPath: disk).first { $0.hasSuffix("master.mkv") })
                let played = try await Tool.run(
                    "ffmpeg", ["-v", "error", "-i", disk + "/" + master, "-map", "0:a", "-f", "null", "-"],
                    standardError: true)
                #expect(played.isEmpty, "\(played)")
            }
        } catch {
            _ = try? await Tool.run("umount", ["-l", disk])
            throw error
        }
        try await Tool.run("umount", ["-l", disk])
        try FileManager.default.removeItem(atPath: disk)
    }
}
