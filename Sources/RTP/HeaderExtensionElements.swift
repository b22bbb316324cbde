/// Walks the elements of header extensions in the one-byte and the two-byte form (RFC 8285 §4.2, §4.3). Octets that make no
/// element end the walk.
struct HeaderExtensionElements {
    static let oneByteProfile: UInt16 = 0xbede
    /// Its lowest four bits are the application's.
    static let twoByteProfile: UInt16 = 0x1000

    private let isOneByte: Bool
    private let end: Int
    private var offset: Int

    /// The data lies in `start..<end` of what is read; every octet there may be asked for. nil for another profile.
    init?(profile: UInt16, start: Int, end: Int) {
        isOneByte = profile == Self.oneByteProfile
        guard isOneByte || profile & 0xfff0 == Self.twoByteProfile else { return nil }
        offset = start
        self.end = end
    }

    /// The next element that is no padding: its id, never 0, and where its data lies.
    @inline(__always)
    mutating func next(byte: (Int) -> UInt8) -> (id: UInt8, data: Range<Int>)? {
        while offset < end {
            let head = byte(offset)
            if head == 0 {
                offset += 1
                continue
            }
            let id: UInt8
            let data: Range<Int>
            if isOneByte {
                id = head >> 4
                // 15 ends the reading; 0 with a length is malformed.
                guard id != 15, id != 0 else { return nil }
                data = (offset + 1)..<(offset + 2 + Int(head & 0x0f))
            } else {
                guard offset + 1 < end else { return nil }
                id = head
                data = (offset + 2)..<(offset + 2 + Int(byte(offset + 1)))
            }
            guard data.upperBound <= end else { return nil }
            offset = data.upperBound
            return (id, data)
        }
        return nil
    }

    static func find(
        _ id: UInt8, profile: UInt16, start: Int, end: Int, byte: (Int) -> UInt8
    ) -> Range<Int>? {
        guard id != 0, var elements = HeaderExtensionElements(profile: profile, start: start, end: end) else {
            return nil
        }
        while let element = elements.next(byte: byte) {
            if element.id == id { return element.data }
        }
        return nil
    }
}
