import Conference

/// Who may know of a meeting. By this one rule whatever there is of it, before it, while it sits and after it, is shown or
/// held back: no role opens a state secret.
public struct MeetingAudience: Hashable, Sendable {
    public var confidentiality: Convening.Confidentiality
    /// Who made it, its chair and its staff: ids of people, or what else ``ScheduledMeeting/createdBy`` says.
    public var list: Set<String>

    public init(confidentiality: Convening.Confidentiality, list: Set<String> = []) {
        self.confidentiality = confidentiality
        self.list = list
    }

    /// - Parameter visitor: as ``list`` has it.
    public func admits(_ visitor: String, roles: Set<Role>) -> Bool {
        if list.contains(visitor) { return true }
        switch confidentiality {
        case .ordinary: return true
        case .restricted:
            return !roles.isDisjoint(with: [.administrator, .convener, .chair, .technician, .archivist])
        case .secret, .highlySecret, .topSecret: return false
        }
    }
}

extension ScheduledMeeting {
    public var audience: MeetingAudience {
        MeetingAudience(
            confidentiality: confidentiality, list: staff.union([createdBy, chair?.person].compactMap { $0 }))
    }

    /// The meeting that a sitting is of: what stands before the first point of its id.
    public static func id(ofSitting sitting: String) -> String { String(sitting.prefix { $0 != "." }) }
}
