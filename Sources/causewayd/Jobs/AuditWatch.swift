import Archive
import Evidence
import LogSubjects
import OfficeStore

/// Keeps the audit log: signs its end, brings what was signed to the second location, and once a day
/// cuts it to its term and looks through all of it.
struct AuditWatch {
    let archive: Archive
    let office: OfficeStore
    let months: Int
    let standing: AuditStanding
    let logger: SubjectLogger
    /// Between two signatures of a day, of which the last stays.
    private static let pause = Duration.seconds(600)
    private static let day = Duration.seconds(86_400)

    func run() async {
        var nextCut = ContinuousClock.now
        var kept: [SignedAuditHead] = []
        while !Task.isCancelled {
            await sign()
            if .now >= nextCut {
                nextCut = .now + Self.day
                await cut()
                await inspect()
                // Each day also the head that the day's end may still replace: a day is the most that can be lost.
                kept = []
            }
            await keep(&kept)
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Also at the end, so that who changes the journal of a daemon that does not run is found.
    func sign() async {
        do {
            try await office.signJournal(by: archive.auditKey)
            standing.signed()
        } catch .cancelled {
        } catch {
            if case .refused(let fault as JournalFault) = error {
                standing.found(fault)
            } else {
                standing.failed(toSign: "\(error)")
            }
            logger.error("the journal is not signed: \(error)")
        }
    }

    /// Looks through all of it, as `causeway audit verify` does: to sign its end looks at what is new alone.
    private func inspect() async {
        do {
            let kept = try? await archive.foreignAuditHeads(try await office.journalHeads())
            let report = try await office.inspectJournal(trusting: archive.trustedSigners, kept: kept ?? [])
            standing.inspected(report.findings)
            for finding in report.findings.prefix(3) { logger.error("the journal is not whole: \(finding.text)") }
        } catch .cancelled {
        } catch {
            logger.error("the journal could not be looked through: \(error)")
        }
    }

    private func cut() async {
        do {
            let count = try await office.cutJournal(keepingMonths: months, by: archive.auditKey)
            if count > 0 { logger.notice("the journal is kept for \(months) months: \(count) older lines were cut") }
        } catch .cancelled {} catch {
            logger.error("the journal was not cut: \(error)")
        }
    }

    /// - Parameter kept: those that need not be asked for again.
    private func keep(_ kept: inout [SignedAuditHead]) async {
        do {
            let heads = try await office.journalHeads()
            // The last one changes while its day lasts.
            guard kept.isEmpty || heads.dropLast() != kept.dropLast() else { return }
            guard !heads.isEmpty, try await archive.keepAuditHeads(heads) != nil else { return }
            kept = heads
        } catch is CancellationError {
        } catch {
            logger.warning("second location: heads of the audit log are tried again in ten minutes: \(error)")
        }
    }
}
