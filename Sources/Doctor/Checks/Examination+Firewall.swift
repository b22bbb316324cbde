import ChildProcesses
import Glibc

extension Examination {
    /// Whether this machine's own packet filter lets points in. One on the way is not seen from here.
    func firewall() async -> Finding {
        let program = "/usr/sbin/nft"
        guard access(program, X_OK) == 0 else {
            return Finding("firewall", .skipped, "there is no nft here to ask")
        }
        guard geteuid() == 0 else { return Finding("firewall", .skipped, "only root is told the rules") }
        var limits = ChildProcess.Limits()
        limits.time = .seconds(10)
        limits.outputOctets = 16 << 20
        guard let outcome = try? await ChildProcess(program, ["-j", "list", "ruleset"], limits: limits).run(),
            outcome.isSuccess, !outcome.isOutputCut, let rules = Ruleset(json: outcome.output)
        else { return Finding("firewall", .skipped, "nft does not tell the rules here") }
        guard rules.refuses else { return Finding("firewall", .good, "no rule of this machine refuses what comes in") }
        let shut = configuration.neededPorts.filter { !$0.isLocal && !rules.accepts($0) }
        guard shut.isEmpty else {
            return Finding(
                "firewall", .bad, "it accepts no \(shut.map { "\($0.text) (\($0.purpose))" }.joined(separator: ", "))",
                advice: "let them in, for example: " + Self.rules(for: shut).joined(separator: "; "))
        }
        return Finding("firewall", .good, "it lets in what points and browsers need")
    }

    private static func rules(for ports: [NeededPort]) -> [String] {
        [NeededPort.Carrier.tcp, .udp].compactMap { carrier in
            let ranges = ports.filter { $0.carrier == carrier }.map(\.rangeText)
            return ranges.isEmpty
                ? nil
                : "nft add rule inet filter input \(carrier.rawValue) dport '{ \(ranges.joined(separator: ", ")) }' accept"
        }
    }
}
