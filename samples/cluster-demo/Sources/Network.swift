import Foundation
import InteropSupport

/// The demonstration's network: a namespace for each machine, all at one switch, which is a bridge of the kernel's in our own namespace.
final class Network: Sendable {
    /// A machine of it.
    enum Host: String, CaseIterable {
        case edge, one, two, database, points

        /// The last parts of its addresses.
        var numbers: [Int] {
            switch self {
            case .edge: [10]
            case .one: [21]
            case .two: [22]
            case .database: [30]
            case .points: Array(101...112)
            }
        }
    }

    /// By which its names begin; nobody else's do.
    private let prefix: String
    private let block: String
    private var switchName: String { prefix + "sw" }

    init() throws {
        guard getuid() == 0 else { throw ToolFailure("network namespaces take root") }
        let number = Int.random(in: 0..<(64 * 256))
        block = "10.\(64 + number / 256).\(number % 256)"
        prefix = "cd" + String(number, radix: 36)
    }

    func name(of host: Host) -> String { "\(prefix)-\(host.rawValue)" }
    func address(of host: Host, _ index: Int = 0) -> String { "\(block).\(host.numbers[index])" }
    private func cable(of host: Host) -> String { prefix + String(host.rawValue.prefix(4)) }

    func make() async throws {
        var commands = [
            ["link", "add", switchName, "type", "bridge"], ["addr", "add", block + ".1/24", "dev", switchName],
            ["link", "set", switchName, "up"],
        ]
        for host in Host.allCases {
            let inside = ["-n", name(of: host)]
            commands += [
                ["netns", "add", name(of: host)],
                ["link", "add", cable(of: host), "type", "veth", "peer", "name", "eth0", "netns", name(of: host)],
                ["link", "set", cable(of: host), "master", switchName, "up"], inside + ["link", "set", "lo", "up"],
            ]
            commands += host.numbers.map { inside + ["addr", "add", "\(block).\($0)/24", "dev", "eth0"] }
            commands.append(inside + ["link", "set", "eth0", "up"])
        }
        for command in commands { try await Tool.run("ip", command, standardError: true) }
    }

    /// With whatever still runs in it, by its id, as what was just starting when somebody interrupted. Cables go with their namespaces.
    func remove() async {
        for host in Host.allCases {
            let processes = (try? await Tool.run("ip", ["netns", "pids", name(of: host)])) ?? ""
            for process in processes.split(whereSeparator: \.isWhitespace).compactMap({ Int32($0) }) {
                kill(process, SIGKILL)
            }
            _ = try? await Tool.run("ip", ["netns", "del", name(of: host)])
        }
        _ = try? await Tool.run("ip", ["link", "del", switchName])
    }
}
