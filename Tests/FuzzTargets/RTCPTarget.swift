import RTP

/// A compound RTCP packet, read to its end.
enum RTCPTarget {
    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        let fault = withExactBytes(octets) { bytes -> String? in
            guard var reader = try? RTCPReader(parsing: bytes.bytes) else { return nil }
            var statements = 0
            while let message = reader.next() {
                statements += 1
                // No statement takes less than two octets: an empty CNAME.
                guard statements <= bytes.count / 2 else { return "the reader never ends" }
                if let fault = check(message, bytes) { return fault }
            }
            return nil
        }
        if let fault { throw FuzzFinding(description: fault) }
    }

    private static func check(_ message: RTCPMessage, _ bytes: UnsafeRawBufferPointer) -> String? {
        switch message {
        case .canonicalName(_, let range):
            guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return "a name past the end" }
            _ = String(decoding: bytes[range], as: UTF8.self)
        case .reportBlock(_, let block):
            _ = block.roundTripNanoseconds(at: NTPTime(rawValue: 0x8000_0000_0000_0000))
        case .receiverReferenceTime(_, let time):
            _ = time.compact
        default: break
        }
        return nil
    }
}
