import Foundation
import InteropSupport

/// A network namespace that points stand in, tied to ours by a line that can be cut.
struct SoakLine: Sendable {
    let name: String
    /// Ours, where the daemon listens.
    let near: String
    let far: String

    /// Nil where none can be had, as without the superuser's rights.
    init?() async {
        let number = Int.random(in: 0..<(64 * 256))
        let block = "10.\(64 + number / 256).\(number % 256)"
        name = "so" + String(number, radix: 36) + String(getpid(), radix: 36)
        (near, far) = (block + ".1", block + ".2")
        let commands = [
            ["netns", "add", name],
            ["link", "add", name + "a", "type", "veth", "peer", "name", name + "b", "netns", name],
            ["addr", "add", near + "/24", "dev", name + "a"], ["link", "set", name + "a", "up"],
            ["-n", name, "addr", "add", far + "/24", "dev", name + "b"], ["-n", name, "link", "set", "lo", "up"],
            ["-n", name, "link", "set", name + "b", "up"],
        ]
        for command in commands {
            do { try await Tool.run("ip", command) } catch {
                await remove()
                return nil
            }
        }
    }

    func cut(_ isCut: Bool) async throws {
        try await Tool.run("ip", ["-n", name, "link", "set", name + "b", isCut ? "down" : "up"])
    }

    /// The ports go with it.
    func remove() async { _ = try? await Tool.run("ip", ["netns", "del", name]) }
}
