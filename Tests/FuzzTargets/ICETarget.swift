import DTLS
import ICE
import STUN

/// Datagrams to an ICE-lite agent: as they are, or signed as its peer would, and restarts in between.
enum ICETarget {
    private static let credentials = (0..<4).map { number in
        ICECredentials(usernameFragment: "frag\(number)", password: "password\(number)+password+password")
    }

    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        try compare(octets)
        guard let first = credentials[0] else { throw FuzzFinding(description: "credentials are refused") }
        var input = FuzzInput(octets)
        var agent = ICELiteAgent<HMACSHA1Key>(first)
        agent.setRemote(usernameFragment: "peer")
        var now: UInt64 = 0
        for _ in 0..<64 where !input.isEmpty {
            let choice = input.byte()
            now += UInt64(choice)
            let source = TransportAddress(ipv4: 0x0A00_0000 | UInt32(choice >> 3), port: 9)
            switch choice & 7 {
            case 0:
                guard let next = credentials[Int(choice >> 6)] else { continue }
                agent.restart(next)
            case 1...3: try handle(input.octets(Int(input.byte())), &agent, source, now, isSigned: false)
            default:
                let attributes = input.octets(Int(input.byte()))
                try handle(signed(attributes, by: agent.local), &agent, source, now, isSigned: true)
            }
        }
    }

    private static func handle(
        _ octets: [UInt8], _ agent: inout ICELiteAgent<HMACSHA1Key>, _ source: TransportAddress, _ now: UInt64,
        isSigned: Bool
    ) throws(FuzzFinding) {
        let selected = agent.selected
        var room = [UInt8](repeating: 0, count: ICELiteAgent<HMACSHA1Key>.answerCapacity)
        let outcome = withExactBytes(octets) { (datagram) -> ICEOutcome in
            room.withUnsafeMutableBytes { agent.handle(datagram.bytes, from: source, at: now, answer: $0) }
        }
        switch outcome.event {
        case .ignored: try require(outcome.answerLength == 0, "what is ignored is answered")
        case .refused: break
        case .checked, .validated, .selected:
            try require(isSigned, "what nobody signed has an effect")
            try require(agent.isValidated(source), "a check validates nothing")
        }
        try require(agent.selected == selected || outcome.event == .selected, "the path moves silently")
        guard outcome.event != .ignored else { return }
        try require(outcome.answerLength > 0, "an answer has no room")
        let answer = Array(room.prefix(outcome.answerLength))
        try require(STUNMessage(parsing: answer) != nil, "the answer cannot be read")
        try require(answer.count <= octets.count + 88, "\(octets.count) octets draw \(answer.count)")
    }

    /// The two readers of STUN must agree.
    private static func compare(_ octets: [UInt8]) throws(FuzzFinding) {
        let message = STUNMessage(parsing: octets)
        let agrees = withExactBytes(octets) { (bytes) -> Bool in
            guard let packet = try? STUNPacket(parsing: bytes.bytes) else { return message == nil }
            _ = packet.isAuthentic(by: HMACSHA1Key(password: "p".utf8))
            guard let message else { return false }
            guard packet.messageClass == message.messageClass, packet.method == message.method else { return false }
            guard let value = message[.xorMappedAddress], !packet.hasMessageIntegrity else { return true }
            let address = STUNAddress(xorMapped: value, transactionID: message.transactionID)
            return (address?.port == packet.xorMappedAddress?.port)
        }
        try require(agrees, "the two readers of STUN do not agree")
    }

    /// A Binding request with a right username, any other attributes, and integrity.
    private static func signed(_ attributes: [UInt8], by credentials: ICECredentials) -> [UInt8] {
        let username = Array("\(credentials.usernameFragment):peer".utf8)
        var room = [UInt8](repeating: 0, count: 2_048)
        let count = room.withUnsafeMutableBytes { room in
            var writer = STUNPacketWriter(into: room, .request, transactionID: .init(first: 1, rest: 2))
            writer.add(.username, username.span.bytes)
            var input = FuzzInput(attributes)
            for _ in 0..<16 where !input.isEmpty {
                let type = STUNAttributeType(rawValue: input.half())
                let value = input.octets(Int(input.byte() & 31))
                guard type != .fingerprint, type != .messageIntegrity else { continue }
                writer.add(type, value.span.bytes)
            }
            writer.addMessageIntegrity(HMACSHA1Key(password: credentials.password.utf8))
            writer.addFingerprint()
            return writer.count
        }
        return Array(room.prefix(count))
    }
}
