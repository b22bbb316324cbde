import Foundation
import Synchronization

/// A thread's connection, made again when it broke, and the transactions on it.
final class PostgresLink {
    private let settings: PostgresSettings
    private let prepare: @Sendable (SQLConnection) throws -> Void
    private let gate: PostgresGate
    private let lock: Int64
    private(set) var session: PostgresSession?

    /// So often a transaction is run that the server gives up for another's sake.
    private static let attempts = 10

    init(
        _ settings: PostgresSettings, _ gate: PostgresGate, prepare: @escaping @Sendable (SQLConnection) throws -> Void
    ) {
        self.settings = settings
        self.gate = gate
        self.prepare = prepare
        lock = Self.lock(of: settings.schema)
    }

    func connected() throws -> PostgresSession {
        if let session, !session.isBroken { return session }
        session = nil
        try gate.pass()
        do {
            let new = try PostgresSession(settings)
            try prepare(SQLConnection(new, isWriting: true))
            session = new
            gate.open()
            return new
        } catch {
            gate.shut(error)
            throw error
        }
    }

    func disconnect() { session = nil }

    func transaction<Value>(_ access: SQLAccess, _ body: (SQLConnection) throws -> Value) throws -> Value {
        var attempt = 1
        while true {
            do { return try attemptTransaction(access, body) } catch is GivenUp where attempt < Self.attempts {
                usleep(UInt32.random(in: 1_000...(4_000 << UInt32(min(6, attempt)))))
                attempt += 1
            } catch let error as GivenUp {
                throw error.error
            }
        }
    }

    private struct GivenUp: Error { let error: any Error }

    private func attemptTransaction<Value>(
        _ access: SQLAccess, _ body: (SQLConnection) throws -> Value
    ) throws -> Value {
        let (session, number) = try begun(access)
        let value: Value
        do {
            value = try body(SQLConnection(session, isWriting: access.isWriting))
            // A closure may have passed over what failed; the server did not.
            if session.isFailed {
                throw session.failure?.error ?? .refused(code: "25P02", reason: "a statement failed")
            }
        } catch {
            let isGivenUp = session.failure?.isForOthersSake == true && !session.isBroken
            session.rollback()
            throw isGivenUp ? GivenUp(error: error) : error
        }
        do {
            try session.commit()
        } catch  where session.isBroken && number != nil {
            let commits = session.takeCommits()
            try settle(number ?? 0)
            for act in commits { act() }
        } catch {
            let isGivenUp = session.failure?.isForOthersSake == true
            session.rollback()
            throw isGivenUp ? GivenUp(error: error) : error
        }
        return value
    }

    /// A line that stood idle may have broken unnoticed: then another is made, once.
    private func begun(_ access: SQLAccess) throws -> (PostgresSession, UInt64?) {
        let first = try connected()
        do { return (first, try first.begin(access, lock: lock)) } catch  where first.isBroken {
            let second = try connected()
            return (second, try second.begin(access, lock: lock))
        } catch {
            first.rollback()
            throw error
        }
    }

    /// Asks what became of a transaction in whose commit the line broke; returns where it was committed.
    private func settle(_ number: UInt64) throws {
        let deadline = ContinuousClock.now + .seconds(settings.outcomePatience)
        while ContinuousClock.now < deadline, !gate.isClosing {
            do {
                switch try connected().status(of: number) {
                case "committed": return
                case "aborted": throw Aborted()
                case "in progress": break
                default:
                    throw SQLDatabaseError.unknownOutcome(reason: "the database does not know the transaction any more")
                }
            } catch is Aborted {
                throw SQLDatabaseError.unreachable(reason: "the line broke before it was written")
            } catch let error as SQLDatabaseError where error.mayBeTriedAgain {
            }
            usleep(200_000)
        }
        throw SQLDatabaseError.unknownOutcome(reason: "the line broke in the middle of a commit, and is not back")
    }

    private struct Aborted: Error {}

    /// The number of a schema's lock in its database: FNV-1a of its name.
    static func lock(of schema: String) -> Int64 {
        Int64(
            bitPattern: "causeway \(schema)".utf8.reduce(0xcbf2_9ce4_8422_2325) { (hash: UInt64, octet) in
                (hash ^ UInt64(octet)) &* 0x100_0000_01b3
            })
    }
}

/// Where a database cannot be reached, one of its threads tries once a second, and all others answer at once.
final class PostgresGate: Sendable {
    private let state = Mutex<(until: ContinuousClock.Instant, error: any Error)?>(nil)
    private let closing = Atomic(false)

    func pass() throws {
        try state.withLock { shut in
            guard let now = shut else { return }
            guard ContinuousClock.now >= now.until else { throw now.error }
            // This one tries.
            shut = (.now + .seconds(1), now.error)
        }
    }

    func open() { state.withLock { $0 = nil } }
    func shut(_ error: any Error) { state.withLock { $0 = (.now + .seconds(1), error) } }

    var isClosing: Bool { closing.load(ordering: .relaxed) }
    func close() { closing.store(true, ordering: .relaxed) }
}
