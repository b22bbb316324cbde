import Archive
import Foundation
import PortalAPI
import Testing

@testable import causeway

@Suite struct RetentionCommandTests {
    @Test func termsHoldsAndSubmissionsAreSetAndShown() async throws {
        try await CommandHarness.run { harness in
            let id = try await harness.sealed(masterBytes: 1000).id
            let listed = await harness.causeway("retention", "list")
            #expect(listed.output.contains("for ever") && listed.output.contains("2027-12-31 current"))
            let set = await harness.causeway("retention", "set", id, "1N")
            #expect(set.status == .success && set.output.contains("2027-12-31"), "\(set.errors)")
            #expect(await harness.causeway("retention", "set", id, "99N").status == .refused)
            let held = await harness.causeway(
                "retention", "hold", id, "--reason", "thanh tra", "--document", "KL 3/TTT")
            #expect(held.output.contains("1: thanh tra"))
            #expect(await harness.causeway("retention", "list", "held").output.contains(id))
            #expect(await harness.causeway("retention", "release", id, "1", "--reason", "xong").status == .success)
            #expect(await harness.causeway("retention", "list", "held").output == "No recording matches.\n")
            let submitted = await harness.causeway(
                "retention", "submitted", id, "current", "--document", "BB 1/2027")
            #expect(submitted.output.contains("BB 1/2027") && submitted.output.contains("submit by 2031-12-31"))
            let shown = await harness.causeway("recordings", "show", id)
            #expect(shown.output.contains("1N, 1 năm") && shown.output.contains("BB 1/2027"))
            let judged = await harness.causeway("retention", "propose", id, "--dry-run")
            #expect(judged.output == "\(id): it is kept until 2027-12-31\n")
            #expect(await harness.causeway("retention", "propose", id).status == .usage)
            let nobody = await harness.causeway("retention", "propose", id, "--reason", "hết hạn")
            #expect(nobody.status == .refused && nobody.errors.contains("Two persons"))
        }
    }

    @Test(.enabled(if: CommandHarness.hasOpenSSL)) func whoDidNotProposeReviews() async throws {
        try await CommandHarness.run { harness in
            let id = try await harness.sealed(masterBytes: 1000, opened: Date(timeIntervalSince1970: 1_274_668_200)).id
            try await harness.archive.setRetentionClass("1N", of: id)
            try await harness.withHTTPS { port in
                let token = harness.root + "/token"
                try CommandHarness.token.write(toFile: token, atomically: true, encoding: .utf8)
                let there = [
                    "--server", "https://localhost:\(port)", "--token-file", token, "--ca", harness.root + "/cert.pem",
                ]
                func causeway(_ arguments: String...) async -> CommandHarness.Outcome {
                    await CommandHarness.causeway(["retention"] + arguments + there)
                }
                #expect(await causeway("list", "due").output.contains(id))
                let own = await causeway("propose", id, "--reason", "hết hạn")
                #expect(own.status == .success && own.output.contains("Lưu trữ"), "\(own.errors)")
                let same = await causeway("review", "1", "--approve", "QĐ 1")
                #expect(same.status == .refused && same.errors.contains("another person"))
                #expect(await causeway("withdraw", "1").output.contains("withdrawn"))
                _ = try await harness.archive.proposeDestruction(
                    of: [id], reason: "hết hạn", by: RetentionOfficer(id: "lan", name: "Lan"))
                #expect(await causeway("review", "2", "--dry-run").output == "Nothing stands in the way.\n")
                #expect(await causeway("review", "2", "--approve", "QĐ 1", "--dry-run").status == .usage)
                #expect(await causeway("review", "2", "--approve", "QĐ 1").output.contains("destroyed"))
                #expect(await causeway("proposals", "--state", "destroyed").output.contains("hết hạn"))
                let verified = await CommandHarness.causeway(["recordings", "verify", id] + there)
                #expect(verified.status == .refused && verified.errors.contains("was destroyed on"))
            }
        }
    }

    @Test func whatIsApprovedAndCannotBeDestroyedIsTold() async throws {
        try await CommandHarness.run { harness in
            let none = await harness.causeway("retention", "carry-out")
            #expect(none.status == .success && none.output.hasPrefix("Nothing was to be destroyed."), "\(none)")
            let meeting = try await harness.sealed(
                masterBytes: 1000, opened: Date(timeIntervalSince1970: 1_274_668_200))
            try await harness.archive.setRetentionClass("1N", of: meeting.id)
            #expect(
                await harness.causeway("retention", "carry-out").output.contains("1 whose term is over"))
            let proposal = try await harness.archive.proposeDestruction(
                of: [meeting.id], reason: "hết hạn", by: RetentionOfficer(id: "lan", name: "Lan"))
            #expect(await harness.causeway("retention", "carry-out").output.contains("1 proposals"))
            try await harness.archive.review(
                proposal: proposal.id, .approve(document: "QĐ 1"), by: RetentionOfficer(id: "minh", name: "Minh"))
            // A file where the certificate's folder belongs.
            let obstacle = harness.archive.paths(of: meeting).directory + "/destruction"
            try Data().write(to: URL(fileURLWithPath: obstacle))
            let bad = await harness.causeway("retention", "carry-out")
            #expect(bad.status == .verificationFailed, "\(bad)")
            #expect(bad.errors.contains("and not destroyed: \(meeting.id)"), "\(bad.errors)")
            unlink(obstacle)
            let done = await harness.causeway("retention", "carry-out")
            #expect(done.status == .success && done.output.contains("Destroyed: \(meeting.id)."), "\(done)")
            #expect(try await harness.office.journal(limit: 100).contains { $0.action == "carry out destructions" })
        }
    }
}
