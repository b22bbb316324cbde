import Foundation
import InteropSupport

/// The daemon's clock of the day, which libfaketime (Debian's) can step; its monotonic clock stays as it is.
struct SoakClock: Sendable {
    private let file: String
    let environment: [String: String]

    /// Nil where libfaketime is not installed.
    init?(in folder: String) throws {
        let triplet = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
        guard
            let library = triplet.map({ "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" })
                .first(where: { FileManager.default.fileExists(atPath: $0) })
        else { return nil }
        file = folder + "/clock"
        environment = [
            "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1", "NO_FAKE_STAT": "1",
        ]
        try step(toSeconds: 0)
    }

    /// So far from the true time.
    func step(toSeconds offset: Int) throws {
        try ((offset < 0 ? "" : "+") + "\(offset)\n").write(toFile: file, atomically: true, encoding: .utf8)
    }
}
