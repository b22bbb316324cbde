import Foundation

/// Asks for a package of a recording: `POST /recordings/ID/packages`.
public struct PackageOrder: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// For submission, archival, dissemination (ISO 14721).
        case sip, aip, dip
    }

    /// What a package for dissemination answers.
    public struct Request: Codable, Sendable, Equatable {
        public var id: String
        public var requestedAt: Date
        /// As the profile's codes mean: `official-duty` where nothing is said.
        public var purpose: String?
        public var purposeInWords: String
        /// By which fees go: `other` where nothing is said.
        public var feeObject: String?
        public var researchTopic: String?
        public var note: String?
        /// Name, and number of identity.
        public var recipient: String
        public var authenticationCode: String
        public var validUntil: Date
        public var copies: Int?

        public init(
            id: String, requestedAt: Date, purpose: String? = nil, purposeInWords: String, feeObject: String? = nil,
            researchTopic: String? = nil, note: String? = nil, recipient: String, authenticationCode: String,
            validUntil: Date, copies: Int? = nil
        ) {
            self.id = id
            self.requestedAt = requestedAt
            self.purpose = purpose
            self.purposeInWords = purposeInWords
            self.feeObject = feeObject
            self.researchTopic = researchTopic
            self.note = note
            self.recipient = recipient
            self.authenticationCode = authenticationCode
            self.validUntil = validUntil
            self.copies = copies
        }
    }

    public var kind: Kind
    /// A directory on the daemon's machine, absolute; it is said by the local socket alone. Else the archive's `outgoing`.
    public var to: String?
    /// With `dip`.
    public var request: Request?

    public init(kind: Kind, to: String? = nil, request: Request? = nil) {
        self.kind = kind
        self.to = to
        self.request = request
    }
}

/// A package that was let out.
public struct PackageOutcome: Codable, Sendable, Equatable {
    public var recording: String
    public var kind: PackageOrder.Kind
    public var objectID: String
    /// On the daemon's machine.
    public var directory: String
    public var files: Int
    public var bytes: Int64

    public init(
        recording: String, kind: PackageOrder.Kind, objectID: String, directory: String, files: Int, bytes: Int64
    ) {
        self.recording = recording
        self.kind = kind
        self.objectID = objectID
        self.directory = directory
        self.files = files
        self.bytes = bytes
    }
}

/// One line of the answer: progress, and at the end the outcome or why there is none.
public struct PackageLine: Codable, Sendable, Equatable {
    public struct Progress: Codable, Sendable, Equatable {
        public enum Stage: String, Codable, Sendable, CaseIterable {
            /// The copy for supply is encoded.
            case film
            /// Files are copied, and read again.
            case package
        }
        public var stage: Stage
        /// 0 to 1, of this stage.
        public var done: Double
        public var remainingSeconds: Int?

        public init(stage: Stage, done: Double, remainingSeconds: Int? = nil) {
            self.stage = stage
            self.done = done
            self.remainingSeconds = remainingSeconds
        }
    }
    public var progress: Progress?
    public var outcome: PackageOutcome?
    public var failure: APIError?

    public init(progress: Progress? = nil, outcome: PackageOutcome? = nil, failure: APIError? = nil) {
        self.progress = progress
        self.outcome = outcome
        self.failure = failure
    }
}
