import Glibc

/// SIP messages as a file for Wireshark: pcapng (draft-ietf-opsawg-pcapng), one raw IP packet each. All go as UDP, whatever carried them: TLS is
/// off already, and who looks wants the messages. The comment of each packet says by what it came or went.
public enum PCAPNG {
    private static let mostOctets = 65_535 - 48

    /// - Parameter software: what made it, for the file's head.
    public static func write(_ messages: some Sequence<TracedMessage>, software: String) -> [UInt8] {
        var file = Blocks()
        file.section(software)
        file.interface()
        for message in messages {
            let from = message.isReceived ? message.remote : message.local
            let to = message.isReceived ? message.local : message.remote
            let packet = datagram(Array(message.octets.prefix(mostOctets)), from, to)
            let way = message.isReceived ? "received" : "sent"
            file.packet(
                packet, at: message.at, comment: "\(way) over \(message.transport)", isReceived: message.isReceived)
        }
        return file.octets
    }

    /// An IP packet with a UDP datagram. Ends that are not both of one family become IPv6's unspecified address.
    private static func datagram(
        _ payload: [UInt8], _ from: TracedMessage.Place, _ to: TracedMessage.Place
    ) -> [UInt8] {
        let length = UInt16(payload.count + 8)
        var udp: [UInt8] = big(from.port) + big(to.port) + big(length) + [0, 0] + payload
        if let source = address(AF_INET, from.host), let target = address(AF_INET, to.host) {
            udp.replaceSubrange(6..<8, with: big(checksum(source + target + [0, 17] + big(length) + udp)))
            var header: [UInt8] =
                [0x45, 0] + big(UInt16(udp.count + 20)) + [0, 0, 0x40, 0, 64, 17, 0, 0] + source + target
            header.replaceSubrange(10..<12, with: big(checksum(header)))
            return header + udp
        }
        let source = address(AF_INET6, from.host) ?? .init(repeating: 0, count: 16)
        let target = address(AF_INET6, to.host) ?? .init(repeating: 0, count: 16)
        udp.replaceSubrange(6..<8, with: big(checksum(source + target + [0, 0] + big(length) + [0, 0, 0, 17] + udp)))
        return [0x60, 0, 0, 0] + big(UInt16(udp.count)) + [17, 64] + source + target + udp
    }

    /// The octets of an address in text; nil for another family, or a name.
    private static func address(_ family: Int32, _ host: String) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
        return inet_pton(family, host, &octets) == 1 ? octets : nil
    }

    /// RFC 1071; what would be 0 is sent as all ones (RFC 768).
    private static func checksum(_ octets: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        var index = 0
        while index < octets.count {
            let low = index + 1 < octets.count ? UInt32(octets[index + 1]) : 0
            sum += UInt32(octets[index]) << 8 | low
            index += 2
        }
        while sum >> 16 != 0 { sum = sum & 0xFFFF + sum >> 16 }
        let result = ~UInt16(truncatingIfNeeded: sum)
        return result == 0 ? 0xFFFF : result
    }

    private static func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
}

/// The file's blocks, little-endian.
private struct Blocks {
    var octets: [UInt8] = []

    mutating func section(_ software: String) {
        block(
            0x0A0D_0D0A,
            little(UInt32(0x1A2B_3C4D)) + little(UInt16(1)) + little(UInt16(0)) + little(UInt64.max)
                + option(4, Array(software.utf8)) + option(0, []))
    }

    mutating func interface() {
        // LINKTYPE_RAW: IPv4 or IPv6 without anything before. Times in nanoseconds.
        block(
            1,
            little(UInt16(101)) + little(UInt16(0)) + little(UInt32(0)) + option(2, Array("sip".utf8)) + option(9, [9])
                + option(0, []))
    }

    mutating func packet(_ packet: [UInt8], at time: UInt64, comment: String, isReceived: Bool) {
        let length = little(UInt32(packet.count))
        block(
            6,
            little(UInt32(0)) + little(UInt32(time >> 32)) + little(UInt32(truncatingIfNeeded: time)) + length + length
                + padded(packet) + option(1, Array(comment.utf8)) + option(2, little(UInt32(isReceived ? 1 : 2)))
                + option(0, []))
    }

    private mutating func block(_ type: UInt32, _ body: [UInt8]) {
        let length = little(UInt32(body.count + 12))
        octets += little(type) + length + body + length
    }

    private func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
        little(code) + little(UInt16(value.count)) + padded(value)
    }

    private func padded(_ value: [UInt8]) -> [UInt8] { value + [UInt8](repeating: 0, count: (4 - value.count % 4) % 4) }

    private func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }
}
