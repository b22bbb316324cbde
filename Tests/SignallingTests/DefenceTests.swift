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

    /// The power comes back at a site: all are challenged before the first answers.
    @Test func aThousandPointsBehindOneAddressMayStartAtOnce() {
        var addresses = AddressGuard()
        for point in 0..<999 {
            let ban = addresses.note(.challenged, on: flow("203.0.113.1", UInt16(10_000 + point)), at: start)
            #expect(ban == nil)
        }
        let later = start + .seconds(4)
        for point in 0..<999 {
            addresses.prove(flow("203.0.113.1", UInt16(10_000 + point)), for: .seconds(60), at: later)
        }
        for second in 5..<20 {
            let ban = addresses.note(.challenged, on: flow("203.0.113.1", 9), at: start + .seconds(second))
            #expect(ban == nil)
        }
    }

    @Test func whoNeverAnswersIsShutOutInTheEnd() {
        var addresses = AddressGuard()
        var banned: Int?
        for tenth in 0..<600 where banned == nil {
            let now = start + .milliseconds(100 * tenth)
            if addresses.note(.challenged, on: flow("198.51.100.1"), at: now) != nil { banned = tenth }
        }
        #expect(banned.map { (100...200).contains($0) } == true, "\(String(describing: banned))")
    }

    /// Everybody has a network of IPv6 addresses to itself.
    @Test func addressesOfOneNetworkAreOne() {
        var addresses = AddressGuard()
        for number in 0..<9 { _ = addresses.note(.wrongPassword, on: flow("2001:db8::\(number)"), at: start) }
        #expect(!addresses.admits(flow("2001:db8::ffff:1"), at: start))
        #expect(addresses.admits(flow("2001:db8:0:1::1"), at: start))
        for number in 0..<9 { _ = addresses.note(.wrongPassword, on: flow("::ffff:198.51.100.\(number)"), at: start) }
        #expect(addresses.admits(flow("::ffff:198.51.100.1"), at: start))
    }

    /// Forged addresses without end make no room for nothing: who guesses is still remembered.
    @Test func strangersThatOnlyAskedGiveWayToGuessers() {
        var limits = AddressGuard.Limits()
        limits.capacity = 100
        var addresses = AddressGuard(limits: limits)
        for index in 0..<1_000 { _ = addresses.note(.challenged, on: flow("h\(index)"), at: start) }
        let later = start + .seconds(2)
        for _ in 0..<9 { _ = addresses.note(.wrongPassword, on: flow("guesser"), at: later) }
        #expect(!addresses.admits(flow("guesser"), at: later))
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
        for number in 0..<400 {
            caller.say("REGISTER", number + 1, user: number == 50 ? "so1" : "u\(number)", userAgent: "Ekiga")
            caller.wait(.milliseconds(50))
        }
        let statuses = caller.responses.map(\.status)
        #expect(Set(statuses) == [401])
        // What it asked in the first five seconds weighs after ten.
        #expect((100...201).contains(statuses.count), "\(statuses.count)")
        let banned = caller.events.contains {
            if case .log(.warning, let line) = $0 { line.text.contains("shut out") } else { false }
        }
        #expect(banned)
    }

    /// Nothing that strangers send leaves a transaction behind, whatever it is: those are for points.
    @Test(arguments: ["REGISTER", "OPTIONS", "INVITE", "MESSAGE", "CANCEL"])
    func strangersLeaveNothingBehind(_ method: String) {
        var caller = Caller()
        for number in 0..<200 {
            caller.flow = flow("198.51.100.\(number)")
            caller.say(method, number + 1)
        }
        caller.say("OPTIONS", 999, userAgent: "friendly-scanner")
        #expect(caller.core.transactions.serverTransactionCount == 0)
        #expect(caller.responses.count == 200)
        #expect(caller.responses.allSatisfy { $0.status == (method == "CANCEL" ? 481 : 401) })
    }

    @Test func aPointsPartOfTheReserveIsBounded() {
        var addresses = AddressGuard()
        let point = flow("198.51.100.1")
        addresses.prove(point, for: .seconds(600), at: start)
        func used(by flow: Flow, at now: SIPInstant) -> Int {
            (0..<100).reduce(0) { count, _ in count + (addresses.mayUseReserve(flow, at: now) ? 1 : 0) }
        }
        #expect(used(by: point, at: start) == 20)
        #expect(used(by: point, at: start + .seconds(1)) == 10)
        // A neighbour's datagrams may be forged; its connections are not.
        #expect(used(by: flow("198.51.100.1", 9), at: start) == 0)
        var connection = flow("198.51.100.1", 9)
        connection.transport = .tcp
        #expect(used(by: connection, at: start) == 50)
        connection.remoteHost = "198.51.100.2"
        #expect(used(by: connection, at: start) == 0)
    }

    /// Requests of dialogs that there are not are bounded as others are.
    @Test func dialogsThatThereAreNotAreNoWayAround() {
        var caller = Caller { $0.registrationsPerSecond = 30 }
        for number in 0..<200 { caller.say("BYE", number + 1, tag: "x\(number)") }
        #expect(caller.responses.count { $0.status == 481 } == 20)
        #expect(caller.responses.count { $0.status == 503 } == 180)
        #expect(caller.core.transactions.serverTransactionCount == 20)
    }

    /// Who was challenged and answers gets in though strangers flood.
    @Test func anAnswerToAChallengeUsesTheReserve() throws {
        var caller = Caller { $0.callsPerSecond = 30 }
        let point = caller.flow
        caller.say("INVITE", 1)
        let authorization = try caller.authorization("INVITE")
        for number in 0..<100 {
            caller.flow = flow("198.51.100.\(number)")
            caller.say("INVITE", 10 + number)
        }
        #expect(caller.responses.last?.status == 503)
        // Not from elsewhere: the answer is good for whom was asked.
        caller.say("INVITE", 200, headers: authorization)
        #expect(caller.responses.last?.status == 503)
        caller.flow = point
        caller.say("INVITE", 2, headers: authorization + "Content-Type: application/sdp\n", body: "v=0\n")
        #expect(caller.events.contains { if case .callArrived = $0 { true } else { false } })
    }

    /// Nobody is shut out for what others say in its name.
    @Test func aWrongAnswerFromElsewhereIsNoGuess() throws {
        var caller = Caller()
        let point = caller.flow
        caller.say("REGISTER", 1)
        let wrong = try caller.authorization("REGISTER", password: "khac")
        caller.flow = flow("198.51.100.9")
        for number in 2..<60 { caller.say("REGISTER", number, headers: wrong) }
        caller.wait(.seconds(5))
        #expect(caller.responses.count == 59)
        caller.flow = point
        for number in 60..<80 {
            caller.say("REGISTER", number, headers: wrong)
            caller.wait(.seconds(5))
        }
        let banned = caller.events.contains {
            if case .log(.warning, let line) = $0 { line.text.contains("guesses passwords") } else { false }
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
        #expect(caller.core.transactions.serverTransactionCount < 5)
        let refusal = try #require(caller.responses.last)
        #expect(refusal.headers[.retryAfter] == "10")
        caller.say("INVITE", 309, same: true)
        #expect(caller.responses.last?.to.tag == refusal.to.tag, "the same answer for the same request")
        caller.flow = point
        caller.say("INVITE", 400)
        #expect(caller.responses.last?.status == 401)
        let complaints = caller.events.count {
            if case .log(_, let line) = $0 { line.text.contains("overload") } else { false }
        }
        #expect(complaints == 1)
    }
}
