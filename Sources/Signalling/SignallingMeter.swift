import CoreMetrics

/// Counts SIP messages as they pass: requests by method, responses by method and code. What comes from outside makes no
/// series of its own: methods that are not known count as `other`.
struct SignallingMeter {
    private enum Direction: String { case received, sent }

    private struct Key: Hashable {
        var direction: Direction
        var method: Int
        /// 0 for a request.
        var code: Int
    }

    private static let methods = [
        "INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS", "INFO", "UPDATE", "PRACK", "SUBSCRIBE", "NOTIFY",
        "REFER",
        "MESSAGE", "PUBLISH", "other",
    ]
    private static let octets = methods.map { Array($0.utf8) }
    private static let version = Array("SIP/2.0 ".utf8)
    private static let sequence = Array("\r\ncseq:".utf8)

    private var counters: [Key: Counter] = [:]

    mutating func received(_ message: [UInt8]) { count(message, .received) }
    mutating func sent(_ message: [UInt8]) { count(message, .sent) }

    private mutating func count(_ message: [UInt8], _ direction: Direction) {
        let key: Key
        if message.starts(with: Self.version) {
            guard let code = Self.code(message) else { return }
            key = Key(direction: direction, method: Self.method(Self.sequenceMethod(message)), code: code)
        } else {
            key = Key(direction: direction, method: Self.method(message.prefix { $0 != 0x20 }), code: 0)
        }
        if let counter = counters[key] { return counter.increment() }
        let counter = Self.counter(key)
        counters[key] = counter
        counter.increment()
    }

    private static func counter(_ key: Key) -> Counter {
        let dimensions = [("direction", key.direction.rawValue), ("method", methods[key.method])]
        return key.code == 0
            ? Counter(label: "causeway_sip_requests_total", dimensions: dimensions)
            : Counter(label: "causeway_sip_responses_total", dimensions: dimensions + [("code", String(key.code))])
    }

    /// Three digits from 100 to 699 (RFC 3261 §7.2).
    private static func code(_ message: [UInt8]) -> Int? {
        let digits = message.dropFirst(version.count).prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let code = digits.reduce(0) { $0 * 10 + Int($1 & 0x0F) }
        return (100...699).contains(code) ? code : nil
    }

    private static func method(_ name: some Collection<UInt8>) -> Int {
        octets.firstIndex { $0.elementsEqual(name) } ?? methods.count - 1
    }

    /// Of the CSeq header: the word behind its number.
    private static func sequenceMethod(_ message: [UInt8]) -> ArraySlice<UInt8> {
        let word = message.withUnsafeBufferPointer { octets -> Range<Int> in
            var at = 0
            while at + sequence.count <= octets.count {
                // Most octets begin no line.
                if octets[at] == 0x0D, (1..<sequence.count).allSatisfy({ lowercased(octets[at + $0]) == sequence[$0] })
                {
                    let line = (at + sequence.count)..<octets.count
                    let number = octets[line].firstIndex { $0 != 0x20 && $0 != 0x09 } ?? octets.count
                    let space = octets[number...].firstIndex { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } ?? octets.count
                    let word = octets[space...].firstIndex { $0 != 0x20 && $0 != 0x09 } ?? octets.count
                    let end = octets[word...].firstIndex { $0 == 0x0D || $0 == 0x20 } ?? octets.count
                    return word..<end
                }
                at += 1
            }
            return 0..<0
        }
        return message[word]
    }

    private static func lowercased(_ octet: UInt8) -> UInt8 {
        (0x41...0x5A).contains(octet) ? octet | 0x20 : octet
    }
}
