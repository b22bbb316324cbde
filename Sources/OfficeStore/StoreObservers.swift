/// Who is told of changes. In a struct, for a closure that itself is a `Mutex`'s value is wrapped once more by each `withLock`, and never
/// unwrapped.
struct StoreObservers: Sendable {
    /// Of the register, the accounts and the schedule.
    var office: (@Sendable () -> Void)?
    var papers: (@Sendable () -> Void)?
}
