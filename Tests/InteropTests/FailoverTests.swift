import Foundation
import InteropSupport
import PortalAPI
import PostgresServer
import Testing

/// Bridges that share a PostgreSQL and an archive: one dies in the middle of a meeting, and another goes on with it; the database is gone for
/// a while, and a meeting is not.
@Suite(
    .serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"),
    .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct FailoverTests {
    private static let tones = [440, 1_000, 2_100]

    /// A cluster's folder: the shared archive, the secret, and a folder for each bridge.
    private final class Cluster: Sendable {
        let folder: String
        let conninfo: String

        init(_ server: PostgresServer) throws {
            folder =
                FileManager.default.temporaryDirectory.appendingPathComponent(
                    "cw-\(String(UInt32.random(in: 0 ... .max), radix: 36))"
                ).path
            conninfo = try server.makeDatabase()
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try "a secret that only these bridges know\n".write(
                toFile: folder + "/secret", atomically: true, encoding: .utf8)
        }

        func bridge(_ name: String, grace: Int = 60) async throws -> RunningDaemon {
            let control = try FreePorts.run(of: 1)
            let ports = try FreePorts.run(of: 5)
            var setup = RunningDaemon.Setup(points: TestSite.points)
            setup.ports = ports
            setup.archive = folder + "/archive"
            setup.allowsClearMedia = true
            setup.sections = """
                cluster:
                  name: \(name)
                  database: \(conninfo)
                  control: {address: 127.0.0.1, port: \(control)}
                  trunk: sip:127.0.0.1:\(ports);transport=tls
                  trunkSecretFile: \(folder)/secret
                  grace: \(grace)s
                """
            let daemon = try await RunningDaemon(setup, in: folder + "/" + name)
            try await eventually("\(name) to be in the cluster") { daemon.log.contains("is in the cluster") }
            return daemon
        }

        func endpoint(_ index: Int, of daemon: RunningDaemon, registers: Bool) async throws -> Baresip {
            let point = TestSite.points[index]
            let sound = try await TestMedia.tone(FailoverTests.tones[index], in: TestSite.media)
            var setup = Baresip.Setup(username: point.id, password: point.password, sound: sound)
            setup.transport = .udp
            setup.security = .clear
            setup.registrationInterval = registers ? 300 : 0
            setup.domain = "127.0.0.1:\(daemon.sipPort)"
            return try await Baresip(setup, in: folder + "/e\(index)")
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }

    @Test func aBridgeIsKilledAndAnotherHasItsPointsBackWithinTenSeconds() async throws {
        let cluster = try Cluster(try #require(PostgresServer.shared))
        defer { cluster.remove() }
        let one = try await cluster.bridge("cau-1")
        let two = try await cluster.bridge("cau-2")
        var endpoints: [Baresip] = []
        do {
            for index in 0..<3 {
                endpoints.append(try await cluster.endpoint(index, of: one, registers: index < 2))
            }
            try await eventually("two registrations") { try await one.status().bridge.pointsRegistered == 2 }
            for endpoint in endpoints { try await endpoint.dial(one.address(over: .udp)) }
            let before = try await one.waitForMedia(of: 3, packets: 150)
            let id = before.id
            #expect(try await two.meetings().isEmpty)
            try await eventually("the meeting to be kept") {
                FileManager.default.fileExists(atPath: cluster.folder + "/archive/running/\(id).json")
            }
            one.process.signal(SIGKILL)
            let ended = Date()
            let began = ContinuousClock.now
            try await eventually("three points in the same meeting", within: .seconds(20)) {
                let meeting = try await two.meetings().first
                return meeting?.id == id && meeting?.participants.count { ($0.audio?.packetsReceived ?? 0) > 10 } == 3
            }
            let took = ContinuousClock.now - began
            #expect(took < .seconds(10), "\(took)")
            _ = try await two.waitForMedia(of: 3, packets: 150)
            #expect(try await two.control(of: id).recording == "running")
            #expect(try await two.causeway(["meetings", "end", id]).status == 0)
            let recording = try await two.waitUntilSealed(id)
            #expect(recording.summary.state == "sealed")
            let events = try two.events(of: id)
            #expect(events.count { $0["event"] == "resumed" } == 1)
            #expect(events.count { $0["event"] == "joined" && $0["reconnection"] == "true" } == 3)
            #expect(Set(events.compactMap { $0["event"] == "joined" ? $0["participant"] : nil }).count == 6)
            #expect(recording.participants.allSatisfy { $0.reconnects == 1 })
            // One package, and one master with both parts and the time between them.
            let files =
                FileManager.default.enumerator(atPath: cluster.folder + "/archive/packages")?
                .compactMap { $0 as? String } ?? []
            let masters = files.filter { $0.hasSuffix(".mkv") }
            #expect(masters.count == 1 && masters[0].hasSuffix("data/master.mkv"), "\(masters)")
            let length = Double(try #require(recording.summary.durationMilliseconds)) / 1_000
            #expect(length > ended.timeIntervalSince(before.openedAt) + 4, "\(length)")
            let film = try #require(files.first { $0.hasSuffix("data/access.webm") })
            let sound = try await Sound(decoding: cluster.folder + "/archive/packages/" + film)
            // It is heard before the bridge was killed, and after the points were back.
            let heard = (0..<Int(sound.duration)).filter { sound.slice(Double($0), 1).level(of: 440) > -30 }
            let gap = ended.timeIntervalSince(before.openedAt)
            #expect(heard.contains { Double($0) < gap } && heard.contains { Double($0) > gap + 1 }, "\(heard), \(gap)")
            #expect(try await two.causeway(["recordings", "verify", id]).status == 0)
        } catch {
            throw ToolFailure("\(error)\n— one:\n\(one.log.suffix(2_000))\n— two:\n\(two.log.suffix(4_000))")
        }
        for endpoint in endpoints { await endpoint.stop() }
        await two.stop()
        await one.stop()
    }

    /// Two of its points sit at the bridge that goes on: they stay in their calls.
    @Test func theBranchOfABridgeThatIsKilledGoesOnAsTheHome() async throws {
        let cluster = try Cluster(try #require(PostgresServer.shared))
        defer { cluster.remove() }
        let one = try await cluster.bridge("cau-1")
        let two = try await cluster.bridge("cau-2")
        var endpoints: [Baresip] = []
        do {
            for index in 0..<3 {
                let daemon = index == 0 ? one : two
                endpoints.append(try await cluster.endpoint(index, of: daemon, registers: false))
                try await endpoints[index].dial(daemon.address(over: .udp))
                // Who comes first has its bridge lead the room.
                if index == 0 { _ = try await one.waitForMedia(of: 1) }
            }
            try await eventually("the three to be heard at the home", within: .seconds(30)) {
                let meeting = try await one.meetings().first
                return meeting?.participants.count { ($0.audio?.packetsReceived ?? 0) > 150 } == 3
            }
            let before = try #require(try await one.meetings().first)
            #expect(try await two.meetings().isEmpty, "one meeting, at its home")
            // Of all three there is something to go on with.
            let kept = cluster.folder + "/archive/running/\(before.id).json"
            try await eventually("the meeting to be kept with all three") {
                guard let text = try? String(contentsOfFile: kept, encoding: .utf8) else { return false }
                return TestSite.points.prefix(3).allSatisfy { text.contains("\"\($0.id)\"") }
            }
            one.process.signal(SIGKILL)
            let began = ContinuousClock.now
            try await eventually("three points in the same meeting", within: .seconds(20)) {
                let meeting = try await two.meetings().first
                return meeting?.id == before.id
                    && meeting?.participants.count { ($0.audio?.packetsReceived ?? 0) > 10 } == 3
            }
            let took = ContinuousClock.now - began
            #expect(took < .seconds(10), "\(took)")
            let wereCalled = try endpoints.map {
                try String(contentsOfFile: $0.folder + "/log", encoding: .utf8).contains("answering call")
            }
            #expect(wereCalled == [true, false, false])
            _ = try await two.waitForMedia(of: 3, packets: 150)
            // Each hears the two others, and not itself.
            for (index, endpoint) in endpoints.enumerated() {
                try await eventually("\(index) to hear the others") {
                    let sound = try Sound(growing: try endpoint.heard(), last: 1)
                    let heard = Self.tones.map { sound.level(of: Double($0)) > -30 }
                    return heard == (0..<3).map { $0 != index }
                }
            }
            #expect(try await two.causeway(["meetings", "end", before.id]).status == 0)
            let recording = try await two.waitUntilSealed(before.id)
            #expect(recording.summary.state == "sealed" && recording.participants.count == 3)
            #expect(try await two.causeway(["recordings", "verify", before.id]).status == 0)
        } catch {
            throw ToolFailure("\(error)\n— one:\n\(one.log.suffix(2_000))\n— two:\n\(two.log.suffix(4_000))")
        }
        for endpoint in endpoints { await endpoint.stop() }
        await two.stop()
        await one.stop()
    }

    /// The grace is a quarter of a minute here in place of a minute, and the database gone for a third of it; with
    /// `CAUSEWAY_OUTAGE=55` it is a minute, and gone for so many seconds.
    @Test func theDatabaseIsGoneAndTheMeetingGoesOnAndIsWrittenOnce() async throws {
        let server = try PostgresServer()
        let cluster = try Cluster(server)
        defer { cluster.remove() }
        let outage = ProcessInfo.processInfo.environment["CAUSEWAY_OUTAGE"].flatMap(Int.init) ?? 0
        let bridge = try await cluster.bridge("cau-1", grace: outage > 0 ? 60 : 15)
        var endpoints: [Baresip] = []
        do {
            for index in 0..<2 {
                endpoints.append(try await cluster.endpoint(index, of: bridge, registers: false))
                try await endpoints[index].dial(bridge.address(over: .udp))
            }
            let before = try await bridge.waitForMedia(of: 2)
            try server.stop()
            let gone = ContinuousClock.now
            try await eventually("the bridge to notice") { bridge.log.contains("the shared database: ") }
            // One goes and comes again meanwhile.
            try await endpoints[1].hangUp()
            try await eventually("one point") { try await bridge.meetings().first?.participants.count == 1 }
            try await endpoints[1].dial(bridge.address(over: .udp))
            _ = try await bridge.waitForMedia(of: 2, packets: 150)
            try await ContinuousClock().sleep(until: gone + .seconds(outage))
            try server.start()
            try await eventually("the bridge to notice", within: .seconds(20)) {
                bridge.log.contains("the shared database answers again")
            }
            let id = try #require(try await bridge.meetings().first?.id)
            #expect(id == before.id)
            try await eventually("the roll", within: .seconds(20)) {
                try await bridge.recording(id).participants.contains { $0.reconnects == 1 }
            }
            #expect(try await bridge.causeway(["meetings", "end", id]).status == 0)
            let recording = try await bridge.waitUntilSealed(id)
            #expect(recording.summary.state == "sealed" && recording.participants.count == 2)
            #expect(recording.participants.map(\.reconnects).sorted() == [0, 1])
            let events = try bridge.events(of: id)
            let names = events.compactMap { event in
                event["point"] == TestSite.points[1].id && ["joined", "left"].contains(event["event"])
                    ? event["event"] : nil
            }
            #expect(names == ["joined", "left", "joined", "left"], "\(names)")
            let moments = events.filter { ["joined", "left", "closed"].contains($0["event"]) }.map { $0["at"] ?? "" }
            #expect(moments == moments.sorted())
            #expect(!bridge.log.contains("could not be written"))
        } catch {
            throw ToolFailure("\(error)\n— the bridge:\n\(bridge.log.suffix(4_000))")
        }
        for endpoint in endpoints { await endpoint.stop() }
        await bridge.stop()
        try? server.stop()
    }
}
