import Foundation
import InteropSupport
import Office
import PortalAPI
import Testing

/// What the Office changes holds at once, and calls go on.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct OfficeChangeTests {
    @Test func aPointThatTheOfficeAddsComesInWithThePasswordThatWasShown() async throws {
        try await TestSite.with { site in
            let first = try await site.endpoint(0, tone: 440)
            try await first.dial(site.daemon.address())
            let before = try await site.daemon.waitForMedia(of: 1)

            let added = try await site.daemon.causeway(["points", "add", "namdong", "--name", "Xã Nam Đông", "--json"])
            let issued = try PortalJSON.decode(RegisterAnswer.self, from: Data(added.output.utf8))
            let password = try #require(issued.passwords.first?.password)
            let new = try await site.endpoint(1, tone: 1_000) {
                $0.username = "namdong"
                $0.password = password
            }
            try await new.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 2)
            #expect(meeting.id == before.id && meeting.participants.map(\.name).contains("Xã Nam Đông"))
            #expect(
                meeting.participants.first { $0.point == "phuloc" }?.joinedAt == before.participants.first?.joinedAt)

            try await new.hangUp()
            try await new.waitUntilHungUp()
            #expect(try await site.daemon.causeway(["points", "password", "namdong"]).status == 0)
            let refusal = await #expect(throws: Baresip.CallRefused.self) { try await new.dial(site.daemon.address()) }
            #expect(refusal?.reason.contains("401") == true || refusal?.reason.contains("403") == true)
            _ = try await site.daemon.waitForMedia(of: 1)
        }
    }

    @Test func aFileThatFixesWhatTheOfficeManagesIsRefusedOnReloading() async throws {
        try await TestSite.with { site in
            #expect(try await site.daemon.causeway(["points", "add", "namdong", "--name", "Xã Nam Đông"]).status == 0)
            try await site.reload("the complaint", says: "The point namdong is managed in the configuration file") {
                $0.replacingOccurrences(
                    of: "points:\n",
                    with: "points:\n  - {id: namdong, name: Xã Khác, unit: tinh, password: mat-khau-moi}\n")
            }
            let points = try await site.daemon.causeway(["points", "list"])
            #expect(points.output.contains("Xã Nam Đông") && !points.output.contains("Xã Khác"))
        }
    }
}
