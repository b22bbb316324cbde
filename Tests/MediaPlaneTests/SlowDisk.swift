import Foundation

/// A directory on a disk that is slow while it is told to be: `SlowDisk/slowdisk.c`, mounted by FUSE. Unmounted with its owner.
final class SlowDisk {
    /// Where files of it are.
    let path: String
    private let below: String
    private let folder: String
    private let process: Process

    struct Unavailable: Error, CustomStringConvertible {
        var description: String
    }

    /// Why there can be none on this machine; nil where there can.
    static let hindrance: String? = {
        do {
            _ = try SlowDisk()
            return nil
        } catch {
            return "\(error)"
        }
    }()

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/slow-\(UUID().uuidString.prefix(8))"
        (below, path) = (folder + "/below", folder + "/disk")
        process = Process()
        for part in [below, path] {
            try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: true)
        }
        do {
            let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/SlowDisk/slowdisk.c"
            try Self.run("cc -O1 -o '\(folder)/slowdisk' '\(source)' $(pkg-config --cflags --libs fuse3)")
            process.executableURL = URL(fileURLWithPath: folder + "/slowdisk")
            process.arguments = [below, path, "-f"]
            process.standardError = FileHandle.nullDevice
            try process.run()
            // Mounted once it shows what lies below.
            try Data().write(to: URL(fileURLWithPath: below + "/there"))
            let end = ContinuousClock.now + .seconds(10)
            while !FileManager.default.fileExists(atPath: path + "/there") {
                guard process.isRunning, ContinuousClock.now < end else {
                    throw Unavailable(description: "nothing can be mounted by FUSE here")
                }
                usleep(10_000)
            }
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    /// How long each write takes from now on, in milliseconds.
    func make(writesTake milliseconds: Int) throws {
        try Data("\(milliseconds)".utf8).write(to: URL(fileURLWithPath: below + "/.slow"), options: .atomic)
    }

    private func close() {
        try? Self.run("umount -l '\(path)'")
        if process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func run(_ script: String) throws {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", script]
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        shell.waitUntilExit()
        guard shell.terminationStatus == 0 else { throw Unavailable(description: "this failed: \(script)") }
    }
}
