import BenchSupport
import CBench
import ConferenceInfo
import Glibc
import Logging
import MediaPlane
import SIP
import Signalling

/// Signalling and media with nothing behind them: every call of the bench's point is let into one room. SIPp calls it to
/// see what the two cost without conference and archive.
enum Serving {
    static func run(port: UInt16) async throws {
        cb_pin(0)
        let media = try MediaPlane(
            MediaPlaneConfiguration(bindAddress: "127.0.0.1", ports: 20_000...39_999, workers: 1))
        let host = Host(legs: Legs(media: media), room: media.openRoom())
        var configuration = SignallingConfiguration(
            listeners: [SIPListener(.udp, host: "127.0.0.1", port: port, allowsClearMedia: true)],
            domain: CallTexts.domain)
        configuration.limits.calls = 4_000
        var logger = Logger(label: "sip-bench")
        logger.logLevel = .error
        let signalling = try Signalling(
            configuration: configuration, host: host, legs: host.legs, on: ControlThread(), logger: logger)
        try await signalling.start()
        print("listening; ends with its input")
        let before = cb_process_cpu(getpid())
        while readLine() != nil {}
        let spent = Double(cb_process_cpu(getpid()) &- before) / 1e6
        let calls = await host.ended.count
        print("\(calls) calls, \((spent / Double(max(1, calls)) * 1_000).rounded() / 1_000) ms of CPU each")
        await signalling.stop()
    }

    private struct Legs: LegControl {
        let media: MediaPlane
        var fingerprint: String { media.fingerprint.description }

        nonisolated(nonsending) func reserveLeg(
            in room: MediaRoomID, withVideo: Bool
        ) async throws -> LegReservation {
            try media.reserveLeg(in: room, withVideo: withVideo)
        }
        nonisolated(nonsending) func reserveVideo(_ leg: LegID) async throws -> MediaAddress {
            try media.reserveVideo(for: leg)
        }
        nonisolated(nonsending) func reserveSlides(_ leg: LegID) async throws -> SlidesReservation {
            try media.reserveSlides(for: leg)
        }
        nonisolated(nonsending) func setPresenter(_ leg: LegID?, in room: MediaRoomID) async {}
        nonisolated(nonsending) func startLeg(_ leg: LegID, _ parameters: LegParameters) async throws {
            try await media.startLeg(leg, parameters)
        }
        nonisolated(nonsending) func updateLeg(_ leg: LegID, _ parameters: LegParameters) async throws {
            try await media.startLeg(leg, parameters)
        }
        nonisolated(nonsending) func removeLeg(_ leg: LegID) async { media.dropLeg(leg) }
        nonisolated(nonsending) func requestKeyframe(_ leg: LegID) async {}
    }

    private actor Counter {
        private(set) var count = 0
        func add() { count += 1 }
    }

    private struct Host: SignallingHost {
        let legs: Legs
        let room: MediaRoomID
        let ended = Counter()

        func secret(of username: String, realm: String) -> DigestSecret? {
            username == CallTexts.user ? .password(CallTexts.password) : nil
        }
        nonisolated(nonsending) func admit(_ call: PointCall) async -> CallAdmission { .admit(room) }
        nonisolated(nonsending) func mediaAgreed(_ call: CallID, leg: LegReservation, media: LegParameters) async {}
        nonisolated(nonsending) func digitPressed(_ call: CallID, _ digit: Character) async {}
        nonisolated(nonsending) func layoutWanted(_ call: CallID, _ name: String) async {}
        nonisolated(nonsending) func panesWanted(_ call: CallID, _ wish: PaneWish) async {}
        nonisolated(nonsending) func message(_ message: RoomMessage) async -> MessageOutcome { .taken }
        func acceptsCertificate(of username: String) -> Bool { false }
        func redeem(invitation token: String) -> InvitationVerdict { .invalid }
        nonisolated(nonsending) func handMoved(_ call: CallID, isRaised: Bool) async {}
        nonisolated(nonsending) func watch(_ room: String, by username: String) async -> ConferenceInfo? { nil }
        nonisolated(nonsending) func unwatched(_ room: String) async {}
        nonisolated(nonsending) func referred(_ referral: Referral) async {}
        nonisolated(nonsending) func transferEnded(_ call: CallID, status: UInt16) async {}
        nonisolated(nonsending) func callProgresses(_ call: CallID, status: UInt16) async {}
        nonisolated(nonsending) func callEnded(_ call: CallID, reason: CallEndReason) async { await ended.add() }
    }
}
