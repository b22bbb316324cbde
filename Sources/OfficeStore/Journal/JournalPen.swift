import Evidence
import Foundation
public import LogSubjects
import Synchronization

/// Writes into the journal in the order in which it is told. What cannot be written at once, for the disk is full, somebody holds the
/// database, or it is gone, waits with all that is told behind it, and nobody waits for that.
public final class JournalPen: Sendable {
    private static let mostWaiting = 10_000
    /// For two minutes, where the database is there and does not take a line.
    private static let mostAttempts = 60

    private struct Line: Sendable {
        var action: String
        var subject: String
        var by: String
        /// Of which it is, where it is of one.
        var meeting: String?
        var at: Date
        let nonce = AuditEntry.nonce()
        /// Ends when whoever told it need wait no longer.
        var told: AsyncStream<Never>.Continuation
    }

    private struct State {
        var lines: [Line] = []
        var writer: Task<Void, Never>?
        /// The first line could not be written.
        var isHindered = false
    }

    private let office: OfficeStore
    private let pause: Duration
    private let logger: SubjectLogger
    private let state = Mutex(State())

    /// - Parameter pause: between attempts.
    public init(office: OfficeStore, pause: Duration = .seconds(2), logger: SubjectLogger) {
        self.office = office
        self.pause = pause
        self.logger = logger
    }

    /// - Returns: what ends when the line is written, or could not be at once.
    @discardableResult
    public func write(
        _ action: String, of subject: String, by: String = "causewayd", meeting: String? = nil
    ) -> Task<Void, Never>? {
        let (ended, told) = AsyncStream<Never>.makeStream()
        let isTaken = state.withLock { state in
            guard state.lines.count < Self.mostWaiting else { return false }
            state.lines.append(
                Line(action: action, subject: subject, by: by, meeting: meeting, at: office.now(), told: told))
            if state.isHindered { told.finish() }
            if state.writer == nil { state.writer = Task { await self.run() } }
            return true
        }
        guard isTaken else {
            logger.about(meeting: meeting)
                .error("\(action) of \(subject) by \(by) is not in the journal: the disk does not keep up")
            return nil
        }
        return Task { for await _ in ended {} }
    }

    /// Writes all that was told, or tries it once more.
    public func settle() async {
        let writer = state.withLock { $0.writer }
        writer?.cancel()
        await writer?.value
    }

    /// Until nothing waits.
    private func run() async {
        while let line = next() {
            var attempts = 0
            while let fault = await attempt(line, isFirst: attempts == 0) {
                attempts += 1
                hinder()
                if Task.isCancelled || (!fault.isOfReach && attempts >= Self.mostAttempts) {
                    lose(line, fault)
                    break
                }
                try? await Task.sleep(for: pause)
            }
        }
    }

    private func next() -> Line? {
        state.withLock { state in
            if state.lines.isEmpty { state.writer = nil }
            return state.lines.first
        }
    }

    /// Nothing that is asked of this task hinders it.
    private func attempt(_ line: Line, isFirst: Bool) async -> OfficeStoreError? {
        let attempt = Task { [office] () -> OfficeStoreError? in
            do throws(OfficeStoreError) {
                try await office.note(
                    line.action, of: line.subject, by: line.by, at: line.at, nonce: line.nonce, isRepeated: !isFirst)
                return nil
            } catch {
                return error
            }
        }
        if let fault = await attempt.value { return fault }
        state.withLock { state in
            state.lines.removeFirst()
            state.isHindered = false
        }
        line.told.finish()
        return nil
    }

    private func hinder() {
        state.withLock { state in
            state.isHindered = true
            for line in state.lines { line.told.finish() }
        }
    }

    /// At the end of the daemon what cannot be written will not be, and the log is all that has it.
    private func lose(_ line: Line, _ fault: OfficeStoreError) {
        let lost = state.withLock { state in
            let lost = Task.isCancelled && fault.isOfReach ? state.lines : [line]
            state.lines.removeFirst(lost.count)
            return lost
        }
        for line in lost {
            logger.about(meeting: line.meeting)
                .error("\(line.action) of \(line.subject) by \(line.by) is not in the journal: \(fault)")
        }
    }
}
