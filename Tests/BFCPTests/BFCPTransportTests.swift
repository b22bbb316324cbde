import Testing

@testable import BFCP

/// Streams, fragments, and what is repeated over UDP (RFC 8855 §6 and §8).
@Suite struct BFCPTransportTests {
    private let start = ContinuousClock.now

    private func message(_ primitive: BFCPPrimitive, _ id: UInt16 = 0, floor: UInt16? = nil, octets: Int = 0)
        -> BFCPMessage
    {
        var attributes = (0..<(octets / 64)).map {
            BFCPAttribute(.unknown(.init(rawValue: 99), Array(repeating: UInt8($0 & 255), count: 62)))
        }
        if let floor { attributes.append(.init(.floorID(floor))) }
        return BFCPMessage(
            primitive, version: 2, conferenceID: 1, transactionID: id, userID: 2, attributes: attributes)
    }

    // MARK: TCP

    @Test func aStreamIsCutWhereverItsSegmentsEnd() throws {
        var random = SplitMix64(seed: 1)
        for _ in 0..<200 {
            let messages = (0..<5).map { _ in random.message().serialized() }
            var stream = messages.flatMap(\.self)[...]
            var framer = BFCPStreamFramer(maximumMessageSize: 8_192)
            var cut: [[UInt8]] = []
            while !stream.isEmpty {
                let count = Int.random(in: 1...200, using: &random)
                framer.append(stream.prefix(count))
                stream = stream.dropFirst(count)
                while let octets = try framer.next() { cut.append(octets) }
            }
            #expect(cut == messages)
            #expect(!framer.isInsideMessage)
        }
    }

    @Test func aStreamThatIsNoBFCPEndsAtOnce() {
        var random = SplitMix64(seed: 2)
        let streams = [
            // TLS and an HTTP request; a payload of 256 KiB; a fragment.
            hex("16030100 c8010000 c4030300"), Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
            hex("2001ffff 00000001 00010001"), hex("48010004 00000001 00010001 00000002"),
        ]
        for stream in streams {
            var framer = BFCPStreamFramer(maximumMessageSize: 8_192)
            framer.append(stream)
            #expect(throws: BFCPParseError.self) { try framer.next() }
            framer.append(random.octets(100_000))
            #expect(throws: BFCPParseError.self) { try framer.next() }
            #expect(!framer.isInsideMessage)
        }
    }

    // MARK: Fragments

    @Test func fragmentsJoinInAnyOrderAndRepeated() throws {
        var random = SplitMix64(seed: 3)
        for size in [1_300, 2_000, 5_000, 8_000] {
            let whole = message(.floorRequest, 5, floor: 1, octets: size).serialized()
            var datagrams = BFCPFragmentation.datagrams(of: whole, limit: 600)
            #expect(datagrams.count > 1)
            #expect(datagrams.allSatisfy { $0.count <= 600 })
            datagrams += datagrams.dropLast()
            datagrams.shuffle(using: &random)
            var reassembler = BFCPReassembler(maximumMessageSize: 8_192)
            var results: [[UInt8]] = []
            for datagram in datagrams {
                if let octets = try reassembler.take(datagram, at: start) { results.append(octets) }
            }
            #expect(results.first == whole)
        }
    }

    @Test func fragmentsThatDisagreeEndTheirMessage() throws {
        let whole = message(.floorRequest, 5, octets: 1_300).serialized()
        let datagrams = BFCPFragmentation.datagrams(of: whole, limit: 600)
        var reassembler = BFCPReassembler(maximumMessageSize: 8_192)
        #expect(try reassembler.take(datagrams[0], at: start) == nil)
        var other = datagrams[0]
        other[100] ^= 1
        #expect(try reassembler.take(other, at: start) == nil)
        for datagram in datagrams.dropFirst() { #expect(try reassembler.take(datagram, at: start) == nil) }
        #expect(try reassembler.take(datagrams[0], at: start) == whole)
    }

    @Test func fragmentsAreNotKeptForLongNorForMany() throws {
        var reassembler = BFCPReassembler(maximumMessageSize: 8_192, maximumMessages: 2)
        func parts(_ id: UInt16) -> [[UInt8]] {
            BFCPFragmentation.datagrams(of: message(.floorRequest, id, octets: 1_100).serialized(), limit: 700)
        }
        #expect(try reassembler.take(parts(1)[0], at: start) == nil)
        #expect(try reassembler.take(parts(1)[1], at: start + .seconds(11)) == nil)
        for id in UInt16(2)...4 {
            #expect(try reassembler.take(parts(id)[0], at: start + .seconds(20) + .milliseconds(Int(id))) == nil)
        }
        let later = start + .seconds(21)
        #expect(try reassembler.take(parts(2)[1], at: later) == nil, "the oldest gave way")
        #expect(try reassembler.take(parts(4)[1], at: later) != nil)
    }

    @Test func fragmentsBeyondTheirMessageAreRefused() {
        var reassembler = BFCPReassembler(maximumMessageSize: 8_192)
        let wrong = [
            "48010001 00000001 00010001 00010001 00000000", "48010001 00000001 00010001 00000000",
            "48010002 00000001 00010001 00000002 00000000", "4801ffff 00000001 00010001 00000001 00000000",
            "48010001 00000001 00010001",
        ]
        for text in wrong {
            #expect(throws: BFCPParseError.self) { try reassembler.take(hex(text), at: start) }
        }
        var random = SplitMix64(seed: 4)
        for _ in 0..<20_000 {
            var octets = random.octets(.random(in: 0...60, using: &random))
            if octets.count > 16, Bool.random(using: &random) { octets.replaceSubrange(0..<4, with: [0x48, 1, 0, 11]) }
            _ = try? reassembler.take(octets, at: start)
        }
    }

    // MARK: Transactions

    private func association() -> BFCPAssociation {
        BFCPAssociation(version: 2, isReliable: false, timers: .init(), limits: .init())
    }

    private func response(to octets: [UInt8], _ primitive: BFCPPrimitive, version: UInt8 = 2) throws -> BFCPMessage {
        var message = try BFCPMessage(parsing: octets).response(primitive)
        message.version = version
        message.isResponse = version != 1
        return message
    }

    @Test func aRequestIsRepeatedThriceAndThenGivenUp() throws {
        var peer = association()
        let sent = peer.request(message(.floorStatus, floor: 1), at: start)
        #expect(try BFCPMessage(parsing: #require(sent.first)).transactionID != 0)
        _ = peer.request(message(.floorRequestStatus), at: start)
        var repeated: [Duration] = []
        var ended: Duration?
        while let due = peer.deadline {
            switch peer.advance(to: due) {
            case .send(let datagrams):
                #expect(datagrams == sent)
                repeated.append(due - start)
            case .unanswered(let primitive, let late):
                #expect(primitive == .floorStatus)
                ended = due - start
                // What waited goes once, and what comes after it too, until the peer acknowledges something.
                #expect(try late.map { try BFCPMessage(parsing: $0).primitive } == [.floorRequestStatus])
            case .nothing: Issue.record("nothing was due")
            }
        }
        #expect(repeated == [.milliseconds(500), .milliseconds(1_500), .milliseconds(3_500)])
        #expect(ended == .milliseconds(7_500))
        let next = try #require(peer.request(message(.floorStatus, floor: 1), at: start).first)
        #expect(peer.deadline == nil)
        _ = peer.take(response: try response(to: next, .floorStatusAck), at: start)
        _ = peer.request(message(.floorStatus, floor: 1), at: start)
        #expect(peer.deadline == start + .milliseconds(500))
    }

    @Test func oneRequestIsOnItsWayAtATime() throws {
        var peer = association()
        let first = try #require(peer.request(message(.floorStatus, floor: 1), at: start).first)
        #expect(peer.request(message(.floorRequestStatus), at: start).isEmpty)
        #expect(peer.request(message(.floorStatus, floor: 2), at: start).isEmpty)
        // The later word on the floor replaces the one that has not gone yet.
        #expect(peer.request(message(.floorStatus, floor: 2, octets: 64), at: start).isEmpty)
        let stray = message(.floorStatusAck, 99)
        #expect(peer.take(response: stray, at: start).isEmpty)
        var last = first
        var order: [BFCPMessage] = []
        while let next = peer.take(response: try response(to: last, .floorStatusAck), at: start).first {
            order.append(try BFCPMessage(parsing: next))
            last = next
        }
        #expect(order.map(\.primitive) == [.floorRequestStatus, .floorStatus])
        #expect(order.last?.attributes.count == 2)
        #expect(peer.deadline == nil)
    }

    @Test func whatWaitsIsBounded() {
        var peer = association()
        for floor in UInt16(1)...500 { _ = peer.request(message(.floorStatus, floor: floor), at: start) }
        for _ in 0..<500 { _ = peer.request(message(.floorRequestStatus), at: start) }
        var count = 0
        var outstanding = UInt16(1)
        while let next = peer.take(response: message(.floorStatusAck, outstanding), at: start).first {
            outstanding = (try? BFCPMessage(parsing: next).transactionID) ?? 0
            count += 1
        }
        #expect(count == BFCPAssociation.waitingLimit)
    }

    /// Systems that speak the drafts before RFC 8855 say version 1 over UDP, and count their acknowledgements otherwise.
    @Test(arguments: [UInt8(14), 15, 16]) func oldAcknowledgementsAreKnownByTheirTransaction(_ primitive: UInt8) throws
    {
        var peer = association()
        peer.version = 1
        // Before it has acknowledged anything, it gets all at once, and once.
        _ = peer.request(message(.floorStatus, floor: 1), at: start)
        let sent = try #require(peer.request(message(.floorStatus, floor: 1), at: start).first)
        #expect(peer.deadline == nil)
        let answer = try response(to: sent, .init(rawValue: primitive), version: 1)
        #expect(peer.isResponse(answer))
        var other = answer
        other.transactionID &+= 1
        #expect(!peer.isResponse(other))
        _ = peer.take(response: answer, at: start)
        _ = peer.request(message(.floorStatus, floor: 1), at: start)
        #expect(peer.deadline != nil)
    }

    @Test func aRepeatedRequestIsAnsweredFromMemoryForT2() {
        var peer = association()
        let request = message(.floorRequest, 7, floor: 1)
        let answer = peer.answer(request, with: request.response(.floorRequestStatus), at: start)
        #expect(peer.answer(to: request, at: start + .milliseconds(9_900)) == answer)
        #expect(peer.answer(to: request, at: start + .seconds(10)) == nil)
        #expect(peer.answer(to: message(.floorRequest, 8), at: start) == nil)
    }

    @Test func overTCPNothingWaitsAndNothingIsNumbered() throws {
        var peer = BFCPAssociation(version: 1, isReliable: true, timers: .init(), limits: .init())
        for _ in 0..<3 {
            let sent = try #require(peer.request(message(.floorStatus, 9, floor: 1), at: start).first)
            let message = try BFCPMessage(parsing: sent)
            #expect((message.version, message.transactionID) == (1, 0))
        }
        #expect(peer.deadline == nil)
    }
}
