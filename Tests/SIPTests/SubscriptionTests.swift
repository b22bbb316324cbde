import Testing

@testable import SIP

/// Which SUBSCRIBEs are taken.
struct SubscriptionPolicyTests {
    private let policy = SubscriptionPolicy(packages: [
        .init("conference", contentTypes: [.init(type: "application", subtype: "conference-info+xml")]),
        .init("refer", contentTypes: [.sipFragment]),
    ])

    private func examine(_ fields: (SIPHeaderName, String)...) throws -> SubscriptionPolicy.Verdict {
        policy.examine(
            try Samples.request(.subscribe, headers: SIPHeaders(fields.map { .init($0.0, $0.1) })), tag: "t")
    }

    private func refusal(_ fields: (SIPHeaderName, String)...) throws -> SIPResponse? {
        let request = try Samples.request(.subscribe, headers: SIPHeaders(fields.map { .init($0.0, $0.1) }))
        guard case .refuse(let response) = policy.examine(request, tag: "t") else { return nil }
        return response
    }

    private func terms(_ seconds: Int, id: String? = nil) -> SubscriptionPolicy.Verdict {
        .accept(
            .init(
                event: SIPEvent("conference", id: id), duration: .seconds(seconds),
                contentType: policy.packages[0].contentTypes[0]))
    }

    @Test func durationsAreGrantedWithinBounds() throws {
        #expect(try examine((.event, "conference")) == terms(3600))
        #expect(try examine((.event, "conference;id=7"), (.expires, "600")) == terms(600, id: "7"))
        #expect(try examine((.event, "conference"), (.expires, "86400")) == terms(3600))
        #expect(try examine((.event, "conference"), (.expires, "0")) == terms(0))
        #expect(try examine((.event, "conference"), (.expires, "60")) == terms(60))
        let brief = try refusal((.event, "conference"), (.expires, "59"))
        #expect(brief?.status == 423 && brief?.headers[.minExpires] == "60")
    }

    @Test func unknownEventsAreRefusedWithThoseThatAreKnown() throws {
        for response in [try refusal((.event, "presence")), try refusal()] {
            #expect(response?.status == 489 && response?.headers[.allowEvents] == "conference, refer")
        }
        #expect(try refusal((.event, "a b"))?.status == 400)
        #expect(try refusal((.event, "conference"), (.event, "conference"))?.status == 400)
        #expect(try refusal((.event, "conference"), (.expires, "soon"))?.status == 400)
    }

    @Test func aBodyMustBeAcceptable() throws {
        for accept in ["application/conference-info+xml", "text/plain, Application/*", "*/*"] {
            #expect(try examine((.event, "conference"), (.accept, accept)) == terms(3600), "\(accept)")
        }
        let response = try refusal((.event, "conference"), (.accept, "application/pidf+xml"))
        #expect(response?.status == 406 && response?.headers[.accept] == "application/conference-info+xml")
    }
}

/// A subscription from its SUBSCRIBE to its end.
struct SubscriptionTests {
    /// A subscription with what a test needs to speak to it.
    private final class Subscriber {
        var subscription: Subscription

        init(seconds: Int = 3600, isPending: Bool = false) {
            subscription = Subscription(Self.terms(seconds), isPending: isPending, at: Samples.epoch)
        }

        static func terms(_ seconds: Int) -> SubscriptionPolicy.Terms {
            .init(
                event: SIPEvent("conference"), duration: .seconds(seconds),
                contentType: .init(type: "application", subtype: "conference-info+xml"))
        }

        func start() -> [Subscription.Action] { subscription.start(at: Samples.epoch) }

        func handle(_ event: Subscription.Event, at milliseconds: Int) -> [Subscription.Action] {
            subscription.handle(event, at: Samples.after(.milliseconds(milliseconds)))
        }

        func respond(_ status: UInt16, retryAfter: String? = nil, at milliseconds: Int) throws -> [Subscription.Action]
        {
            var response = try Samples.request(.notify).response(status, tag: "s")
            response.headers[.retryAfter] = retryAfter
            return handle(.response(response), at: milliseconds)
        }
    }

    private func at(_ milliseconds: Int) -> SIPInstant { Samples.after(.milliseconds(milliseconds)) }

    @Test func theFirstNOTIFYGoesOutAtOnceAndHasEverything() throws {
        let subscriber = Subscriber()
        let notice = try #require(subscriber.start().notices.first)
        #expect(notice.content == .full && notice.version == 1)
        #expect(notice.headers[.event] == "conference")
        #expect(notice.headers[.subscriptionState] == "active;expires=3600")
        #expect(subscriber.subscription.deadline == at(3_600_000))
    }

    @Test func changesAreToldInOneNOTIFYASecond() throws {
        let subscriber = Subscriber()
        _ = subscriber.start()
        #expect(try subscriber.respond(200, at: 50).isEmpty)
        for time in [100, 200, 900] { #expect(subscriber.handle(.change, at: time).isEmpty) }
        #expect(subscriber.subscription.deadline == at(1000))
        let notice = try #require(subscriber.handle(.timer, at: 1000).notices.first)
        #expect(notice.content == .changes && notice.version == 2)
        _ = try subscriber.respond(200, at: 1050)
        // After a quiet time a change does not wait.
        #expect(subscriber.handle(.change, at: 5000).notices.map(\.version) == [3])
    }

    @Test func noNOTIFYGoesOutBeforeTheOneBeforeIsAnswered() throws {
        let subscriber = Subscriber()
        _ = subscriber.start()
        #expect(subscriber.handle(.change, at: 2000).isEmpty)
        #expect(subscriber.subscription.deadline == at(3_600_000))
        #expect(try subscriber.respond(100, at: 2100).isEmpty, "not a final response")
        #expect(try subscriber.respond(200, at: 2200).notices.map(\.content) == [.changes])
    }

    @Test func aRefreshTellsEverythingAtOnceAndLastsAnew() throws {
        let subscriber = Subscriber(seconds: 60)
        _ = subscriber.start()
        _ = try subscriber.respond(200, at: 10)
        _ = subscriber.handle(.change, at: 20)
        let notice = try #require(subscriber.handle(.refresh(Subscriber.terms(600)), at: 30).notices.first)
        #expect(notice.content == .full && notice.state.expires == .seconds(600))
        #expect(subscriber.subscription.remaining(at: at(100_030)) == .seconds(500))
        #expect(subscriber.handle(.timer, at: 60_000).isEmpty)
    }

    @Test func anUnsubscriptionIsToldTheLastState() throws {
        let subscriber = Subscriber()
        _ = subscriber.start()
        let actions = subscriber.handle(.refresh(Subscriber.terms(0)), at: 10)
        #expect(actions.notices.map(\.state) == [.init(.terminated, reason: .timeout)])
        #expect(actions.notices.map(\.content) == [.full])
        #expect(actions.last == .ended(.unsubscribed))
        #expect(subscriber.subscription.isOver && subscriber.subscription.deadline == nil)
        #expect(subscriber.handle(.change, at: 20).isEmpty)
    }

    @Test func aFetchGetsOneNOTIFYAndIsOver() {
        let actions = Subscriber(seconds: 0).start()
        #expect(actions.notices.map(\.content) == [.full] && actions.last == .ended(.unsubscribed))
        #expect(actions.notices.map(\.state.value) == [.terminated])
    }

    @Test func withoutARefreshItExpires() throws {
        let subscriber = Subscriber(seconds: 60)
        _ = subscriber.start()
        _ = try subscriber.respond(200, at: 10)
        let actions = subscriber.handle(.timer, at: 60_000)
        #expect(actions.notices.map(\.headers).map { $0[.subscriptionState] } == ["terminated;reason=timeout"])
        #expect(actions.last == .ended(.expired))
    }

    @Test func whoeverIsGoneIsNotToldMore() throws {
        for status: UInt16 in [481, 404, 500] {
            let subscriber = Subscriber()
            _ = subscriber.start()
            #expect(try subscriber.respond(status, at: 10) == [.ended(.failed(status: status))])
            #expect(subscriber.subscription.isOver)
        }
        let silent = Subscriber()
        _ = silent.start()
        #expect(silent.handle(.unanswered, at: 32_000) == [.ended(.failed(status: nil))])
        let gone = Subscriber()
        _ = gone.start()
        #expect(try gone.respond(481, retryAfter: "5", at: 10) == [.ended(.failed(status: 481))])
    }

    @Test func aSubscriberThatAsksForTimeGetsItAndThenEverything() throws {
        let subscriber = Subscriber()
        _ = subscriber.start()
        #expect(try subscriber.respond(503, retryAfter: "5 (busy)", at: 0).isEmpty)
        #expect(subscriber.handle(.change, at: 1000).isEmpty)
        #expect(subscriber.subscription.deadline == at(5000))
        #expect(subscriber.handle(.timer, at: 5000).notices.map(\.content) == [.full])
    }

    @Test func whoIsPendingIsToldNothingElse() throws {
        let subscriber = Subscriber(isPending: true)
        let notice = try #require(subscriber.start().notices.first)
        #expect(notice.state.value == .pending && notice.content == .none && notice.version == 0)
        _ = try subscriber.respond(200, at: 10)
        #expect(subscriber.handle(.change, at: 2000).isEmpty)
        let granted = try #require(subscriber.handle(.grant, at: 3000).notices.first)
        #expect(granted.state.value == .active && granted.content == .full && granted.version == 1)
        let rejected = Subscriber(isPending: true)
        _ = rejected.start()
        #expect(rejected.handle(.terminate(.rejected), at: 10).notices.map(\.content) == [.none])
    }

    @Test func aReferralTellsItsProgress() throws {
        let refer = try Samples.request(.refer, sequence: 93)
        var subscription = Subscription(implicitFor: refer, isFirst: false, duration: .seconds(60), at: Samples.epoch)
        let first = try #require(subscription.start(at: Samples.epoch).notices.first)
        #expect(first.headers[.event] == "refer;id=93" && first.contentType == .sipFragment)
        #expect(first.headers[.subscriptionState] == "active;expires=60")
        let last = subscription.handle(.terminate(.noresource), at: at(500))
        #expect(last.notices.map { $0.headers[.subscriptionState] } == ["terminated;reason=noresource"])
        #expect(last.notices.map(\.content) == [.full] && last.last == .ended(.terminated(.noresource)))
        #expect(Subscription(implicitFor: refer, isFirst: true, duration: .seconds(60), at: at(0)).event.id == nil)
    }

    @Test(arguments: 0..<64 as Range<UInt64>)
    func whateverHappensVersionsCountUpAndItEndsOnce(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let subscriber = Subscriber(seconds: 30)
        var (now, version, endings) = (0, UInt32(0), 0)
        func check(_ actions: [Subscription.Action]) {
            for action in actions {
                switch action {
                case .notify(let notice):
                    #expect(notice.version == version + (notice.content == .none ? 0 : 1))
                    version = notice.version
                case .ended: endings += 1
                }
            }
        }
        check(subscriber.start())
        for _ in 0..<200 {
            now += Int.random(in: 0..<700, using: &random)
            if let deadline = subscriber.subscription.deadline, deadline <= at(now) {
                check(subscriber.handle(.timer, at: now))
            }
            switch Int.random(in: 0..<40, using: &random) {
            case 0: check(subscriber.handle(.refresh(Subscriber.terms(30)), at: now))
            case 1: check(try subscriber.respond(503, retryAfter: "2", at: now))
            case 2 where seed.isMultiple(of: 4): check(subscriber.handle(.terminate(.noresource), at: now))
            case 3 where seed.isMultiple(of: 5): check(subscriber.handle(.unanswered, at: now))
            case 4..<20: check(try subscriber.respond(200, at: now))
            default: check(subscriber.handle(.change, at: now))
            }
        }
        while let deadline = subscriber.subscription.deadline {
            check(subscriber.handle(.timer, at: Int(Samples.epoch.duration(to: deadline) / .milliseconds(1))))
            _ = try subscriber.respond(200, at: now)
        }
        #expect(endings == 1)
    }
}

extension [Subscription.Action] {
    var notices: [Subscription.Notice] {
        compactMap { if case .notify(let notice) = $0 { notice } else { nil } }
    }
}
