import Foundation
import InteropSupport
import PortalAPI
import Testing

/// What an operator should look at stands in the status, in both languages, and in the metrics.
@Suite(.serialized, .enabled(if: Tool.areInstalled("sqlite3", "curl"), "sqlite3 or curl is missing"))
struct StatusWarningsTests {
    @Test func anAuditLogThatWasTamperedWithIsToldOf() async throws {
        try await TestSite.with { site in
            func metrics() async throws -> String {
                try await Tool.run(
                    "curl", ["-sS", "--unix-socket", site.daemon.socketPath, "http://localhost/metrics"])
            }
            #expect(try await site.daemon.status().bridge.warnings.isEmpty)
            let before = try await metrics()
            #expect(before.contains("\ncauseway_audit_broken 0\n") && before.contains("\ncauseway_audit_unsigned 0\n"))
            await site.daemon.stop()
            // Who has the machine changes who started the daemon.
            _ = try await Tool.run(
                "sqlite3",
                [site.daemon.archive + "/office.sqlite", "UPDATE journal SET \"by\" = 'minh' WHERE number = 1"])
            try await site.restart()
            try await eventually("the broken log to be told of") {
                try await site.daemon.status().bridge.warnings.contains { $0.kind == .auditBroken }
            }
            let said = try await site.daemon.causeway(["status"]).output
            #expect(said.contains("Nhật ký không còn nguyên vẹn (dòng 1): hãy giữ nguyên hiện trạng"), "\(said)")
            #expect(said.contains("the audit log is not whole: "), "\(said)")
            #expect(try await metrics().contains("\ncauseway_audit_broken 1\n"))
            #expect(site.daemon.log.contains("the journal is not whole: "))
        }
    }
}
