import Foundation
import InteropSupport
import Synchronization

/// A test's own folder, daemon and endpoints, all gone when it ends.
final class TestSite: Sendable {
    private struct Running {
        var daemon: RunningDaemon
        var endpoints: [Baresip] = []
    }

    let folder: String
    private let running: Mutex<Running>
    var daemon: RunningDaemon { running.withLock { $0.daemon } }

    /// Sounds and films, made once and kept in the build folder.
    static var media: String {
        get throws { try RunningDaemon.binaries() + "/interop-media" }
    }

    static let points = [
        RunningDaemon.Point("phuloc", "Ủy ban nhân dân xã Phú Lộc"),
        RunningDaemon.Point("soyte", "Sở Y tế"),
        RunningDaemon.Point("aluoi", "Xã A Lưới"),
    ]

    init(_ change: (inout RunningDaemon.Setup) -> Void = { _ in }) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(Self.name())").path
        var setup = RunningDaemon.Setup(points: Self.points)
        change(&setup)
        running = Mutex(Running(daemon: try await RunningDaemon(setup, in: folder)))
    }

    /// Runs `body` with a site, and takes everything away whatever happens.
    static func with(
        _ change: (inout RunningDaemon.Setup) -> Void = { _ in }, _ body: (TestSite) async throws -> Void
    ) async throws {
        let site = try await TestSite(change)
        do {
            try await body(site)
        } catch {
            // Read before its file goes.
            let said = site.daemon.log.suffix(3_000)
            await site.close()
            throw ToolFailure("\(error)\n— the daemon said:\n\(said)")
        }
        await site.close()
    }

    /// Starts the daemon again on the same folder.
    func restart(_ change: (inout RunningDaemon.Setup) -> Void = { _ in }) async throws {
        var setup = RunningDaemon.Setup(points: Self.points)
        change(&setup)
        let daemon = try await RunningDaemon(setup, in: folder)
        running.withLock { $0.daemon = daemon }
    }

    /// An endpoint of the point with this index that plays a tone, and a film where one is named.
    func endpoint(
        _ index: Int, tone: Int, film: String? = nil, _ change: (inout Baresip.Setup) -> Void = { _ in }
    ) async throws -> Baresip {
        try await endpoint(of: Self.points[index], tone: tone, film: film, change)
    }

    func endpoint(
        of point: RunningDaemon.Point, tone: Int, film: String? = nil,
        _ change: (inout Baresip.Setup) -> Void = { _ in }
    ) async throws -> Baresip {
        let sound = try await TestMedia.tone(tone, in: Self.media)
        var setup = Baresip.Setup(username: point.id, password: point.password, sound: sound)
        if let film { setup.film = try await TestMedia.film(film, source: film, in: Self.media) }
        setup.certificateAuthority = daemon.authority
        change(&setup)
        let endpoint = try await Baresip(setup, in: folder + "/\(Self.name())")
        running.withLock { $0.endpoints.append(endpoint) }
        return endpoint
    }

    /// Short, for baresip cuts long paths of what it dumps.
    private static func name() -> String { String(UInt32.random(in: 0 ... .max), radix: 36) }

    private func close() async {
        for endpoint in running.withLock({ $0.endpoints }) { await endpoint.stop() }
        await daemon.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
