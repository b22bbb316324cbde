/// What became of a recording.
public struct RecordingSummary: Sendable, Hashable, CustomStringConvertible {
    public struct Track: Sendable, Hashable {
        public var index: UInt16
        public var pointID: String
        public var displayName: String
        public var kind: RecordedTrack.Kind
        public var packets: UInt64
        /// Packets that never came; they show as gaps.
        public var packetsLost: UInt64
        /// Packets that came when others had been written after them, and packets that came twice; neither is in the master.
        public var packetsLate: UInt64
        public var packetsRepeated: UInt64
        /// Positive where the sender's clock is fast; nil where it was heard too short.
        public var clockDriftPPM: Double?
        /// What the master has nothing of, and why.
        public var gaps: GapList
        /// Numbers of the master's tracks that hold it.
        public var masterTracks: [UInt64]
        /// Sound that was in packets that never came.
        public var soundLostMilliseconds: Int64 { (gaps.total(.lost) + gaps.total(.recorder)) / 1_000_000 }
        /// Pictures given up because a part was missing, or because no keyframe had come yet.
        public var framesDropped: UInt64
    }

    /// Length of the master.
    public var durationMilliseconds: Int64
    public var tracks: [Track]
    public var octets: UInt64
    /// Entries that the tap had no room for.
    public var overflow: UInt64
    /// Packets of streams that nobody told of in time.
    public var unclaimed: UInt64
    public var failure: RecorderFailure?

    public var description: String {
        let packets = tracks.reduce(0) { $0 + $1.packets }
        let lost = tracks.reduce(0) { $0 + $1.packetsLost }
        let end = failure.map { "; it ended early: \($0)" } ?? ""
        let unclaimed = unclaimed > 0 ? "\(unclaimed) of unknown streams, " : ""
        return "\(durationMilliseconds) ms, \(tracks.count) streams, \(packets) packets, \(lost) lost on the way, "
            + "\(overflow) lost here, \(unclaimed)\(octets) bytes\(end)"
    }
}
