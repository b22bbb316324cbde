import Foundation
import Glibc
import InteropSupport

/// A disk of a size of its own under the archive, that can be filled.
struct SoakDisk: Sendable {
    let path: String
    private var filler: String { path + "/filler" }

    /// Nil where nothing may be mounted.
    init?(at path: String, megabytes: Int) async {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try await Tool.run("mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path])
        } catch { return nil }
    }

    /// Leaves not an octet.
    func fill() throws {
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ToolFailure("\(filler): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var end: off_t = 0
        for size in [64 << 20, 1 << 20, 64 << 10, 4 << 10] as [off_t] {
            while posix_fallocate(descriptor, end, size) == 0 { end += size }
        }
    }

    func empty() { unlink(filler) }
    /// What others took of it, in octets.
    func remove() async { _ = try? await Tool.run("umount", ["-l", path]) }
}
