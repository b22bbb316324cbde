/// What can be asked of the portal.
enum PortalAction: CaseIterable, Sendable {
    case readStatus, readMeetings, endMeeting, callPoints, movePoint, invitePoint, listRecordings, readRecording,
        fetchFile,
        verifyRecording, readJobs, watchMeeting, orderInMeeting
}

/// Who asks.
public enum Role: String, Sendable, Codable, CaseIterable {
    case administrator
    case archivist

    /// The table of rights: this is where they are defined.
    func may(_ action: PortalAction) -> Bool {
        switch (self, action) {
        case (.administrator, _): true
        case (.archivist, .readStatus), (.archivist, .listRecordings), (.archivist, .readRecording),
            (.archivist, .fetchFile), (.archivist, .verifyRecording), (.archivist, .readJobs):
            true
        case (.archivist, .readMeetings), (.archivist, .endMeeting), (.archivist, .callPoints),
            (.archivist, .movePoint), (.archivist, .invitePoint), (.archivist, .watchMeeting),
            (.archivist, .orderInMeeting):
            false
        }
    }
}
