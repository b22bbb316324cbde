import ChildProcesses
import Foundation
import SiteConfiguration
import Testing

@testable import Doctor

private let canLoad =
    geteuid() == 0 && access("/usr/sbin/nft", X_OK) == 0 && access("/usr/bin/unshare", X_OK) == 0

/// What real nft says of real rules, loaded in a network namespace of the test's own.
@Suite(.enabled(if: canLoad, "needs root, unshare and nft")) struct RulesetTests {
    private func rules(_ text: String) async throws -> Ruleset {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("cw-rules-\(UUID().uuidString)")
        try text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        var limits = ChildProcess.Limits()
        limits.outputOctets = 1 << 20
        let outcome = try await ChildProcess(
            "/usr/bin/unshare", ["-n", "sh", "-c", "nft -f \(file.path) && nft -j list ruleset"], limits: limits
        ).run()
        try #require(outcome.isSuccess, "\(outcome.complaint)")
        return try #require(Ruleset(json: outcome.output))
    }

    private func port(_ carrier: NeededPort.Carrier, _ ports: ClosedRange<UInt16>) -> NeededPort {
        NeededPort(carrier: carrier, ports: ports, address: "0.0.0.0", purpose: "test")
    }

    @Test func withoutRulesEverythingComesIn() async throws {
        let rules = try await rules("table inet filter {}")
        #expect(!rules.refuses)
        #expect(rules.accepts(port(.tcp, 5061...5061)))
    }

    @Test func aPolicyThatDropsShutsWhatNoRuleAccepts() async throws {
        let rules = try await rules(
            """
            table inet filter {
                set open { type inet_service; elements = { 8443, 7443 } }
                chain input {
                    type filter hook input priority 0; policy drop;
                    ct state established,related accept
                    tcp dport { 5060, 5061 } accept
                    tcp dport @open accept
                    udp dport 20000-24999 accept
                    udp dport 25000-29999 accept
                    th dport 3478 accept
                    tcp dport != 22 drop
                }
            }
            """)
        #expect(rules.refuses)
        #expect(rules.accepts(port(.tcp, 5061...5061)))
        #expect(rules.accepts(port(.tcp, 8443...8443)))
        #expect(rules.accepts(port(.udp, 20_000...29_999)))
        #expect(rules.accepts(port(.udp, 3_478...3_478)))
        #expect(!rules.accepts(port(.udp, 5_060...5_060)))
        #expect(!rules.accepts(port(.udp, 20_000...30_000)))
        #expect(!rules.accepts(port(.tcp, 22...22)))
    }

    @Test func aLastRuleThatRejectsCountsAsAPolicy() async throws {
        let rules = try await rules(
            """
            table ip filter {
                chain input {
                    type filter hook input priority 0; policy accept;
                    tcp dport 5061 accept
                    reject
                }
                chain other { drop; }
            }
            """)
        #expect(rules.refuses)
        #expect(rules.accepts(port(.tcp, 5_061...5_061)))
        #expect(!rules.accepts(port(.tcp, 8_443...8_443)))
    }

    @Test func theSampleLetsInWhatTheInstalledConfigurationNeeds() async throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("config/first.yaml"), encoding: .utf8)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cw-first-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("causeway.yaml")
        try text.replacing("@ADDRESS@", with: "192.0.2.10").replacing("@DOMAIN@", with: "hop.example.vn")
            .write(to: path, atomically: true, encoding: .utf8)
        let ports = try Configuration.load(path: path.path).neededPorts
        #expect(ports.count == 6)
        let sample = root.appendingPathComponent("samples/firewall/causeway.nft")
        let rules = try await rules(try String(contentsOf: sample, encoding: .utf8))
        #expect(rules.refuses)
        for port in ports { #expect(rules.accepts(port), "\(port.text)") }
    }

    @Test func whatIsNoRulesetIsNone() {
        #expect(Ruleset(json: Array("{}".utf8)) == nil)
        #expect(Ruleset(json: []) == nil)
        #expect(
            Ruleset(
                json: Array(
                    #"{"nftables":[{"rule":{"expr":[{"match":{"right":{"range":[9,70000]}}},{"accept":null}]}}]}"#.utf8)
            ) != nil)
    }
}
