/// Takes access units in Annex B form apart, a NAL unit to a payload (RFC 6184 §5.6). Every packetization mode but the
/// interleaved one understands that, but no unit may be longer than a payload.
public enum H264Packetizer {
    /// Calls `body` with each NAL unit, in order. False, and nothing is called, if one is longer than `longestPayload` or
    /// there is none.
    public static func packetize(
        _ accessUnit: UnsafeRawBufferPointer, longestPayload: Int,
        _ body: (_ payload: UnsafeRawBufferPointer, _ isLast: Bool) -> Void
    ) -> Bool {
        var longest = 0
        var last = 0
        forEachUnit(of: accessUnit) {
            longest = max(longest, $0.count)
            last = $0.startIndex
        }
        guard longest > 0, longest <= longestPayload else { return false }
        forEachUnit(of: accessUnit) { body(UnsafeRawBufferPointer(rebasing: $0), $0.startIndex == last) }
        return true
    }

    /// What stands between start codes, without the zeros that may follow a unit (ITU-T H.264 B.1).
    private static func forEachUnit(of bytes: UnsafeRawBufferPointer, _ body: (Slice<UnsafeRawBufferPointer>) -> Void) {
        var start: Int?
        var index = 0
        func end(at end: Int) {
            guard var unit = start.map({ bytes[$0..<end] }) else { return }
            while unit.last == 0 { unit.removeLast() }
            if !unit.isEmpty { body(unit) }
        }
        while index + 3 <= bytes.count {
            if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
                end(at: index)
                index += 3
                start = index
            } else {
                index += 1
            }
        }
        end(at: bytes.count)
    }
}
