/// A part of what a role may do, to which a token can be confined: `recordings:read`.
public enum TokenScope: String, Sendable, Codable, CaseIterable, Hashable {
    case status = "status:read"
    case meetingsRead = "meetings:read"
    case meetingsControl = "meetings:control"
    case recordingsRead = "recordings:read"
    case recordingsManage = "recordings:manage"
    case search, harvest
    case reportsRead = "reports:read"
    case accessRequest = "access:request"
    case accessDecide = "access:decide"
    case retentionRead = "retention:read"
    case retentionManage = "retention:manage"
    case registerRead = "register:read"
    case registerManage = "register:manage"
    case guides
    case scheduleRead = "schedule:read"
    case scheduleManage = "schedule:manage"
    case journalRead = "journal:read"
    case tokensManage = "tokens:manage"
}
