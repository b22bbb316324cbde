import SQLDatabase

/// What others have the archive call. In a struct, for a closure that itself is a `Mutex`'s value is wrapped once more by each
/// `withLock`, and never unwrapped: each call of it took 100 octets that never came back and went deeper into the stack, to its end.
struct ArchiveHooks: Sendable {
    /// Told of each meeting that is destroyed.
    var destroyed: @Sendable (String) -> Void = { _ in }
    /// Told of each package that is checked.
    var checked: @Sendable (FixityStep) -> Void = { _ in }
    /// Asked before a meeting is written that is not over.
    var fence: @Sendable (MeetingRecord, SQLConnection) throws -> Void = { _, _ in }
}
