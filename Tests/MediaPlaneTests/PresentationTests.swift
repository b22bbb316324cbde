import Testing

@testable import MediaPlane

@Suite struct PresentationTests {
    private let first = LegID(rawValue: 1)
    private let second = LegID(rawValue: 2)
    private static let second: UInt64 = 1_000_000_000

    private func expect(
        _ changes: Bool, _ result: Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(result == changes, sourceLocation: sourceLocation)
    }

    @Test func whoeverSendsSlidesFirstPresentsUntilTheyStop() {
        var presentation = Presentation()
        expect(true, presentation.slideCame(from: first, mayBegin: true, at: 10))
        #expect(presentation.presenter == first && presentation.since == 10)
        expect(false, presentation.slideCame(from: second, mayBegin: true, at: 20))
        expect(false, presentation.slideCame(from: first, mayBegin: true, at: Self.second))
        expect(false, presentation.tick(at: Self.second * 3 - 1))
        expect(true, presentation.tick(at: Self.second * 3))
        #expect(presentation.presenter == nil)
        expect(true, presentation.slideCame(from: second, mayBegin: true, at: Self.second * 3 + 1))
    }

    @Test func whoIsUnderFloorControlNeedsToBeAppointed() {
        var presentation = Presentation()
        expect(false, presentation.slideCame(from: first, mayBegin: false, at: 0))
        expect(true, presentation.appoint(first, at: 5))
        expect(false, presentation.appoint(first, at: 6))
        #expect(presentation.since == 5)
        // However long the slides stand still.
        expect(false, presentation.tick(at: Self.second * 100))
        expect(false, presentation.slidesStopped(of: first, at: Self.second * 100))
        expect(true, presentation.appoint(nil, at: Self.second * 101))
        #expect(presentation.presenter == nil)
    }

    @Test func anAppointmentGoesBeforeWhoeverPresentsUnasked() {
        var presentation = Presentation()
        _ = presentation.slideCame(from: first, mayBegin: true, at: 0)
        expect(true, presentation.appoint(second, at: 100))
        #expect(presentation.presenter == second)
        expect(false, presentation.slideCame(from: first, mayBegin: true, at: 200))
        // The floor is given back while the first still sends: it has been told to stop.
        expect(true, presentation.appoint(nil, at: 300))
        expect(true, presentation.appoint(first, at: 400))
        expect(true, presentation.appoint(nil, at: 500))
        var now: UInt64 = 600
        while now < Self.second * 10 {
            expect(false, presentation.slideCame(from: first, mayBegin: true, at: now))
            now += Self.second / 5
        }
        // It pauses, and may begin anew.
        expect(true, presentation.slideCame(from: first, mayBegin: true, at: now + Self.second * 2))
    }

    @Test func holdAndLeavingEndIt() {
        var presentation = Presentation()
        _ = presentation.slideCame(from: first, mayBegin: true, at: 0)
        expect(false, presentation.slidesStopped(of: second, at: 1))
        expect(true, presentation.slidesStopped(of: first, at: 1))
        expect(true, presentation.appoint(second, at: 2))
        expect(false, presentation.remove(first, at: 3))
        expect(true, presentation.remove(second, at: 3))
        #expect(presentation.presenter == nil)
    }
}
