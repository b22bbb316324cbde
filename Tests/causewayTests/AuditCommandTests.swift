import Evidence
import Foundation
import Testing

@testable import causeway

@Suite struct AuditCommandTests {
    @Test func theLogIsListedGivenOutAndProvedWithoutTheDaemon() async throws {
        try await CommandHarness.run { site in
            for number in 1...5 { try await site.office.note("grant access", of: "\(number) Họp", by: "Nguyễn Văn Ân") }
            let list = await site.causeway("audit", "list", "--by", "nguyễn", "--about", "3 họp", width: 100)
            #expect(list.status == .success && list.output.contains("3 Họp") && !list.output.contains("4 Họp"))
            let none = await site.causeway("audit", "list", "--from", "2099-01-01T00:00:00+07:00")
            #expect(none.status == .success && !none.output.contains("grant access"))
            let file = site.root + "/audit.jsonl"
            #expect(await site.causeway("audit", "export", "-o", file).status == .success)
            let key = site.root + "/archive/keys/seal.pub.pem"
            func verify(_ more: String...) async -> CommandHarness.Outcome {
                await CommandHarness.causeway(["audit", "verify", file, "--key", key] + more)
            }
            let whole = await verify()
            #expect(whole.status == .success && whole.output.contains("Whole"), "\(whole)")
            #expect(await verify("--against", file).output.contains("kept elsewhere agrees"))
            let online = await site.causeway("audit", "verify")
            #expect(online.status == .success && online.output.contains("Signed up to entry 6"), "\(online)")
            let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            func write(_ lines: [Substring]) throws {
                try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: file))
            }
            try write(Array(lines[..<2] + lines[3...]))
            let removed = await verify()
            #expect(removed.status == .verificationFailed && removed.output.contains("removed: entry 3"), "\(removed)")
            try write(Array(lines.dropLast(2)))
            #expect(await verify().output.contains("stands for entries 1 to 5"))
            #expect(await CommandHarness.causeway(["audit", "verify", file]).status == .usage)
            #expect(await verify("--against", site.root + "/nowhere").status == .localFault)
        }
    }
}
