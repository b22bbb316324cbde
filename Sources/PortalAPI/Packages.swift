import Foundation

/// Asks for a package of a recording: `POST /recordings/ID/packages`.
public struct PackageOrder: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// For submission, archival (ISO 14721). One for dissemination is made for a grant: `POST /access/grants/N/package`.
        case sip, aip
    }

    public var kind: Kind
    /// A directory on the daemon's machine, absolute; it is said by the local socket alone. Else the archive's `outgoing`.
    public var to: String?

    public init(kind: Kind, to: String? = nil) {
        self.kind = kind
        self.to = to
    }
}

/// A package that was let out.
public struct PackageOutcome: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// For submission, archival, dissemination (ISO 14721).
        case sip, aip, dip
    }

    public var recording: String
    public var kind: Kind
    public var objectID: String
    /// On the daemon's machine; of one for dissemination the ZIP file.
    public var directory: String
    public var files: Int
    public var bytes: Int64
    /// For dissemination: for which grant it is, and the hash of the ZIP file, in hexadecimal digits.
    public var grant: Int64?
    public var sha256: String?

    public init(
        recording: String, kind: Kind, objectID: String, directory: String, files: Int, bytes: Int64,
        grant: Int64? = nil, sha256: String? = nil
    ) {
        self.recording = recording
        self.kind = kind
        self.objectID = objectID
        self.directory = directory
        self.files = files
        self.bytes = bytes
        self.grant = grant
        self.sha256 = sha256
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
