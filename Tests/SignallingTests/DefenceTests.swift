import SIP
import Testing

@testable import Signalling

/// Guessers and scanners are shut out, points are not, and an overload is refused before it costs anything.
@Suite struct DefenceTests {
    private let start = ContinuousClock.now

    private func flow(_ host: String, _ port: UInt16 = 5060) -> Flow {
        Flow(id: 0, transport: .udp, remoteHost: host, remotePort: port)
    }

    @Test func aGuesserIsShutOutAndEachTimeForLonger() {
        var limits = AddressGuard.Limits()
        limits.ban = .seconds(60)
        var addresses = AddressGuard(limits: limits)
        let guesser = flow("198.51.100.1")
        var now = start
        for expected in [60, 120, 240] {
            var ban: Duration?
            for _ in 0..<9 where ban == nil { ban = addresses.note(.wrongPassword, on: guesser, at: now) }
            #expect(ban == .seconds(expected))
            #expect(!addresses.admits(guesser, at: now))
            #expect(addresses.admits(flow("198.51.100.2"), at: now))
            now += .seconds(expected)
            #expect(addresses.admits(guesser, at: now))
        }
    }

    @Test func slowMistakesAreForgiven() {
        var addresses = AddressGuard()
        let point = flow("198.51.100.1")
        for minute in 0..<60 {
            for _ in 0..<5 {
                let ban = addresses.note(.wrongPassword, on: point, at: start + .seconds(61 * minute))
                #expect(ban == nil)
            }
        }
    }

    @Test func aThousandPointsBehindOneAddressProveThemselvesWithoutOffence() {
        var addresses = AddressGuard()
        for point in 0..<1_000 {
            let flow = flow("203.0.113.1", UInt16(10_000 + point))
            let ban = addresses.note(.challenged, on: flow, at: start)
            #expect(ban == nil)
            addresses.prove(flow, for: .seconds(3_600), at: start)
        }
    }

    @Test func whoProvedItselfStaysWhateverItsNeighbourDoes() {
        var addresses = AddressGuard()
        let point = flow("203.0.113.1", 1)
        let neighbour = flow("203.0.113.1", 2)
        addresses.prove(point, for: .seconds(600), at: start)
        var bans = 0
        for _ in 0..<100 where addresses.note(.wrongPassword, on: neighbour, at: start) != nil { bans += 1 }
        #expect(bans == 1)
        #expect(!addresses.admits(neighbour, at: start))
        #expect(addresses.admits(point, at: start))
        addresses.forget(point)
        #expect(!addresses.admits(point, at: start))
    }

    @Test func whatIsRememberedIsBounded() {
        var limits = AddressGuard.Limits()
        limits.capacity = 10
        var addresses = AddressGuard(limits: limits)
        for index in 0..<1_000 {
            _ = addresses.note(.scanner, on: flow("h\(index)"), at: start)
            addresses.prove(flow("p\(index)"), for: .seconds(1), at: start)
        }
        #expect((0..<1_000).count { !addresses.admits(flow("h\($0)"), at: start) } == 10)
        #expect((0..<1_000).count { addresses.isProven(flow("p\($0)"), at: start) } == 10)
        // Room is made of what no longer counts.
        let later = start + .seconds(30 * 3_600)
        _ = addresses.note(.scanner, on: flow("new"), at: later)
        addresses.prove(flow("new"), for: .seconds(1), at: later)
        #expect(!addresses.admits(flow("new", 9), at: later))
        #expect(addresses.isProven(flow("new"), at: later))
    }

    @Test func aBucketLetsItsRateThroughAndKeepsAShare() {
        var bucket = TokenBucket(perSecond: 100)
        #expect((0..<1_000).count { _ in bucket.take(leaving: 0.25, at: start) } == 75)
        #expect((0..<1_000).count { _ in bucket.take(at: start) } == 25)
        var passed = 0
        for millisecond in 1...2_000 where bucket.take(at: start + .milliseconds(millisecond)) { passed += 1 }
        #expect((199...200).contains(passed))
    }

    @Test func aScannerHearsNothing() {
        var caller = Caller()
        caller.say("OPTIONS", 1, user: "100", userAgent: "friendly-scanner")
        #expect(caller.responses.isEmpty)
        caller.say("REGISTER", 2, user: "100", userAgent: "Linphone")
        #expect(caller.responses.isEmpty, "its address is shut out")
        caller.wait(.seconds(601))
        caller.say("REGISTER", 3, user: "100", userAgent: "Linphone")
        #expect(caller.responses.last?.status == 401)
    }

    /// Tries names without a password, as svwar does: every one looks the same, and then nothing does.
    @Test func aSearchForNamesFindsNothing() {
        var caller = Caller()
        for number in 0..<200 {
            caller.say("REGISTER", number + 1, user: number == 50 ? "so1" : "u\(number)", userAgent: "Ekiga")
        }
        let statuses = caller.responses.map(\.status)
        #expect(Set(statuses) == [401])
        #expect(statuses.count == 100)
        let banned = caller.events.contains {
            if case .log(.warning, let line) = $0 { line.contains("shut out") } else { false }
        }
        #expect(banned)
    }

    @Test func aFloodIsRefusedWithoutStateAndAProvenPointStillGetsIn() throws {
        var caller = Caller { $0.callsPerSecond = 30 }
        // The point proves itself.
        caller.say("OPTIONS", 1)
        caller.say("OPTIONS", 2, headers: try caller.authorization("OPTIONS"))
        #expect(caller.responses.last?.status == 200)
        let point = caller.flow
        var refused = 0
        for number in 0..<300 {
            caller.flow = flow("198.51.100.\(number % 250)", UInt16(number))
            caller.say("INVITE", 10 + number)
            if caller.responses.last?.status == 503 { refused += 1 }
        }
        #expect(refused == 260)
        #expect(caller.core.transactions.serverTransactionCount < 50)
        let refusal = try #require(caller.responses.last)
        #expect(refusal.headers[.retryAfter] == "10")
        caller.say("INVITE", 309, same: true)
        #expect(caller.responses.last?.to.tag == refusal.to.tag, "the same answer for the same request")
        caller.flow = point
        caller.say("INVITE", 400)
        #expect(caller.responses.last?.status == 401)
        let complaints = caller.events.count {
            if case .log(_, let line) = $0 { line.contains("overload") } else { false }
        }
        #expect(complaints == 1)
    }
}
