import Foundation
import InteropSupport

/// SIPp: every dialect by the letter, one scenario after another in the same room.
struct SIPpCaller: Sendable {
    let sitting: Sitting
    let transport: Baresip.Transport
    let type: Int

    /// Raw G.711 that SIPp streams.
    func sound(_ path: String) async throws -> String {
        let (extension_, encoding) = type == 0 ? ("ul", "mu-law") : ("al", "a-law")
        let raw =
            sitting.folder + "/" + ((path as NSString).lastPathComponent as NSString).deletingPathExtension
            + ".\(extension_)"
        if !FileManager.default.fileExists(atPath: raw) {
            try await Tool.run("sox", [path, "-r", "8000", "-e", encoding, "-t", extension_, raw, "trim", "0", "20"])
        }
        return raw
    }

    /// Starts a scenario.
    func start(
        user: String = Sitting.room + "@", _ build: (inout SIPpScenario) -> Void
    ) async throws -> ChildProcess {
        var scenario = SIPpScenario()
        build(&scenario)
        let name = sitting.folder + "/sipp-" + String(UInt32.random(in: 0 ... .max), radix: 36)
        try scenario.xml.write(toFile: name + ".xml", atomically: true, encoding: .utf8)
        let host = sitting.daemon.host
        let port = try FreePorts.run(of: 1)
        let media = try FreePorts.run(of: 20)
        return try ChildProcess(
            "/usr/bin/timeout",
            [
                "90", "sipp", "\(host):\(sitting.daemon.sipPort)", "-sf", name + ".xml", "-i", host, "-p", "\(port)",
                "-mi", host, "-mp", "\(media)", "-m", "1",
                "-nostdin", "-s", Sitting.room, "-au", Sitting.points[0].id, "-ap", Sitting.points[0].password,
                "-auth_uri", "\(user)\(host):\(sitting.daemon.sipPort)", "-t",
                transport == .udp ? "u1" : "t1", "-trace_err", "-error_file", name + ".err", "-trace_msg",
                "-message_file", name + ".msg",
            ], log: name + ".log")
    }

    /// Runs a scenario while `body` watches what it does; stops it where that finds a fault.
    func run(
        _ build: (inout SIPpScenario) -> Void, while body: () async throws -> String
    ) async throws -> String {
        let sipp = try await start(build)
        do {
            let text = try await body()
            try await finish(sipp)
            return text
        } catch {
            await sipp.stop(within: .seconds(2))
            try await eventually("the room to be left") { try await self.sitting.participant() == nil }
            throw error
        }
    }

    /// Waits until it is through, as it should be.
    func finish(_ sipp: ChildProcess) async throws {
        let status = try await sipp.wait(within: .seconds(95))
        guard status != 0 else { return }
        let errors = sipp.log.replacingOccurrences(of: ".log", with: ".err")
        let text = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? sipp.logText
        throw ToolFailure("SIPp ended with \(status): \(text.prefix(400))")
    }
}

extension Line {
    static let sipp: [Line] = [
        sipp(.udp, 8, "PCMA"), sipp(.tcp, 0, "PCMU"), refresh(.udp),
    ]

    private static func sipp(_ transport: Baresip.Transport, _ type: Int, _ codec: String) -> Line {
        Line(
            endpoint: "SIPp", transport: transport.rawValue.uppercased(), keying: "clear", codec: codec,
            programs: ["sipp", "sox", "timeout"], needsSuperuser: true, seconds: 45,
            sitting: { try await Sitting { $0.clearListeners.insert(transport) } }
        ) { sitting in
            let caller = SIPpCaller(sitting: sitting, transport: transport, type: type)
            try await sitting.walk(caller)
        }
    }

    /// The bridge refreshes a session of 90 s, after half of it.
    private static func refresh(_ transport: Baresip.Transport) -> Line {
        Line(
            endpoint: "SIPp, 90 s", transport: transport.rawValue.uppercased(), keying: "clear", codec: "PCMA",
            programs: ["sipp", "sox", "timeout"], seconds: 50
        ) { sitting in
            let caller = SIPpCaller(sitting: sitting, transport: transport, type: 8)
            await sitting.probe(.refresh) {
                let tone = try await caller.sound(TestMedia.tone(Sitting.tone, in: sitting.media))
                let sipp = try await caller.start {
                    $0.invite(
                        SIPpScenario.description(),
                        "Supported: timer\nSession-Expires: 90;refresher=uas\nMin-SE: 90")
                    $0.play(tone)
                    $0.answer("UPDATE")
                    $0.bye()
                }
                return "bridge, " + (try await stopwatch { try await caller.finish(sipp) })
            }
        }
    }
}

extension Sitting {
    func walk(_ caller: SIPpCaller) async throws {
        let type = caller.type
        let tone = try await caller.sound(TestMedia.tone(Self.tone, in: media))
        let keyTone = try await caller.sound(TestMedia.keyTone("3", in: media))
        let witness = try Witness(Self.points[1], of: daemon, speaking: Double(Self.witnessTone))
        let own = SIPpScenario.description([type])
        let began = ContinuousClock.now
        let sipp = try await caller.start {
            $0.invite(own)
            $0.play(tone, type: type)
            $0.wait(4_000)
            $0.bye()
        }
        guard
            await probe(
                .call,
                {
                    try await eventually("SIPp's sound") {
                        (try await self.participant()?.audio?.packetsReceived ?? 0) > 5
                    }
                    return "\(Int((ContinuousClock.now - began) / .milliseconds(1))) ms"
                })
        else { return try await caller.finish(sipp) }
        await probe(.tone) {
            try await witness.wait(for: Double(Self.tone))
            try await Task.sleep(for: .milliseconds(500))
            let level = witness.line.level(of: Double(Self.tone))
            guard abs(level + 12.04) < 3 else { throw ToolFailure("it is heard at \(decimal(level)) dBFS") }
            try await caller.finish(sipp)
            return decimal(level)
        }
        let holds: [(Probe, String)] = [
            (.hold, SIPpScenario.description([type], direction: "inactive")),
            (.oldHold, SIPpScenario.description([type], connection: "0.0.0.0")),
        ]
        for (probe, description) in holds {
            await self.probe(probe) { try await hold(caller, witness, own, description, tone) }
        }
        await keys(caller, tone, keyTone)
        await probe(.reoffer) { try await reoffer(caller, witness, own, tone) }
        await probe(.lateOffer) { try await lateOffer(caller, witness, own, tone) }
        await probe(.options) {
            try await caller.finish(caller.start { $0.options() })
            return "200"
        }
        await probe(.transfer) {
            let order = "Refer-To: <sip:\(Self.otherRoom)@[remote_ip]:[remote_port]>"
            let sipp = try await caller.start {
                $0.invite(own)
                $0.play(tone, type: type)
                $0.ask("REFER", order, answer: 202)
                $0.answer("NOTIFY")
                $0.wait(5_000)
                $0.bye()
            }
            // That it is called back into the other room is all that counts: its scenario takes no second call.
            defer { sipp.signal(SIGUSR1) }
            try await eventually("the point to be called into the other room", within: .seconds(5)) {
                self.daemon.log.contains("into \(Self.otherRoom)")
            }
            return "called"
        }
        try witness.hangUp()
        beyond(.picture, because: "sound only")
        beyond(.portZero, because: "SIPp ends itself at an answer with port 0; tested in DialectTests")
        await probe(.register) {
            try await caller.finish(caller.start(user: "") { $0.register() })
            return "200"
        }
        if results[.refresh] == nil { beyond(.refresh, because: "see the line of 90 s") }
    }

    private func hold(
        _ caller: SIPpCaller, _ witness: Witness, _ own: String, _ description: String, _ tone: String
    ) async throws -> String {
        // Silent for longer than the silence limit, as telephones are that play no music.
        let pause = Int((Self.silenceLimit + .seconds(2)) / .milliseconds(1))
        return try await caller.run({
            $0.invite(own)
            $0.play(tone, type: caller.type)
            $0.wait(1_500)
            $0.pauseSound(true)
            $0.offer(description)
            $0.wait(pause)
            $0.offer(own)
            $0.pauseSound(false)
            $0.wait(3_000)
            $0.bye()
        }) {
            try await witness.wait(for: Double(Self.tone))
            try await waitUntilServed(false)
            try await witness.wait(for: Double(Self.tone), within: Self.silenceLimit + .seconds(5))
            try await waitUntilServed(true)
            return "held"
        }
    }

    private func keys(_ caller: SIPpCaller, _ tone: String, _ keyTone: String) async {
        let ways: [(Probe, Character, (inout SIPpScenario) -> Void)] = [
            (.event, "5", { $0.press("5") }), (.info, "7", { $0.info("7") }),
            (.inBand, "3", { $0.play(keyTone, type: caller.type) }),
        ]
        // The type that SIPp gives its events, and a line by which it learns where they come from.
        let description = SIPpScenario.description([caller.type], events: 96) + "\na=x-audio:[media_port]"
        for (probe, key, press) in ways {
            await self.probe(probe) {
                try await caller.run({
                    $0.invite(description)
                    $0.play(tone, type: caller.type)
                    $0.wait(500)
                    press(&$0)
                    $0.wait(2_500)
                    $0.bye()
                }) { try await self.key(key, by: probe) {} }
            }
        }
    }

    private func reoffer(_ caller: SIPpCaller, _ witness: Witness, _ own: String, _ tone: String) async throws
        -> String
    {
        let other = caller.type == 0 ? 8 : 0
        let otherCaller = SIPpCaller(sitting: self, transport: caller.transport, type: other)
        let otherTone = try await otherCaller.sound(TestMedia.tone(Self.tone, in: media))
        let name = other == 0 ? "PCMU" : "PCMA"
        return try await caller.run({
            $0.invite(own)
            $0.play(tone, type: caller.type)
            $0.wait(1_500)
            $0.offer(SIPpScenario.description([other]))
            $0.play(otherTone, type: other)
            $0.wait(3_000)
            $0.bye()
        }) {
            try await eventually("\(name)") { try await self.participant()?.audio?.codec == name }
            try await witness.wait(for: Double(Self.tone))
            return "→ \(name)"
        }
    }

    private func lateOffer(_ caller: SIPpCaller, _ witness: Witness, _ own: String, _ tone: String) async throws
        -> String
    {
        // The bridge offers a picture too, which the answer turns down in its place.
        let answer = own + "\nm=video 0 RTP/AVP 97"
        return try await caller.run({
            $0.invite("", late: answer)
            $0.play(tone, type: caller.type)
            $0.wait(3_000)
            $0.bye()
        }) { decimal(try await witness.wait(for: Double(Self.tone))) }
    }
}
