/// Takes a message apart that one datagram does not hold (RFC 8855 §6.2.3).
public enum BFCPFragmentation {
    /// The datagrams that carry a message of version 2; one of version 1, which knows no fragments, stays whole.
    /// - Parameter limit: octets a datagram may have; at least 20.
    public static func datagrams(of message: [UInt8], limit: Int) -> [[UInt8]] {
        let unitsEach = (limit - BFCPHeader.fragmentLength) / 4
        guard message.count > limit, unitsEach > 0, var header = BFCPHeader(parsing: message[...]), header.version == 2,
            header.fragment == nil
        else { return [message] }
        let payload = message.dropFirst(BFCPHeader.length)
        let units = Int(header.payloadLength)
        return stride(from: 0, to: units, by: unitsEach).map { offset in
            let length = min(unitsEach, units - offset)
            header.fragment = .init(
                offset: UInt16(truncatingIfNeeded: offset), length: UInt16(truncatingIfNeeded: length))
            var datagram: [UInt8] = []
            header.append(to: &datagram)
            return datagram + payload.dropFirst(4 * offset).prefix(4 * length)
        }
    }
}

/// Puts messages together again that one peer sent in fragments, a few at once, for as long as their sender may repeat
/// them (RFC 8855 §6.2.3).
public struct BFCPReassembler: Sendable {
    private struct Key: Hashable {
        let conferenceID: UInt32
        let transactionID: UInt16
        let userID: UInt16
        let primitive: BFCPPrimitive
        let isResponse: Bool
        let payloadLength: UInt16
    }

    private struct Message {
        var payload: [UInt8]
        /// Which units of 4 octets are there.
        var present: [Bool]
        var missing: Int
        let since: ContinuousClock.Instant
    }

    private let maximumMessageSize: Int
    private let maximumMessages: Int
    private let patience: Duration
    private var messages: [Key: Message] = [:]

    public init(maximumMessageSize: Int, maximumMessages: Int = 4, patience: Duration = BFCPTimers().t2) {
        self.maximumMessageSize = maximumMessageSize
        self.maximumMessages = maximumMessages
        self.patience = patience
    }

    /// Takes one fragment; the octets of the whole message when it is the last that was missing. Fragments that overlap
    /// and do not agree end their message.
    /// - Throws: for what is no fragment, or of a message that is too large.
    public mutating func take(
        _ datagram: [UInt8], at now: ContinuousClock.Instant
    ) throws(BFCPParseError) -> [UInt8]? {
        guard let header = BFCPHeader(parsing: datagram[...]), let fragment = header.fragment else {
            throw .init(.truncated, header: nil)
        }
        let (offset, length, units) = (Int(fragment.offset), Int(fragment.length), Int(header.payloadLength))
        guard length > 0, offset + length <= units, datagram.count == BFCPHeader.fragmentLength + 4 * length,
            BFCPHeader.length + 4 * units <= maximumMessageSize
        else { throw .init(.incorrectLength, header: header) }
        messages = messages.filter { now - $0.value.since < patience }
        let key = Key(
            conferenceID: header.conferenceID, transactionID: header.transactionID, userID: header.userID,
            primitive: header.primitive, isResponse: header.isResponse, payloadLength: header.payloadLength)
        if messages[key] == nil, messages.count >= maximumMessages,
            let oldest = messages.min(by: { $0.value.since < $1.value.since })?.key
        {
            messages[oldest] = nil
        }
        var message =
            messages[key]
            ?? Message(
                payload: .init(repeating: 0, count: 4 * units), present: .init(repeating: false, count: units),
                missing: units, since: now)
        for unit in offset..<(offset + length) {
            let source = BFCPHeader.fragmentLength + 4 * (unit - offset)
            let octets = datagram[source..<(source + 4)]
            let place = (4 * unit)..<(4 * unit + 4)
            if message.present[unit], !message.payload[place].elementsEqual(octets) {
                messages[key] = nil
                return nil
            }
            if !message.present[unit] {
                message.payload.replaceSubrange(place, with: octets)
                message.present[unit] = true
                message.missing -= 1
            }
        }
        guard message.missing == 0 else {
            messages[key] = message
            return nil
        }
        messages[key] = nil
        var whole: [UInt8] = []
        var plain = header
        plain.fragment = nil
        plain.append(to: &whole)
        return whole + message.payload
    }
}
