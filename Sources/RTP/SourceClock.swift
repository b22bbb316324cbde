/// The clock of a point, as its sender reports have it, on the clock of the bridge: sound and picture of a point, which go on
/// with reports of the bridge's own, stay as far apart as they were (RFC 3550 §6.4.1).
public struct SourceClock: Sendable {
    /// A report of one source, to be asked with `timestamp(of:clockRate:at:)`.
    public struct Report: Sendable {
        public let ssrc: UInt32
        fileprivate let ntp: NTPTime
        fileprivate let timestamp: UInt32
        fileprivate let era: UInt32
    }

    /// Beyond this the point's clock was set, and what was known of it is void; in nanoseconds, as are those that follow.
    private static let step: UInt64 = 2_000_000_000
    /// Reports come a little early or late; clocks drift. Of what a report differs an eighth is believed, and no more than this.
    private static let mostCorrection: Int64 = 2_000_000
    /// What was reported so long ago says nothing any more.
    private static let patience: UInt64 = 60_000_000_000

    /// What to add to the point's time to have the bridge's.
    private var offset: Int64?
    private var era: UInt32 = 0

    public init() {}

    /// A report came at `arrival`, on the bridge's clock. Nil from a point without a clock, which says 0.
    public mutating func receive(_ info: RTCPSenderInfo, at arrival: NTPTime) -> Report? {
        guard info.ntp.rawValue != 0 else { return nil }
        let sample = arrival.nanoseconds(since: info.ntp)
        if let offset, (sample &- offset).magnitude < Self.step {
            self.offset =
                offset &+ min(max((sample &- offset) / 8, -Self.mostCorrection), Self.mostCorrection)
        } else {
            offset = sample
            era &+= 1
        }
        return Report(ssrc: info.ssrc, ntp: info.ntp, timestamp: info.rtpTimestamp, era: era)
    }

    /// What the source's timestamp is at an instant of the bridge's clock; nil where the report says nothing of it any more.
    public func timestamp(of report: Report, clockRate: UInt32, at now: NTPTime) -> UInt32? {
        guard let offset, report.era == era else { return nil }
        let elapsed = now.nanoseconds(since: report.ntp) &- offset
        guard elapsed.magnitude < Self.patience else { return nil }
        let ticks = elapsed / 1_000 * Int64(clockRate) / 1_000_000
        return report.timestamp &+ UInt32(truncatingIfNeeded: ticks)
    }
}
