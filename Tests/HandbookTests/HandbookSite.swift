import Foundation
import InteropSupport

/// A daemon in a folder of its own, both gone afterwards.
enum HandbookSite {
    static let points = [
        RunningDaemon.Point("soyte", "Sở Y tế"), RunningDaemon.Point("phuloc", "Ủy ban nhân dân xã Phú Lộc"),
        RunningDaemon.Point("aluoi", "Xã A Lưới"),
    ]

    static func with(
        _ change: (inout RunningDaemon.Setup, String) -> Void = { _, _ in },
        _ body: (RunningDaemon) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "causeway-" + String(UInt32.random(in: 0 ... .max), radix: 36)
        ).path
        var setup = RunningDaemon.Setup(points: points)
        setup.accessCopySize = "320x180"
        change(&setup, folder)
        let daemon = try await RunningDaemon(setup, in: folder)
        do { try await body(daemon) } catch {
            let said = daemon.log.suffix(3_000)
            await daemon.stop()
            try? FileManager.default.removeItem(atPath: folder)
            throw ToolFailure("\(error)\n— the daemon said:\n\(said)")
        }
        await daemon.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
