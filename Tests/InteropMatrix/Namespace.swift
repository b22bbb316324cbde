import Foundation
import InteropSupport

/// A network namespace with an address of its own, tied to ours by a pair of virtual Ethernet ports: for endpoints that
/// will not speak over loopback.
final class Namespace: Sendable {
    let name: String
    /// Ours, where the daemon listens.
    let near: String
    /// The endpoint's.
    let far: String

    init() async throws {
        let number = Int.random(in: 0..<(64 * 256))
        let block = "10.\(64 + number / 256).\(number % 256)"
        name = "cw" + String(number, radix: 36) + String(getpid(), radix: 36)
        near = block + ".1"
        far = block + ".2"
        try await Tool.run("ip", ["netns", "add", name])
        do {
            for command in [
                ["link", "add", "\(name)a", "type", "veth", "peer", "name", "\(name)b", "netns", name],
                ["addr", "add", near + "/30", "dev", "\(name)a"], ["link", "set", "\(name)a", "up"],
                ["-n", name, "addr", "add", far + "/30", "dev", "\(name)b"], ["-n", name, "link", "set", "lo", "up"],
                ["-n", name, "link", "set", "\(name)b", "up"],
                ["-n", name, "route", "add", "default", "via", near],
            ] {
                try await Tool.run("ip", command)
            }
        } catch {
            await remove()
            throw Beyond("no network namespace can be had: \(error)")
        }
    }

    /// What runs a program in it.
    func command(_ program: String, _ arguments: [String]) -> (program: String, arguments: [String]) {
        ("ip", ["netns", "exec", name, program] + arguments)
    }

    /// The ports go with it.
    func remove() async { _ = try? await Tool.run("ip", ["netns", "del", name]) }
}
