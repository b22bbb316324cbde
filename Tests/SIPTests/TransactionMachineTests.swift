import Testing

@testable import SIP

/// The four state machines of RFC 3261 §17 and RFC 6026, timer by timer, in virtual time.
struct TransactionMachineTests {
    private let timers = SIPTimers()
    private func at(_ milliseconds: Int) -> SIPInstant { Samples.after(.milliseconds(milliseconds)) }

    /// Runs a machine by its own deadlines and notes when it does what.
    private func trace<Action: Equatable>(
        until end: Int, _ deadline: () -> SIPInstant?, _ step: (SIPInstant) -> [Action]
    ) -> [(Int, Action)] {
        var events: [(Int, Action)] = []
        while let due = deadline(), due <= at(end) {
            let time = Int(Samples.epoch.duration(to: due) / .milliseconds(1))
            for action in step(due) { events.append((time, action)) }
        }
        return events
    }

    // MARK: INVITE client

    private func inviteClient(reliable: Bool = false) throws -> InviteClientTransaction {
        let request = try Samples.request()
        return InviteClientTransaction(
            sending: request, octets: request.serialized(), isReliable: reliable, timers: timers, at: at(0))
    }

    @Test func timerADoublesUntilTimerBGivesUp() throws {
        var machine = try inviteClient()
        let events = trace(until: 100_000, { machine.deadline }, { machine.handle(.timer, at: $0) })
        #expect(events.dropLast().map(\.0) == [500, 1500, 3500, 7500, 15_500, 31_500])
        #expect(events.last?.0 == 32_000 && events.last?.1 == .timedOut)
        #expect(machine.state == .terminated)
    }

    @Test func overAReliableTransportAnInviteIsNotSentAgain() throws {
        var machine = try inviteClient(reliable: true)
        let events = trace(until: 100_000, { machine.deadline }, { machine.handle(.timer, at: $0) })
        #expect(events.map(\.0) == [32_000] && events.first?.1 == .timedOut)
    }

    @Test func aProvisionalResponseStopsRetransmission() throws {
        var machine = try inviteClient()
        let ringing = try Samples.request().response(180, tag: "b")
        #expect(machine.handle(.response(ringing), at: at(100)) == [.deliver(ringing)])
        #expect(machine.state == .proceeding && machine.deadline == nil)
        #expect(machine.handle(.response(ringing), at: at(200)) == [.deliver(ringing)])
    }

    @Test func aRefusalIsAcknowledgedEachTimeAndDeliveredOnce() throws {
        var machine = try inviteClient()
        let busy = try Samples.request().response(486, tag: "b")
        let first = machine.handle(.response(busy), at: at(100))
        guard case .send(let octets)? = first.first, case .request(let ack) = try SIPMessage(parsing: octets) else {
            Issue.record("no ACK")
            return
        }
        #expect(first.last == .deliver(busy))
        #expect(ack.method == .ack && ack.cseq == CSeq(1, .ack))
        #expect(ack.vias == (try Samples.request().vias))
        #expect(ack.to.tag == "b")
        #expect(machine.handle(.response(busy), at: at(600)) == [.send(octets)])
        #expect(machine.deadline == at(32_100))
        #expect(machine.handle(.timer, at: at(32_100)).isEmpty && machine.state == .terminated)
    }

    @Test func aRefusalOverAReliableTransportEndsAtOnce() throws {
        var machine = try inviteClient(reliable: true)
        _ = machine.handle(.response(try Samples.request().response(486, tag: "b")), at: at(100))
        #expect(machine.state == .terminated)
    }

    @Test func everySuccessIsDeliveredUntilTimerM() throws {
        var machine = try inviteClient()
        let one = try Samples.request().response(200, tag: "b")
        let other = try Samples.request().response(200, tag: "c")
        #expect(machine.handle(.response(one), at: at(100)) == [.deliver(one)])
        #expect(machine.handle(.response(other), at: at(200)) == [.deliver(other)])
        #expect(machine.handle(.response(try Samples.request().response(486, tag: "d")), at: at(300)).isEmpty)
        #expect(machine.deadline == at(32_100))
        _ = machine.handle(.timer, at: at(32_100))
        #expect(machine.state == .terminated)
    }

    @Test func aFailedTransportEndsAnInvite() throws {
        var machine = try inviteClient()
        #expect(machine.handle(.transportFailed, at: at(1)) == [.transportFailed])
        #expect(machine.state == .terminated && machine.handle(.timer, at: at(500)).isEmpty)
    }

    // MARK: Other clients

    private func client(reliable: Bool = false) -> ClientTransaction {
        ClientTransaction(octets: [1], isReliable: reliable, timers: timers, at: at(0))
    }

    @Test func timerEDoublesUpToT2UntilTimerFGivesUp() {
        var machine = client()
        let events = trace(until: 100_000, { machine.deadline }, { machine.handle(.timer, at: $0) })
        #expect(
            events.dropLast().map(\.0) == [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
        #expect(events.last?.0 == 32_000 && events.last?.1 == .timedOut)
    }

    @Test func afterAProvisionalResponseTimerEIsT2() throws {
        var machine = client()
        let trying = try Samples.request(.bye).response(100, tag: nil)
        #expect(machine.handle(.response(trying), at: at(100)) == [.deliver(trying)])
        let events = trace(until: 100_000, { machine.deadline }, { machine.handle(.timer, at: $0) })
        #expect(events.dropLast().map(\.0) == [500, 4500, 8500, 12_500, 16_500, 20_500, 24_500, 28_500])
        #expect(events.last?.0 == 32_000)
    }

    @Test func aFinalResponseIsDeliveredOnceAndTimerKAbsorbsTheRest() throws {
        var machine = client()
        let ok = try Samples.request(.bye).response(200, tag: "b")
        #expect(machine.handle(.response(ok), at: at(100)) == [.deliver(ok)])
        #expect(machine.handle(.response(ok), at: at(200)).isEmpty)
        #expect(machine.deadline == at(5100))
        _ = machine.handle(.timer, at: at(5100))
        #expect(machine.state == .terminated)
    }

    @Test func overAReliableTransportAFinalResponseEndsIt() throws {
        var machine = client(reliable: true)
        #expect(machine.deadline == at(32_000))
        _ = machine.handle(.response(try Samples.request(.bye).response(200, tag: "b")), at: at(100))
        #expect(machine.state == .terminated)
    }

    // MARK: INVITE server

    private func inviteServer(reliable: Bool = false) -> InviteServerTransaction {
        InviteServerTransaction(trying: [100], isReliable: reliable, timers: timers, at: at(0))
    }

    @Test func aSlowUserGetsA100SentForIt() {
        var machine = inviteServer()
        #expect(machine.handle(.retransmission, at: at(100)).isEmpty)
        #expect(machine.deadline == at(200))
        #expect(machine.handle(.timer, at: at(200)) == [.send([100])])
        #expect(machine.handle(.retransmission, at: at(500)) == [.send([100])])
        #expect(machine.deadline == nil)
    }

    @Test func aQuickUserNeedsNo100() {
        var machine = inviteServer()
        #expect(machine.handle(.respond(180, [180]), at: at(50)) == [.send([180])])
        #expect(machine.deadline == nil)
        #expect(machine.handle(.retransmission, at: at(500)) == [.send([180])])
    }

    @Test func timerGRetransmitsARefusalUntilTimerH() {
        var machine = inviteServer()
        #expect(machine.handle(.respond(486, [86]), at: at(0)) == [.send([86])])
        let events = trace(until: 100_000, { machine.deadline }, { machine.handle(.timer, at: $0) })
        #expect(
            events.dropLast().map(\.0) == [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
        #expect(events.last?.0 == 32_000 && events.last?.1 == .timedOut)
    }

    @Test func anAckOfARefusalIsAbsorbedUntilTimerI() {
        var machine = inviteServer()
        _ = machine.handle(.respond(486, [86]), at: at(0))
        #expect(machine.handle(.acknowledgement, at: at(100)).isEmpty)
        #expect(machine.deadline == at(5100))
        #expect(machine.handle(.acknowledgement, at: at(200)).isEmpty)
        #expect(machine.handle(.retransmission, at: at(300)).isEmpty)
        _ = machine.handle(.timer, at: at(5100))
        #expect(machine.state == .terminated)
    }

    @Test func overAReliableTransportARefusalWaitsForItsAckOnly() {
        var machine = inviteServer(reliable: true)
        _ = machine.handle(.respond(486, [86]), at: at(0))
        #expect(machine.deadline == at(32_000))
        _ = machine.handle(.acknowledgement, at: at(100))
        #expect(machine.state == .terminated)
    }

    @Test func anAcceptedInviteAbsorbsItsRetransmissionsUntilTimerL() {
        var machine = inviteServer()
        #expect(machine.handle(.respond(200, [200]), at: at(0)) == [.send([200])])
        #expect(machine.handle(.retransmission, at: at(100)).isEmpty)
        #expect(machine.handle(.respond(200, [200]), at: at(500)) == [.send([200])])
        #expect(machine.handle(.respond(486, [86]), at: at(600)).isEmpty)
        #expect(machine.handle(.acknowledgement, at: at(700)) == [.deliverAcknowledgement])
        #expect(machine.deadline == at(32_000))
        _ = machine.handle(.timer, at: at(32_000))
        #expect(machine.state == .terminated)
    }

    // MARK: Other servers

    @Test func theFinalResponseAnswersRetransmissionsUntilTimerJ() {
        var machine = ServerTransaction(isReliable: false, timers: timers, at: at(0))
        #expect(machine.handle(.retransmission, at: at(0)).isEmpty)
        #expect(machine.handle(.respond(100, [100]), at: at(100)) == [.send([100])])
        #expect(machine.handle(.retransmission, at: at(200)) == [.send([100])])
        #expect(machine.handle(.respond(200, [200]), at: at(300)) == [.send([200])])
        #expect(machine.handle(.respond(500, [99]), at: at(300)).isEmpty)
        #expect(machine.handle(.retransmission, at: at(400)) == [.send([200])])
        #expect(machine.deadline == at(32_300))
        _ = machine.handle(.timer, at: at(32_300))
        #expect(machine.state == .terminated)
    }

    @Test func aServerWhoseUserStaysSilentEndsWhenNobodyWaits() {
        var machine = ServerTransaction(isReliable: true, timers: timers, at: at(0))
        _ = machine.handle(.respond(100, [100]), at: at(100))
        #expect(machine.deadline == at(32_000))
        #expect(machine.handle(.timer, at: at(32_000)).isEmpty && machine.state == .terminated)
        #expect(machine.handle(.respond(200, [200]), at: at(32_001)).isEmpty)
    }

    @Test func overAReliableTransportTheFinalResponseEndsTheServer() {
        var machine = ServerTransaction(isReliable: true, timers: timers, at: at(0))
        #expect(machine.handle(.respond(200, [200]), at: at(0)) == [.send([200])])
        #expect(machine.state == .terminated)
    }

    @Test func timersGoByTheirBaseValues() throws {
        var slow = SIPTimers()
        slow.t1 = .seconds(1)
        #expect(slow.giveUp == .seconds(64) && slow.absorb == .seconds(64))
        var quick = SIPTimers()
        quick.t1 = .milliseconds(10)
        #expect(quick.giveUp == .milliseconds(640) && quick.absorb == .seconds(32))
    }

    // MARK: AcceptedInvite

    @Test func a2xxIsSentAgainUntilTheUserGivesUp() throws {
        let ok = try Samples.request().response(200, tag: "b")
        var accepted = AcceptedInvite(ok, at: at(0))
        let events = trace(until: 100_000, { accepted.deadline }, { accepted.handle(.timer, at: $0) })
        #expect(
            events.dropLast().map(\.0) == [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
        #expect(events.dropLast().allSatisfy { $0.1 == .send(ok) })
        #expect(events.last?.0 == 32_000 && events.last?.1 == .timedOut)
    }

    @Test func theAckOfA2xxCountsOnce() throws {
        var accepted = AcceptedInvite(try Samples.request().response(200, tag: "b"), at: at(0))
        let ack = try Samples.request(.ack, sequence: 1, toTag: "b")
        #expect(accepted.handle(.ack(try Samples.request(.ack, sequence: 2, toTag: "b")), at: at(50)).isEmpty)
        #expect(accepted.handle(.ack(ack), at: at(100)) == [.acknowledged(ack)])
        #expect(accepted.handle(.ack(ack), at: at(200)).isEmpty)
        #expect(accepted.deadline == nil && accepted.state == .acknowledged)
    }
}
