import Foundation

/// A program that some tests compare with; such a test is skipped where it is missing.
enum ExternalTool {
    static let hasFFmpeg = path(of: "ffmpeg") != nil

    static func path(of name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    struct Failed: Error { var status: Int32 }

    /// Runs ffmpeg with `input` on its standard input; gives its standard output.
    static func ffmpeg(_ arguments: [String], input: Data = Data()) throws -> Data {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("codecs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (source, target) = (directory.appendingPathComponent("in"), directory.appendingPathComponent("out"))
        try input.write(to: source)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path(of: "ffmpeg") ?? "/usr/bin/ffmpeg")
        process.arguments =
            ["-v", "error", "-y"]
            + arguments.map { $0 == "IN" ? source.path : $0 == "OUT" ? target.path : $0 }
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
        return try Data(contentsOf: target)
    }
}
