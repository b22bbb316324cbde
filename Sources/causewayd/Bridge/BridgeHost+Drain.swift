import Conference
import Foundation
import PortalAPI

/// Before an upgrade: no meeting is begun, and those in progress are let end.
extension BridgeHost {
    /// Whether this was news.
    func drain(_ isWanted: Bool, by: String) async -> Bool {
        guard isWanted != conference.isDraining else { return false }
        await decide(isWanted ? .drain : .cancelDrain)
        guard isWanted == conference.isDraining else { return false }
        drained = isWanted ? DrainStatus(since: Date(), by: by) : nil
        let open = conference.openMeetings
        let points = open.reduce(0) { $0 + $1.participants.count }
        logger.notice(
            isWanted
                ? "\(by) wants no new meetings: \(open.count) meetings with \(points) points go on"
                : "\(by) lets meetings begin again")
        await journal(
            MeetingJournalLine(
                action: isWanted ? "drain" : "cancel drain",
                subject: isWanted ? "\(open.count) meetings, \(points) points" : "", by: by))
        return true
    }
}
