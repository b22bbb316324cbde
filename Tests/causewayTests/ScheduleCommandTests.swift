import Foundation
import Office
import PortalAPI
import Testing

@testable import causeway

@Suite struct ScheduleCommandTests {
    @Test func aMeetingIsCalledTogetherListedRehearsedAndCancelled() async throws {
        try await CommandHarness.run { harness in
            try await harness.office.apply(
                [
                    .add(.room(RoomEntry(id: "giaoban", title: "Giao ban"))),
                    .add(.point(PointEntry(id: "a", name: "A"))), .add(.point(PointEntry(id: "b", name: "B"))),
                ], by: "test")
            let about = [
                "schedule", "add", "--room", "giaoban", "--title", "Giao ban tuần", "--at", "now", "--convener",
                "Chủ tịch UBND tỉnh", "--document", "120/GM-UBND", "--document-date", "2026-01-20", "--field", "y tế",
                "--chair", "Nguyễn Văn A", "--points", "a", "--optional", "b", "--agenda", "Báo cáo|Sở Y tế|15",
                "--socket", harness.socket,
            ]
            let added = await CommandHarness.causeway(about + ["--weekly", "--count", "3", "--json"])
            let detail = try PortalJSON.decode(MeetingDetail.self, from: Data(added.output.utf8))
            #expect(detail.sittings.count == 3 && detail.meeting.agenda.map(\.minutes) == [15])
            #expect(detail.meeting.invited.map(\.necessity) == [.required, .optional])
            let again = await CommandHarness.causeway(about)
            #expect(again.status == .refused && again.errors.contains("is taken at"))
            #expect(await CommandHarness.causeway(about + ["--weekly"]).status == .usage)

            let sitting = try #require(detail.sittings.first?.id)
            #expect(await harness.causeway("schedule").output.contains(sitting))
            for check in RehearsalCheck.allCases {
                let gate = await harness.causeway("schedule", "check", sitting, "a", check.rawValue, "--note", "tốt")
                #expect(gate.output.hasPrefix(check == .picture ? "green" : "red"))
            }
            #expect(
                await harness.causeway("schedule", "check", sitting, "a", "line", "--failed").output.hasPrefix("red"))
            let waived = await harness.causeway(
                "schedule", "waive", sitting, "a", "--officer", "Trần Văn B", "--reason", "Dự bằng điện thoại")
            #expect(waived.output.hasPrefix("green"))

            let letter = await harness.causeway("schedule", "invitation", detail.meeting.id, "--point", "a")
            #expect(letter.output.contains("1. Báo cáo (Sở Y tế, 15 phút)"))
            let calendar = await harness.causeway("schedule", "calendar", detail.meeting.id)
            #expect(calendar.output.contains(/RRULE:FREQ=WEEKLY;BYDAY=[A-Z]{2};COUNT=3/))
            let paper = harness.root + "/Báo cáo.pdf"
            try Data("%PDF-1.7".utf8).write(to: URL(fileURLWithPath: paper))
            #expect(await harness.causeway("schedule", "attach", detail.meeting.id, paper).status == .success)
            #expect(await harness.causeway("schedule", "show", detail.meeting.id).output.contains("Báo cáo.pdf"))
            #expect(
                await harness.causeway("schedule", "cancel", detail.meeting.id, "--sitting", sitting).status == .success
            )
            #expect(await harness.causeway("schedule", "cancel", detail.meeting.id).status == .success)
            #expect(await harness.causeway("schedule", "cancel", detail.meeting.id).status == .refused)
        }
    }
}
