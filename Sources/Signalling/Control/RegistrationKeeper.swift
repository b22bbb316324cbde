import Glibc
import Logging
import SIP

/// Has registrations kept before they are answered. What comes while the store is writing is written together next: a storm
/// of registrations waits for a few syncs of the disk, not for thousands.
actor RegistrationKeeper {
    private let store: (any RegistrationStore)?
    private let thread: ControlThread
    private let logger: Logger
    /// Tells the user agent core, which lives on the same thread, that a registration is kept.
    private let onKept: @Sendable ([ServerTransactionID]) -> Void
    private var waiting: [String: [RegisteredContact]] = [:]
    private var unanswered: [ServerTransactionID] = []
    private var writing: Task<Void, Never>?
    /// What the store cannot take now it may take later: a disk that was full, a database that was gone.
    private static let pauseAfterFailure = Duration.seconds(2)
    private var hasFailed = false
    private var isSettling = false

    init(
        store: (any RegistrationStore)?, thread: ControlThread, logger: Logger,
        onKept: @escaping @Sendable ([ServerTransactionID]) -> Void
    ) {
        self.store = store
        self.thread = thread
        self.logger = logger
        self.onKept = onKept
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.executor }

    /// What a former run kept.
    func load() async -> [RegisteredContact] {
        do { return try await store?.load() ?? [] } catch {
            logger.error("the registrations of the last run cannot be read; points must register again: \(error)")
            return []
        }
    }

    func keep(_ bindings: [Binding], of point: String, then id: ServerTransactionID?) {
        let now = SIPInstant.now
        let wall = Self.wallClock
        waiting[point] = bindings.map { RegisteredContact($0, of: point, at: now, wall: wall) }
        if let id { unanswered.append(id) }
        guard writing == nil else { return }
        writing = thread.begin { await self.write() }
    }

    /// Returns when all is kept that was to be.
    func settle() async {
        isSettling = true
        await writing?.value
    }

    private func write() async {
        while !waiting.isEmpty {
            let contacts = waiting
            let answered = unanswered
            waiting = [:]
            unanswered = []
            do {
                try await store?.save(contacts)
                hasFailed = false
                onKept(answered)
            } catch {
                if !hasFailed || isSettling {
                    logger.error(
                        "\(contacts.count) registrations are not kept, and hold until the next start only: \(error)")
                }
                hasFailed = true
                onKept(answered)
                guard !isSettling else { break }
                // What came meanwhile is newer.
                waiting.merge(contacts) { newer, _ in newer }
                _ = try? await Task.sleep(for: Self.pauseAfterFailure)
            }
        }
        writing = nil
    }

    /// Milliseconds since 1970.
    static var wallClock: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
