import Testing

@testable import Signalling

@Suite struct FailureWindowTests {
    private let start = ContinuousClock.now

    @Test func theLimitIsReachedWithinTheWindowOnly() {
        var window = FailureWindow(limit: 3, window: .seconds(60))
        let first = window.fail("a", at: start)
        let second = window.fail("a", at: start)
        #expect(!first && !second)
        #expect(!window.isOverLimit("a", at: start))
        let third = window.fail("a", at: start.advanced(by: .seconds(59)))
        #expect(third)
        #expect(window.isOverLimit("a", at: start.advanced(by: .seconds(59))))
        #expect(!window.isOverLimit("b", at: start))
        #expect(!window.isOverLimit("a", at: start.advanced(by: .seconds(60))))
    }

    @Test func moreKeysThanRoomDisplaceNobody() {
        var window = FailureWindow(limit: 2, window: .seconds(60), capacity: 5)
        _ = window.fail("guesser", at: start)
        for index in 0..<100 { _ = window.fail("scan\(index)", at: start) }
        let reachesLimit = window.fail("guesser", at: start)
        #expect(reachesLimit)
    }
}

@Suite struct SessionTimerTests {
    @Test(
        arguments: [
            (nil, nil, nil, false, SessionTimer.Outcome.none),
            (nil, nil, nil, true, .timer(.init(interval: 1800, refresher: .uac))),
            (600, nil, nil, true, .timer(.init(interval: 600, refresher: .uac))),
            (600, .uas, nil, true, .timer(.init(interval: 600, refresher: .uas))),
            (7200, .uac, nil, true, .timer(.init(interval: 1800, refresher: .uac))),
            (7200, .uac, 3600, true, .timer(.init(interval: 3600, refresher: .uac))),
            (60, .uac, nil, true, .tooSmall(minimum: 90)),
            (60, nil, nil, false, .none),
            (600, nil, nil, false, .timer(.init(interval: 600, refresher: .uas))),
        ] as [(UInt32?, SessionTimer.Refresher?, UInt32?, Bool, SessionTimer.Outcome)])
    func theAnswerFollowsTheTableOfRFC4028(
        interval: UInt32?, refresher: SessionTimer.Refresher?, minimum: UInt32?, supported: Bool,
        expected: SessionTimer.Outcome
    ) {
        let request = SessionTimer.Request(
            interval: interval, refresher: refresher, minimum: minimum, supported: supported)
        #expect(SessionTimer.negotiate(request, interval: 1800, minimum: 90) == expected)
    }

    @Test func expiryLeavesRoomForTheBye() {
        #expect(SessionTimer(interval: 90, refresher: .uac).expiry == .seconds(60))
        #expect(SessionTimer(interval: 1800, refresher: .uac).expiry == .seconds(1768))
        #expect(SessionTimer(interval: 1800, refresher: .uac).refresh == .seconds(900))
    }
}
