import Foundation

/// `GET /api/v1/status`.
public struct SystemStatus: Codable, Sendable, Equatable {
    public struct Disk: Codable, Sendable, Equatable {
        public var freeBytes: Int64
        public var totalBytes: Int64
        public init(freeBytes: Int64, totalBytes: Int64) {
            self.freeBytes = freeBytes
            self.totalBytes = totalBytes
        }
    }
    /// With the portal's own listeners.
    public var bridge: BridgeStatus
    public var uptimeSeconds: Int64
    /// Meetings in the archive, by state.
    public var recordings: [String: Int]
    /// Work on packages that waits or runs.
    public var jobs: [JobStatus]
    public var disk: Disk

    public init(
        bridge: BridgeStatus, uptimeSeconds: Int64, recordings: [String: Int], jobs: [JobStatus], disk: Disk
    ) {
        self.bridge = bridge
        self.uptimeSeconds = uptimeSeconds
        self.recordings = recordings
        self.jobs = jobs
        self.disk = disk
    }
}

/// Work on a package, for example the making of the access copy.
public struct JobStatus: Codable, Sendable, Equatable {
    public var id: Int64
    public var recording: String
    /// `compose`.
    public var kind: String
    /// `queued`, `running`, `finished`, `failed`.
    public var state: String
    /// 0 to 1.
    public var progress: Double
    public var attempts: Int
    public var error: String?
    /// At the speed so far; nil while that cannot be told.
    public var remainingSeconds: Double?
    /// Seconds of the meeting that are done in one; nil while that cannot be told.
    public var rate: Double?

    public init(
        id: Int64, recording: String, kind: String, state: String, progress: Double, attempts: Int, error: String?,
        remainingSeconds: Double?, rate: Double? = nil
    ) {
        self.rate = rate
        self.id = id
        self.recording = recording
        self.kind = kind
        self.state = state
        self.progress = progress
        self.attempts = attempts
        self.error = error
        self.remainingSeconds = remainingSeconds
    }
}
