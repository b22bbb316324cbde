import RTP
import Testing

@Suite struct TelephoneEventTests {
    private func push(
        _ detector: inout TelephoneEventDetector, _ event: TelephoneEvent, _ timestamp: UInt32
    ) -> Character? {
        event.bytes.withUnsafeBytes { detector.push($0, timestamp: timestamp) }
    }

    @Test func parsesWhatItWrites() {
        let event = TelephoneEvent(event: 11, isEnd: true, volume: 10, duration: 0x1234)
        #expect(event.bytes == [11, 0x8a, 0x12, 0x34] && event.digit == "#")
        #expect(event.bytes.withUnsafeBytes { TelephoneEvent(parsing: $0) } == event)
        #expect([UInt8](repeating: 0, count: 3).withUnsafeBytes { TelephoneEvent(parsing: $0) } == nil)
        #expect(TelephoneEvent(event: 16, isEnd: false, duration: 0).digit == nil)
    }

    @Test func eachPressIsReportedOnceThroughRepetitionLossAndReordering() {
        var detector = TelephoneEventDetector()
        var digits = ""
        var first: [(TelephoneEvent, UInt32)] = []
        for (index, key) in [1, 1, 2, 10, 11, 0].enumerated() as EnumeratedSequence<[UInt8]> {
            let timestamp = UInt32(0xffff_f000) &+ UInt32(index) * 4000
            for step in 1...5 {
                first.append((TelephoneEvent(event: key, isEnd: false, duration: UInt16(step) * 160), timestamp))
            }
            for _ in 0..<3 { first.append((TelephoneEvent(event: key, isEnd: true, duration: 960), timestamp)) }
        }
        first.swapAt(7, 9)
        for (index, packet) in first.enumerated() where index % 8 != 0 {
            if let digit = push(&detector, packet.0, packet.1) { digits.append(digit) }
        }
        #expect(digits == "112*#0")
    }

    @Test func longPressInSegmentsIsOneDigit() {
        var detector = TelephoneEventDetector()
        let push = { (event: TelephoneEvent, timestamp: UInt32) in self.push(&detector, event, timestamp) }
        #expect(push(TelephoneEvent(event: 5, isEnd: false, duration: 160), 1000) == "5")
        #expect(push(TelephoneEvent(event: 5, isEnd: false, duration: 0xffff), 1000) == nil)
        #expect(push(TelephoneEvent(event: 5, isEnd: false, duration: 160), 1000 + 0xffff) == nil)
        #expect(push(TelephoneEvent(event: 5, isEnd: true, duration: 400), 1000 + 0xffff) == nil)
        #expect(push(TelephoneEvent(event: 5, isEnd: false, duration: 160), 200_000) == "5")
    }
}
