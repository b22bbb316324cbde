import Glibc

/// Why the media plane could not do what control asked.
public enum MediaPlaneError: Error, Sendable, Equatable, CustomStringConvertible {
    case portRangeTooSmall
    case badAddress(String)
    case cannotBind(host: String, port: UInt16, errno: Int32)
    case noFreePort(errno: Int32)
    case engineUnavailable(String)
    case cannotStartWorker(errno: Int32)
    case unknownRoom(MediaRoomID)
    case unknownLeg(LegID)
    case codecUnavailable(String)
    case videoNotReserved(LegID)
    case slidesNotReserved(LegID)
    /// The leg that was to be carried belongs to another meeting.
    case carriedElsewhere(LegID)

    public var description: String {
        switch self {
        case .portRangeTooSmall:
            "media.ports holds no pair of an even port and the one above it; widen the range"
        case .badAddress(let text):
            "\"\(text)\" is not a numeric IPv4 or IPv6 address"
        case .cannotBind(let host, let port, let errno):
            "cannot bind UDP \(host) port \(port) for media: \(String(cString: strerror(errno)))"
        case .noFreePort(let errno):
            "no free pair of media ports is left (\(String(cString: strerror(errno)))); widen media.ports"
        case .engineUnavailable(let text): text
        case .cannotStartWorker(let errno):
            "cannot start a media worker: \(String(cString: strerror(errno)))"
        case .unknownRoom(let id): "no media room \(id.rawValue)"
        case .unknownLeg(let id): "no leg \(id.rawValue)"
        case .codecUnavailable(let text): text
        case .videoNotReserved(let id): "no ports for a picture were reserved for leg \(id.rawValue)"
        case .slidesNotReserved(let id): "no ports for slides were reserved for leg \(id.rawValue)"
        case .carriedElsewhere(let id):
            "leg \(id.rawValue) is of another meeting; reserve the leg that carries it in a room of that meeting"
        }
    }
}
