import Conference
import Foundation

/// Which sittings the conference is to know of at a time, and when that changes next.
public struct ConveningPlan: Sendable {
    /// From the beginning of its rehearsal to its planned end.
    public private(set) var inForce: [Convening] = []
    public private(set) var nextChange: Date?

    public init(_ meetings: [ScheduledMeeting], _ register: OfficeRegister, at now: Date) {
        for meeting in meetings where !meeting.isCancelled {
            for sitting in meeting.sittings where sitting.ends > now {
                let begins = min(sitting.rehearsalFrom, sitting.starts)
                if begins <= now {
                    inForce.append(sitting.convening(meeting, register))
                    nextChange = min(nextChange ?? sitting.ends, sitting.ends)
                } else {
                    nextChange = min(nextChange ?? begins, begins)
                    break
                }
            }
        }
    }
}
