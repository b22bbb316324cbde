import Testing

@testable import BFCP

/// What goes over the wire (RFC 8855 §5).
@Suite struct BFCPMessageTests {
    /// Written by hand after the figures of RFC 8855: version 1, FloorRequest of floor 1 for user 3, priority high, with
    /// the text "slides" of 6 octets.
    private static let floorRequest = hex("20010005 0000002a 0007 0003 04040001 02040003 08046000 1008 736c69646573")
    /// Version 2, R set: FloorRequestStatus of request 9, granted, of floor 1, for user 3 with the name "Hà".
    private static let granted = hex(
        """
        5004 0009 0000002a 0007 0003
        1e24 0009 2408 0009 0a040300 2208 0001 0a040300 1c0c 0003 1805 48c3a0 000000 08044000
        """)

    @Test func aFloorRequestIsRead() throws {
        let message = try BFCPMessage(parsing: Self.floorRequest)
        #expect(message.primitive == .floorRequest)
        #expect(message.version == 1)
        #expect((message.conferenceID, message.transactionID, message.userID) == (42, 7, 3))
        #expect(message.attributes.floorIDs == [1])
        // 02 is type 1, BENEFICIARY-ID; 04 is type 2, FLOOR-ID.
        #expect(message.attributes.beneficiaryID == 3)
        #expect(message.attributes.priority == 3)
        let text = message.attributes.first { if case .participantProvidedInfo(let text) = $0 { text } else { nil } }
        #expect(text == "slides")
        #expect(message.serialized() == Self.floorRequest)
    }

    @Test func groupsAreReadAndWritten() throws {
        let message = try BFCPMessage(parsing: Self.granted)
        #expect(message.isResponse)
        let status = BFCPAttribute(.requestStatus(.granted, queuePosition: 0))
        #expect(
            message.attributes == [
                .init(
                    .floorRequestInformation(
                        floorRequestID: 9,
                        [
                            .init(.overallRequestStatus(floorRequestID: 9, [status])),
                            .init(.floorRequestStatus(floorID: 1, [status])),
                            .init(.beneficiaryInformation(userID: 3, [.init(.userDisplayName("Hà"))])),
                            .init(.priority(2)),
                        ]))
            ])
        #expect(message.serialized() == Self.granted)
    }

    @Test func theLastPaddingOfAGroupMayBeMissing() throws {
        // BENEFICIARY-INFORMATION of 9 octets: its length does not count the padding of the name in it.
        let message = try BFCPMessage(parsing: hex("40060003 0000002a 0007 0003 1c09 0003 1805 48c3a0 000000"))
        #expect(
            message.attributes == [
                .init(.beneficiaryInformation(userID: 3, [.init(.userDisplayName("Hà"))]))
            ])
    }

    @Test func aLengthThatLiesIsRefused() {
        for change in [-4, -1, 1, 4] {
            var octets = Self.floorRequest
            if change < 0 { octets.removeLast(-change) } else { octets += [UInt8](repeating: 0, count: change) }
            #expect(throws: BFCPParseError.self) { try BFCPMessage(parsing: octets) }
        }
        let malformed = [
            // An attribute of length 0, and of 1; one beyond the message; a FLOOR-ID of 3 and of 6 octets.
            "20010001 0000002a 00070003 04000001", "20010001 0000002a 00070003 04010001",
            "20010001 0000002a 00070003 04050001", "20010001 0000002a 00070003 04030001",
            "20010002 0000002a 00070003 04060001 00000000",
            // A status that there is not; a group without its number; a group in a group in a group in a group.
            "20010001 0000002a 00070003 0a040800", "20010001 0000002a 00070003 1e030000",
            "20010004 0000002a 00070003 1e100001 1e0c0001 1e080001 1e040001",
        ]
        for text in malformed {
            #expect(throws: BFCPParseError.self, "\(text)") { try BFCPMessage(parsing: hex(text)) }
        }
    }

    @Test func whatIsWrongIsSaidWithTheHeader() throws {
        let wrong: [(String, BFCPParseError.Reason)] = [
            ("60010000 0000002a 00070003", .unsupportedVersion), ("20010001 0000002a 00070003", .incorrectLength),
            ("20010001 0000002a 00070003 04030001", .malformedAttribute),
        ]
        for (text, reason) in wrong {
            let error = try #require(throws: BFCPParseError.self) { try BFCPMessage(parsing: hex(text)) }
            #expect(error.reason == reason)
            #expect(error.header?.transactionID == 7)
        }
        let error = try #require(throws: BFCPParseError.self) { try BFCPMessage(parsing: hex("2001 0000 0000")) }
        #expect(error.header == nil)
    }

    @Test func unknownAttributesAreKeptAndTheMandatoryNamed() throws {
        // Types 40 (mandatory, in a group too), 41.
        let message = try BFCPMessage(
            parsing: hex("40010005 0000002a 00070003 51040000 52030000 24080001 51040000 51040000"))
        #expect(message.attributes.notUnderstood == [.init(rawValue: 40)])
        #expect(message.serialized() == hex("40010005 0000002a 00070003 51040000 52030000 24080001 51040000 51040000"))
    }

    @Test func textIsCutBetweenCharacters() {
        #expect(BFCPText("Hội trường", limit: 3).octets == Array("H".utf8))
        #expect(BFCPText("Hội trường", limit: 5).description == "Hội")
        #expect(BFCPText(String(repeating: "x", count: 300)).octets.count == 253)
    }

    @Test func aGroupLeavesOutWhatDoesNotFit() throws {
        let long = BFCPAttribute(.userURI(.init(octets: [UInt8](repeating: 120, count: 240))))
        let group = BFCPAttribute(.beneficiaryInformation(userID: 3, [long, long, .init(.priority(1))]))
        let message = BFCPMessage(
            .userStatus, version: 1, conferenceID: 1, transactionID: 1, userID: 1, attributes: [group])
        let read = try BFCPMessage(parsing: message.serialized())
        #expect(read.attributes.first?.grouped == [long, .init(.priority(1))])
    }

    // MARK: Properties

    @Test func parsingUndoesSerializing() throws {
        var random = SplitMix64(seed: 8_855)
        for _ in 0..<5_000 {
            let message = random.message()
            #expect(try BFCPMessage(parsing: message.serialized()) == message)
        }
    }

    @Test func randomOctetsNeverTrapAndWhatIsReadIsStable() {
        var random = SplitMix64(seed: 4_582)
        var read = 0
        for round in 0..<20_000 {
            var octets: [UInt8]
            if round.isMultiple(of: 4) {
                octets = random.octets(.random(in: 0...64, using: &random))
            } else {
                octets = random.message().serialized()
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    octets[.random(in: octets.indices, using: &random)] = .random(in: 0...255, using: &random)
                }
                if Bool.random(using: &random) { octets.removeLast(.random(in: 0...octets.count, using: &random)) }
            }
            guard let message = try? BFCPMessage(parsing: octets) else { continue }
            read += 1
            let again = try? BFCPMessage(parsing: message.serialized())
            #expect(again?.serialized() == message.serialized())
            _ = message.attributes.notUnderstood
        }
        #expect(read > 500)
    }
}
