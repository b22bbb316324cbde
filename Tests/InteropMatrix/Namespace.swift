import Foundation
import InteropSupport

/// A network namespace with an address of its own, tied to ours, or to one that translates its addresses, by a pair of
/// virtual Ethernet ports or by a line that loses packets: for endpoints that will not speak over loopback, and for those that have a network between them
/// and the bridge.
final class Namespace: Sendable {
    /// How a router translates addresses. What comes in unasked it drops, as a home's router does.
    enum Translation: Sendable {
        /// The port stays the same where that is free, whoever is spoken to; only those who were spoken to get through.
        case portRestricted
        /// For everybody who is spoken to it is another port, by chance.
        case symmetric

        var rule: String { self == .portRestricted ? "masquerade" : "masquerade random,fully-random" }
    }

    let name: String
    /// Ours, where the daemon listens.
    let near: String
    /// The endpoint's.
    let far: String
    /// The one that translates, where there is one.
    private let router: Namespace?
    /// What it is tied by, where packets get lost on it.
    let tunnel: LossyTunnel?
    /// The endpoint's other address.
    var other: String { block + ".3" }
    private let block: String
    /// Its own port, and that at the other end.
    private var port: String { name + "b" }
    private var peer: String { name + "a" }

    /// - Parameter isLossy: whether it is tied by a line that can lose packets.
    init(behind router: Namespace? = nil, isLossy: Bool = false) async throws {
        let number = Int.random(in: 0..<(64 * 256))
        block = "10.\(64 + number / 256).\(number % 256)"
        name = "cw" + String(number, radix: 36) + String(getpid(), radix: 36)
        near = router?.near ?? block + ".1"
        far = block + ".2"
        self.router = router
        tunnel = isLossy ? try LossyTunnel(near: name + "a", far: name + "b") : nil
        do {
            try await Tool.run("ip", ["netns", "add", name])
            let outside = router.map { ["-n", $0.name] } ?? []
            for command in [
                isLossy
                    ? ["link", "set", port, "netns", name]
                    : outside + ["link", "add", peer, "type", "veth", "peer", "name", port, "netns", name],
                outside + ["addr", "add", block + ".1/24", "dev", peer], outside + ["link", "set", peer, "up"],
                ["-n", name, "addr", "add", far + "/24", "dev", port],
                ["-n", name, "addr", "add", other + "/24", "dev", port], ["-n", name, "link", "set", "lo", "up"],
                ["-n", name, "link", "set", port, "up"],
                ["-n", name, "route", "add", "default", "via", block + ".1"],
            ] {
                try await Tool.run("ip", command)
            }
        } catch {
            await remove()
            throw Beyond("no network namespace can be had: \(error)")
        }
    }

    /// One behind a router that translates, which forgets a way of UDP that was not used for 30 s.
    convenience init(_ translation: Translation) async throws {
        let router = try await Namespace()
        do {
            try await router.translate(translation)
        } catch {
            await router.remove()
            throw Beyond("addresses cannot be translated here: \(error)")
        }
        try await self.init(behind: router)
    }

    private func translate(_ translation: Translation) async throws {
        try await run("sysctl", ["-qw", "net.ipv4.ip_forward=1"])
        try await run(
            "nft",
            [
                """
                add table ip home
                add chain ip home out { type nat hook postrouting priority 100 ; }
                add rule ip home out oifname "\(port)" \(translation.rule)
                add chain ip home through { type filter hook forward priority 0 ; }
                add rule ip home through iifname "\(port)" ct state new drop
                """
            ])
        for name in ["udp_timeout", "udp_timeout_stream"] {
            try await run("sysctl", ["-qw", "net.netfilter.nf_conntrack_\(name)=30"])
        }
    }

    /// What runs a program in it.
    func command(_ program: String, _ arguments: [String]) -> (program: String, arguments: [String]) {
        ("ip", ["netns", "exec", name, program] + arguments)
    }

    private func run(_ program: String, _ arguments: [String]) async throws {
        let (program, arguments) = command(program, arguments)
        try await Tool.run(program, arguments)
    }

    /// Gives the router another address outside: all ways through it are new from then on.
    func renewAddress() async throws {
        guard let router else { throw ToolFailure("there is no router") }
        for command in [
            ["addr", "flush", "dev", router.port], ["addr", "add", router.block + ".7/24", "dev", router.port],
            ["route", "replace", "default", "via", router.near],
        ] {
            try await Tool.run("ip", ["-n", router.name] + command)
        }
    }

    /// Cuts the endpoint off, or ties it again.
    func cut(_ isCut: Bool) async throws {
        try await Tool.run("ip", ["-n", name, "link", "set", port, isCut ? "down" : "up"])
    }

    /// Holds what goes through, in each direction, to a rate.
    func limit(kilobits: Int) async throws {
        let limit = ["root", "tbf", "rate", "\(kilobits)kbit", "burst", "4kb", "latency", "200ms"]
        try await Tool.run("tc", ["qdisc", "replace", "dev", peer] + limit)
        try await run("tc", ["qdisc", "replace", "dev", port] + limit)
    }

    func liftLimit() async throws {
        try await Tool.run("tc", ["qdisc", "del", "dev", peer, "root"])
        try await run("tc", ["qdisc", "del", "dev", port, "root"])
    }

    /// What goes to the endpoint, in kbit/s, as it goes over the line.
    func kilobits(over time: Duration) async throws -> Int {
        func octets() throws -> Int {
            let text = try String(contentsOfFile: "/sys/class/net/\(peer)/statistics/tx_bytes", encoding: .utf8)
            return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        }
        let before = try octets()
        try await Task.sleep(for: time)
        return Int(Double(try octets() - before) * 8 / 1_000 / (time / .seconds(1)))
    }

    /// Packets that come in to the endpoint itself, behind whatever lies before it.
    func packets(over time: Duration) async throws -> Int {
        func count() async throws -> Int {
            let (program, arguments) = command("cat", ["/sys/class/net/\(port)/statistics/rx_packets"])
            let text = try await Tool.run(program, arguments)
            return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        }
        let before = try await count()
        try await Task.sleep(for: time)
        return try await count() - before
    }

    /// Packets to the endpoint that the limit had no room for.
    func dropped() async throws -> Int {
        let text = try await Tool.run("tc", ["-s", "qdisc", "show", "dev", peer])
        let after = text.components(separatedBy: "dropped ").dropFirst().first ?? ""
        return Int(after.prefix { $0.isNumber }) ?? 0
    }

    /// The ports go with it.
    func remove() async {
        _ = try? await Tool.run("ip", ["netns", "del", name])
        tunnel?.end()
        await router?.remove()
    }
}
