import Office

public typealias Role = Office.Role
public typealias TokenScope = Office.TokenScope

/// What can be asked of the portal.
enum PortalAction: String, CaseIterable, Sendable {
    case readStatus, readMeetings, endMeeting, callPoints, movePoint, invitePoint, listRecordings, readRecording,
        fetchFile, verifyRecording, readFixity, packageRecording, readJobs, harvest, readChecks,
        readGuide, provisionPoint, listReports, readReport, readStatistics, noteAbsence, search
    case readRegister, changeRegister, issuePointPassword, readPeople, changePeople, readJournal
    case watchMeeting, orderInMeeting
    case readRetentionTable, readRetention, changeRetention, proposeDestruction, reviewDestruction
    case requestAccess, readOwnAccess, readAccess, decideAccess
    case readSchedule, schedule, rehearse, waiveRehearsal
    case manageTokens, drain
    case readReviews, reviewAccess
    case traceCalls, traceKeys

    /// The table of rights: this is where they are defined. An administrator may all.
    var roles: Set<Role> {
        switch self {
        case .readStatus: [.convener, .chair, .technician, .archivist, .auditor]
        case .readMeetings: [.convener, .chair, .technician]
        case .endMeeting: [.chair]
        case .callPoints: [.convener, .chair, .technician]
        case .movePoint: [.chair, .technician]
        case .invitePoint: [.convener, .technician]
        case .listRecordings, .readRecording, .fetchFile, .verifyRecording, .readFixity, .packageRecording, .readJobs:
            [.archivist]
        // Metadata of ordinary meetings alone: `HarvestDesk`.
        case .harvest: [.archivist, .agencyReader]
        case .readChecks: [.convener, .chair, .technician]
        case .readRegister: [.convener, .chair, .technician, .archivist, .auditor]
        case .changeRegister: [.convener]
        case .issuePointPassword: [.technician]
        case .readPeople: [.convener, .auditor]
        case .changePeople, .manageTokens, .drain: []
        // That the list was looked through an administrator says; an auditor sees who did, and when.
        case .reviewAccess: []
        case .readReviews: [.auditor]
        case .readJournal: [.auditor]
        case .traceCalls: [.technician]
        // And by name alone: `TraceRoutes`.
        case .traceKeys: []
        case .watchMeeting: [.convener, .chair, .technician]
        // What each of them may order in particular is the rules' table: `Officer.Authority.may`.
        case .orderInMeeting: [.chair, .technician]
        // What is said of meetings to come and what papers they have is content, which is not an auditor's.
        case .readSchedule: [.convener, .chair, .technician, .archivist]
        case .schedule: [.convener]
        case .rehearse: [.technician, .convener]
        case .waiveRehearsal: [.convener, .chair]
        case .readGuide, .provisionPoint: [.convener, .technician]
        case .readRetentionTable: [.convener, .chair, .technician, .archivist, .auditor]
        case .readRetention: [.archivist, .auditor]
        // That who reviews is another than who proposed is the archive's rule: `DestructionProposal`.
        case .changeRetention, .proposeDestruction, .reviewDestruction: [.archivist]
        case .requestAccess: [.agencyReader, .convener, .chair]
        // Of one's own: requests that one made, grants that one has.
        case .readOwnAccess: [.agencyReader, .convener, .chair, .archivist, .auditor]
        case .readAccess: [.archivist, .auditor]
        case .decideAccess: [.archivist]
        case .listReports, .readReport: [.convener, .chair, .archivist]
        // Figures by month; no meeting is named.
        case .readStatistics: [.convener, .chair, .archivist, .auditor]
        case .noteAbsence: [.convener, .chair, .archivist]
        // Which meetings each finds: `SearchRoutes.visibility`.
        case .search: [.convener, .chair, .archivist]
        }
    }
}

extension Role {
    func may(_ action: PortalAction) -> Bool { self == .administrator || action.roles.contains(self) }
}
