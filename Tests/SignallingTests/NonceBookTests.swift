import Testing

@testable import Signalling

@Suite struct NonceBookTests {
    private let start = ContinuousClock.now
    private func book(capacity: Int = 100) -> NonceBook {
        NonceBook(lifetime: .seconds(60), epoch: start, key: Array(repeating: 7, count: 32), capacity: capacity)
    }

    @Test func aFreshNonceIsGoodUntilItsLifetimeEnds() {
        let book = book()
        let nonce = book.nonce(at: start.advanced(by: .seconds(5)))
        #expect(book.verdict(on: nonce, count: 1, at: start.advanced(by: .seconds(64))) == .good)
        #expect(book.verdict(on: nonce, count: 1, at: start.advanced(by: .seconds(66))) == .stale)
    }

    @Test func aUsedCountIsStaleAndTheNextOneGood() {
        var book = book()
        let nonce = book.nonce(at: start)
        book.use(nonce, count: 3, at: start)
        #expect(book.verdict(on: nonce, count: 3, at: start) == .stale)
        #expect(book.verdict(on: nonce, count: 4, at: start) == .good)
    }

    @Test func anAnswerWithoutACountIsGoodOnce() {
        var book = book()
        let nonce = book.nonce(at: start)
        #expect(book.verdict(on: nonce, count: nil, at: start) == .good)
        book.use(nonce, count: nil, at: start)
        #expect(book.verdict(on: nonce, count: nil, at: start) == .stale)
    }

    @Test func everyChangedDigitMakesANonceForeign() {
        let book = book()
        let nonce = book.nonce(at: start)
        for index in nonce.indices {
            var changed = nonce
            changed.replaceSubrange(index...index, with: nonce[index] == "a" ? "b" : "a")
            #expect(book.verdict(on: changed, count: 1, at: start) == .foreign)
        }
        #expect(book.verdict(on: "", count: 1, at: start) == .foreign)
        #expect(book.verdict(on: String(repeating: "é", count: 24), count: 1, at: start) == .foreign)
    }

    @Test func memoryOfCountsIsBounded() {
        var book = book(capacity: 10)
        for step in 0..<1000 {
            let now = start.advanced(by: .milliseconds(step))
            book.use(book.nonce(at: now), count: 1, at: now)
        }
        let now = start.advanced(by: .seconds(1))
        let last = book.nonce(at: now)
        book.use(last, count: 1, at: now)
        #expect(book.verdict(on: last, count: 1, at: now) == .stale)
    }
}

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
    @Test(arguments: [
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
