import CoreMetrics
import Testing

@testable import Signalling

/// What passes is counted by what it is, whatever its octets are.
@Suite struct SignallingMeterTests {
    @Test func randomOctetsNeverTrap() {
        var meter = SignallingMeter()
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            var octets = (0..<Int.random(in: 0...80)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if Bool.random() { octets = Array("SIP/2.0 200 OK\r\nCSeq:".utf8) + octets }
            meter.received(octets)
            meter.sent(octets)
        }
    }
}
