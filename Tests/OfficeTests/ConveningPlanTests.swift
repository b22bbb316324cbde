import Foundation
import Testing

@testable import Office

@Suite("What the conference is told")
struct ConveningPlanTests {
    @Test("has each sitting from its rehearsal to its end, and none that is cancelled")
    func plan() throws {
        var meeting = Samples.meeting(minutes: 60)
        meeting.recurrence = .init(.daily, end: .count(2))
        let register = try Samples.register()
        func plan(_ at: String) -> ConveningPlan { ConveningPlan([meeting], register, at: Samples.date(at)) }
        #expect(plan("2026-12-01T07:29").inForce.isEmpty)
        #expect(plan("2026-12-01T07:29").nextChange == Samples.date("2026-12-01T07:30"))
        #expect(plan("2026-12-01T07:30").inForce.map(\.id) == ["m.20261201-0800"])
        #expect(plan("2026-12-01T08:30").nextChange == Samples.date("2026-12-01T09:00"))
        #expect(plan("2026-12-01T09:00").inForce.isEmpty)
        #expect(plan("2026-12-01T09:00").nextChange == Samples.date("2026-12-02T07:30"))
        #expect(plan("2026-12-02T09:00").nextChange == nil)
        meeting.isCancelled = true
        #expect(plan("2026-12-01T08:30").inForce.isEmpty)
    }
}
