import Testing

@testable import BFCP

/// Who holds the floor, and who is told (RFC 8855 §13).
@Suite struct FloorControlServerTests {
    @Test(arguments: [false, true]) func aFreeFloorIsGrantedAtOnce(tcp: Bool) throws {
        let meeting = Meeting()
        meeting.add(1, tcp: tcp)
        let answer = try #require(meeting.ask(1))
        #expect(answer.primitive == .floorRequestStatus)
        #expect(answer.isResponse == !tcp)
        #expect(answer.version == (tcp ? 1 : 2))
        #expect(answer.told == [.init(request: 1, status: .granted, user: 1)])
        #expect(meeting.holders == [101])
        #expect(meeting.heard(1).count == 1, "nothing but the answer")
        let released = try #require(meeting.release(1, 1))
        #expect(released.told.map(\.status) == [.released])
        #expect(meeting.holders == [101, nil])
        #expect(meeting.release(1, 1)?.errorCode == 7)
    }

    @Test(arguments: [false, true]) func whoeverSharesLastTakesOver(tcp: Bool) throws {
        let meeting = Meeting()
        for user in UInt16(1)...3 { meeting.add(user, tcp: tcp) }
        meeting.say(.floorQuery, 3, [.floorID(1)])
        _ = meeting.ask(1)
        _ = meeting.heard(1)
        _ = meeting.heard(3)
        #expect(meeting.ask(2)?.told == [.init(request: 2, status: .granted, user: 2)])
        let revoked = meeting.heard(1)
        #expect(revoked.map(\.told) == [[.init(request: 1, status: .revoked, user: 1)]])
        #expect(revoked.allSatisfy { !$0.isResponse && ($0.transactionID == 0) == tcp })
        let seen = meeting.heard(3)
        #expect(seen.map(\.primitive) == [.floorStatus])
        #expect(seen.map(\.told) == [[.init(request: 2, status: .granted, user: 2)]])
        #expect(meeting.holders == [101, 102], "nobody in between")
    }

    @Test func anotherRequestOfTheHolderReplacesItsOwn() throws {
        let meeting = Meeting()
        meeting.add(1)
        _ = meeting.ask(1)
        #expect(meeting.ask(1)?.told.map(\.status) == [.granted])
        #expect(meeting.holders == [101])
        #expect(meeting.release(1, 1)?.errorCode == 7)
        #expect(meeting.release(1, 2)?.told.map(\.status) == [.released])
    }

    @Test func aQueueMovesUpByPriorityAndArrival() throws {
        let meeting = Meeting { $0.contention = .queue }
        for user in UInt16(1)...4 { meeting.add(user) }
        _ = meeting.ask(1)
        #expect(meeting.ask(2)?.told == [.init(request: 2, status: .accepted, position: 1, user: 2)])
        #expect(meeting.ask(3)?.told == [.init(request: 3, status: .accepted, position: 2, user: 3)])
        _ = meeting.heard(2)
        _ = meeting.heard(3)
        #expect(meeting.ask(4, priority: 4)?.told == [.init(request: 4, status: .accepted, position: 1, user: 4)])
        #expect(meeting.heard(2).map(\.told) == [[.init(request: 2, status: .accepted, position: 2, user: 2)]])
        #expect(meeting.heard(3).map(\.told) == [[.init(request: 3, status: .accepted, position: 3, user: 3)]])
        #expect(meeting.ask(2)?.errorCode == 8)
        #expect(meeting.waiting == [104, 102, 103])
        _ = meeting.heard(4)
        _ = meeting.release(1, 1)
        #expect(meeting.heard(4).map(\.told) == [[.init(request: 4, status: .granted, user: 4)]])
        #expect(meeting.holder == 104)
        // Who waits gives up; the next moves up.
        #expect(meeting.release(2, 2)?.told.map(\.status) == [.cancelled])
        #expect(meeting.heard(3).last?.told == [.init(request: 3, status: .accepted, position: 1, user: 3)])
        meeting.take(meeting.server.removeUser(meeting.participant(4), from: Meeting.conferenceID, at: meeting.now))
        #expect(meeting.holder == 103)
        #expect(meeting.holders == [101, 104, 103])
    }

    @Test func aHeldFloorMayBeDenied() {
        let meeting = Meeting { $0.contention = .deny }
        meeting.add(1)
        meeting.add(2)
        _ = meeting.ask(1)
        #expect(meeting.ask(2)?.told == [.init(request: 2, status: .denied, user: 2)])
        #expect(meeting.say(.floorRequestQuery, 2, [.floorRequestID(2)])?.errorCode == 7)
        #expect(meeting.holder == 101)
    }

    @Test func aChairDecides() throws {
        let meeting = Meeting {
            $0.awaitsChair = true
            $0.contention = .queue
        }
        for user in UInt16(1)...3 { meeting.add(user) { $0.isChair = user == 3 } }
        #expect(meeting.ask(1)?.told.map(\.status) == [.pending])
        #expect(meeting.ask(2)?.told.map(\.status) == [.pending])
        #expect(meeting.waiting == [101, 102])
        #expect(meeting.holders.isEmpty)
        func decide(_ request: UInt16, _ status: BFCPRequestStatus, by user: UInt16 = 3) -> BFCPMessage? {
            let decision = BFCPAttribute(.requestStatus(status, queuePosition: 0))
            return meeting.say(
                .chairAction, user,
                [
                    .floorRequestInformation(
                        floorRequestID: request, [.init(.floorRequestStatus(floorID: 1, [decision]))])
                ])
        }
        #expect(decide(1, .granted, by: 2)?.errorCode == 5)
        #expect(decide(9, .granted)?.errorCode == 7)
        _ = meeting.heard(1)
        _ = meeting.heard(2)
        #expect(decide(1, .accepted)?.primitive == .chairActionAck)
        #expect(meeting.heard(1).map { $0.told.map(\.status) } == [[.granted]])
        #expect(decide(2, .accepted)?.primitive == .chairActionAck)
        #expect(meeting.heard(2).map(\.told) == [[.init(request: 2, status: .accepted, position: 1, user: 2)]])
        #expect(decide(1, .revoked)?.primitive == .chairActionAck)
        #expect(meeting.heard(1).map { $0.told.map(\.status) } == [[.revoked]])
        #expect(meeting.holders == [101, 102])
        #expect(decide(2, .cancelled)?.errorCode == 14)
        #expect(meeting.ask(1)?.told.map(\.status) == [.pending])
        #expect(decide(3, .denied)?.primitive == .chairActionAck)
        #expect(meeting.heard(1).last?.told.map(\.status) == [.denied])
        // The chair may ask for others.
        let asked = meeting.say(.floorRequest, 3, [.floorID(1), .beneficiaryID(1)])
        #expect(asked?.told == [.init(request: 4, status: .pending, user: 1)])
        #expect(meeting.heard(1).map { $0.told.map(\.status) } == [[.pending]])
        #expect(meeting.say(.floorRequest, 2, [.floorID(1), .beneficiaryID(1)])?.errorCode == 5)
    }

    @Test func aRequestForSeveralFloorsGetsAllOrWaits() {
        let meeting = Meeting {
            $0.floors = [1, 2, 3]
            $0.contention = .queue
        }
        for user in UInt16(1)...3 { meeting.add(user) }
        _ = meeting.ask(1, floor: 1)
        let both = meeting.say(.floorRequest, 2, [.floorID(2), .floorID(1), .floorID(2)])
        #expect(both?.told == [.init(request: 2, status: .accepted, position: 1, user: 2)])
        #expect(meeting.ask(3, floor: 2)?.told.map(\.status) == [.granted])
        _ = meeting.release(1, 1)
        #expect(meeting.server.holder(of: 1, in: Meeting.conferenceID) == nil)
        _ = meeting.release(3, 3)
        #expect(meeting.server.holder(of: 1, in: Meeting.conferenceID)?.rawValue == 102)
        #expect(meeting.server.holder(of: 2, in: Meeting.conferenceID)?.rawValue == 102)
    }

    // MARK: Queries

    @Test func thoseWhoWatchAreToldUntilTheyAskForNothing() throws {
        let meeting = Meeting()
        meeting.add(1)
        meeting.add(2)
        let first = try #require(meeting.say(.floorQuery, 2, [.floorID(1)]))
        #expect(first.primitive == .floorStatus)
        #expect(first.isResponse)
        #expect((first.attributes.floorIDs, first.told) == ([1], []))
        _ = meeting.heard(2)
        _ = meeting.ask(1)
        let second = meeting.heard(2)
        #expect(second.map(\.told) == [[.init(request: 1, status: .granted, user: 1)]])
        let name = second.first?.attributes.last?.grouped.first { $0.type == .beneficiaryInformation }?.grouped.first
        #expect(name?.value == .userDisplayName("Điểm 1"))
        _ = meeting.release(1, 1)
        #expect(meeting.heard(2).map(\.told) == [[]])
        #expect(meeting.say(.floorQuery, 2)?.attributes.isEmpty == true)
        _ = meeting.heard(2)
        _ = meeting.ask(1)
        #expect(meeting.heard(2).isEmpty)
        #expect(meeting.say(.floorQuery, 2, [.floorID(9)])?.errorCode == 6)
    }

    @Test func severalFloorsAreToldOneByOne() {
        let meeting = Meeting { $0.floors = [1, 2] }
        meeting.add(1)
        #expect(meeting.say(.floorQuery, 1, [.floorID(2), .floorID(1)])?.attributes.floorIDs == [2])
        #expect(meeting.heard(1).map(\.attributes.floorIDs) == [[2], [1]])
    }

    @Test func usersAndRequestsCanBeAskedFor() {
        let meeting = Meeting()
        meeting.add(1)
        meeting.add(2)
        _ = meeting.ask(1)
        let own = meeting.say(.userQuery, 1)
        #expect(own?.told == [.init(request: 1, status: .granted, user: 1)])
        let other = meeting.say(.userQuery, 2, [.beneficiaryID(1)])
        #expect(other?.primitive == .userStatus)
        #expect(other?.attributes.first?.type == .beneficiaryInformation)
        #expect(other?.told == own?.told)
        #expect(meeting.say(.userQuery, 2, [.beneficiaryID(77)])?.errorCode == 2)
        #expect(meeting.say(.floorRequestQuery, 2, [.floorRequestID(1)])?.told == own?.told)
    }

    @Test(arguments: [false, true]) func helloIsAnsweredWithWhatIsSpoken(tcp: Bool) {
        let meeting = Meeting()
        meeting.add(1, tcp: tcp)
        let ack = meeting.say(.hello, 1)
        #expect(ack?.primitive == .helloAck)
        let primitives = ack?.attributes.first { if case .supportedPrimitives(let all) = $0 { all.count } else { nil } }
        #expect(primitives == (tcp ? 13 : 17))
    }

    // MARK: Errors

    @Test func eachMistakeHasItsError() {
        let meeting = Meeting()
        meeting.add(1)
        meeting.add(2) { $0.mayRequest = false }
        _ = meeting.ask(1)
        let flow = meeting.flows[1]
        #expect(meeting.say(.hello, 1, conferenceID: 1)?.errorCode == 1)
        #expect(meeting.say(.hello, 77, from: flow)?.errorCode == 2)
        #expect(meeting.say(.init(rawValue: 18), 1, version: 2)?.errorCode == nil)
        #expect(meeting.say(.init(rawValue: 99), 1)?.errorCode == 3)
        #expect(meeting.say(.floorStatus, 1)?.errorCode == 3)
        #expect(meeting.ask(2)?.errorCode == 5)
        #expect(meeting.release(2, 1)?.errorCode == 5)
        #expect(meeting.ask(1, floor: 2)?.errorCode == 6)
        #expect(meeting.say(.floorRequest, 1)?.errorCode == 10)
        #expect(meeting.say(.floorRelease, 1)?.errorCode == 10)
        #expect(meeting.say(.floorRequest, 1, [.floorID(1), .beneficiaryID(77)])?.errorCode == 2)
        #expect(meeting.holders == [101])
    }

    @Test func unknownMandatoryAttributesAreNamed() throws {
        let meeting = Meeting()
        meeting.add(1)
        let request = BFCPMessage(
            .floorRequest, version: 2, conferenceID: Meeting.conferenceID, transactionID: 5, userID: 1,
            attributes: [
                .init(.floorID(1)), .init(.unknown(.init(rawValue: 50), [1]), isMandatory: true),
                .init(.unknown(.init(rawValue: 51), [])), .init(.unknown(.init(rawValue: 52), []), isMandatory: true),
            ])
        let flow = try #require(meeting.flows[1])
        let answer = try #require(meeting.exchange(request.serialized(), on: flow).first)
        #expect(answer.attributes.map(\.value) == [.errorCode(.unknownMandatoryAttribute, details: [100, 104])])
        #expect(meeting.holder == nil)
    }

    @Test func octetsThatAreNoMessageAreAnsweredByTheirHeader() throws {
        let meeting = Meeting()
        meeting.add(1)
        let flow = try #require(meeting.flows[1])
        let wrong: [(String, UInt8)] = [
            ("40010001 00001267 00090001 04030001", 10), ("60010000 00001267 00090001", 12),
            ("40010002 00001267 00090001 04040001", 13),
        ]
        for (text, code) in wrong {
            let answer = meeting.exchange(hex(text), on: flow).first
            #expect(answer?.errorCode == code)
            #expect((answer?.transactionID, answer?.isResponse, answer?.version) == (9, true, 2))
        }
        // Not even a header; and what is an answer itself.
        #expect(meeting.exchange(hex("4001"), on: flow).isEmpty)
        #expect(meeting.exchange(hex("50010001 00001267 00090001 04030001"), on: flow).isEmpty)
        #expect(meeting.exchange(hex("400d0001 00001267 00090001 04030001"), on: flow).isEmpty)
    }

    @Test func randomMessagesNeverTrapIt() {
        var random = SplitMix64(seed: 99)
        let meeting = Meeting {
            $0.floors = [1, 2, 3]
            $0.contention = .queue
            $0.requestsPerUser = 3
        }
        meeting.acknowledges = false
        for user in UInt16(1)...4 { meeting.add(user, tcp: user == 4) { $0.isChair = user == 3 } }
        for _ in 0..<10_000 {
            var message = random.message()
            message.conferenceID = Meeting.conferenceID
            message.userID = .random(in: 1...5, using: &random)
            message.transactionID = .random(in: 1...400, using: &random)
            message.attributes += [
                .init(.floorID(.random(in: 1...3, using: &random))),
                .init(.floorRequestID(.random(in: 1...30, using: &random))),
            ].shuffled(using: &random)
            let flow = meeting.flows[.random(in: 1...4, using: &random)]
            if let flow { _ = meeting.exchange(message.serialized(), on: flow) }
            if Int.random(in: 0..<50, using: &random) == 0 { meeting.wait(.milliseconds(700)) }
        }
        #expect(meeting.holders.count > 10)
        #expect(meeting.server.associations.count <= 4)
    }
}
