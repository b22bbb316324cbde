import Foundation
import Testing

@testable import SiteConfiguration

@Suite struct ClusterTests {
    private func site(_ cluster: String, secret: String = String(repeating: "s", count: 32)) throws -> [String] {
        let scratch = try Scratch()
        _ = try scratch.write(secret + "\n", to: "trunk")
        _ = try scratch.write("mat-khau\n", to: "password")
        let path = try scratch.write("cluster:\n" + cluster, to: "site.yaml")
        do throws(ConfigurationErrors) {
            let read = try Configuration.load(path: path).cluster
            return [
                read.name ?? "", read.database ?? "", read.password?.reveal() ?? "", read.trunkSecret?.reveal() ?? "",
            ]
        } catch {
            return error.errors.map { "\($0.key): \($0.message)" }
        }
    }

    @Test func aBridgeWithoutANameIsAlone() throws {
        #expect(!Configuration().cluster.isOn)
        #expect(try site("  grace: 30s\n") == ["", "", "", ""])
        #expect(
            try site("  database: host=db\n") == ["cluster: needs name, without which this bridge is alone"])
    }

    @Test func secretsComeFromFiles() throws {
        let read = try site(
            """
              name: cau-1
              database: host=/run/postgresql dbname=causeway
              passwordFile: password
              trunkSecretFile: trunk
              control: {address: 10.0.0.1, port: 5070}
              trunk: sip:10.0.0.1:5061;transport=tls

            """)
        #expect(
            read == ["cau-1", "host=/run/postgresql dbname=causeway", "mat-khau", String(repeating: "s", count: 32)])
    }

    @Test func thePasswordGoesToTheDatabaseAsItIsWritten() {
        var cluster = Configuration.Cluster()
        cluster.name = "cau-1"
        cluster.database = "host=db"
        #expect(cluster.databaseAccess?.reveal() == "host=db")
        cluster.password = Secret(#"it's a \ mật"#)
        #expect(cluster.databaseAccess?.reveal() == #"host=db password='it\'s a \\ mật'"#)
        cluster.database = "postgresql://db/causeway"
        cluster.password = Secret("a&b=ậ")
        #expect(cluster.databaseAccess?.reveal() == "postgresql://db/causeway?password=a%26b%3D%E1%BA%AD")
    }

    @Test func aMemberHasADatabaseAndASecret() throws {
        #expect(
            try site("  name: cau-1\n") == [
                "cluster: needs database beside the name", "cluster: needs trunkSecretFile beside the name",
            ])
        let short = try site("  {name: cau-1, database: host=db, trunkSecretFile: trunk}\n", secret: "ngan")
        #expect(short.count == 1 && short[0].contains("less than 16 characters"), "\(short)")
    }

    @Test(arguments: [
        "host=db password=mat-khau", "host=db sslpassword = mat-khau", "postgresql://causeway:mat-khau@db/causeway",
        "postgres://db/causeway?user=causeway&password=mat-khau", "host=db PASSWORD=mat-khau",
    ])
    func aPasswordInTheDatabasesAddressIsRefusedAndNotRepeated(database: String) throws {
        let read = try site("  name: cau-1\n  database: '\(database)'\n  trunkSecretFile: trunk\n")
        #expect(read.contains("cluster.database: has a password; it belongs into passwordFile"), "\(read)")
        #expect(!read.joined().contains("mat-khau"))
    }

    @Test(arguments: ["db.example.vn", "mysql://db/causeway"])
    func whatIsNoAddressOfADatabaseIsNamed(database: String) throws {
        let read = try site("  name: cau-1\n  database: '\(database)'\n  trunkSecretFile: trunk\n")
        #expect(read.contains { $0.hasPrefix("cluster.database: expected a libpq connection string") }, "\(read)")
    }

    @Test func theControlPortIsNobodyElses() throws {
        let read = faults(
            """
            portal: {port: 5070}
            cluster: {name: cau-1, database: host=db, trunkSecretFile: /nowhere, control: {address: 0.0.0.0}}

            """)
        #expect(
            read.contains { $0.contains("cluster.control.port: TCP port 5070 is taken already, by portal.port") },
            "\(read)")
        #expect(read.contains { $0.contains("cluster.control.address: listens on all addresses") }, "\(read)")
    }

    @Test func aSecondRecorderHasNoPlaceInACluster() {
        let read = faults(
            """
            recording: {second: /mnt/two}
            cluster: {name: cau-1, database: host=db, trunkSecretFile: /nowhere}

            """)
        #expect(read.contains { $0.contains("recording.second: is this machine's own") }, "\(read)")
    }

    @Test("give libpq the password as it takes one, and nobody else")
    func access() throws {
        var cluster = Configuration.Cluster()
        cluster.database = "host=db dbname=causeway"
        cluster.password = Secret("a'b\\c d&é")
        #expect(cluster.databaseAccess == nil, "the bridge is alone")
        cluster.name = "cau-1"
        #expect(cluster.databaseAccess?.reveal() == "host=db dbname=causeway password='a\\'b\\\\c d&é'")
        cluster.database = "postgresql://causeway@db/causeway?sslmode=verify-full"
        #expect(
            cluster.databaseAccess?.reveal()
                == "postgresql://causeway@db/causeway?sslmode=verify-full&password=a%27b%5Cc%20d%26%C3%A9")
        cluster.password = nil
        #expect(cluster.databaseAccess?.reveal() == cluster.database)
        #expect(!"\(String(describing: cluster.databaseAccess))".contains("causeway"))
    }
}
