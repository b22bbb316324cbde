import Conference
import Foundation
import PortalAPI
import SIP

/// Papers on the join page: for points that are invited to the meeting that goes on, and as long as they are.
extension BridgeHost {
    func papers(in room: String, authorization: String?, from origin: String) async -> PaperAdmission {
        switch owner(of: authorization, room, origin) {
        case .success(let username):
            guard let point = accounts.withLock({ $0.point(of: username) }),
                let meeting = conference.openMeetings.first(where: { $0.room == RoomID(room) }),
                let sitting = meeting.convening,
                meeting.roll.contains(where: { $0.point == point && $0.isExpected })
            else { return .nothing }
            return .admitted(point: point.rawValue, sitting: sitting.rawValue)
        case .failure(let refusal):
            let challenge = paperDoor.challenge(to: origin, stale: refusal.isStale, at: .now)
            return .challenged(challenge, isWrong: refusal.isWrong)
        }
    }

    private struct Unproven: Error {
        var isStale = false
        var isWrong = false
    }

    private func owner(of authorization: String?, _ room: String, _ origin: String) -> Result<String, Unproven> {
        if let authorization, authorization.lowercased().hasPrefix("bearer ") {
            let token = authorization.dropFirst("bearer ".count).trimmingCharacters(in: .whitespaces)
            guard case .granted(let username, room: room) = redeem(invitation: token) else {
                return .failure(Unproven(isWrong: true))
            }
            return .success(username)
        }
        guard let address = try? URI(parsing: "sip:\(room)@\(domain)") else { return .failure(Unproven()) }
        let verdict = paperDoor.verify(authorization, room: address, from: origin, at: .now) { name in
            accounts.withLock { $0.secret(of: name) }
        }
        switch verdict {
        case .authenticated(let username): return .success(username)
        case .missing: return .failure(Unproven())
        case .stale: return .failure(Unproven(isStale: true))
        case .wrong, .malformed: return .failure(Unproven(isWrong: true))
        }
    }
}
