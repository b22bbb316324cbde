/// A stream that the recorder expects on its tap: what the master says of whose it is.
///
/// In the master each pair of stream and codec is a track of its own, named after the point, with the tags `POINT` (the
/// point's id), `UNIT`, and `LEG`; slides have `CONTENT` too, and say so in their name. Tracks with the same `LEG` are one sitting's sound and picture; tracks with the same
/// `POINT` are the same point, before and after it came back.
public struct RecordedTrack: Sendable, Hashable {
    public enum Kind: String, Sendable {
        case audio
        /// The camera.
        case video
        /// What the point presented, apart from its camera.
        case slides
    }

    /// The stream's index in the tap.
    public var index: UInt16
    /// Streams of one leg share the sender's clock.
    public var leg: UInt32
    public var pointID: String
    /// As the register has it; drawn on the picture.
    public var displayName: String
    public var unit: String?
    public var kind: Kind
    /// H.264 parameter sets that the sender told in its description, and may leave out of its stream: NAL units.
    public var parameterSets: [[UInt8]]

    public init(
        index: UInt16, leg: UInt32, pointID: String, displayName: String, unit: String?, kind: Kind,
        parameterSets: [[UInt8]] = []
    ) {
        self.index = index
        self.leg = leg
        self.pointID = pointID
        self.displayName = displayName
        self.unit = unit
        self.kind = kind
        self.parameterSets = parameterSets
    }

    /// Names of the tags in the master.
    public enum Tag {
        public static let point = "POINT"
        public static let unit = "UNIT"
        public static let leg = "LEG"
        /// `slides` for what was presented (RFC 4796); absent for a camera.
        public static let content = "CONTENT"
        /// The codec on the wire, where the track holds another (G.711 and G.722 are kept as FLAC).
        public static let source = "SOURCE_CODEC"
        /// What the track lacks, written when the recording ends: `FROM-TO CAUSE; …` in milliseconds of the master.
        public static let gaps = "GAPS"
        /// All that it lacks by a cause, in milliseconds.
        public static func missing(_ cause: Gap.Cause) -> String {
            switch cause {
            case .lost: "MISSING_LOST"
            case .recorder: "MISSING_RECORDER"
            case .damaged: "MISSING_DAMAGED"
            case .notSent: "MISSING_NOT_SENT"
            case .away: "MISSING_AWAY"
            case .unexplained: "MISSING_UNEXPLAINED"
            }
        }
        /// How fast the sender's clock was, in parts in a million.
        public static let clockDrift = "CLOCK_DRIFT_PPM"
    }

    var tags: [String: String] {
        var tags = [Tag.point: pointID, Tag.leg: String(leg)]
        tags[Tag.unit] = unit
        if kind == .slides { tags[Tag.content] = "slides" }
        return tags
    }

    /// The track's name in the master.
    var title: String { kind == .slides ? "\(displayName) – trình chiếu" : displayName }
}
