import Foundation
import InteropSupport
import PortalAPI

/// A meeting from dial-in to retrieved recording, on this machine: the real daemon, three endpoints of somebody else's.
@main
struct Demo {
    static let meetingSeconds = 20
    static let points: [(id: String, name: String, speech: String, pitch: Int, film: String)] = [
        (
            "phuvang", "UBND huyện Phú Vang",
            "Kính thưa các đồng chí, huyện Phú Vang xin báo cáo tình hình thu hoạch vụ hè thu. Đến nay toàn huyện đã gặt được chín mươi phần trăm diện tích.",
            30, "testsrc2=size=352x288:rate=25"
        ),
        (
            "soyte", "Sở Y tế",
            "Sở Y tế đề nghị các địa phương rà soát thuốc men, bảo đảm đủ cơ số cho mùa mưa bão, và trực cấp cứu hai mươi bốn giờ mỗi ngày.",
            70, "mandelbrot=size=352x288:rate=25"
        ),
        (
            "aluoi", "Ủy ban nhân dân xã A Lưới",
            "Xã A Lưới báo cáo: đường lên bản đã thông, điện và sóng điện thoại ổn định, học sinh đã trở lại trường từ sáng thứ hai.",
            50, "life=size=352x288:rate=25:mold=10:ratio=0.2:death_color=#C83232:life_color=#00ff88:stitch=1"
        ),
    ]

    static func main() async {
        // Interrupted or not, what was started is stopped by its own id.
        signal(SIGINT, SIG_IGN)
        let interrupts = DispatchSource.makeSignalSource(signal: SIGINT)
        let stage = Stage()
        interrupts.setEventHandler {
            Task {
                Screen.say("\ninterrupted; stopping what was started")
                await stage.close()
                exit(130)
            }
        }
        interrupts.resume()
        var status: Int32 = 1
        do {
            status = try await withDeadline(.seconds(420), "the demonstration") { try await run(stage) }
        } catch {
            Screen.failed("\(error)")
        }
        await stage.close()
        exit(status)
    }

    private static func run(_ stage: Stage) async throws -> Int32 {
        let binaries = try RunningDaemon.binaries()
        let folder = binaries + "/demo"
        try? FileManager.default.removeItem(atPath: folder)
        let media = "samples/media"
        try FileManager.default.createDirectory(atPath: media, withIntermediateDirectories: true)

        Screen.headline("Causeway: a meeting, from dial-in to retrieved recording")
        Screen.step("speech (espeak-ng) and moving pictures (ffmpeg) for three points, in \(media)")
        var sounds: [String] = []
        var films: [String] = []
        for point in points {
            sounds.append(try await TestMedia.speech(point.id, point.speech, pitch: point.pitch, in: media))
            films.append(try await TestMedia.film(point.id, source: point.film, in: media))
        }

        let token = (0..<24).map { _ in String(format: "%02x", UInt8.random(in: 0...255)) }.joined()
        var setup = RunningDaemon.Setup(
            points: points.map {
                .init($0.id, $0.name, password: String(UInt64.random(in: 1 << 40 ... .max), radix: 36))
            })
        setup.accessCopySize = "1280x720"
        setup.tokenSHA256 = try await Tool.run("sh", ["-c", "printf %s \(token) | sha256sum | cut -c1-64"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let daemon = try await RunningDaemon(setup, in: folder)
        await stage.add(daemon)
        let tokenFile = folder + "/archivist.token"
        try token.write(toFile: tokenFile, atomically: true, encoding: .utf8)
        Screen.step(
            "causewayd listens: SIP over TLS on 127.0.0.1:\(daemon.tlsPort), HTTPS on 127.0.0.1:\(daemon.httpsPort)")

        for (index, point) in points.enumerated() {
            var peer = Baresip.Setup(
                username: point.id, password: setup.points[index].password, sound: sounds[index], film: films[index])
            peer.certificateAuthority = daemon.authority
            let endpoint = try await Baresip(peer, in: folder + "/p\(index)")
            await stage.add(endpoint)
            try await endpoint.dial(daemon.address())
        }
        Screen.step("three baresip endpoints are in \(daemon.address()) over TLS, SRTP mandatory")
        Screen.say()

        let meeting = try await watch(daemon)
        _ = try await daemon.causeway(["meetings", "end", meeting.id])
        for endpoint in await stage.endpoints { try await endpoint.waitUntilHungUp() }
        Screen.step("the meeting is ended; every endpoint has its BYE")
        let recording = try await wait(for: meeting.id, daemon)
        return try await show(recording, daemon, binaries, sounds, films, tokenFile)
    }

    /// The live meeting, for its time.
    private static func watch(_ daemon: RunningDaemon) async throws -> LiveMeeting {
        var screen = Screen()
        var last = try await daemon.waitForMedia(of: points.count, packets: 25)
        let began = ContinuousClock.now
        for second in 1...meetingSeconds {
            try await Task.sleep(until: began + .seconds(second), clock: .continuous)
            guard let meeting = try await daemon.meetings().first else {
                throw ToolFailure("the meeting ended by itself")
            }
            last = meeting
            if Screen.isTerminal || second % 5 == 0 { screen.draw(Screen.table(of: meeting, seconds: second)) }
        }
        return last
    }

    private static func wait(for id: String, _ daemon: RunningDaemon) async throws -> RecordingDetail {
        var screen = Screen()
        let began = ContinuousClock.now
        var shown = -1
        while true {
            let recording = try await daemon.recording(id)
            let done = recording.summary.state == "sealed" ? 1 : recording.jobs.last?.progress ?? 0
            let elapsed = Double((ContinuousClock.now - began) / .milliseconds(1)) / 1_000
            let left = done > 0.02 && done < 1 ? String(format: "%.0f s left", elapsed / done * (1 - done)) : ""
            if Screen.isTerminal || Int(done * 4) != shown {
                shown = Int(done * 4)
                screen.draw([Screen.bar(done, "access copy  \(recording.summary.state)  \(left)")])
            }
            if ["sealed", "failed"].contains(recording.summary.state) { return recording }
            guard elapsed < 240 else { throw ToolFailure("the access copy was not composed in 240 s") }
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    private static func show(
        _ recording: RecordingDetail, _ daemon: RunningDaemon, _ binaries: String, _ sounds: [String],
        _ films: [String], _ tokenFile: String
    ) async throws -> Int32 {
        guard let package = recording.directory else {
            throw ToolFailure("the daemon does not say where the package lies")
        }
        let master = package + "/data/master.mkv"
        let copy = package + "/data/access.webm"
        Screen.headline("The package: \(package)")
        for file in recording.files.sorted(by: { $0.path < $1.path }) {
            Screen.say(String(format: "  %10d  ", file.bytes) + file.path)
        }
        for (title, file) in [("master", master), ("access copy", copy)] {
            Screen.headline("ffprobe of the \(title)")
            let text = try await Tool.run(
                "ffprobe",
                [
                    "-v", "error", "-show_entries",
                    "stream=codec_name,width,height,sample_rate:stream_tags=title:format=duration",
                    "-of", "compact=nokey=0:print_section=1", file,
                ])
            Screen.say(text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
        }
        let chapters = try await Tool.run(
            "ffprobe",
            ["-v", "error", "-show_entries", "chapter=start_time:chapter_tags=title", "-of", "csv=p=0", copy])
        Screen.say(chapters.split(separator: "\n").map { "  chapter " + $0 }.joined(separator: "\n"))

        Screen.headline("Is every point in it?")
        var checks = Checks()
        try await checks.lookInto(master, copy, sounds, films)
        let verified = try await daemon.causeway(["recordings", "verify", recording.summary.id])
        checks.expect(verified.status == 0, "every file is as it was sealed (causeway recordings verify)")
        let url = "https://127.0.0.1:\(daemon.httpsPort)/api/v1/recordings/\(recording.summary.id)/files/access.webm"
        let command =
            "curl --cacert \(daemon.authority) -H \"Authorization: Bearer $(cat \(tokenFile))\" -o access.webm \(url)"
        let got = daemon.folder + "/by-https.webm"
        try await Tool.run("sh", ["-c", command.replacingOccurrences(of: "-o access.webm", with: "-sSf -o \(got)")])
        let digests = try await Tool.run("sha256sum", [got, copy]).split(separator: "\n").map { $0.prefix(64) }
        checks.expect(
            digests.count == 2 && digests[0] == digests[1], "the archivist's download by HTTPS is the same file")

        Screen.headline("An archivist gets it by one of these")
        Screen.say("  \(binaries)/causeway recordings get \(recording.summary.id) --socket \(daemon.socketPath)")
        Screen.say("  \(command)")
        Screen.say("The demonstration has stopped its daemon; start it again, in another terminal, with")
        Screen.say("  \(binaries)/causewayd --config \(daemon.configurationPath)")
        Screen.say()
        if checks.failures.isEmpty {
            Screen.passed("all checks passed")
            return 0
        }
        Screen.failed("\(checks.failures.count) checks failed")
        return 1
    }
}

extension Checks {
    /// Every point's sound and picture in the master, and in the film.
    mutating func lookInto(_ master: String, _ copy: String, _ sounds: [String], _ films: [String]) async throws {
        let titles = try await Tool.run(
            "ffprobe",
            ["-v", "error", "-show_entries", "stream=codec_type:stream_tags=title", "-of", "csv=p=0", master]
        ).split(separator: "\n")
        let audio = titles.filter { $0.hasPrefix("audio,") }.map { String($0.dropFirst(6)) }
        let video = titles.filter { $0.hasPrefix("video,") }.map { String($0.dropFirst(6)) }
        var sources: [Sound] = []
        for path in sounds { sources.append(try await Sound(decoding: path)) }
        var stills: [Stills] = []
        for path in films { stills.append(try await Stills(path)) }
        for (index, point) in Demo.points.enumerated() {
            guard let track = audio.firstIndex(of: point.name), let picture = video.firstIndex(of: point.name) else {
                expect(false, "\(point.name): its sound and picture are in the master")
                continue
            }
            let sound = try await Sound(decoding: master, track: track)
            let said = sound.slice(4, 14)
            let likeness = sources.map { Self.likeness(said, $0) }
            let isOwn = likeness[index] > 0.6 && likeness.max() == likeness[index]
            expect(
                isOwn && said.rms > -40,
                String(
                    format: "%@: its speech, %.1f dBFS, likeness %.2f (the others' %.2f)", point.name, said.rms,
                    likeness[index],
                    likeness.enumerated().filter { $0.offset != index }.map(\.element).max() ?? 0))
            let seen = try await Stills(master, track: picture)
            let distances = stills.map { seen.distance(to: $0) }
            expect(
                seen.movement > 0.5 && distances.min() == distances[index],
                String(
                    format: "%@: its picture moves (%.1f of 255), %.1f from its own film, %.1f from the others'",
                    point.name,
                    seen.movement, distances[index],
                    distances.enumerated().filter { $0.offset != index }.map(\.element).min() ?? 0))
        }
        let film = try await Sound(decoding: copy)
        let whole = try await Sound(decoding: master, track: 0)
        expect(
            abs(film.duration - whole.duration) < 3 && film.rms > -40,
            String(format: "the access copy sounds: %.1f s, %.1f dBFS", film.duration, film.rms))
        // Three tiles: two above, one in the middle below.
        let tiles = [
            "crop=iw*0.3:ih*0.3:iw*0.1:ih*0.1", "crop=iw*0.3:ih*0.3:iw*0.6:ih*0.1", "crop=iw*0.3:ih*0.3:iw*0.35:ih*0.6",
        ]
        for (number, filter) in tiles.enumerated() {
            let movement = try await Stills(copy, filter: filter).movement
            expect(movement > 0.3, String(format: "the gallery's tile %d moves (%.1f of 255)", number + 1, movement))
        }
    }
}

/// What runs, and must not go on running.
actor Stage {
    private var daemon: RunningDaemon?
    private(set) var endpoints: [Baresip] = []

    func add(_ daemon: RunningDaemon) { self.daemon = daemon }
    func add(_ endpoint: Baresip) { endpoints.append(endpoint) }

    func close() async {
        for endpoint in endpoints { await endpoint.stop() }
        endpoints = []
        await daemon?.stop()
        daemon = nil
    }
}
