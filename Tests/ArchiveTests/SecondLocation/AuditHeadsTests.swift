import Evidence
import Foundation
import Testing

@testable import Archive

@Suite struct AuditHeadsTests {
    @Test(arguments: SecondSite.kinds)
    func whatWasSignedIsKeptThereAndComesBackWhereItIsNotKnown(_ kind: SecondSite.Kind) async throws {
        let site = try SecondSite(kind)
        let archive = site.archive
        var heads: [SignedAuditHead] = []
        for number: Int64 in 1...3 {
            let head = AuditHead(
                .head, number: number, entry: Ledger.genesis, at: "2026-11-2\(number)",
                previous: heads.last?.hash ?? Ledger.genesis)
            let signature = try archive.auditKey.sign(Data(head.document.utf8))
            heads.append(SignedAuditHead(document: head.document, signature: signature))
        }
        #expect(try await archive.keepAuditHeads(heads) == 3)
        #expect(try await archive.keepAuditHeads(heads) == 0)
        #expect(try await archive.foreignAuditHeads(heads) == [])
        let foreign = try #require(try await archive.foreignAuditHeads(Array(heads.prefix(2))))
        #expect(foreign == [heads[2]] && foreign[0].isSigned(by: archive.trustedSigners))
        let store = try #require(archive.second?.store)
        #expect(try await store.names(in: Archive.auditFolder).count == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: archive.root + "/work").isEmpty)
    }
}
