import Foundation
import InteropSupport
import Testing

/// Starting, reloading and stopping the real daemon with real calls in it.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct LifecycleTests {
    @Test func sigtermEndsMeetingsInOrder() async throws {
        try await TestSite.with { site in
            let endpoint = try await site.endpoint(0, tone: 440)
            try await endpoint.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 1)
            let package = try #require(try await site.daemon.recording(meeting.id).directory)
            let clock = ContinuousClock()
            let began = clock.now
            site.daemon.process.signal(SIGTERM)
            #expect(try await site.daemon.process.wait(within: .seconds(12)) == 0)
            #expect(clock.now - began < .seconds(10))
            try await endpoint.waitUntilHungUp(within: .seconds(5))
            let duration = try await Tool.run(
                "ffprobe",
                ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", package + "/data/master.mkv"])
            #expect((Double(duration.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) > 1.5, "\(duration)")
        }
    }

    @Test func sighupBringsNewRoomsAndTouchesNoCall() async throws {
        try await TestSite.with { site in
            let first = try await site.endpoint(0, tone: 440)
            try await first.dial(site.daemon.address())
            _ = try await site.daemon.waitForMedia(of: 1)
            let second = try await site.endpoint(1, tone: 1_000)
            await #expect(throws: Baresip.CallRefused.self) {
                try await second.dial(site.daemon.address(of: "phongmoi"))
            }

            let path = site.daemon.configurationPath
            let good = try String(contentsOfFile: path, encoding: .utf8)
            try (good + "  - {id: phongmoi, title: Phòng mới}\n").write(toFile: path, atomically: true, encoding: .utf8)
            site.daemon.process.signal(SIGHUP)
            try await eventually("the reload") { site.daemon.log.contains("reloaded") }
            try await second.dial(site.daemon.address(of: "phongmoi"))
            try await eventually("two meetings") { try await site.daemon.meetings().count == 2 }

            try (good + "nonsense: 1\n").write(toFile: path, atomically: true, encoding: .utf8)
            site.daemon.process.signal(SIGHUP)
            try await eventually("the complaint") { site.daemon.log.contains("the configuration stays as it was") }
            #expect(site.daemon.log.contains("nonsense"))
            #expect(try await site.daemon.meetings().count == 2)
        }
    }

    @Test func whoMayNotEnterHearsWhy() async throws {
        try await TestSite.with({
            $0.rooms.append("{id: kin, title: Họp kín, points: [soyte]}")
        }) { site in
            let endpoint = try await site.endpoint(0, tone: 440)
            let cases = [("khongco", "404"), ("kin", "403")]
            for (room, code) in cases {
                let refusal = await #expect(throws: Baresip.CallRefused.self) {
                    try await endpoint.dial(site.daemon.address(of: room))
                }
                #expect(refusal?.reason.contains(code) == true, "\(room): \(refusal?.reason ?? "entered")")
            }
            let stranger = try await site.endpoint(1, tone: 440) { $0.password = "sai" }
            let refusal = await #expect(throws: Baresip.CallRefused.self) {
                try await stranger.dial(site.daemon.address())
            }
            #expect(
                refusal.map { $0.reason.contains("401") || $0.reason.contains("403") } == true,
                "\(refusal?.reason ?? "")")
            let clear = try await site.endpoint(2, tone: 440) { $0.security = .clear }
            let plain = await #expect(throws: Baresip.CallRefused.self) { try await clear.dial(site.daemon.address()) }
            #expect(plain?.reason.contains("488") == true, "\(plain?.reason ?? "entered")")
            #expect(try await site.daemon.meetings().isEmpty)
        }
    }

    @Test func aPointThatVanishesLeavesAndOneThatComesBackKeepsItsSeat() async throws {
        try await TestSite.with({ $0.silenceLimit = "5s" }) { site in
            let first = try await site.endpoint(0, tone: 440)
            let second = try await site.endpoint(1, tone: 1_000)
            try await first.dial(site.daemon.address())
            try await second.dial(site.daemon.address())
            _ = try await site.daemon.waitForMedia(of: 2)
            first.process.signal(SIGKILL)
            try await eventually("the vanished point to be noticed", within: .seconds(15)) {
                try await site.daemon.meetings().first?.participants.count == 1
            }
            let again = try await site.endpoint(0, tone: 440)
            try await again.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 2)
            // The same account from another device takes the seat over.
            let other = try await site.endpoint(0, tone: 440)
            try await other.dial(site.daemon.address())
            try await again.waitUntilHungUp()
            _ = try await site.daemon.waitForMedia(of: 2)
            #expect(
                try await site.daemon.recording(meeting.id).participants.first { $0.point == "phuloc" }?.reconnects == 2
            )
        }
    }

    @Test func onlyTheSuitesOfTheSiteAreAgreedTo() async throws {
        let silent = try await LipSyncTests.silent()
        for (suites, enters) in [(["AES_CM_128_HMAC_SHA1_80"], false), (["AEAD_AES_128_GCM"], true)] {
            try await TestSite.with({ $0.suites = suites }) { site in
                do {
                    let caller = try FilmPoint(silent, to: site.daemon, as: TestSite.points[0])
                    #expect(enters)
                    try await caller.hangUp()
                } catch let failure as ToolFailure {
                    #expect(!enters && failure.description.contains("488"), "\(failure)")
                }
            }
        }
    }

    /// A full disk under the log, or a daemon that ended before its job: no write that fails may end a process by a trap.
    @Test func whatNobodyReadsIsNoReasonToTrap() async throws {
        let program = try RunningDaemon.binaries() + "/causewayd"
        func status(_ command: String) async throws -> String {
            try await Tool.run("bash", ["-c", "ulimit -c 0; \(command); echo $?"])
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        #expect(try await status("'\(program)' --config /none.yaml 2>/dev/full") == "2")
        #expect(try await status("'\(program)' compose-job --master /none --output /none.webm >/dev/full") == "1")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let port = try FreePorts.run(of: 4)
        let point = RunningDaemon.Point("p1", "Điểm cầu")
        try RunningDaemon.configuration(.init(points: [point]), folder, port, port + 2, port + 3)
            .write(toFile: folder + "/causeway.yaml", atomically: true, encoding: .utf8)
        let command = "timeout --preserve-status 4 '\(program)' --config '\(folder)/causeway.yaml' 2>/dev/full"
        #expect(try await status(command) == "0")
    }

    @Test func faultsOfTheSiteAreOneClearLine() async throws {
        try await TestSite.with { site in
            let program = try RunningDaemon.binaries() + "/causewayd"
            func line(_ change: (String) -> String, _ flags: [String] = []) async throws -> (
                status: Int32, text: String
            ) {
                let path = site.folder + "/other.yaml"
                try change(String(contentsOfFile: site.daemon.configurationPath, encoding: .utf8))
                    .write(toFile: path, atomically: true, encoding: .utf8)
                let child = try ChildProcess(program, ["--config", path] + flags, log: site.folder + "/other.log")
                return (try await child.wait(within: .seconds(20)), child.logText)
            }
            let unknown = try await line({ $0.replacingOccurrences(of: "bind:", with: "bund:") }, ["--check-config"])
            #expect(unknown.status == 2)
            #expect(unknown.text.contains("other.yaml:7:") && unknown.text.contains("bund"), "\(unknown.text)")
            let elsewhere = { (text: String) in
                text.replacingOccurrences(of: site.daemon.archive, with: site.folder + "/archive2")
                    .replacingOccurrences(of: "causewayd.sock", with: "other.sock")
                    .replacingOccurrences(of: "port: \(site.daemon.httpsPort)", with: "port: 0")
            }
            let taken = try await line(elsewhere)
            #expect(taken.status == 1)
            #expect(taken.text.contains("the port is in use"), "\(taken.text)")
            let locked = try await line { $0 }
            #expect(locked.text.contains("in use by another causewayd"), "\(locked.text)")
            try await Tool.run("chmod", ["644", site.folder + "/certificates/server.key"])
            let exposed = try await line(elsewhere)
            #expect(exposed.status == 1)
            #expect(exposed.text.contains("chmod 600"), "\(exposed.text)")
        }
    }
}
