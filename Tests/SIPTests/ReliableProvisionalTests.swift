import SIP
import Testing

/// RFC 3262 §3: reliable ringing.
@Suite struct ReliableProvisionalTests {
    private let start = SIPInstant.now

    private func ringing() throws -> ReliableProvisional {
        let invite = SIPRequest(
            method: .invite, uri: try URI(parsing: "sip:r@x"), from: try NameAddress(parsing: "<sip:a@x>;tag=1"),
            to: try NameAddress(parsing: "<sip:r@x>"), callID: "c", sequence: 7)
        return ReliableProvisional(invite.response(180, tag: "t"), number: 42, at: start)
    }

    private func prack(_ rack: String) throws -> SIPRequest {
        SIPRequest(
            method: .prack, uri: try URI(parsing: "sip:r@x"), from: try NameAddress(parsing: "<sip:a@x>;tag=1"),
            to: try NameAddress(parsing: "<sip:r@x>;tag=t"), callID: "c", sequence: 8,
            headers: SIPHeaders([.init(.rAck, rack)]))
    }

    @Test func itIsSentAgainAtDoublingIntervalsUntilItsPRACK() throws {
        var ringing = try ringing()
        #expect(ringing.response.headers[.rSeq] == "42")
        #expect(ringing.response.headers[.require] == "100rel")
        var sent: [Duration] = []
        while let due = ringing.deadline, due - start < .seconds(10) {
            for action in ringing.advance(to: due) where action == .send(ringing.response) { sent.append(due - start) }
        }
        #expect(sent == [.milliseconds(500), .milliseconds(1500), .milliseconds(3500), .milliseconds(7500)])
        for wrong in ["41 7 INVITE", "42 8 INVITE", "42 7 UPDATE", "42 7", "", "x y z"] {
            let isTaken = ringing.acknowledge(try prack(wrong))
            #expect(!isTaken, "\(wrong)")
        }
        let isTaken = ringing.acknowledge(try prack("42 7  INVITE"))
        #expect(isTaken)
        #expect(ringing.deadline == nil)
    }

    @Test func withoutPRACKItGivesUp() throws {
        var ringing = try ringing()
        var last: [ReliableProvisional.Action] = []
        while let due = ringing.deadline { last = ringing.advance(to: due) }
        #expect(last == [.timedOut])
        #expect(ringing.state == .timedOut)
    }
}
