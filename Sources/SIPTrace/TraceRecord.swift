/// A traced message as it lies in a ``TraceRing``: its numbers by the machine's own order of octets, each text behind its length.
enum TraceRecord {
    /// Longer names of hosts are cut.
    private static let longestText = 255
    private static let fixed = 8 + 1 + 3 + 2 * 2 + 8

    static func size(of message: TracedMessage) -> Int {
        func text(_ text: String) -> Int { min(text.utf8.count, longestText) }
        return fixed + text(message.transport) + text(message.local.host) + text(message.remote.host)
            + message.octets.count
    }

    static func write(_ message: TracedMessage, to octets: inout [UInt8]) {
        write(message.at, to: &octets)
        octets.append(message.isReceived ? 1 : 0)
        write(message.transport, to: &octets)
        write(message.local, to: &octets)
        write(message.remote, to: &octets)
        write(UInt64(message.octets.count), to: &octets)
        octets.append(contentsOf: message.octets)
    }

    /// All records that lie behind each other.
    static func read(_ octets: [UInt8], _ body: (TracedMessage) -> Void) {
        octets.withUnsafeBytes { octets in
            var place = 0
            while place < octets.count {
                let at: UInt64 = number(octets, &place)
                let isReceived: UInt8 = number(octets, &place)
                let transport = text(octets, &place)
                let (local, remote) = (end(octets, &place), end(octets, &place))
                let length: UInt64 = number(octets, &place)
                body(
                    TracedMessage(
                        at: at, isReceived: isReceived == 1, transport: transport, local: local, remote: remote,
                        octets: Array(octets[place..<place + Int(length)])))
                place += Int(length)
            }
        }
    }

    private static func write(_ number: some FixedWidthInteger, to octets: inout [UInt8]) {
        withUnsafeBytes(of: number) { octets.append(contentsOf: $0) }
    }

    private static func write(_ text: String, to octets: inout [UInt8]) {
        let utf8 = text.utf8.prefix(longestText)
        octets.append(UInt8(utf8.count))
        octets.append(contentsOf: utf8)
    }

    private static func write(_ place: TracedMessage.Place, to octets: inout [UInt8]) {
        write(place.host, to: &octets)
        write(place.port, to: &octets)
    }

    private static func number<Number: FixedWidthInteger>(
        _ octets: UnsafeRawBufferPointer, _ place: inout Int
    ) -> Number {
        defer { place += MemoryLayout<Number>.size }
        return octets.loadUnaligned(fromByteOffset: place, as: Number.self)
    }

    private static func text(_ octets: UnsafeRawBufferPointer, _ place: inout Int) -> String {
        let length: UInt8 = number(octets, &place)
        defer { place += Int(length) }
        return String(decoding: octets[place..<place + Int(length)], as: UTF8.self)
    }

    private static func end(_ octets: UnsafeRawBufferPointer, _ place: inout Int) -> TracedMessage.Place {
        let host = text(octets, &place)
        return TracedMessage.Place(host: host, port: number(octets, &place))
    }
}
