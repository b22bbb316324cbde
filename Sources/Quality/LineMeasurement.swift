/// What was measured of a point's line, over some time.
public struct LineMeasurement: Sendable, Equatable, Codable {
    /// One way of the line. Up is from the point to the bridge.
    public struct Way: Sendable, Equatable, Codable {
        /// Sound and picture together, as RTP, in bit/s.
        public var bitrate: Double
        /// Packets of sound lost, of a hundred; nil where nothing tells, as down where the peer sends no reports.
        public var lossPercent: Double?
        /// Interarrival jitter of sound (RFC 3550 §6.4.1).
        public var jitterMilliseconds: Double?
        /// MOS by the E-model, 1 to 4.5; nil where there was no sound.
        public var opinionScore: Double?
        public init(
            bitrate: Double, lossPercent: Double?, jitterMilliseconds: Double?, opinionScore: Double? = nil
        ) {
            self.bitrate = bitrate
            self.lossPercent = lossPercent
            self.jitterMilliseconds = jitterMilliseconds
            self.opinionScore = opinionScore
        }
    }

    /// What the point's camera sends.
    public struct Picture: Sendable, Equatable, Codable {
        public var codec: String
        /// Pixels; nil where no whole picture came.
        public var width: Int?
        public var height: Int?
        /// Pictures a second.
        public var frameRate: Double
        /// Packets of the picture lost, of a hundred, before any were sent again.
        public var lossPercent: Double
        /// Times that it stood still.
        public var freezes: Int
        public init(
            codec: String, width: Int?, height: Int?, frameRate: Double, lossPercent: Double, freezes: Int
        ) {
            self.codec = codec
            self.width = width
            self.height = height
            self.frameRate = frameRate
            self.lossPercent = lossPercent
            self.freezes = freezes
        }
    }

    public var seconds: Double
    public var up: Way
    public var down: Way
    /// nil where the peer reports nothing that tells.
    public var roundTripMilliseconds: Double?
    /// Of sound: `opus`, `G722`, `PCMA`; nil where none came.
    public var soundCodec: String?
    /// Whether anything was to be heard from the point.
    public var hasSound: Bool
    /// nil where the point sends none.
    public var picture: Picture?
    /// How media is encrypted.
    public var keying: Keying

    public init(
        seconds: Double, up: Way, down: Way, roundTripMilliseconds: Double?, soundCodec: String?, hasSound: Bool,
        picture: Picture?, keying: Keying
    ) {
        self.seconds = seconds
        self.up = up
        self.down = down
        self.roundTripMilliseconds = roundTripMilliseconds
        self.soundCodec = soundCodec
        self.hasSound = hasSound
        self.picture = picture
        self.keying = keying
    }
}

/// Where the keys of a point's media come from.
public struct Keying: Sendable, Equatable, Codable {
    public enum Method: String, Sendable, Codable, CaseIterable {
        /// Media in the clear.
        case none
        /// In the descriptions (RFC 4568).
        case sdes
        /// By a handshake (RFC 5764).
        case dtls
    }
    public var method: Method
    /// `AEAD_AES_128_GCM`.
    public var suite: String?
    public init(_ method: Method, suite: String? = nil) {
        self.method = method
        self.suite = suite
    }
}
