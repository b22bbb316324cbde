import CBench
import Codecs
import Foundation
import InteropSupport
import PortalAPI

/// A bridge, on a core of its own or on all there are, and the rooms and points that call it: `meetings` ordinary ones, and one whose media
/// is watched.
final class CallsSite {
    static let bridgeCore = 0
    static let callersCore = 1
    static let meetings = 10
    /// Points of each meeting that stay, and those that come and go.
    static let staying = 180
    static let passing = 240
    /// The meeting that is watched: its source, and who sees it.
    static let watchedRoom = "canhgiac"
    static let viewers = 20

    let daemon: RunningDaemon
    private let folder: String
    private var launched = 0
    private let sink: SoundSink

    /// - Parameter isOnOneCore: leaves the other core to those who call.
    init(in folder: String, isOnOneCore: Bool) async throws {
        self.folder = folder
        sink = try SoundSink()
        let ordinary = (0..<Self.meetings).flatMap { meeting in
            (0..<Self.staying + Self.passing).map { Self.point("m\(meeting)", $0) }
        }
        var setup = RunningDaemon.Setup(points: ordinary + Self.watched)
        setup.rooms = ((0..<Self.meetings).map(Self.room) + [Self.watchedRoom])
            .map { "{id: \($0), title: \"Cuộc họp \($0)\", maxPoints: 500, linger: 10s}" }
        setup.allowsClearMedia = true
        setup.workers = 1
        if isOnOneCore { setup.core = Self.bridgeCore }
        setup.calls = 4_000
        // Standing points only listen.
        setup.silenceLimit = "10m"
        daemon = try await RunningDaemon(setup, in: folder)
    }

    private static func room(_ meeting: Int) -> String { "phong\(meeting)" }
    private static func point(_ group: String, _ index: Int) -> RunningDaemon.Point {
        RunningDaemon.Point("\(group)p\(index)", "Điểm cầu \(group) \(index)")
    }
    static var watched: [RunningDaemon.Point] { (0...viewers).map { point("w", $0) } }

    /// CPU time so far of the bridge, or of what is measured beside it, in nanoseconds.
    func cpuNanoseconds(_ other: OtherServer? = nil) -> UInt64 {
        cb_process_cpu(other?.process ?? daemon.process.processIdentifier)
    }

    /// SIPp for every meeting: so many calls in all, so many a second.
    func call(
        _ media: Scenario.Media, _ proof: Scenario.Proof = .challenged, calls: Int, perSecond: Int,
        holdMilliseconds: Int, staying: Bool = false, at other: OtherServer? = nil
    ) throws -> [Caller] {
        try (0..<Self.meetings).map { meeting in
            launched += 1
            let points = staying ? 0..<Self.staying : Self.staying..<Self.staying + Self.passing
            return try Caller(
                Caller.Plan(
                    room: Self.room(meeting), points: points.map { Self.point("m\(meeting)", $0) }, media: media,
                    proof: proof,
                    calls: calls / Self.meetings, perSecond: max(1, perSecond / Self.meetings),
                    holdMilliseconds: holdMilliseconds, sink: sink.port),
                port: other?.port ?? daemon.sipPort, core: Self.callersCore, in: "\(folder)/caller-\(launched)")
        }
    }

    /// Calls that stand now.
    func standing() async throws -> Int {
        let answer = try await daemon.causeway(["status", "--json"])
        return try PortalJSON.decode(SystemStatus.self, from: Data(answer.output.utf8)).bridge.participants
    }

    func waitForCalls(_ expected: @escaping @Sendable (Int) -> Bool, _ what: String) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while try await !expected(standing()) {
            guard ContinuousClock.now < end else {
                throw ToolFailure("waited for \(what): \(try await standing()) calls stand")
            }
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    /// Two seconds of A-law that goes up and down as speech does.
    func speech() throws -> String {
        let samples = (0..<16_000).map { index in
            let time = Double(index) / 8_000
            let syllable = max(0, sin(2 * .pi * 2 * time))
            return Int16(6_000 * syllable * (sin(2 * .pi * 190 * time) + 0.5 * sin(2 * .pi * 760 * time)))
        }
        var bytes = [UInt8](repeating: 0, count: samples.count)
        samples.withUnsafeBufferPointer { samples in
            _ = bytes.withUnsafeMutableBytes { G711.aLaw.encode(samples, into: $0) }
        }
        let path = folder + "/speech.al"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }
}
