/// What a track's blocks hold (the codec ids of the Matroska codec registry).
public enum MatroskaCodec: String, Sendable, Hashable, CaseIterable {
    case opus = "A_OPUS"
    case flac = "A_FLAC"
    case vp8 = "V_VP8"
    case vp9 = "V_VP9"
    case h264 = "V_MPEG4/ISO/AVC"

    public var isVideo: Bool { self == .vp8 || self == .vp9 || self == .h264 }
}

/// A track entry (RFC 9559 §5.1.4.1) with the tags that belong to it.
public struct MatroskaTrack: Sendable, Hashable {
    /// 1...16,382; how blocks name the track.
    public var number: UInt64
    public var uid: UInt64
    public var codec: MatroskaCodec
    /// Shown by players; UTF-8.
    public var name: String
    /// BCP 47, for example `vi`.
    public var language: String
    public var codecPrivate: [UInt8]
    /// Pixels, for video.
    public var width: Int
    public var height: Int
    /// Hz and channels, for sound.
    public var sampleRate: Double
    public var channels: Int
    public var bitDepth: Int?
    /// Decoded sound to drop at the start, in nanoseconds (RFC 9559 §5.1.4.1.25).
    public var codecDelayNanoseconds: UInt64
    public var seekPreRollNanoseconds: UInt64
    /// Tags of the track, by name (RFC 9559 §5.1.8); for example `POINT`.
    public var tags: [String: String]

    public init(
        number: UInt64, uid: UInt64? = nil, codec: MatroskaCodec, name: String = "", language: String = "und",
        codecPrivate: [UInt8] = [], width: Int = 0, height: Int = 0, sampleRate: Double = 48_000, channels: Int = 1,
        bitDepth: Int? = nil, codecDelayNanoseconds: UInt64 = 0, seekPreRollNanoseconds: UInt64 = 0,
        tags: [String: String] = [:]
    ) {
        self.number = number
        self.uid = uid ?? number
        self.codec = codec
        self.name = name
        self.language = language
        self.codecPrivate = codecPrivate
        self.width = width
        self.height = height
        self.sampleRate = sampleRate
        self.channels = channels
        self.bitDepth = bitDepth
        self.codecDelayNanoseconds = codecDelayNanoseconds
        self.seekPreRollNanoseconds = seekPreRollNanoseconds
        self.tags = tags
    }

    /// The identification header of an Opus stream (RFC 7845 §5.1), as CodecPrivate holds it.
    public static func opusHead(channels: Int, preSkip: UInt16, inputSampleRate: UInt32 = 48_000) -> [UInt8] {
        var head = Array("OpusHead".utf8) + [1, UInt8(clamping: channels)]
        head += [UInt8(truncatingIfNeeded: preSkip), UInt8(preSkip >> 8)]
        for shift in [0, 8, 16, 24] as [UInt32] { head.append(UInt8(truncatingIfNeeded: inputSampleRate >> shift)) }
        return head + [0, 0, 0]
    }

    /// The track's entry.
    var bytes: [UInt8] {
        var builder = EBMLBuilder()
        builder.master(EBMLID.trackEntry) { entry in
            entry.unsigned(EBMLID.trackNumber, number)
            entry.unsigned(EBMLID.trackUID, uid)
            entry.unsigned(EBMLID.trackType, codec.isVideo ? 1 : 2)
            entry.unsigned(EBMLID.flagLacing, 0)
            // As ISO 639-2 where it has a code: WebM and older readers know no other.
            let code = ["vi": "vie", "en": "eng"][language]
            entry.string(EBMLID.language, code ?? "und")
            if code == nil, language != "und" { entry.string(EBMLID.languageBCP47, language) }
            if !name.isEmpty { entry.string(EBMLID.name, name) }
            entry.string(EBMLID.codecID, codec.rawValue)
            if !codecPrivate.isEmpty { entry.binary(EBMLID.codecPrivate, codecPrivate) }
            if codecDelayNanoseconds > 0 { entry.unsigned(EBMLID.codecDelay, codecDelayNanoseconds) }
            if seekPreRollNanoseconds > 0 { entry.unsigned(EBMLID.seekPreRoll, seekPreRollNanoseconds) }
            if codec.isVideo {
                entry.master(EBMLID.video) {
                    // Both are mandatory and not 0; a stream that has not said its size yet is written again later.
                    $0.unsigned(EBMLID.pixelWidth, UInt64(max(1, width)))
                    $0.unsigned(EBMLID.pixelHeight, UInt64(max(1, height)))
                }
            } else {
                entry.master(EBMLID.audio) {
                    $0.float(EBMLID.samplingFrequency, sampleRate)
                    $0.unsigned(EBMLID.channels, UInt64(max(1, channels)))
                    if let bitDepth { $0.unsigned(EBMLID.bitDepth, UInt64(max(1, bitDepth))) }
                }
            }
        }
        return builder.bytes
    }
}

/// One frame of a track.
public struct MatroskaBlock: Sendable, Hashable {
    public var track: UInt64
    /// From the beginning of the file.
    public var timestampNanoseconds: Int64
    public var isKeyframe: Bool
    public var data: [UInt8]

    public init(track: UInt64, timestampNanoseconds: Int64, isKeyframe: Bool, data: [UInt8]) {
        self.track = track
        self.timestampNanoseconds = timestampNanoseconds
        self.isKeyframe = isKeyframe
        self.data = data
    }
}

/// Where a track can be begun (RFC 9559 §5.1.5).
public struct MatroskaCue: Sendable, Hashable {
    public var timestampNanoseconds: Int64
    public var track: UInt64
    /// Of the cluster's head, from the file's start.
    public var cluster: UInt64
}

/// A chapter (RFC 9559 §5.1.7.1.4).
public struct MatroskaChapter: Sendable, Hashable {
    public var title: String
    public var startNanoseconds: UInt64
    public var endNanoseconds: UInt64

    public init(title: String, startNanoseconds: UInt64, endNanoseconds: UInt64) {
        self.title = title
        self.startNanoseconds = startNanoseconds
        self.endNanoseconds = endNanoseconds
    }
}

/// What a file says of itself (RFC 9559 §5.1.2), with the tags that belong to the whole.
public struct MatroskaInfo: Sendable, Hashable {
    public enum DocumentType: String, Sendable { case matroska, webm }
    public var documentType: DocumentType
    public var title: String
    public var writingApplication: String
    /// Nanoseconds since 1970; nil if not told.
    public var dateNanoseconds: Int64?
    /// Nil in a file that was not finished.
    public var durationNanoseconds: Int64?
    public var tags: [String: String]

    public init(
        documentType: DocumentType = .matroska, title: String = "", writingApplication: String = "Causeway",
        dateNanoseconds: Int64? = nil, durationNanoseconds: Int64? = nil, tags: [String: String] = [:]
    ) {
        self.documentType = documentType
        self.title = title
        self.writingApplication = writingApplication
        self.dateNanoseconds = dateNanoseconds
        self.durationNanoseconds = durationNanoseconds
        self.tags = tags
    }
}
