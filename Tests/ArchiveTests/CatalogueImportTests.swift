import Foundation
import PostgresServer
import SQLDatabase
import Testing

@testable import Archive

/// A single machine's catalogue becomes that of a cluster.
@Suite(.enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct CatalogueImportTests {
    @Test func aSingleMachinesCatalogueComesIntoPostgreSQLAsItIs() async throws {
        let workshop = try Workshop()
        let alone = try workshop.open()
        let sealed = try await alone.closedMeeting(.sample("m1"), masterBytes: 10)
        try await alone.enqueue(.compose, for: sealed.id)
        let job = try #require(try await alone.claimNextJob())
        let open = try await alone.openMeeting(.sample("m2"))
        let before = try await [alone.find(sealed.id), alone.find(open.id)]
        // While a daemon has it, nobody copies it.
        #expect(throws: ArchiveError.openElsewhere(root: workshop.root)) { try DormantCatalogue(root: workshop.root) }
        try alone.close()

        let settings = try Workshop.database()
        do {
            let dormant = try DormantCatalogue(root: workshop.root)
            #expect(throws: ArchiveError.openElsewhere(root: workshop.root)) { try Archive(root: workshop.root) }
            let target = try DormantCatalogue.tables(at: .postgres(settings))
            let copy = SQLCopy(of: dormant.database, into: settings.schema) { db in
                try DormantCatalogue.give(to: "b1", db)
            }
            let copied = try SQLCopy.run([copy], into: target)[settings.schema] ?? []
            #expect(copied.first { $0.name == "meetings" }?.rows == 2)
            #expect(copied.first { $0.name == "jobs" }?.rows == 1)
            try target.close()
            try dormant.database.close()
        }
        let cluster = ArchiveCluster(bridge: "b1", database: settings)
        let shared = try Archive(root: workshop.root, cluster: cluster)
        for var record in before.compactMap(\.self) {
            record.bridge = "b1"
            #expect(try await shared.find(record.id) == record)
        }
        // What the machine was at when it stopped is done by the bridge.
        let again = try #require(try await shared.claimNextJob())
        #expect(again.id == job.id && again.bridge == "b1")
        #expect(try await shared.takeOver(from: "b1").map(\.id) == [open.id])
        try shared.close()
    }
}
