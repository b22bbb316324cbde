import Archive
import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

/// What was granted to somebody is over when they are no more.
@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct GrantHolderTests {
    private func granted(_ portal: PortalHarness, to holder: String, of agency: String) async throws -> Int64 {
        let id = "20261124-093000-giaoban-k3f9"
        let request = try await portal.archive.requestAccess(
            .init(meetingID: id, reason: "tra cứu"), by: AccessPerson(id: holder, name: holder, agency: agency))
        return try await portal.archive.grantAccess(
            to: request.number, .init(level: .reading, until: Date().addingTimeInterval(3600)), by: "Minh"
        ).number
    }

    private func state(_ portal: PortalHarness, _ grant: Int64) async throws -> AccessGrant.State {
        try await portal.archive.accessGrant(grant).state(at: Date())
    }

    @Test func removingAPersonRevokesWhatTheyHadAndTakesTheCopyAway() async throws {
        try await PortalHarness.run { portal in
            _ = try await portal.sealed(masterBytes: 10)
            for id in ["lan", "hoa"] {
                try await portal.office.apply(
                    [.add(.person(PersonEntry(id: id, name: id, roles: [.agencyReader])))], by: "test")
            }
            let (lan, hoa) = (
                try await granted(portal, to: "lan", of: ""), try await granted(portal, to: "hoa", of: "")
            )
            let folder = portal.archive.supplyFolder(of: lan)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            #expect(try await portal.ask("/api/v1/people/lan", method: "DELETE").status == 200)
            #expect(try await state(portal, lan) == .revoked)
            #expect(try await state(portal, hoa) == .inForce)
            #expect(!FileManager.default.fileExists(atPath: folder))
            let line = try #require(
                try await portal.office.journal(limit: 20).first { $0.action == "revoke access" })
            #expect(line.subject.hasPrefix("\(lan) ") && line.by == "causeway")

            // Somebody else who gets the same id has nothing by it.
            try await portal.office.apply(
                [.add(.person(PersonEntry(id: "lan", name: "Lan", roles: [.agencyReader])))], by: "test")
            #expect(try await state(portal, lan) == .revoked)
        }
    }

    @Test func anAgencyThatIsMergedEndsItsGrantsAndOneThatIsRenamedDoesNot() async throws {
        try await PortalHarness.run { portal in
            _ = try await portal.sealed(masterBytes: 10)
            let units = [("so-tp", "Sở Tư pháp"), ("so-nv", "Sở Nội vụ"), ("so-kh", "Sở Kế hoạch")]
            var changes = units.map { RegisterChange.add(.unit(UnitEntry(id: $0.0, name: $0.1, order: 20))) }
            for unit in ["so-tp", "so-nv"] {
                let person = PersonEntry(id: "p-" + unit, name: unit, unit: unit, roles: [.agencyReader])
                changes.append(.add(.person(person)))
            }
            try await portal.office.apply(changes, by: "test")
            let merged = try await granted(portal, to: "p-so-tp", of: "Sở Tư pháp")
            let renamed = try await granted(portal, to: "p-so-nv", of: "Sở Nội vụ")
            let other = #"{"id": "so-nv", "name": "Sở Nội vụ và Lao động", "order": 20}"#
            #expect(try await portal.ask("/api/v1/units/so-nv", method: "PUT", body: other).status == 200)
            #expect(try await portal.ask("/api/v1/units/so-tp?into=so-kh", method: "DELETE").status == 200)
            #expect(try await state(portal, renamed) == .inForce)
            #expect(try await state(portal, merged) == .revoked)
        }
    }

    @Test func aTokenThatIsRevokedLeavesNoGrant() async throws {
        try await PortalHarness.run { portal in
            _ = try await portal.sealed(masterBytes: 10)
            let made = try await portal.office.makeToken(
                named: "Hệ thống", role: .agencyReader, scopes: nil, for: .seconds(60), by: "test")
            let grant = try await granted(portal, to: "(Hệ thống)", of: "")
            let fixed = try await granted(portal, to: "(agency-reader)", of: "")
            #expect(try await portal.ask("/api/v1/tokens/\(made.record.id)", method: "DELETE").status == 200)
            #expect(try await state(portal, grant) == .revoked)
            #expect(try await state(portal, fixed) == .inForce, "it is in the configuration")
        }
    }

    @Test func aTokenOfTheConfigurationIsTheOnlyOneOfItsName() async throws {
        try await PortalHarness.run { portal in
            let order = #"{"name": "Lưu trữ", "role": "administrator"}"#
            #expect(try await portal.ask("/api/v1/tokens", method: "POST", body: order).status == 400)
            // Made before the configuration had that name.
            let older = try await portal.office.makeToken(
                named: "Lưu trữ", role: .administrator, scopes: nil, for: .seconds(60), by: "test")
            #expect(try await portal.ask("/api/v1/status", .https(token: older.token)).status == 401)
            let own = PortalHarness.archivistToken
            #expect(try await portal.ask("/api/v1/status", .https(token: own)).status == 200)
        }
    }
}
