import Archive
import Conference
import ConferenceInfo
import MediaPlane
import SIP
import Signalling
import Synchronization

/// What signalling and others report: it goes into the inbox, whoever tells it.
extension BridgeHost {
    nonisolated func secret(of username: String, realm: String) -> DigestSecret? {
        accounts.withLock { $0.secret(of: username) }
    }

    nonisolated func acceptsCertificate(of username: String) -> Bool {
        accounts.withLock { $0.acceptsCertificate(of: username) }
    }

    nonisolated(nonsending) func admit(_ call: PointCall) async -> CallAdmission {
        if cluster != nil, let refusal = await homeRefusal(of: call) { return refusal }
        return await decide(on: call)
    }

    private nonisolated(nonsending) func decide(on call: PointCall) async -> CallAdmission {
        await withCheckedContinuation { reply in
            guard inbox.put(.arrives(call, reply)) else {
                return reply.resume(returning: .refuse(code: 503, reason: "The bridge is shutting down"))
            }
        }
    }

    nonisolated(nonsending) func mediaAgreed(_ call: CallID, leg: LegReservation, media: LegParameters) async {
        await withCheckedContinuation { reply in
            guard inbox.put(.mediaAgreed(call, leg, media, reply)) else { return reply.resume() }
        }
    }

    nonisolated(nonsending) func callProgresses(_ call: CallID, status: UInt16) async {
        inbox.put(.callProgresses(call, status))
    }

    nonisolated(nonsending) func watch(_ room: String, by username: String) async -> ConferenceInfo? {
        await withCheckedContinuation { reply in
            guard inbox.put(.watch(room, by: username, reply)) else { return reply.resume(returning: nil) }
        }
    }

    nonisolated(nonsending) func unwatched(_ room: String) async { inbox.put(.unwatched(room)) }

    nonisolated(nonsending) func referred(_ referral: Referral) async { inbox.put(.referred(referral)) }

    nonisolated(nonsending) func transferEnded(_ call: CallID, status: UInt16) async {
        inbox.put(.transferEnded(call, status))
    }

    nonisolated(nonsending) func callEnded(_ call: CallID, reason: CallEndReason) async {
        inbox.put(.callEnded(call, reason))
    }

    nonisolated(nonsending) func digitPressed(_ call: CallID, _ digit: Character) async {
        inbox.put(.digit(call, digit))
    }

    nonisolated(nonsending) func handMoved(_ call: CallID, isRaised: Bool) async {
        inbox.put(.hand(call, isRaised))
    }

    nonisolated(nonsending) func layoutWanted(_ call: CallID, _ name: String) async {
        inbox.put(.layout(call, name))
    }

    nonisolated(nonsending) func panesWanted(_ call: CallID, _ wish: PaneWish) async {
        inbox.put(.panes(call, wish))
    }

    nonisolated(nonsending) func trunkOrdered(_ call: CallID, _ text: String) async {
        inbox.put(.trunkOrdered(call, text))
    }

    nonisolated(nonsending) func trunkTexted(_ call: CallID, _ message: RelayedMessage) async {
        inbox.put(.trunkTexted(call, message))
    }

    nonisolated(nonsending) func message(_ message: RoomMessage) async -> MessageOutcome {
        await withCheckedContinuation { inbox.put(.message(message, $0)) }
    }

    nonisolated func reconfigure(
        _ register: Conference.Register, _ accounts: Accounts, _ care: [RoomID: RoomCare]
    ) {
        // Meetings that are open keep what they began with.
        self.care.withLock { $0 = care }
        self.accounts.withLock { $0 = accounts }
        inbox.put(.reconfigured(register))
    }

    /// A scheduled meeting's time has come, or what is known of it changed.
    nonisolated func convene(_ convening: Convening) { inbox.put(.convened(convening)) }

    /// A scheduled meeting is cancelled, or its time is over.
    nonisolated func cancelConvening(_ id: ConveningID) { inbox.put(.conveningCancelled(id)) }

    /// The archive has taken a meeting in late.
    nonisolated func tellOpened(_ record: MeetingRecord, of meeting: MeetingID) {
        inbox.put(.recordOpened(meeting, record))
    }

    /// Ends every call in order, and returns when every master is finished.
    /// - Parameter goesOn: meetings are kept for the next daemon, where they can go on; otherwise they are over.
    nonisolated func shutdown(goesOn: Bool) async {
        await withCheckedContinuation { inbox.put(.shutdown(goesOn: goesOn, $0)) }
    }

    nonisolated func take(resuming meetings: [Former], _ reply: CheckedContinuation<[Former], Never>) {
        inbox.put(.resume(meetings, reply))
    }

    /// What is due may have changed.
    nonisolated func look() { inbox.put(.deadline) }

    /// Points can be called from now on: who was in a meeting that goes on is.
    nonisolated func callBack() { inbox.put(.callBack) }

    nonisolated func reachable(_ point: PointID) { inbox.put(.reachable(point)) }
}
