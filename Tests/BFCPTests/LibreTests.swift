import Testing

@testable import BFCP

/// libre reads what is written here as it is read here, and the other way round.
@Suite(.enabled(if: Libre.isInstalled, "needs libre-dev and a C compiler")) struct LibreTests {
    @Test func libreReadsWhatIsWrittenHere() throws {
        var random = SplitMix64(seed: 1)
        let messages = (0..<2_000).map { _ in random.plainMessage() }
        let seen = try Libre.codec("decode", messages.map { Self.hexadecimal($0.serialized()) })
        #expect(seen == messages.map(\.asSeenByLibre))
    }

    @Test func whatLibreWritesIsReadHere() throws {
        let lines = try Libre.codec("encode")
        #expect(lines.count == 24)
        for index in stride(from: 0, to: lines.count - 1, by: 2) {
            let octets = hex(lines[index])
            let message = try BFCPMessage(parsing: octets)
            #expect(message.asSeenByLibre == lines[index + 1])
            #expect(message.serialized() == octets)
        }
    }

    /// Of what is broken, libre must not see what is not seen here: a difference would be somebody's bug.
    @Test func whatIsRefusedHereIsNoMoreToLibre() throws {
        var random = SplitMix64(seed: 2)
        var octets: [[UInt8]] = []
        for _ in 0..<2_000 {
            var broken = random.plainMessage().serialized()
            broken.removeLast(.random(in: 1...broken.count, using: &random))
            octets.append(broken)
        }
        let seen = try Libre.codec("decode", octets.map(Self.hexadecimal))
        for (octets, line) in zip(octets, seen) {
            #expect(throws: BFCPParseError.self) { try BFCPMessage(parsing: octets) }
            #expect(line == "error")
        }
    }

    private static func hexadecimal(_ octets: [UInt8]) -> String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension SplitMix64 {
    /// A message of attributes that libre knows, with texts that survive being C strings.
    fileprivate mutating func plainMessage() -> BFCPMessage {
        var message = message()
        message.attributes = message.attributes.compactMap(\.plain)
        return message
    }
}

extension BFCPAttribute {
    fileprivate var plain: BFCPAttribute? {
        func letters(_ text: BFCPText) -> BFCPText { .init(octets: [120] + text.octets.map { 97 + $0 % 26 }) }
        var plain = self
        switch value {
        case .unknown: return nil
        case .errorInfo(let text): plain.value = .errorInfo(letters(text))
        case .participantProvidedInfo(let text): plain.value = .participantProvidedInfo(letters(text))
        case .statusInfo(let text): plain.value = .statusInfo(letters(text))
        case .userDisplayName(let text): plain.value = .userDisplayName(letters(text))
        case .userURI(let text): plain.value = .userURI(letters(text))
        case .beneficiaryInformation(let id, let all):
            plain.value = .beneficiaryInformation(userID: id, all.compactMap(\.plain))
        case .floorRequestInformation(let id, let all):
            plain.value = .floorRequestInformation(floorRequestID: id, all.compactMap(\.plain))
        case .requestedByInformation(let id, let all):
            plain.value = .requestedByInformation(userID: id, all.compactMap(\.plain))
        case .floorRequestStatus(let id, let all):
            plain.value = .floorRequestStatus(floorID: id, all.compactMap(\.plain))
        case .overallRequestStatus(let id, let all):
            plain.value = .overallRequestStatus(floorRequestID: id, all.compactMap(\.plain))
        default: break
        }
        return plain
    }

    fileprivate var asSeenByLibre: String {
        func list(_ numbers: [some BinaryInteger]) -> String { numbers.map { " \($0)" }.joined() }
        let content =
            switch value {
            case .beneficiaryID(let id), .floorID(let id), .floorRequestID(let id), .beneficiaryInformation(let id, _),
                .floorRequestInformation(let id, _), .requestedByInformation(let id, _), .floorRequestStatus(let id, _),
                .overallRequestStatus(let id, _):
                " \(id)"
            case .priority(let priority): " \(priority)"
            case .requestStatus(let status, let queuePosition): " \(status.rawValue) \(queuePosition)"
            case .errorCode(let code, let details): " \(code.rawValue)" + list(details)
            case .errorInfo(let text), .participantProvidedInfo(let text), .statusInfo(let text),
                .userDisplayName(let text), .userURI(let text):
                " \(text)"
            case .supportedAttributes(let types): list(types.map(\.rawValue))
            case .supportedPrimitives(let primitives): list(primitives.map(\.rawValue))
            case .unknown: ""
            }
        return "(\(type.rawValue)\(isMandatory ? "!" : "")\(content)\(grouped.map { " " + $0.asSeenByLibre }.joined()))"
    }
}

extension BFCPMessage {
    fileprivate var asSeenByLibre: String {
        let header = "\(version) \(isResponse ? 1 : 0) \(primitive.rawValue) \(conferenceID) \(transactionID) \(userID)"
        return ([header] + attributes.map(\.asSeenByLibre)).joined(separator: " ")
    }
}
