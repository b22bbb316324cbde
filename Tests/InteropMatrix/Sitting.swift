import Foundation
import InteropSupport
import PortalAPI
import Synchronization

/// A line's daemon, its room, and what was measured in it so far.
final class Sitting: Sendable {
    static let room = "giaoban"
    static let otherRoom = "phongb"
    /// The point under test, the one that listens to it, and one to spare.
    static let points = [
        RunningDaemon.Point("phuloc", "Ủy ban nhân dân xã Phú Lộc"),
        RunningDaemon.Point("soyte", "Sở Y tế"),
        RunningDaemon.Point("aluoi", "Xã A Lưới"),
    ]
    static let tone = 440
    static let witnessTone = 1_000
    /// After so long without a packet a point is taken for gone; one on hold must outlast it.
    static let silenceLimit = Duration.seconds(5)

    let folder: String
    let daemon: RunningDaemon
    /// Sounds and films, made once and kept.
    let media: String
    private let outcomes = Mutex<[Probe: Outcome]>([:])
    private let endpoints = Mutex<[any Endpoint]>([])

    /// Where the endpoint lives, if not beside us.
    let namespace: Namespace?

    /// Those that are under way, to be ended when the run is broken off.
    private static let underWay = Mutex<[Sitting]>([])
    private static let isBrokenOff = Mutex(false)

    /// Sounds and films that lines share, made before any of them runs.
    static func prepareMedia(films: Bool) async throws {
        let media = try mediaFolder
        _ = try await TestMedia.tone(tone, in: media)
        _ = try await TestMedia.keyTone("3", in: media)
        guard films else { return }
        for film in Self.films { _ = try await TestMedia.film(film, source: film, in: media) }
    }

    static let films = ["testsrc2=size=352x288:rate=25", "mandelbrot=size=352x288:rate=25"]
    private static var mediaFolder: String {
        get throws { try RunningDaemon.binaries() + "/interop-media" }
    }

    /// Ends all that are under way.
    static func breakOff() async {
        isBrokenOff.withLock { $0 = true }
        for sitting in underWay.withLock({ $0 }) { await sitting.close(keepingFolder: false) }
    }

    init(
        namespace: Namespace? = nil, _ change: (inout RunningDaemon.Setup) -> Void = { _ in }
    ) async throws {
        guard !Self.isBrokenOff.withLock({ $0 }) else { throw Beyond("the run was broken off") }
        self.namespace = namespace
        // Short, for baresip cuts long paths of what it dumps.
        folder =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("cw-" + String(UInt32.random(in: 0 ... .max), radix: 36)).path
        media = try Self.mediaFolder
        var setup = RunningDaemon.Setup(points: Self.points)
        setup.rooms = [
            "{id: \(Self.room), title: Giao ban tuần, linger: 1s}",
            "{id: \(Self.otherRoom), title: Phòng B, linger: 1s}",
        ]
        // The witness's; lines in the clear add theirs.
        setup.clearListeners = [.udp]
        setup.silenceLimit = "\(Self.silenceLimit.components.seconds)s"
        setup.logLevel = "debug"
        if let namespace { setup.address = namespace.near }
        setup.workers = 1
        change(&setup)
        do {
            daemon = try await RunningDaemon(setup, in: folder)
        } catch {
            await namespace?.remove()
            throw error
        }
        Self.underWay.withLock { $0.append(self) }
    }

    var results: [Probe: Outcome] { outcomes.withLock { $0 } }

    /// Stops an endpoint when the line is over.
    func keep(_ endpoint: any Endpoint) { endpoints.withLock { $0.append(endpoint) } }

    /// Stops everything; its folder goes too, unless somebody wants to look into it.
    func close(keepingFolder: Bool) async {
        Self.underWay.withLock { $0.removeAll { $0 === self } }
        for endpoint in endpoints.withLock({ $0 }) { await endpoint.stop() }
        await daemon.stop()
        await namespace?.remove()
        if !keepingFolder { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// Takes one measurement; what it throws is its outcome.
    /// - Returns: whether it passed.
    @discardableResult
    func probe(_ probe: Probe, _ body: () async throws -> String) async -> Bool {
        let outcome: Outcome
        do {
            outcome = .measured(try await body())
        } catch let excuse as Beyond {
            outcome = .beyond(excuse.description)
        } catch {
            outcome = Probe.awaited.contains(probe) ? .awaited("\(error)") : .failed("\(error)")
        }
        outcomes.withLock { $0[probe] = outcome }
        if case .measured = outcome { return true } else { return false }
    }

    func beyond(_ probes: Probe..., because reason: String) {
        outcomes.withLock { for probe in probes { $0[probe] = .beyond(reason) } }
    }

    // MARK: What the bridge knows

    func participant(_ point: String = Sitting.points[0].id, in room: String = Sitting.room) async throws
        -> LiveParticipant?
    {
        try await daemon.meetings().first { $0.room == room }?.participants.first { $0.point == point }
    }

    /// How many points have registered.
    func registered() async throws -> Int {
        let answer = try await daemon.causeway(["status", "--json"])
        return try PortalJSON.decode(SystemStatus.self, from: Data(answer.output.utf8)).bridge.pointsRegistered
    }

    /// How often the bridge was told of a key.
    func count(of key: Character) -> Int { daemon.log.components(separatedBy: "pressed \(key)").count - 1 }

    /// Waits until the bridge sends sound to the point under test, or does not.
    func waitUntilServed(_ isServed: Bool, within limit: Duration = .seconds(15)) async throws {
        try await eventually("the bridge to send \(isServed ? "again" : "nothing")", within: limit) {
            guard let before = try await self.participant() else { throw ToolFailure("the point was put out") }
            try await Task.sleep(for: .milliseconds(300))
            guard let after = try await self.participant() else { throw ToolFailure("the point was put out") }
            return ((after.audio?.packetsSent ?? 0) > (before.audio?.packetsSent ?? 0)) == isServed
        }
    }

    /// Presses a key, which must reach the bridge once and no more.
    func key(_ key: Character, by probe: Probe, _ body: () async throws -> Void) async throws -> String {
        let before = count(of: key)
        // What the bridge does not do yet is not waited for long.
        let limit = Duration.seconds(Probe.awaited.contains(probe) ? 4 : 10)
        try await body()
        try await eventually("key \(key)", within: limit) { self.count(of: key) > before }
        try await Task.sleep(for: .milliseconds(500))
        let times = count(of: key) - before
        guard times == 1 else { throw ToolFailure("key \(key) came \(times) times") }
        return "“\(key)”"
    }
}

/// How long something takes, as "0.4".
func stopwatch(_ body: () async throws -> Void) async throws -> String {
    let began = ContinuousClock.now
    try await body()
    return decimal((ContinuousClock.now - began) / .seconds(1))
}

func decimal(_ number: Double, places: Int = 1) -> String {
    String(format: "%.\(places)f", number).replacingOccurrences(of: "-", with: "−")
}
