/// Where a meeting and its package stand.
public enum MeetingState: String, Codable, Sendable, CaseIterable {
    /// Open, nothing being recorded.
    case running
    /// Open, and its master being written.
    case recording
    /// Found unfinished when the daemon started; its master is being finished.
    case recovering
    /// Over, the master complete; waits for its access copy, or for its seal.
    case closed
    /// The access copy is being made.
    case composing
    /// Complete: every file is in the manifest and stays as it is.
    case sealed
    /// Could not be completed; a note says why, and what there is stays readable.
    case failed
    /// Sealed once; its payload was destroyed by the decision of two persons. Metadata, seal and a certificate of it are left.
    case destroyed

    /// The meeting's end was not written down: after a start these want recovery.
    public var isUnfinished: Bool {
        switch self {
        case .running, .recording, .recovering: true
        case .closed, .composing, .sealed, .failed, .destroyed: false
        }
    }

    /// The files are as the seal has them, or what destruction left of those.
    public var isSealedForGood: Bool { self == .sealed || self == .destroyed }

    func canBecome(_ next: Self) -> Bool {
        switch self {
        case .running: [.recording, .recovering, .closed, .failed].contains(next)
        case .recording: [.running, .recovering, .closed, .failed].contains(next)
        case .recovering: [.closed, .failed].contains(next)
        case .closed: [.composing, .sealed, .failed].contains(next)
        case .composing: [.closed, .sealed, .failed].contains(next)
        case .failed: [.recovering, .closed, .composing, .sealed].contains(next)
        case .sealed: next == .destroyed
        case .destroyed: false
        }
    }
}
