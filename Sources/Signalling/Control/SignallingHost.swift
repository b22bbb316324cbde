import ConferenceInfo
import LogSubjects
import MediaPlane
import SIP

/// What the rest of the daemon decides for signalling and hears from it. Called on the control thread, which nobody may
/// block.
public protocol SignallingHost: Sendable {
    /// What a point proves that it knows; nil if there is none of that name, which looks the same from outside.
    func secret(of username: String, realm: String) -> DigestSecret?

    /// Whether a point may prove who it is by a certificate of its connection (RFC 5922).
    func acceptsCertificate(of username: String) -> Bool

    /// What an invitation that came as a bearer token (RFC 8898) is good for.
    func redeem(invitation token: String) -> InvitationVerdict

    /// A point is at the door of a room: it proved who it is and calls, and no media is reserved for it yet, or it
    /// answered a call of the bridge's.
    nonisolated(nonsending) func admit(_ call: PointCall) async -> CallAdmission

    /// The leg runs as offer and answer settled it: told before the 200 is sent, and again after every change.
    nonisolated(nonsending) func mediaAgreed(_ call: CallID, leg: LegReservation, media: LegParameters) async

    /// A key was pressed, other than in the sound (RFC 4733), which the media plane hears.
    nonisolated(nonsending) func digitPressed(_ call: CallID, _ digit: Character) async

    /// A point asks for the word (``InfoHand``), or does not any more.
    nonisolated(nonsending) func handMoved(_ call: CallID, isRaised: Bool) async

    /// A point wants to be shown a layout of this name (``InfoLayout``).
    nonisolated(nonsending) func layoutWanted(_ call: CallID, _ name: String) async

    /// A point wants cameras of others in its panes (``InfoPanes``).
    nonisolated(nonsending) func panesWanted(_ call: CallID, _ wish: PaneWish) async

    /// A point that proved who it is sends a message to a room.
    nonisolated(nonsending) func message(_ message: RoomMessage) async -> MessageOutcome

    /// A point registered, or did so again. Returns at once.
    func registered(_ username: String)

    /// A point wants to be told of a room's conference and its changes (RFC 4575), which are then told by
    /// `Signalling.publish` until `unwatched`.
    /// - Returns: how it stands; nil if the point may not know.
    nonisolated(nonsending) func watch(_ room: String, by username: String) async -> ConferenceInfo?
    /// Nobody watches a room any more.
    nonisolated(nonsending) func unwatched(_ room: String) async

    /// A point asks for a call; how it goes is told by `Signalling.tell`.
    nonisolated(nonsending) func referred(_ referral: Referral) async

    /// A point was sent to another room: what came of it, a final status, or 202 where no more was to be learnt.
    nonisolated(nonsending) func transferEnded(_ call: CallID, status: UInt16) async

    /// The point that the bridge calls rings, or says otherwise that it is being found.
    nonisolated(nonsending) func callProgresses(_ call: CallID, status: UInt16) async

    /// The bridge at the other end of a trunk's call says something of its point.
    nonisolated(nonsending) func trunkOrdered(_ call: CallID, _ text: String) async
    /// A text of a meeting's came by a trunk's call: for its point, or from it.
    nonisolated(nonsending) func trunkTexted(_ call: CallID, _ message: RelayedMessage) async

    /// Called once for each call that was admitted, when its leg is removed, and for each of the bridge's that came to
    /// nothing.
    nonisolated(nonsending) func callEnded(_ call: CallID, reason: CallEndReason) async
}

extension SignallingHost {
    public func registered(_ username: String) {}
    nonisolated(nonsending) public func trunkOrdered(_ call: CallID, _ text: String) async {}
    nonisolated(nonsending) public func trunkTexted(_ call: CallID, _ message: RelayedMessage) async {}
}

/// The media plane as signalling drives it, on the control thread.
public protocol LegControl: Sendable {
    /// Of the certificate by which the bridge is known in handshakes for keys, as `a=fingerprint` has it.
    var fingerprint: String { get }
    /// Binds the ports of a leg, so that an answer can name them.
    nonisolated(nonsending) func reserveLeg(in room: MediaRoomID, withVideo: Bool) async throws -> LegReservation
    /// Binds the ports of the camera's picture, once, where the leg was reserved without.
    nonisolated(nonsending) func reserveVideo(_ leg: LegID) async throws -> MediaAddress
    /// Binds the ports of a leg's slides, once a leg.
    nonisolated(nonsending) func reserveSlides(_ leg: LegID) async throws -> SlidesReservation
    /// Whose slides a room sees; nil for nobody's.
    nonisolated(nonsending) func setPresenter(_ leg: LegID?, in room: MediaRoomID) async
    nonisolated(nonsending) func startLeg(_ leg: LegID, _ parameters: LegParameters) async throws
    nonisolated(nonsending) func updateLeg(_ leg: LegID, _ parameters: LegParameters) async throws
    nonisolated(nonsending) func removeLeg(_ leg: LegID) async
    /// The peer asks for a picture that it can decode from scratch.
    nonisolated(nonsending) func requestKeyframe(_ leg: LegID) async
}

/// A call's name in this process; logs show it.
public struct CallID: Hashable, LogSubject, Sendable {
    public static let kind = SubjectKind.call
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public var description: String { "call-\(rawValue)" }
}

/// A call between a point and a room, as it began.
public struct PointCall: Sendable, Equatable {
    public enum Direction: Sendable, Hashable {
        /// The point proved who it is and asks to come in.
        case incoming
        /// The bridge called the point, which answered.
        case outgoing
    }

    public let id: CallID
    public let direction: Direction
    /// The point's user name.
    public let username: String
    /// The user part of the room's address.
    public let room: String
    /// What the caller shows as its name (From), if anything; not proven.
    public let displayName: String?
    public let userAgent: String?
    public let transport: SIPTransport
    /// The address from which the INVITE came, or to which it went.
    public let remoteHost: String
    public let remotePort: UInt16
    /// Of a call between bridges, whose streams it carries.
    public let trunk: TrunkSubject?

    public init(
        id: CallID, direction: Direction = .incoming, username: String, room: String, displayName: String?,
        userAgent: String?,
        transport: SIPTransport, remoteHost: String, remotePort: UInt16, trunk: TrunkSubject? = nil
    ) {
        self.trunk = trunk
        self.id = id
        self.direction = direction
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

/// What became of an invitation that was shown.
public enum InvitationVerdict: Sendable, Equatable {
    /// It lets this point into this room, and nowhere else.
    case granted(username: String, room: String)
    case expired
    /// It was never given, or the point's password has changed since.
    case invalid
}

/// A text from one in a room, on its way to the others.
public struct RelayedMessage: Sendable, Equatable {
    /// What displays show of the sender.
    public let name: String
    /// The sender's user name.
    public let username: String
    public let text: String

    public init(name: String, username: String, text: String) {
        self.name = name
        self.username = username
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
    /// The point that the bridge called refused, or somebody on the way to it.
    case declined(code: UInt16, reason: String)
    /// The point that the bridge called did not answer in time.
    case noAnswer
    /// There is no way to the point that the bridge called.
    case unreachable

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
        case .declined(let code, let reason): "declined: \(code) \(reason)"
        case .noAnswer: "nobody answered"
        case .unreachable: "the point could not be reached"
        }
    }
}

/// A call as it stands now.
public struct CallSnapshot: Sendable, Equatable {
    public enum State: String, Sendable { case entering, up, held, leaving }
    public let call: PointCall
    public let state: State
    public let leg: LegID?
}
