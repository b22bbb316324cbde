import Foundation

/// What the master lacks, stream by stream: it goes beside the master as `gaps.json`, and what each track misses goes into the
/// master's tags.
///
///     {"durationMilliseconds": 1800250,
///      "streams": [{"stream": 3, "tracks": [4], "point": "soyte", "name": "Sở Y tế", "kind": "audio",
///                   "packets": 90000, "packetsLost": 12, "packetsLate": 2, "packetsRepeated": 0, "clockDriftPPM": -18.4,
///                   "missingMilliseconds": {"lost": 240, "away": 61000},
///                   "gaps": [{"from": 81200, "to": 81440, "cause": "lost"}], "gapsNotListed": 0}]}
///
/// A master that was made of two recordings has `"recorders": [{"packets": 89970, "alone": 12}, …]` too.
/// Times are milliseconds of the master. Nothing is concealed in a master; the access copy conceals what is `lost`.
///
/// Of a recorder that died nobody knows what its packets were: `packets`, `packetsLost`, `packetsLate`, `packetsRepeated` and
/// `packetsWithoutRoom` are absent then, which means that they were not counted, and all gaps are `unexplained`.
public struct GapMap: Codable, Sendable, Hashable {
    public struct Stretch: Codable, Sendable, Hashable {
        public var from: Int64
        public var to: Int64
        public var cause: Gap.Cause
    }

    public struct Stream: Codable, Sendable, Hashable {
        public var stream: UInt16
        /// Numbers of the master's tracks that hold it: one for each codec.
        public var tracks: [UInt64]
        public var point: String
        public var name: String
        public var kind: String
        /// Nil, like the three below, where packets were not counted.
        public var packets: UInt64?
        public var packetsLost: UInt64?
        public var packetsLate: UInt64?
        public var packetsRepeated: UInt64?
        /// Positive where the sender's clock is fast; absent where it was heard too short.
        public var clockDriftPPM: Double?
        /// By cause, `Gap.Cause.rawValue`.
        public var missingMilliseconds: [String: Int64]
        public var gaps: [Stretch]
        public var gapsNotListed: Int
    }

    /// Its name in the package.
    public static let fileName = "gaps.json"

    public var durationMilliseconds: Int64
    public var streams: [Stream]
    /// Packets that found no room on their way to the recorder, of all streams; nil where they were not counted.
    public var packetsWithoutRoom: UInt64?
    /// Where the master was made of two recordings: what each had, of all packets that either had.
    public var recorders: [MasterMerge.Share]?

    init(durationMilliseconds: Int64, streams: [Stream], packetsWithoutRoom: UInt64?) {
        self.durationMilliseconds = durationMilliseconds
        self.streams = streams
        self.packetsWithoutRoom = packetsWithoutRoom
    }

    public init(_ summary: RecordingSummary) {
        let streams = summary.tracks.map { track in
            var stream = Stream(
                track.index, tracks: track.masterTracks, point: track.pointID, name: track.displayName, track.kind,
                track.gaps)
            stream.packets = track.packets
            stream.packetsLost = track.packetsLost
            stream.packetsLate = track.packetsLate
            stream.packetsRepeated = track.packetsRepeated
            stream.clockDriftPPM = track.clockDriftPPM.map { ($0 * 10).rounded() / 10 }
            return stream
        }
        self.init(
            durationMilliseconds: summary.durationMilliseconds, streams: streams, packetsWithoutRoom: summary.overflow)
    }

    /// Of a master that was made of two.
    public init(_ merged: MasterMerge.Outcome) {
        self.init(merged.summary)
        recorders = [merged.first, merged.second]
    }

    /// As it is kept in the package.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}

extension GapMap.Stream {
    init(
        _ stream: UInt16, tracks: [UInt64], point: String, name: String, _ kind: RecordedTrack.Kind, _ list: GapList
    ) {
        self.stream = stream
        self.tracks = tracks
        self.point = point
        self.name = name
        self.kind = kind.rawValue
        let missing = Gap.Cause.allCases.compactMap { cause -> (String, Int64)? in
            let total = list.total(cause)
            return total > 0 ? (cause.rawValue, total / 1_000_000) : nil
        }
        missingMilliseconds = Dictionary(uniqueKeysWithValues: missing)
        gaps = list.gaps.map {
            GapMap.Stretch(from: $0.startNanoseconds / 1_000_000, to: $0.endNanoseconds / 1_000_000, cause: $0.cause)
        }
        gapsNotListed = list.unlisted
    }
}
