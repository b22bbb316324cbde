import Foundation
import Office
import PortalAPI
import Testing

@testable import causeway

@Suite struct RegisterCommandTests {
    @Test func aPointIsAddedWithItsPasswordChangedListedAndRemoved() async throws {
        try await CommandHarness.run { harness in
            let added = await harness.causeway(
                "points", "add", "soyte", "--name", "Sở Y tế", "--unit", "vpubnd", "--devices", "computer", "tablet",
                "--issued-sim")
            #expect(added.status == .success && added.errors.contains("only once"))
            let password = try #require(added.output.split(separator: "\t").last)
            #expect(password.contains("-"))
            #expect(await harness.causeway("points", "add", "soyte", "--name", "x").status == .refused)
            #expect(
                await harness.causeway("points", "set", "soyte", "--officer", "Trần Văn B").output.contains("changed"))
            let listed = await harness.causeway("points", "list")
            #expect(listed.output.contains("Trần Văn B") && listed.output.contains("Sở Y tế"))
            let point = try #require(harness.office.register.point("soyte"))
            #expect(point.devices == [.computer, .tablet] && point.mobileLine == .issuedSIM)
            #expect(await harness.causeway("points", "remove", "soyte").status == .success)
            #expect(await harness.causeway("points", "set", "soyte", "--name", "x").status == .refused)
        }
    }

    @Test func aFileIsTriedRefusedLineByLineAndTaken() async throws {
        try await CommandHarness.run { harness in
            let path = harness.root + "/donvi.csv"
            try Data("Mã;Tên\nsoyte;Sở Y tế\nSai;Sai\n".utf8).write(to: URL(fileURLWithPath: path))
            let wrong = await harness.causeway("units", "import", path)
            #expect(wrong.status == .refused && wrong.errors.contains("donvi.csv:3: Mã đơn vị"))
            try Data("Mã;Tên\nsoyte;Sở Y tế\n".utf8).write(to: URL(fileURLWithPath: path))
            #expect(
                await harness.causeway("units", "import", path, "--dry-run").output.contains("Would be imported: 1 new")
            )
            #expect(harness.office.register.unit("soyte") == nil)
            #expect(await harness.causeway("units", "import", path).output.contains("Imported: 1 new"))
            #expect(harness.office.register.unit("soyte") != nil)
            #expect(await harness.causeway("units", "import", path + "x").status == .localFault)
            #expect(await harness.causeway("units", "remove", "soyte", "--into", "vpubnd").status == .success)
            #expect(await harness.causeway("units", "remove", "vpubnd").errors.contains("configuration file"))
        }
    }

    @Test func theFirstAdministratorComesByALink() async throws {
        try await CommandHarness.run { harness in
            let added = await harness.causeway(
                "people", "add", "quantri", "--name", "Quản Trị", "--roles", "administrator", "chair", "--json")
            let answer = try PortalJSON.decode(RegisterAnswer.self, from: Data(added.output.utf8))
            let link = try #require(answer.links.first)
            _ = try await harness.office.redeem(link: link.token, password: "cầu truyền hình 26")
            #expect(
                try await harness.office.signIn("quantri", password: "cầu truyền hình 26").roles == [
                    .administrator, .chair,
                ])
            #expect(await harness.causeway("people", "remove", "quantri").status == .refused)
        }
    }

    @Test func roomsAreManaged() async throws {
        try await CommandHarness.run { harness in
            #expect(
                await harness.causeway(
                    "rooms", "add", "hop1", "--title", "Phòng họp 1", "--ordered-by", "Chánh Văn phòng", "--document",
                    "12/QĐ-VP"
                ).status == .success)
            let changed = await harness.causeway(
                "rooms", "set", "hop1", "--no-open", "--microphones", "open", "--no-call-back", "--no-standing-order")
            #expect(changed.status == .success)
            let room = try #require(harness.office.register.room("hop1"))
            #expect(room.opensMicrophones == true && room.callsBack == false && room.standingOrder == nil)
            #expect(await harness.causeway("rooms").output.contains("closed"))
            #expect(await harness.causeway("rooms", "remove", "hop1").status == .success)
        }
    }
}
