import Testing

@testable import BFCP

/// Who may speak for whom, what is repeated, and what becomes of the floor when peers come and go.
@Suite struct FloorControlPeerTests {
    // MARK: Strangers

    @Test func aStrangerHearsNothingAndTakesNothing() {
        let meeting = Meeting()
        meeting.add(1)
        let stranger = FloorControlFlow(host: "203.0.113.9", port: 5_001)
        #expect(meeting.say(.floorRequest, 1, [.floorID(1)], from: stranger) == nil)
        #expect(meeting.holder == nil)
        let connection = FloorControlFlow(connection: 9, host: "203.0.113.9", port: 5_001)
        #expect(meeting.say(.floorRequest, 1, [.floorID(1)], from: connection) == nil)
        #expect(meeting.closed == [connection])
    }

    @Test func aPointCannotSpeakForAnother() {
        let meeting = Meeting()
        meeting.add(1)
        meeting.add(2)
        _ = meeting.ask(1)
        #expect(meeting.say(.floorRequest, 1, [.floorID(1)], from: meeting.flows[2])?.errorCode == 5)
        #expect(meeting.say(.floorRelease, 1, [.floorRequestID(1)], from: meeting.flows[2])?.errorCode == 5)
        #expect(meeting.holder == 101)
    }

    @Test func aPointThatIsGoneIsAStranger() {
        let meeting = Meeting()
        meeting.add(1)
        meeting.add(2)
        _ = meeting.ask(1)
        meeting.take(meeting.server.removeUser(meeting.participant(1), from: Meeting.conferenceID, at: meeting.now))
        #expect(meeting.holders == [101, nil])
        #expect(!meeting.server.expects("192.0.2.1"))
        #expect(meeting.ask(1) == nil)
        meeting.take(meeting.server.removeConference(Meeting.conferenceID))
        #expect(!meeting.server.expects("192.0.2.2"))
        #expect(meeting.server.associations.isEmpty)
    }

    /// Behind a NAT the port is another than announced, and may change; where it is the one announced, it stays.
    @Test func aPeerMovesToAnotherPortUnlessItUsesTheOneItAnnounced() {
        let meeting = Meeting()
        meeting.add(1)
        meeting.add(2) { $0.announced = .init(host: "192.0.2.2", port: 5_002) }
        for user in UInt16(1)...2 {
            _ = meeting.say(.hello, user)
            let elsewhere = FloorControlFlow(host: "192.0.2.\(user)", port: 6_000)
            let answer = meeting.say(.floorRequest, user, [.floorID(1)], from: elsewhere)
            #expect(answer?.errorCode == (user == 1 ? nil : 5))
        }
        #expect(meeting.holder == 101)
        #expect(meeting.server.associations.count == 2)
    }

    @Test func anotherConnectionReplacesTheFirst() {
        let meeting = Meeting()
        meeting.add(1, tcp: true)
        _ = meeting.ask(1)
        let again = FloorControlFlow(connection: 50, host: "192.0.2.1", port: 7_000)
        #expect(meeting.say(.hello, 1, from: again)?.primitive == .helloAck)
        #expect(meeting.closed == meeting.flows[1].map { [$0] })
        if let first = meeting.flows[1] { meeting.take(meeting.server.closed(first, at: meeting.now)) }
        #expect(meeting.holder == 101)
        meeting.take(meeting.server.closed(again, at: meeting.now))
        #expect(meeting.holders == [101, nil])
    }

    // MARK: Over UDP

    @Test func aRepeatedRequestIsAnsweredAlikeAndDoneOnce() throws {
        let meeting = Meeting { $0.requestsPerUser = 5 }
        meeting.add(1)
        let flow = try #require(meeting.flows[1])
        let request = BFCPMessage(
            .floorRequest, version: 2, conferenceID: Meeting.conferenceID, transactionID: 5, userID: 1,
            attributes: [.init(.floorID(1))])
        let first = meeting.exchange(request.serialized(), on: flow)
        #expect(first.count == 1)
        #expect(meeting.exchange(request.serialized(), on: flow) == first)
        #expect(meeting.holders == [101])
    }

    @Test func aPeerThatNeverAcknowledgesKeepsTheFloor() {
        let meeting = Meeting()
        meeting.acknowledges = false
        meeting.add(1)
        meeting.add(2)
        meeting.say(.floorQuery, 1, [.floorID(1)])
        _ = meeting.heard(1)
        _ = meeting.ask(1)
        meeting.wait(.seconds(20))
        // Its answer, and the FloorStatus four times.
        #expect(meeting.heard(1).map(\.primitive) == [.floorRequestStatus] + Array(repeating: .floorStatus, count: 4))
        #expect(meeting.unanswered == [.floorStatus])
        #expect(meeting.holder == 101)
        #expect(meeting.server.deadline == nil)
    }

    @Test func aRequestInFragmentsIsTaken() throws {
        let meeting = Meeting()
        meeting.add(1)
        let flow = try #require(meeting.flows[1])
        let padding = (0..<8).map { _ in BFCPAttribute(.unknown(.init(rawValue: 90), Array(repeating: 7, count: 200))) }
        let request = BFCPMessage(
            .floorRequest, version: 2, conferenceID: Meeting.conferenceID, transactionID: 5, userID: 1,
            attributes: padding + [.init(.floorID(1))])
        let datagrams = BFCPFragmentation.datagrams(of: request.serialized(), limit: 500)
        #expect(datagrams.count > 2)
        for datagram in datagrams.dropLast() { #expect(meeting.exchange(datagram, on: flow).isEmpty) }
        #expect(meeting.exchange(datagrams[datagrams.count - 1], on: flow).first?.told.map(\.status) == [.granted])
    }

    @Test func aLongAnswerGoesInFragments() throws {
        let meeting = Meeting { $0.contention = .queue }
        for user in UInt16(1)...30 {
            meeting.add(user, tcp: true) { $0.displayName = String(repeating: "Sở Nội vụ ", count: 9) }
            _ = meeting.ask(user)
        }
        meeting.add(31)
        let flow = try #require(meeting.flows[31])
        let query = BFCPMessage(
            .floorQuery, version: 2, conferenceID: Meeting.conferenceID, transactionID: 5, userID: 31,
            attributes: [.init(.floorID(1))])
        var reassembler = BFCPReassembler(maximumMessageSize: 8_192)
        var whole: [UInt8]?
        for action in meeting.server.receive(query.serialized(), from: flow, at: meeting.now) {
            guard case .send(let octets, flow) = action else { continue }
            #expect(octets.count <= 1_200)
            whole = try reassembler.take(octets, at: meeting.now) ?? whole
        }
        let status = try BFCPMessage(parsing: #require(whole))
        #expect(status.told.count == 30)
        #expect(status.told.map(\.position) == Array(0...29))
    }

    /// Version 1 over UDP, as the systems that came before RFC 8855 speak it.
    @Test func oldSystemsAreAnsweredInTheirVersion() throws {
        let meeting = Meeting()
        meeting.add(1)
        let flow = try #require(meeting.flows[1])
        let granted = meeting.say(.floorRequest, 1, [.floorID(1)], version: 1)
        #expect((granted?.version, granted?.told.map(\.status)) == (1, [.granted]))
        // 16 is their FloorStatusAck, and no Goodbye; 17 is their Goodbye.
        #expect(meeting.say(.init(rawValue: 16), 1, version: 1) == nil)
        #expect(meeting.holder == 101)
        #expect(meeting.say(.init(rawValue: 17), 1, version: 1, from: flow)?.primitive.rawValue == 18)
        #expect(meeting.holders == [101, nil])
    }

    @Test func goodbyeReleasesAndHelloComesBack() {
        let meeting = Meeting()
        meeting.add(1)
        _ = meeting.ask(1)
        #expect(meeting.say(.goodbye, 1)?.primitive == .goodbyeAck)
        #expect(meeting.holders == [101, nil])
        #expect(meeting.server.associations.isEmpty)
        #expect(meeting.say(.hello, 1)?.primitive == .helloAck)
        #expect(meeting.ask(1)?.told.map(\.status) == [.granted])
    }

    // MARK: Points without BFCP

    @Test func aPointWithoutBFCPSharesToo() throws {
        let meeting = Meeting()
        meeting.add(1)
        meeting.add(2, hasBFCP: false)
        meeting.say(.floorQuery, 1, [.floorID(1)])
        _ = meeting.ask(1)
        _ = meeting.heard(1)
        let conference = Meeting.conferenceID
        let asked = try meeting.server.request(by: meeting.participant(2), in: conference, at: meeting.now)
        #expect(asked.status == .granted)
        meeting.take(asked.actions)
        let heard = meeting.heard(1)
        #expect(heard.map(\.primitive) == [.floorRequestStatus, .floorStatus])
        #expect(heard.first?.told.map(\.status) == [.revoked])
        #expect(heard.last?.told.map(\.user) == [2])
        meeting.take(meeting.server.release(by: meeting.participant(2), in: conference, at: meeting.now))
        #expect(meeting.heard(1).map(\.told) == [[]])
        #expect(meeting.holders == [101, 102, nil])
    }

    @Test func theBridgeGrantsAndRevokesOverAllRules() throws {
        let meeting = Meeting {
            $0.contention = .deny
            $0.awaitsChair = true
        }
        meeting.add(1)
        meeting.add(2, hasBFCP: false) { $0.mayRequest = false }
        let conference = Meeting.conferenceID
        #expect(meeting.ask(1)?.told.map(\.status) == [.pending])
        _ = meeting.heard(1)
        meeting.take(try meeting.server.grant(to: meeting.participant(1), in: conference, at: meeting.now))
        #expect(meeting.heard(1).map { $0.told.map(\.status) } == [[.granted]])
        #expect(throws: FloorRefusal.notAllowed) {
            try meeting.server.request(by: meeting.participant(2), in: conference, at: meeting.now)
        }
        meeting.take(try meeting.server.grant(to: meeting.participant(2), in: conference, at: meeting.now))
        #expect(meeting.heard(1).map { $0.told.map(\.status) } == [[.revoked]])
        meeting.take(meeting.server.revoke(in: conference, at: meeting.now))
        #expect(meeting.holders == [101, 102, nil])
        #expect(throws: FloorRefusal.participantUnknown) {
            try meeting.server.grant(to: .init(rawValue: 1), in: conference, at: meeting.now)
        }
        #expect(throws: FloorRefusal.conferenceUnknown) {
            try meeting.server.grant(to: meeting.participant(1), in: 1, at: meeting.now)
        }
    }

    @Test func numbersAreNotGivenTwice() {
        let meeting = Meeting()
        meeting.add(1)
        let again = meeting.server.addConference(Meeting.conferenceID)
        #expect(!again)
        let other = FloorUser(userID: 1, participant: .init(rawValue: 9), displayName: "")
        for conference in [Meeting.conferenceID, 1] {
            let added = meeting.server.addUser(other, to: conference, at: meeting.now)
            #expect(added == nil)
        }
        // The participant of user 1 comes again, as user 8.
        _ = meeting.ask(1)
        meeting.add(8) { $0.participant = .init(rawValue: 101) }
        #expect(meeting.holders == [101, nil])
        #expect(meeting.ask(8)?.told.map(\.status) == [.granted])
        #expect(meeting.holder == 101)
    }
}
