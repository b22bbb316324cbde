import DTLS
import STUN
import Testing

/// STUN as the packet path reads and writes it: the samples of RFC 5769, and what random octets do.
@Suite struct STUNPacketTests {
    private let key = HMACSHA1Key(password: "VOkJxbRl1RmTxUk/WvJxBt".utf8)

    @Test func theSampleRequestIsReadAndAuthentic() throws {
        let octets = STUNMessageTests.request
        let packet = try Reading(octets, key)
        #expect(packet.messageClass == .request)
        #expect(packet.method == STUNMessage.binding)
        #expect(packet.transactionID == STUNTransactionID(first: 0xb7e7_a701, rest: 0xbc34_d686_fa87_dfae))
        #expect(packet.priority == 0x6e00_01ff)
        #expect(packet.controlled == 0x932f_f9b1_5126_3b36)
        #expect(packet.controlling == nil)
        #expect(packet.username == Array("evtj:h6vY".utf8))
        #expect(!packet.nominates)
        #expect(packet.hasMessageIntegrity && packet.hasFingerprint)
        #expect(packet.isAuthentic)
        #expect(try !Reading(octets, HMACSHA1Key(password: "VOkJxbRl1RmTxUk/WvJxBu".utf8)).isAuthentic)
    }

    @Test func theSampleAnswersTellTheirAddresses() throws {
        let samples = [
            (STUNMessageTests.answerIPv4, TransportAddress(ipv4: 0xC000_0201, port: 32_853)),
            (
                STUNMessageTests.answerIPv6,
                TransportAddress(ipv6: 0x2001_0db8_1234_5678, 0x0011_2233_4455_6677, port: 32_853)
            ),
        ]
        for (octets, address) in samples {
            let packet = try Reading(octets, key)
            #expect(packet.messageClass == .success)
            #expect(packet.isAuthentic)
            #expect(packet.xorMappedAddress == address)
        }
        #expect(samples[0].1.description == "192.0.2.1:32853")
        #expect(samples[1].1.description == "[2001:db8:1234:5678:11:2233:4455:6677]:32853")
    }

    /// The samples' padding is not zeros, but all else must come out as it was.
    @Test func theSampleRequestIsWrittenAgain() throws {
        let software = Array("STUN test client".utf8)
        let username = Array("evtj:h6vY".utf8)
        let written = write(.request, .init(first: 0xb7e7_a701, rest: 0xbc34_d686_fa87_dfae)) { writer in
            writer.add(.software, software.span.bytes)
            writer.addWord(.priority, 0x6e00_01ff)
            writer.addDoubleWord(.iceControlled, 0x932f_f9b1_5126_3b36)
            writer.add(.username, username.span.bytes)
            writer.addMessageIntegrity(key)
            writer.addFingerprint()
        }
        let sample = STUNMessageTests.request
        #expect(written?.prefix(73) == sample.prefix(73))
        #expect(written?.dropFirst(76).prefix(4) == sample.dropFirst(76).prefix(4))
        let packet = try Reading(written ?? [], key)
        #expect(packet.isAuthentic)
    }

    @Test func anyOctetChangedIsNotAuthentic() {
        let sample = STUNMessageTests.request
        // Without the FINGERPRINT, which would find it first; the length is that of the header.
        let octets = sample.dropLast(8)
        for index in octets.indices {
            var changed = Array(octets)
            changed[3] = UInt8(changed.count - 20)
            changed[index] ^= 0x01
            guard let packet = try? Reading(changed, key) else { continue }
            #expect(!packet.isAuthentic, "octet \(index)")
        }
    }

    @Test func whatFollowsTheIntegrityDoesNotCount() throws {
        let octets = write(.request, .init(first: 1, rest: 2)) { writer in
            writer.addMessageIntegrity(key)
            writer.addFlag(.useCandidate)
        }
        let packet = try Reading(octets ?? [], key)
        #expect(packet.isAuthentic)
        #expect(!packet.nominates)
    }

    @Test func mappedIPv4IsIPv4() {
        #expect(
            TransportAddress(ipv6: 0, 0xFFFF_C000_0201, port: 9) == TransportAddress(ipv4: 0xC000_0201, port: 9))
    }

    @Test func readingIsTheInverseOfWriting() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let id = STUNTransactionID(first: random.next(), rest: random.next())
            let address =
                Bool.random()
                ? TransportAddress(ipv4: random.next(), port: random.next())
                : TransportAddress(ipv6: random.next(), random.next(), port: random.next())
            let value = (0..<Int.random(in: 0...40)).map { _ in UInt8.random(in: 0...255) }
            let priority: UInt32 = random.next()
            let octets = try #require(
                write(.error, id) { writer in
                    writer.addXORMappedAddress(address)
                    writer.addErrorCode(.roleConflict)
                    writer.add(.software, value.span.bytes)
                    writer.addWord(.priority, priority)
                    writer.addMessageIntegrity(key)
                    writer.addFingerprint()
                })
            let packet = try Reading(octets, key)
            #expect(packet.transactionID == id)
            #expect(packet.xorMappedAddress == address)
            #expect(packet.errorCode == .roleConflict)
            #expect(packet.software == value)
            #expect(packet.priority == priority)
            #expect(packet.isAuthentic)
            // Signalling's reader sees the same.
            #expect(STUNMessage(parsing: octets)?.serialized() == octets)
        }
    }

    @Test func aBufferThatIsTooSmallIsNotOverrun() {
        for capacity in 0..<100 {
            var room = [UInt8](repeating: 0xAA, count: capacity + 8)
            room.withUnsafeMutableBytes { room in
                var writer = STUNPacketWriter(
                    into: .init(rebasing: room[..<capacity]), .success, transactionID: .init(first: 1, rest: 2))
                writer.addXORMappedAddress(.init(ipv6: 1, 2, port: 3))
                writer.addMessageIntegrity(key)
                writer.addFingerprint()
                #expect(writer.isComplete == (capacity >= 76))
                #expect(writer.count <= capacity)
            }
            #expect(room.suffix(8).allSatisfy { $0 == 0xAA })
        }
    }

    @Test func nothingTrapsIt() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var octets =
                [STUNMessageTests.request, STUNMessageTests.answerIPv4, STUNMessageTests.answerIPv6]
                .randomElement() ?? []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                octets[.random(in: octets.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { octets.removeLast(.random(in: 0...octets.count, using: &random)) }
            if octets.count >= 4, Bool.random(using: &random) {
                octets[2] = UInt8((octets.count - 20) >> 8 & 0xFF)
                octets[3] = UInt8(truncatingIfNeeded: octets.count - 20)
            }
            guard let packet = try? STUNPacket(parsing: octets.span.bytes) else { continue }
            _ = packet.isAuthentic(by: key)
            _ = packet.xorMappedAddress
            _ = packet.errorCode
            _ = packet.unknownAttributes { _ in false }
        }
    }

    private func write(
        _ messageClass: STUNMessage.Class, _ id: STUNTransactionID, _ body: (inout STUNPacketWriter) -> Void
    ) -> [UInt8]? {
        var room = [UInt8](repeating: 0, count: 256)
        let count = room.withUnsafeMutableBytes { room in
            var writer = STUNPacketWriter(into: room, messageClass, transactionID: id)
            body(&writer)
            return writer.isComplete ? writer.count : nil
        }
        return count.map { Array(room.prefix($0)) }
    }
}

/// What a packet tells, copied out of it: a view cannot go into `#expect`.
private struct Reading {
    let messageClass: STUNMessage.Class
    let method: UInt16
    let transactionID: STUNTransactionID
    let username, software: [UInt8]?
    let priority: UInt32?
    let controlled, controlling: UInt64?
    let nominates, hasMessageIntegrity, hasFingerprint, isAuthentic: Bool
    let xorMappedAddress: TransportAddress?
    let errorCode: STUNErrorCode?

    init(_ octets: [UInt8], _ key: HMACSHA1Key) throws {
        let packet = try STUNPacket(parsing: octets.span.bytes)
        messageClass = packet.messageClass
        method = packet.method
        transactionID = packet.transactionID
        username = Self.octets(of: packet[.username])
        software = Self.octets(of: packet[.software])
        priority = packet.word(.priority)
        controlled = packet.doubleWord(.iceControlled)
        controlling = packet.doubleWord(.iceControlling)
        nominates = packet.contains(.useCandidate)
        hasMessageIntegrity = packet.hasMessageIntegrity
        hasFingerprint = packet.hasFingerprint
        isAuthentic = packet.isAuthentic(by: key)
        xorMappedAddress = packet.xorMappedAddress
        errorCode = packet.errorCode
    }

    private static func octets(of value: RawSpan?) -> [UInt8]? {
        guard let value else { return nil }
        return value.withUnsafeBytes(Array.init)
    }
}
