import Office

extension PortalAction {
    /// The table of scopes: a token that has any may do what its role may and one of them has, and nothing else.
    var scope: TokenScope {
        switch self {
        case .readStatus: .status
        case .readMeetings, .watchMeeting, .readChecks: .meetingsRead
        case .endMeeting, .callPoints, .movePoint, .invitePoint, .orderInMeeting, .drain, .traceCalls: .meetingsControl
        case .listRecordings, .readRecording, .fetchFile, .readJobs, .readFixity: .recordingsRead
        case .verifyRecording, .packageRecording: .recordingsManage
        case .search: .search
        case .harvest: .harvest
        case .listReports, .readReport, .readStatistics: .reportsRead
        case .requestAccess, .readOwnAccess: .accessRequest
        case .readAccess, .decideAccess: .accessDecide
        case .readRetention: .retentionRead
        case .changeRetention, .proposeDestruction, .reviewDestruction: .retentionManage
        case .readRegister, .readPeople: .registerRead
        case .changeRegister, .issuePointPassword, .changePeople: .registerManage
        case .readGuide, .provisionPoint: .guides
        case .readSchedule, .readRetentionTable: .scheduleRead
        case .schedule, .rehearse, .waiveRehearsal, .noteAbsence: .scheduleManage
        case .readJournal, .readReviews: .journalRead
        case .reviewAccess: .registerManage
        case .manageTokens, .traceKeys: .tokensManage
        }
    }
}
