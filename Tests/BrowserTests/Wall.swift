import Foundation
import InteropSupport

/// Swallows every packet from and to an address of this machine, silently as a network does that is away.
struct Wall: Sendable {
    static var isPossible: Bool { Tool.areInstalled("nft") && getuid() == 0 }

    private let table: String

    init(around address: String) async throws {
        table = "causeway_\(UInt32.random(in: 0 ... .max))"
        try await Tool.run(
            "nft",
            [
                """
                table ip \(table) {
                  chain wall {
                    type filter hook input priority 0;
                    ip daddr \(address) drop
                    ip saddr \(address) drop
                  }
                }
                """
            ])
    }

    func fall() async { _ = try? await Tool.run("nft", ["delete", "table", "ip", table]) }
}
