import Glibc

/// Why a Matroska file could not be written or read.
public enum MatroskaError: Error, Hashable, Sendable, CustomStringConvertible {
    case cannotOpen(path: String, errno: Int32)
    /// The disk is full, or a quota or file size limit is reached.
    case noSpace(path: String)
    case writeFailed(path: String, errno: Int32)
    case readFailed(path: String, errno: Int32)
    /// Not the beginning of a Matroska or WebM file.
    case notMatroska(path: String)
    /// Damage before the first cluster: there is nothing to play.
    case malformed(path: String, reason: String)
    /// The region kept for track entries is full.
    case tooManyTracks
    case unknownTrack(UInt64)
    /// Track numbers are 1...16,382, each given once.
    case badTrackNumber(UInt64)
    case finished
    /// Whoever asked for the work wants it no more.
    case interrupted

    /// The file is not what it should be; otherwise something was in the way.
    public var isDamage: Bool {
        switch self {
        case .notMatroska, .malformed: true
        default: false
        }
    }

    public var description: String {
        switch self {
        case .cannotOpen(let path, let errno): "cannot open \(path): \(Self.text(errno))"
        case .noSpace(let path): "no space left to write \(path)"
        case .writeFailed(let path, let errno): "cannot write \(path): \(Self.text(errno))"
        case .readFailed(let path, let errno): "cannot read \(path): \(Self.text(errno))"
        case .notMatroska(let path): "\(path) is not a Matroska file"
        case .malformed(let path, let reason): "\(path) is damaged: \(reason)"
        case .tooManyTracks: "the file has no room for another track"
        case .unknownTrack(let number): "the file has no track \(number)"
        case .badTrackNumber(let number): "track number \(number) is taken, or not within 1...16,382"
        case .finished: "the file is finished already"
        case .interrupted: "interrupted"
        }
    }

    private static func text(_ errno: Int32) -> String { String(cString: strerror(errno)) }
}
