import Foundation
import InteropSupport
import PortalAPI

/// The meeting, act by act.
struct Play {
    let site: Site
    let bridges: [Bridge]
    var checks = Checks()
    private var endpoints: [Endpoint] = []
    /// Who has not come in, or was lost.
    private var absent: [String] = []
    /// The bridge that does not lead the room at first.
    private var other: Bridge?
    private var meeting: String?
    /// Of a bridge that was killed, nothing is asked any more.
    private var standing: [Bridge]

    init(site: Site, bridges: [Bridge]) {
        self.site = site
        self.bridges = bridges
        standing = bridges
    }

    // MARK: All come in

    mutating func seat(_ points: [RunningDaemon.Point], _ stage: Stage) async throws {
        Screen.step(
            "twelve baresip endpoints over TLS, with SRTP; half of them come by the edge, the others to the bridge that does not lead the room"
        )
        var led: Bridge?
        for (index, seat) in Seat.all.enumerated() {
            if seat.way == .other, led == nil {
                led = try await leads()
                checks.expect(led != nil, "one bridge leads the room\(led.map { ": \($0.name)" } ?? "")")
            }
            other = bridges.first { $0.name != led?.name }
            if let refusal = try await come(seat, index, points[index].password, stage) {
                Screen.failed("\(seat.name) may not come in \(way(of: seat)): \(refusal)")
                absent.append(seat.name)
                guard seat.way == .other else { continue }
                // It is a point of the meeting all the same.
                var seat = seat
                seat.way = .edge
                if let refusal = try await come(seat, index, points[index].password, stage) {
                    Screen.failed("\(seat.name) may not come in \(way(of: seat)) either: \(refusal)")
                }
            }
        }
        checks.expect(
            absent.isEmpty,
            "all twelve are let in, whichever bridge they come to"
                + (absent.isEmpty ? "" : "; not so: " + absent.joined(separator: ", ")))
        try await place()
    }

    /// Starts an endpoint and has it dial; returns why it was not let in.
    private mutating func come(_ seat: Seat, _ index: Int, _ password: String, _ stage: Stage) async throws -> String? {
        let endpoint = try await Endpoint(
            seat, index, password: password, at: site, other: other, media: "samples/media")
        await stage.add(endpoint)
        do { try await endpoint.baresip.dial("sip:\(Site.room)@\(Site.domain)") } catch {
            await endpoint.baresip.stop()
            return "\(error)"
        }
        endpoints.append(endpoint)
        return nil
    }

    private func way(of seat: Seat) -> String {
        seat.way == .edge ? "by the edge" : "at \(other?.name ?? "the other bridge")"
    }

    /// Which bridge knows of whom.
    private func place() async throws {
        for bridge in standing {
            let present = await bridge.present()
            let names = Seat.all.filter { present.contains($0.id) }.map(\.name)
            Screen.say(
                "    \(bridge.name) leads \(names.isEmpty ? "nobody" : "\(names.count): " + names.joined(separator: ", "))"
            )
        }
        // As the bridges have it of one another.
        let homes: String
        do {
            homes = try await site.database.show("SELECT room, bridge, life, epoch FROM causeway_cluster.roomhomes")
        } catch {
            homes = "the database does not say where rooms are at home: \(error)"
        }
        Screen.say(homes.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
    }

    /// The only bridge with a meeting in the room; nil where there is none, or more than one.
    private func leads() async throws -> Bridge? {
        var leading: [Bridge] = []
        for bridge in standing where await !bridge.present().isEmpty { leading.append(bridge) }
        return leading.count == 1 ? leading[0] : nil
    }

    // MARK: What each hears and sees

    mutating func listen(_ when: String) async throws {
        Screen.headline("\(when) the kill: what each point hears and sees")
        // What was said before is no longer in the last second.
        try await Task.sleep(for: .seconds(3))
        Screen.say("    " + Screen.pad("point", 22) + Screen.pad("came", 14) + Screen.pad("hears", 92) + "sees")
        var deaf: [String] = []
        var blind: [String] = []
        for endpoint in endpoints {
            let heard = endpoint.heard()
            let voices = heard.filter { $0.level > ClusterDemo.audible && $0.seat.id != endpoint.seat.id }
            let colour = await endpoint.seen()
            let shown = Seat.all.first { $0.colour == colour && colour != nil }
            let hears = voices.map { String(format: "%@ %.0f dB", $0.seat.name, $0.level) }.joined(separator: ", ")
            let sees = endpoint.seat.colour == nil ? "(no picture)" : shown?.name ?? "nothing"
            Screen.say(
                "    " + Screen.pad(endpoint.seat.name, 22) + Screen.pad(way(of: endpoint.seat), 14)
                    + Screen.pad(hears.isEmpty ? "nobody" : hears, 92) + sees)
            let others = Set(Seat.speaking.map(\.id)).subtracting([endpoint.seat.id])
            if Set(voices.map(\.seat.id)) != others { deaf.append(endpoint.seat.name) }
            if endpoint.seat.colour != nil, shown == nil || shown?.id == endpoint.seat.id {
                blind.append(endpoint.seat.name)
            }
        }
        let moment = when.lowercased()
        checks.expect(
            deaf.isEmpty,
            "\(moment): each hears all who speak, and not itself"
                + (deaf.isEmpty ? "" : "; not so: " + deaf.joined(separator: ", ")))
        checks.expect(
            blind.isEmpty,
            "\(moment): each that has a picture sees another's"
                + (blind.isEmpty ? "" : "; not so: " + blind.joined(separator: ", ")))
    }

    // MARK: One bridge is killed

    mutating func kill() async throws {
        guard let victim = try await leads(), let other = bridges.first(where: { $0.name != victim.name }) else {
            throw ToolFailure("no bridge leads the room, or both do: there is nothing to go on from")
        }
        meeting = try await victim.daemon.meetings().first { $0.room == Site.room }?.id
        let present = await victim.present()
        Screen.headline("\(victim.name), which leads \(present.count) points, is killed (SIGKILL)")
        let began = ContinuousClock.now
        victim.daemon.process.signal(SIGKILL)
        standing = [other]
        var back: [String: Duration] = [:]
        while ContinuousClock.now - began < .seconds(40), back.count < present.count {
            for point in await other.present(heard: true) where back[point] == nil {
                back[point] = ContinuousClock.now - began
                Screen.say(
                    String(format: "    %5.1f s  ", back[point, default: .zero] / .seconds(1)) + Seat.named(point)
                        + " is heard at \(other.name)")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        let lost = present.subtracting(back.keys)
        let late = back.filter { $0.value > .seconds(10) }
        checks.expect(
            lost.isEmpty && !present.isEmpty,
            "\(other.name) has all of them"
                + (lost.isEmpty ? "" : "; lost: " + lost.map(Seat.named).sorted().joined(separator: ", ")))
        checks.expect(
            lost.isEmpty && late.isEmpty && !back.isEmpty,
            "within 10 s"
                + (back.values.max().map { String(format: " (the last after %.1f s)", $0 / .seconds(1)) } ?? ""))
        let now = try await other.daemon.meetings().first { $0.room == Site.room }
        checks.expect(now?.id == meeting && meeting != nil, "it is the same meeting, \(meeting ?? "none")")
        checks.expect(now?.recording == .recording, "which is recorded")
        try await place()
    }

    // MARK: What is left of it

    mutating func end() async throws {
        guard let bridge = standing.first, let meeting else { return }
        Screen.headline("The meeting is ended at \(bridge.name); what came out")
        _ = try await bridge.daemon.causeway(["meetings", "end", meeting])
        let recording = try await bridge.daemon.waitUntilSealed(meeting)
        checks.expect(recording.summary.state == "sealed", "its package is \(recording.summary.state)")
        for file in recording.files.sorted(by: { $0.path < $1.path }) {
            Screen.say(String(format: "    %10d  ", file.bytes) + file.path)
        }
        for note in recording.notes { Screen.say("    note: \(note.text)") }
        let verified = try await bridge.daemon.causeway(["recordings", "verify", meeting])
        checks.expect(verified.status == 0, "every file is as it was sealed (causeway recordings verify)")
        guard let package = recording.directory else { throw ToolFailure("nobody says where the package lies") }
        let master = package + "/data/master.mkv"
        let titles = try await Tool.run(
            "ffprobe",
            ["-v", "error", "-show_entries", "stream=codec_type:stream_tags=title", "-of", "csv=p=0", master])
        let sounds = titles.split(separator: "\n").filter { $0.hasPrefix("audio,") }.map { String($0.dropFirst(6)) }
        for seat in Seat.speaking {
            let tracks = sounds.indices.filter { sounds[$0] == seat.name }
            var levels: [Double] = []
            var seconds = 0.0
            for track in tracks {
                let sound = try await Sound(decoding: master, track: track)
                levels.append(sound.slice(sound.duration - 6, 3).level(of: Double(seat.tone)))
                seconds = max(seconds, sound.duration)
            }
            // Of the end of the meeting, which the second bridge recorded.
            checks.expect(
                levels.contains { $0 > ClusterDemo.audible },
                String(
                    format: "%@ is in the master to its end: %d tracks, %.0f s, %.0f dBFS", seat.name, tracks.count,
                    seconds, levels.max() ?? -160))
        }
        let people = Set(recording.participants.map(\.point))
        checks.expect(
            people == Set(Seat.all.map(\.id)),
            "on its roll are all twelve" + (people.count == 12 ? "" : ", but only \(people.count) are"))
        Screen.say("    the package: \(package)")
    }
}
