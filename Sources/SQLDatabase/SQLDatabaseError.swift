/// Why a database did not do what it was asked, in either of them alike.
public enum SQLDatabaseError: Error, Equatable, CustomStringConvertible {
    /// It cannot be reached, or is not ready, now: nothing was written, and the same may be tried again.
    case unreachable(reason: String)
    /// The line broke in the middle of a commit, and the database did not come back soon enough to say what became of it. Whoever writes again
    /// has to look first.
    case unknownOutcome(reason: String)
    /// A constraint: unique, not null, a reference.
    case constraint(reason: String)
    case diskFull(reason: String)
    case readOnly(reason: String)
    case permissionDenied(reason: String)
    case corrupt(reason: String)
    /// Anything else; trying again does not help. `code` is SQLite's result code or PostgreSQL's SQLSTATE.
    case refused(code: String, reason: String)

    /// Whether nothing was written and the same may be tried again.
    public var mayBeTriedAgain: Bool {
        if case .unreachable = self { true } else { false }
    }

    /// As the database says it.
    public var reason: String {
        switch self {
        case .unreachable(let reason), .unknownOutcome(let reason), .constraint(let reason), .diskFull(let reason),
            .readOnly(let reason), .permissionDenied(let reason), .corrupt(let reason), .refused(_, let reason):
            reason
        }
    }

    public var description: String {
        switch self {
        case .unreachable(let reason): "the database cannot be reached: \(reason); it is tried again"
        case .unknownOutcome(let reason): "whether it was written is not known: \(reason)"
        case .constraint(let reason), .corrupt(let reason): reason
        case .diskFull(let reason): "the database's disk is full: \(reason)"
        case .readOnly(let reason): "the database is read-only: \(reason)"
        case .permissionDenied(let reason): "the database permits it not: \(reason)"
        case .refused(let code, let reason): "\(reason) (\(code))"
        }
    }
}
