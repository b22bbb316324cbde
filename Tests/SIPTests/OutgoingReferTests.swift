import Testing

@testable import SIP

/// What becomes of a REFER of this side's.
struct OutgoingReferTests {
    private final class Referral {
        var machine: OutgoingRefer

        init() throws { machine = OutgoingRefer(try Samples.request(.refer, sequence: 93, toTag: "b")) }

        func handle(_ event: OutgoingRefer.Event, at time: Duration = .zero) -> [OutgoingRefer.Action] {
            machine.handle(event, at: Samples.after(time))
        }

        func respond(_ status: UInt16, headers: SIPHeaders = .init()) throws -> [OutgoingRefer.Action] {
            var response = try Samples.request(.refer, sequence: 93).response(status, tag: "b")
            response.headers = headers
            return handle(.response(response))
        }
    }

    private func notify(_ state: String?, _ body: String, event: String = "refer;id=93") throws -> SIPRequest {
        var headers = SIPHeaders([.init(.event, event), .init(.contentType, "message/sipfrag;version=2.0")])
        headers[.subscriptionState] = state
        return try Samples.request(.notify, sequence: 2, toTag: "a", headers: headers, body: Array(body.utf8))
    }

    private func statuses(_ actions: [OutgoingRefer.Action]) -> [UInt16] {
        actions.compactMap { if case .answer(let response) = $0 { response.status } else { nil } }
    }

    @Test func progressIsToldUntilTheFinalStatus() throws {
        let referral = try Referral()
        #expect(try referral.respond(202).isEmpty)
        #expect(referral.machine.deadline == Samples.after(.seconds(32)))
        let trying = referral.handle(.notify(try notify("active;expires=60", "SIP/2.0 100 Trying\r\n")))
        #expect(trying.last == .progress(.init(status: 100)) && statuses(trying) == [200])
        #expect(referral.machine.deadline == Samples.after(.seconds(60)))
        let again = referral.handle(.notify(try notify("active;expires=60", "SIP/2.0 100 Trying\r\n")))
        #expect(again.count == 1, "the same once more")
        let done = referral.handle(.notify(try notify("terminated;reason=noresource", "SIP/2.0 200 OK\r\n")))
        #expect(done.suffix(2) == [.progress(.init(status: 200)), .ended(.finished(.init(status: 200)))])
        #expect(statuses(referral.handle(.notify(try notify("active", "SIP/2.0 200 OK")))) == [481])
    }

    @Test func aNOTIFYMayOvertakeTheResponse() throws {
        let referral = try Referral()
        let early = referral.handle(.notify(try notify("active;expires=60", "SIP/2.0 180 Ringing")))
        #expect(early.last == .progress(.init(status: 180)))
        #expect(try referral.respond(202).isEmpty)
        #expect(referral.machine.deadline == Samples.after(.seconds(60)))
    }

    @Test func aRefusalEndsItAndSoDoesNoResponse() throws {
        let referral = try Referral()
        guard case .ended(.refused(let response))? = try referral.respond(603).last else {
            Issue.record("it goes on")
            return
        }
        #expect(response.status == 603)
        #expect(try Referral().handle(.unanswered) == [.ended(.unanswered)])
        #expect(try Referral().respond(100).isEmpty)
    }

    @Test func withoutASubscriptionNothingIsTold() throws {
        #expect(try Referral().respond(200, headers: SIPHeaders([.init(.referSub, "false")])) == [.ended(.untold)])
    }

    @Test func silenceEndsIt() throws {
        let referral = try Referral()
        _ = try referral.respond(202)
        #expect(referral.handle(.timer, at: .seconds(31)).isEmpty)
        #expect(referral.handle(.timer, at: .seconds(32)) == [.ended(.untold)])
    }

    @Test func whatCannotBeReadIsRefusedAndChangesNothing() throws {
        let referral = try Referral()
        #expect(statuses(referral.handle(.notify(try notify(nil, "SIP/2.0 100 Trying")))) == [400])
        #expect(statuses(referral.handle(.notify(try notify("active", "nonsense")))) == [400])
        #expect(!referral.machine.isOver)
    }

    @Test func notifiesFindTheirReferral() throws {
        let machine = try Referral().machine
        #expect(machine.claims(try notify("active", "")))
        #expect(machine.claims(try notify("active", "", event: "refer")))
        #expect(!machine.claims(try notify("active", "", event: "refer;id=94")))
        #expect(!machine.claims(try notify("active", "", event: "conference")))
    }
}
