import STUN
import Testing

/// The samples of RFC 5769, and what random octets do.
@Suite struct STUNMessageTests {
    private static func octets(_ text: String) -> [UInt8] {
        let digits = text.filter { !$0.isWhitespace }
        return stride(from: 0, to: digits.count, by: 2).compactMap { offset in
            let start = digits.index(digits.startIndex, offsetBy: offset)
            return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16)
        }
    }

    static let transactionID = octets("b7e7a701 bc34d686 fa87dfae")
    /// RFC 5769 §2.1.
    static let request = octets(
        """
        00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff
        80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020 00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249
        c1b571a2 80280004 e57a3bcf
        """)
    /// RFC 5769 §2.2.
    static let answerIPv4 = octets(
        """
        0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643
        00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96
        """)
    /// RFC 5769 §2.3.
    static let answerIPv6 = octets(
        """
        01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200014 0002a147 0113a9fa
        a5d3f179 bc25f4b5 bed2b9d9 00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c
        """)

    @Test func samplesAreRead() throws {
        let request = try #require(STUNMessage(parsing: Self.request))
        #expect(request.messageClass == .request)
        #expect(request.method == STUNMessage.binding)
        #expect(request.transactionID == Self.transactionID)
        #expect(request[.software] == Array("STUN test client".utf8))
        #expect(request[.username] == Array("evtj:h6vY".utf8))
        let mapped: [([UInt8], [UInt8])] = [
            (Self.answerIPv4, [192, 0, 2, 1]),
            (Self.answerIPv6, Self.octets("20010db8 12345678 00112233 44556677")),
        ]
        for (octets, address) in mapped {
            let answer = try #require(STUNMessage(parsing: octets))
            #expect(answer.messageClass == .success)
            let value = try #require(answer[.xorMappedAddress])
            #expect(
                STUNAddress(xorMapped: value, transactionID: answer.transactionID)
                    == .init(octets: address, port: 32_853))
        }
    }

    @Test func oneWrongOctetBreaksTheFingerprint() {
        for index in 20..<Self.answerIPv4.count {
            var octets = Self.answerIPv4
            octets[index] ^= 0x20
            if let message = STUNMessage(parsing: octets) {
                #expect(message[.fingerprint] == nil, "octet \(index)")
            }
        }
    }

    @Test(arguments: [[203, 0, 113, 9], [UInt8](1...16)]) func keepAlivesLearnTheirAddress(_ address: [UInt8]) throws {
        let source = STUNAddress(octets: address, port: 40_001)
        for attributes in [[], [STUNMessage.Attribute(.fingerprint, [0, 0, 0, 0])]] {
            let request = STUNMessage(.request, transactionID: Self.transactionID, attributes: attributes)
            let octets = try #require(STUNKeepAlive.answer(to: request.serialized(), from: source))
            let answer = try #require(STUNMessage(parsing: octets))
            #expect(answer.messageClass == .success)
            #expect(answer.transactionID == Self.transactionID)
            #expect((answer[.fingerprint] == nil) == attributes.isEmpty)
            let value = try #require(answer[.xorMappedAddress])
            #expect(STUNAddress(xorMapped: value, transactionID: Self.transactionID) == source)
        }
    }

    @Test func whatMustBeUnderstoodAndIsNotIsNamed() throws {
        let octets = try #require(
            STUNKeepAlive.answer(to: Self.request, from: .init(octets: [127, 0, 0, 1], port: 1)))
        let answer = try #require(STUNMessage(parsing: octets))
        #expect(answer.messageClass == .error)
        #expect(answer[.errorCode]?.prefix(4) == [0, 0, 4, 20])
        #expect(answer[.unknownAttributes] == [0, 0x24, 0, 6, 0, 8])
        #expect(STUNKeepAlive.answer(to: Self.answerIPv4, from: .init(octets: [127, 0, 0, 1], port: 1)) == nil)
    }

    @Test func serializingIsTheInverseOfParsing() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let message = STUNMessage(
                [.request, .indication, .success, .error].randomElement() ?? .request,
                method: .random(in: 0...0xFF, using: &random),
                transactionID: (0..<12).map { _ in .random(in: 0...255, using: &random) },
                attributes: (0..<Int.random(in: 0...5)).map { _ in
                    .init(
                        STUNAttributeType(rawValue: .random(in: 0...0x8027, using: &random)),
                        (0..<Int.random(in: 0...40)).map { _ in .random(in: 0...255, using: &random) })
                })
            #expect(STUNMessage(parsing: message.serialized()) == message)
        }
    }

    @Test func nothingTrapsIt() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var octets = [Self.request, Self.answerIPv4, Self.answerIPv6].randomElement() ?? []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                octets[.random(in: octets.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { octets.removeLast(.random(in: 0...octets.count, using: &random)) }
            _ = STUNMessage(parsing: octets)
            _ = STUNKeepAlive.answer(to: octets, from: .init(octets: [1, 2, 3, 4], port: 5))
        }
    }
}
