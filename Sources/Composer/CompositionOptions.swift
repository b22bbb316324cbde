/// How an access copy is to look.
public struct CompositionOptions: Sendable, Hashable {
    /// Pixels, both even.
    public var width: Int
    public var height: Int
    /// Pictures a second.
    public var frameRate: Int
    public var title: String
    /// Processors to use.
    public var threads: Int
    /// A folder for what is done while the film is not whole; nil: beside it.
    public var parts: String?
    /// Of a part, in pictures.
    var segmentFrames: Int64 { Int64(segmentSeconds * frameRate) }
    public var segmentSeconds: Int
    /// A folder for the sound alone, poster, small pictures and wave form; nil where they are not wanted.
    public var companions: String?

    public init(
        width: Int = 1280, height: Int = 720, frameRate: Int = 25, title: String = "", threads: Int = 2,
        companions: String? = nil, parts: String? = nil, segmentSeconds: Int = 20
    ) {
        self.parts = parts
        self.segmentSeconds = min(max(segmentSeconds, 1), 3_600)
        self.companions = companions
        self.width = max(320, width) & ~1
        self.height = max(180, height) & ~1
        self.frameRate = min(max(frameRate, 5), 60)
        self.title = title
        self.threads = min(max(threads, 1), 16)
    }
}

/// What came of a composition.
public struct CompositionResult: Sendable, Hashable {
    public var durationMilliseconds: Int64
    /// Names of the points in it, in the order of their coming.
    public var points: [String]
    public var chapters: Int
    /// What became of the master's blocks.
    public var decoding: MasterDecoding
}

/// Why an access copy could not be made.
public enum CompositionError: Error, Sendable, CustomStringConvertible {
    case master(String)
    case nothingToShow
    case output(String)
    case codec(String)

    public var description: String {
        switch self {
        case .master(let reason): "the master cannot be read: \(reason)"
        case .nothingToShow: "the master holds neither sound nor picture"
        case .output(let reason): "the access copy cannot be written: \(reason)"
        case .codec(let reason): "the access copy cannot be encoded: \(reason)"
        }
    }
}
