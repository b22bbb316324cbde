import Foundation
import Testing

@testable import SiteConfiguration

/// Bridges among which rooms are divided by hand.
@Suite struct TrunksSectionTests {
    private func site(_ section: String, secret: String = String(repeating: "s", count: 32)) throws -> [String] {
        let scratch = try Scratch()
        _ = try scratch.write(secret + "\n", to: "trunk")
        let path = try scratch.write(section, to: "site.yaml")
        do throws(ConfigurationErrors) {
            let read = try Configuration.load(path: path).trunks
            return [read.name ?? "", read.secret?.reveal() ?? ""] + read.bridges.map(\.address)
                + read.homes.map { "\($0.room) at \($0.bridge)" }
        } catch {
            return error.errors.map { "\($0.key): \($0.message)" }
        }
    }

    @Test func aBridgeWithoutANameIsAlone() throws {
        #expect(!Configuration().trunks.isOn)
        #expect(try site("trunks: {secretFile: trunk}\n") == ["trunks: needs name, without which this bridge is alone"])
    }

    @Test func bridgesAndHomesAreRead() throws {
        let read = try site(
            """
            trunks:
              name: cau-1
              secretFile: trunk
              bridges: [{name: cau-2, address: 'sip:10.0.0.2:5061;transport=tls'}]
              homes: [{room: giaoban, bridge: cau-2}]

            """)
        #expect(
            read == [
                "cau-1", String(repeating: "s", count: 32), "sip:10.0.0.2:5061;transport=tls", "giaoban at cau-2",
            ])
    }

    @Test func whatCannotBeIsNamed() throws {
        #expect(try site("trunks: {name: cau-1}\n") == ["trunks: needs secretFile beside the name"])
        let short = try site("trunks: {name: cau-1, secretFile: trunk}\n", secret: "bi-mat")
        #expect(short.count == 1 && short[0].contains("less than 16 characters") && !short[0].contains("bi-mat"))
        let lines = try site(
            """
            trunks:
              name: cau-1
              secretFile: trunk
              bridges: [{name: cau-1, address: 'sip:10.0.0.2'}, {name: cau-3, address: 'http://10.0.0.3'}]
              homes: [{room: giaoban, bridge: cau-4}, {room: giaoban, bridge: cau-1}]

            """)
        #expect(lines.contains { $0.hasPrefix("trunks.bridges[1].address") })
        let points = try site(
            """
            trunks: {name: cau-1, secretFile: trunk, bridges: [{name: cau-1, address: 'sip:10.0.0.2'}], homes: [{room: a, bridge: x}, {room: a, bridge: cau-1}]}
            points: [{id: causeway-trunk, name: Cầu, password: mat-khau}]

            """)
        #expect(
            points == [
                "trunks.bridges[0].name: there is another bridge of this name",
                "trunks.homes[0].bridge: is none of the bridges", "trunks.homes[1].room: has a home already",
                "points[0].username: is the name by which bridges sign in",
            ])
    }
}
