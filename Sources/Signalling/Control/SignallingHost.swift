import MediaPlane
import SIP

/// What the rest of the daemon decides for signalling and hears from it. Called on the control thread, which nobody may
/// block.
public protocol SignallingHost: Sendable {
    /// What a point proves that it knows; nil if there is none of that name, which looks the same from outside.
    func secret(of username: String, realm: String) -> DigestSecret?

    /// An authenticated point wants into a room; asked before any media is reserved. The caller's task is cancelled when it gives up.
    nonisolated(nonsending) func admit(_ call: IncomingCall) async -> CallAdmission

    /// The leg runs as offer and answer settled it: told before the 200 is sent, and again after every change.
    nonisolated(nonsending) func mediaAgreed(_ call: CallID, leg: LegReservation, media: LegParameters) async

    /// A key was pressed, other than in the sound (RFC 4733), which the media plane hears.
    nonisolated(nonsending) func digitPressed(_ call: CallID, _ digit: Character) async

    /// A point that proved who it is sends a message to a room.
    nonisolated(nonsending) func message(_ message: RoomMessage) async -> MessageOutcome

    /// Called once for each call that was admitted, when its leg is removed.
    nonisolated(nonsending) func callEnded(_ call: CallID, reason: CallEndReason) async
}

/// The media plane as signalling drives it, on the control thread.
public protocol LegControl: Sendable {
    /// Binds the ports of a leg, so that an answer can name them.
    nonisolated(nonsending) func reserveLeg(in room: MediaRoomID) async throws -> LegReservation
    /// Binds ports for a leg's slides besides.
    nonisolated(nonsending) func reserveSlides(_ leg: LegID) async throws -> SlidesReservation
    nonisolated(nonsending) func startLeg(_ leg: LegID, _ parameters: LegParameters) async throws
    nonisolated(nonsending) func updateLeg(_ leg: LegID, _ parameters: LegParameters) async throws
    nonisolated(nonsending) func removeLeg(_ leg: LegID) async
    /// The peer asks for a picture that it can decode from scratch.
    nonisolated(nonsending) func requestKeyframe(_ leg: LegID) async
}

/// A call's name in this process; logs show it.
public struct CallID: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public var description: String { "call-\(rawValue)" }
}

/// A point that proved who it is and asks to come in.
public struct IncomingCall: Sendable, Equatable {
    public let id: CallID
    /// The authenticated user name.
    public let username: String
    /// The user part of the request URI.
    public let room: String
    /// What the caller shows as its name (From), if anything; not proven.
    public let displayName: String?
    public let userAgent: String?
    public let transport: SIPTransport
    /// The address from which the INVITE came.
    public let remoteHost: String
    public let remotePort: UInt16

    public init(
        id: CallID, username: String, room: String, displayName: String?, userAgent: String?,
        transport: SIPTransport, remoteHost: String, remotePort: UInt16
    ) {
        self.id = id
        self.username = username
        self.room = room
        self.displayName = displayName
        self.userAgent = userAgent
        self.transport = transport
        self.remoteHost = remoteHost
        self.remotePort = remotePort
    }
}

/// The answer to a point that wants in.
public enum CallAdmission: Sendable, Equatable {
    case admit(MediaRoomID)
    /// A final response of 400–699 and why, in a few words that the point's display can show.
    case refuse(code: UInt16, reason: String)
}

/// A text for a room (RFC 3428).
public struct RoomMessage: Sendable, Equatable {
    /// The authenticated user name.
    public let username: String
    /// The user part of the request URI.
    public let room: String
    /// At most 4,000 octets of UTF-8.
    public let text: String

    public init(username: String, room: String, text: String) {
        self.username = username
        self.room = room
        self.text = text
    }
}

public enum MessageOutcome: Sendable, Equatable {
    case taken
    /// A final response of 400–699 and why.
    case refused(code: UInt16, reason: String)
}

/// Why a call ended.
public enum CallEndReason: Sendable, Equatable, CustomStringConvertible {
    /// The point hung up.
    case remoteHangUp
    /// The point gave up before it was answered.
    case cancelled
    /// The bridge hung up.
    case localHangUp(String)
    /// Refused after admission, as when offer and bridge have no codec in common.
    case refused(code: UInt16, reason: String)
    /// The 200 was never acknowledged.
    case notAcknowledged
    case sessionExpired
    /// The connection went before the call was answered.
    case connectionLost
    /// The media plane could not run the leg.
    case mediaFailed(String)

    public var description: String {
        switch self {
        case .remoteHangUp: "the point hung up"
        case .cancelled: "the point gave up"
        case .localHangUp(let reason): "hung up: \(reason)"
        case .refused(let code, let reason): "refused: \(code) \(reason)"
        case .notAcknowledged: "the point never acknowledged the answer"
        case .connectionLost: "the connection was lost before the call was answered"
        case .sessionExpired: "the session was not refreshed in time"
        case .mediaFailed(let reason): "media failed: \(reason)"
        }
    }
}

/// A call as it stands now.
public struct CallSnapshot: Sendable, Equatable {
    public enum State: String, Sendable { case entering, up, held, leaving }
    public let call: IncomingCall
    public let state: State
    public let leg: LegID?
}
