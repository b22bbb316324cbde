/// What lines have in common: a table each.
enum LineGroup: String, CaseIterable, Sendable, Codable {
    case endpoints, networks
}

/// A line of the matrix: one endpoint, as it was told to be.
struct Line: Sendable {
    var endpoint: String
    var transport: String
    var keying: String
    var codec: String
    var group = LineGroup.endpoints
    /// Programs that it needs.
    var programs: [String]
    /// Needs a network namespace, or raw sockets.
    var needsSuperuser = false
    /// What it takes, about, in seconds.
    var seconds: Double
    /// Makes the daemon that it dials.
    var sitting: @Sendable () async throws -> Sitting = { try await Sitting() }
    var run: @Sendable (Sitting) async throws -> Void

    var name: String { "\(endpoint) \(transport) \(keying) \(codec)" }
}

/// A line that was run, or not.
struct LineResult: Sendable {
    var line: Line
    var outcomes: [Probe: Outcome] = [:]
    /// Why it was not run.
    var skipped: String?
    /// Why it broke off.
    var fault: String?
    var seconds = 0.0
    /// Logs and traces, where they were kept.
    var folder: String?

    var isFaulty: Bool { fault != nil || !failures.isEmpty }

    var failures: [Probe] {
        Probe.allCases.filter {
            if case .failed? = outcomes[$0] { true } else { false }
        }
    }
}
