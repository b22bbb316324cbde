import Conference
import Foundation
import PortalAPI
import Signalling

/// What the join page and invitations to it need.
extension BridgeHost {
    nonisolated func redeem(invitation token: String) -> InvitationVerdict {
        let now = UInt64(max(0, Date().timeIntervalSince1970))
        return accounts.withLock { accounts in
            invitations.verify(token, at: now) { accounts.credential(of: $0) }
        }
    }

    func joinRoom(_ id: String) async -> JoinRoom? {
        conference.register.room(RoomID(id)).map {
            JoinRoom(
                id: $0.id.rawValue, title: $0.title, domain: domain, isOpen: $0.door == .open,
                lineCheck: desk.offered)
        }
    }

    func invite(
        _ point: String, to room: String, for period: Duration, by: String
    ) async throws(LiveBridgeError) -> Invitation {
        switch conference.refusal(of: PointID(point), into: RoomID(room)) {
        // A room that is closed now may be open by then.
        case nil, .roomClosed?: break
        case .some(let refusal): throw LiveBridgeError(refusal)
        }
        guard let username = accounts.withLock({ $0.username(of: PointID(point)) }) else { throw .notInvited([point]) }
        let expires = Date(timeIntervalSinceNow: period / .seconds(1))
        let invitation = RoomInvitation(
            username: username, room: room, expires: UInt64(max(0, expires.timeIntervalSince1970)))
        let credential = accounts.withLock { $0.credential(of: username) }
        guard let credential, let token = invitations.token(for: invitation, credential: credential) else {
            throw .failed(reason: "the names of point and room are too long for an invitation")
        }
        logger.notice("\(by) invites \(point) to \(room) until \(expires.formatted(.iso8601))")
        return Invitation(point: point, room: room, expiresAt: expires, token: token)
    }

    /// Brings a text to all in a meeting but its sender.
    func relay(_ text: String, from sender: PointID, in meeting: MeetingID) {
        guard let calls, let status = conference.status(of: meeting) else { return }
        let others = status.participants.filter { $0.point != sender }.map { CallID(rawValue: $0.id.rawValue) }
        let name = status.participants.first { $0.point == sender }?.name ?? sender.rawValue
        let username = accounts.withLock { $0.username(of: sender) } ?? sender.rawValue
        let message = RelayedMessage(name: name, username: username, text: text)
        guard !others.isEmpty else { return }
        // Signalling lives on this thread and hears them in this order.
        Task { await calls.relay(message, to: others) }
    }
}
