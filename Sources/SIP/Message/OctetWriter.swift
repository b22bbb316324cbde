/// Puts a message or a piece of one together, octet by octet, in one buffer.
struct OctetWriter {
    private(set) var octets: [UInt8] = []

    init(capacity: Int = 0) { octets.reserveCapacity(capacity) }

    var text: String { String(octets: octets) }

    mutating func write(_ text: String) { octets.append(contentsOf: text.utf8) }
    mutating func write(_ octet: UInt8) { octets.append(octet) }
    mutating func write(_ octets: [UInt8]) { self.octets.append(contentsOf: octets) }
    mutating func write(_ value: some WireText) { value.write(to: &self) }
    mutating func write(number: some FixedWidthInteger) { write(String(number)) }

    /// With quotes around it, and escapes where it needs them.
    mutating func writeQuoted(_ text: String) {
        write(.quote)
        for octet in text.utf8 {
            if octet == .quote || octet == .backslash { write(.backslash) }
            write(octet)
        }
        write(.quote)
    }

    /// One line with its end. Nothing in it can start another: line ends in it become spaces.
    @inline(__always)
    mutating func line(_ content: (inout OctetWriter) -> Void) {
        let start = octets.count
        content(&self)
        for index in start..<octets.count where octets[index].isLineEnd { octets[index] = .space }
        write(.carriageReturn)
        write(.lineFeed)
    }
}

/// What has one way of being written on the wire, which is also how it describes itself.
protocol WireText: CustomStringConvertible {
    func write(to writer: inout OctetWriter)
}

extension WireText {
    public var description: String {
        var writer = OctetWriter()
        write(to: &writer)
        return writer.text
    }
}
