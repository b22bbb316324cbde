import ConferenceInfo
@testable import MediaPlane
import SIP
import Signalling
import Synchronization

/// A daemon that lets everyone with the right password into room 1, and notes what it hears.
final class FakeHost: SignallingHost {
    enum Event: Equatable, Sendable {
        case asked(String)
        case started(CallID)
        case ended(CallID, CallEndReason)
        case digit(CallID, Character)
        case hand(CallID, isRaised: Bool)
        case layout(CallID, String)
        case panes(CallID, PaneWish)
        case message(RoomMessage)
    }

    private let passwords: [String: String]
    private let decide: @Sendable (PointCall) async -> CallAdmission
    private let noted = Mutex<[Event]>([])
    private let stream: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation
    private let media = Mutex<[CallID: LegParameters]>([:])

    init(
        passwords: [String: String] = ["so1": "bi-mat"],
        decide: @escaping @Sendable (PointCall) async -> CallAdmission = { _ in .admit(.init(rawValue: 1)) }
    ) {
        self.passwords = passwords
        self.decide = decide
        (stream, continuation) = AsyncStream.makeStream()
    }

    var events: [Event] { noted.withLock { $0 } }
    func parameters(of call: CallID) -> LegParameters? { media.withLock { $0[call] } }

    /// Waits for the first event, past or future, that fits.
    func first<Value>(_ fits: (Event) -> Value?) async -> Value? {
        for await event in stream {
            if let value = fits(event) { return value }
        }
        return nil
    }

    private func note(_ event: Event) {
        noted.withLock { $0.append(event) }
        continuation.yield(event)
    }

    func secret(of username: String, realm: String) -> DigestSecret? { passwords[username].map { .password($0) } }

    func acceptsCertificate(of username: String) -> Bool { username == "so2" }

    /// `moi-giaoban` lets so1 into giaoban.
    func redeem(invitation token: String) -> InvitationVerdict {
        switch token {
        case "moi-giaoban": .granted(username: "so1", room: "giaoban")
        case "qua-han": .expired
        default: .invalid
        }
    }

    func handMoved(_ call: CallID, isRaised: Bool) async { note(.hand(call, isRaised: isRaised)) }
    func layoutWanted(_ call: CallID, _ name: String) async { note(.layout(call, name)) }
    func panesWanted(_ call: CallID, _ wish: PaneWish) async { note(.panes(call, wish)) }

    func admit(_ call: PointCall) async -> CallAdmission {
        note(.asked(call.room))
        return await decide(call)
    }

    func mediaAgreed(_ call: CallID, leg: LegReservation, media: LegParameters) async {
        self.media.withLock { $0[call] = media }
        note(.started(call))
    }

    func watch(_ room: String, by username: String) async -> ConferenceInfo? { nil }
    func unwatched(_ room: String) async {}
    func referred(_ referral: Referral) async {}
    func transferEnded(_ call: CallID, status: UInt16) async {}
    func callProgresses(_ call: CallID, status: UInt16) async {}

    func callEnded(_ call: CallID, reason: CallEndReason) async { note(.ended(call, reason)) }

    func digitPressed(_ call: CallID, _ digit: Character) async { note(.digit(call, digit)) }

    func message(_ message: RoomMessage) async -> MessageOutcome {
        note(.message(message))
        return message.room == "giaoban" ? .taken : .refused(code: 404, reason: "No such room")
    }
}

/// A media plane that binds nothing and notes what it is told.
final class FakeLegs: LegControl {
    enum Event: Sendable {
        case reserved(LegID)
        case reservedVideo(LegID)
        case reservedSlides(LegID)
        case started(LegID, LegParameters)
        case updated(LegID, LegParameters)
        case removed(LegID)
        case keyframe(LegID)
        case presenter(LegID?)
    }

    struct Full: Error {}

    let fingerprint = "sha-256 " + Array(repeating: "AB", count: 32).joined(separator: ":")

    private let state = Mutex<(next: UInt32, events: [Event])>((1, []))
    private let capacity: UInt32

    init(capacity: UInt32 = .max) { self.capacity = capacity }

    var events: [Event] { state.withLock { $0.events } }
    private func note(_ event: Event) { state.withLock { $0.events.append(event) } }

    func reserveLeg(in room: MediaRoomID, withVideo: Bool) async throws -> LegReservation {
        let number = try state.withLock { state in
            guard state.next <= capacity else { throw Full() }
            defer { state.next += 1 }
            return state.next
        }
        let leg = LegID(rawValue: number)
        note(.reserved(leg))
        let port = UInt16(truncatingIfNeeded: 20_000 + 4 * number)
        return LegReservation(
            id: leg, audio: .init(host: "127.0.0.1", port: port),
            video: withVideo ? .init(host: "127.0.0.1", port: port + 2) : nil,
            audioTrack: UInt16(truncatingIfNeeded: 2 * number), videoTrack: UInt16(truncatingIfNeeded: 2 * number + 1))
    }

    func reserveVideo(_ leg: LegID) async throws -> MediaAddress {
        note(.reservedVideo(leg))
        return .init(host: "127.0.0.1", port: UInt16(truncatingIfNeeded: 20_002 + 4 * leg.rawValue))
    }

    func reserveSlides(_ leg: LegID) async throws -> SlidesReservation {
        note(.reservedSlides(leg))
        return SlidesReservation(
            address: .init(host: "127.0.0.1", port: UInt16(truncatingIfNeeded: 40_000 + 2 * leg.rawValue)),
            track: UInt16(truncatingIfNeeded: 1_000 + leg.rawValue))
    }

    func setPresenter(_ leg: LegID?, in room: MediaRoomID) async { note(.presenter(leg)) }

    func startLeg(_ leg: LegID, _ parameters: LegParameters) async throws { note(.started(leg, parameters)) }
    func updateLeg(_ leg: LegID, _ parameters: LegParameters) async throws { note(.updated(leg, parameters)) }
    func removeLeg(_ leg: LegID) async { note(.removed(leg)) }
    func requestKeyframe(_ leg: LegID) async { note(.keyframe(leg)) }
}
