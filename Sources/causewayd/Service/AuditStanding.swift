import Evidence
import Foundation
import OfficeStore
import PortalAPI
import Synchronization

/// How the audit log was found when it was looked at and signed last, for status and metrics.
final class AuditStanding: Sendable {
    private struct State {
        /// Of the last look through all of it.
        var findings: [AuditFinding] = []
        /// Its chain did not hold, at the last attempt to sign it.
        var fault: JournalFault?
        /// Why it could not be signed, for another reason.
        var failure: String?
    }

    private let state = Mutex(State())

    func inspected(_ findings: [AuditFinding]) { state.withLock { $0.findings = findings } }

    func signed() {
        state.withLock {
            $0.fault = nil
            $0.failure = nil
        }
    }

    func found(_ fault: JournalFault) { state.withLock { $0.fault = fault } }
    func failed(toSign reason: String) { state.withLock { $0.failure = reason } }

    var isBroken: Bool { state.withLock { !$0.findings.isEmpty || $0.fault != nil } }
    var isUnsigned: Bool { state.withLock { $0.failure != nil || $0.fault != nil } }

    var warnings: [StatusWarning] {
        let state = state.withLock { $0 }
        var warnings: [StatusWarning] = []
        if let finding = state.findings.first {
            let lines = finding.from.map { from in
                finding.to.map { $0 == from ? " (dòng \(from))" : " (dòng \(from) đến \($0))" } ?? " (dòng \(from))"
            }
            warnings.append(
                StatusWarning(
                    .auditBroken,
                    vietnamese:
                        "Nhật ký không còn nguyên vẹn\(lines ?? ""): hãy giữ nguyên hiện trạng và chạy causeway audit verify.",
                    english:
                        "the audit log is not whole: \(finding.text); leave all as it is, and run causeway audit verify"
                ))
        } else if let fault = state.fault {
            warnings.append(
                StatusWarning(.auditBroken, vietnamese: fault.words.vietnamese, english: fault.words.english))
        }
        if let failure = state.failure {
            warnings.append(
                StatusWarning(
                    .auditUnsigned, vietnamese: "Chưa ký được nhật ký: \(failure)",
                    english: "the audit log could not be signed: \(failure)"))
        }
        return warnings
    }
}
