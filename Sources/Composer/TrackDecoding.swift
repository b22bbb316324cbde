/// What became of one track's blocks when they were decoded: the report of a master's check, and one line of a compose job.
public struct TrackDecoding: Codable, Sendable, Hashable {
    /// Blocks that follow each other closely and met the same end.
    public struct Stretch: Codable, Sendable, Hashable {
        public enum Kind: String, Codable, Sendable {
            /// No decoder took them.
            case refused
            /// They are not there, and the decoder of the sound made up for them.
            case concealed
        }
        public var kind: Kind
        /// Milliseconds of the master: of the first and of the last.
        public var from: Int64
        public var to: Int64
        public var blocks: Int
    }

    /// Stretches told one by one; what is beyond them counts in the totals.
    static let mostStretches = 100
    /// What lies closer than this is one stretch, in milliseconds.
    private static let seam: Int64 = 1_000

    /// The track's number in the master.
    public var track: UInt64
    public var point: String
    public var name: String
    /// `audio`, `video`, `slides`.
    public var kind: String
    /// As Matroska names it.
    public var codec: String
    public var blocks = 0
    public var refused = 0
    public var concealed = 0
    /// In the order of their ends.
    public var stretches: [Stretch] = []
    public var stretchesNotListed = 0

    public init(track: UInt64, point: String, name: String, kind: String, codec: String) {
        self.track = track
        self.point = point
        self.name = name
        self.kind = kind
        self.codec = codec
    }

    /// The same track, of which nothing is known yet.
    var begunAnew: TrackDecoding {
        TrackDecoding(track: track, point: point, name: name, kind: kind, codec: codec)
    }

    /// Adds what became of the blocks that follow.
    mutating func append(_ later: TrackDecoding) {
        blocks += later.blocks
        refused += later.refused
        concealed += later.concealed
        stretchesNotListed += later.stretchesNotListed
        for stretch in later.stretches {
            if let last = stretches.lastIndex(where: { $0.kind == stretch.kind }),
                stretch.from - stretches[last].to <= Self.seam
            {
                stretches[last].to = max(stretches[last].to, stretch.to)
                stretches[last].blocks += stretch.blocks
            } else if stretches.count < Self.mostStretches {
                stretches.append(stretch)
            } else {
                stretchesNotListed += stretch.blocks
            }
        }
    }

    /// - Parameter time: nanoseconds of the master.
    mutating func note(_ kind: Stretch.Kind, at time: Int64) {
        switch kind {
        case .refused: refused += 1
        case .concealed: concealed += 1
        }
        let time = time / 1_000_000
        if let last = stretches.lastIndex(where: { $0.kind == kind }), time - stretches[last].to <= Self.seam {
            stretches[last].to = max(stretches[last].to, time)
            stretches[last].blocks += 1
        } else if stretches.count < Self.mostStretches {
            stretches.append(Stretch(kind: kind, from: time, to: time, blocks: 1))
        } else {
            stretchesNotListed += 1
        }
    }
}

/// What decoding a master end to end showed; it goes into the package as `reports/decoding.json`.
public struct MasterDecoding: Codable, Sendable, Hashable {
    /// Its name below the payload.
    public static let fileName = "reports/decoding.json"

    /// Blocks whose times cannot be, of any track.
    public var misplaced = 0
    public var tracks: [TrackDecoding] = []

    public init(misplaced: Int = 0, tracks: [TrackDecoding] = []) {
        self.misplaced = misplaced
        self.tracks = tracks
    }

    public var refused: Int { tracks.reduce(misplaced) { $0 + $1.refused } }
}
