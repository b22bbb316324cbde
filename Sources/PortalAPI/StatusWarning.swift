/// What an operator should look at now, in one line of either language.
public struct StatusWarning: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// A meeting that is to be recorded is not any more.
        case recordingStopped = "recording-stopped"
        /// One of a meeting's two recorders ended before its time; the other goes on.
        case recorderStopped = "recorder-stopped"
        /// Packets wait for a recorder.
        case recorderBehind = "recorder-behind"
        case recordingLoses = "recording-loses"
        /// Sound was left out.
        case machineSlow = "machine-slow"
        /// What did not fit between threads was dropped.
        case ringsOverflow = "rings-overflow"
        case auditBroken = "audit-broken"
        case auditUnsigned = "audit-unsigned"
    }

    public var kind: Kind
    /// The meeting that it is about; nil where it is about the bridge.
    public var meeting: String?
    public var vietnamese: String
    public var english: String

    public init(_ kind: Kind, meeting: String? = nil, vietnamese: String, english: String) {
        self.kind = kind
        self.meeting = meeting
        self.vietnamese = vietnamese
        self.english = english
    }
}
