import Archive
import PortalAPI

extension RetentionStatus {
    init(_ dossier: RetentionDossier, certificate: [String]? = nil) {
        self.init(
            recording: dossier.meeting.id, title: dossier.meeting.title, state: dossier.meeting.state.rawValue,
            retentionClass: Class(dossier.retentionClass), endedYear: dossier.clock.endedYear,
            keptUntil: dossier.keptUntil,
            holds: dossier.holds.map {
                Hold(
                    id: $0.id, reason: $0.reason, document: $0.document, placedBy: $0.placedBy, placedAt: $0.placedAt,
                    releasedBy: $0.releasedBy, releasedAt: $0.releasedAt, releaseReason: $0.releaseReason)
            },
            submissions: ReceivingArchive.allCases.map { archive in
                let made = dossier.submissions.first { $0.archive == archive }
                return Submission(
                    archive: archive.rawValue, due: dossier.clock.submissionDue(to: archive), submittedAt: made?.at,
                    document: made?.document)
            }, proposal: dossier.proposal, destroyedAt: dossier.meeting.destroyedAt,
            certificate: certificate)
    }
}

extension RetentionStatus.Class {
    init(_ row: RetentionClass) {
        let years: Int? = if case .years(let years) = row.term { years } else { nil }
        self.init(code: row.code, years: years, vietnamese: row.vietnamese, english: row.english)
    }
}

extension DestructionStatus {
    /// - Parameter visible: the meetings that the visitor may know of.
    init(_ proposal: DestructionProposal, visible: [MeetingRecord]) {
        func signature(_ officer: RetentionOfficer) -> String { "\(officer.name) (\(officer.id))" }
        self.init(
            id: proposal.id, recordings: visible.map(\.id),
            titles: Dictionary(visible.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first }),
            hidden: proposal.meetings.count - visible.count,
            reason: proposal.reason, state: proposal.state.rawValue, proposer: signature(proposal.proposer),
            proposedAt: proposal.proposedAt, reviewer: proposal.reviewer.map(signature),
            reviewedAt: proposal.reviewedAt, verdict: proposal.verdict, destroyedAt: proposal.carriedOutAt)
    }
}

extension Refusal {
    init(_ fault: RetentionFault) {
        switch fault {
        case .unknownProposal, .unknownHold:
            self.init(.notFound, fault.description, hint: "`causeway retention list` shows what there is.")
        case .unknownClass, .unusableList, .missing:
            self.init(.badRequest, fault.description, hint: "Mend it and try again.")
        case .samePerson, .anonymous, .notTheProposer:
            self.init(.forbidden, fault.description, hint: "Ask another archivist, or an administrator.")
        case .alreadyReleased, .tooManyHolds, .obstacles, .decided:
            self.init(.conflict, fault.description, hint: "Look at it again.")
        }
        body.vietnamese = fault.vietnamese
    }
}

extension RetentionFault {
    var vietnamese: String {
        switch self {
        case .unknownClass: "Bảng thời hạn lưu trữ không có mã này."
        case .unknownHold: "Không có lệnh tạm giữ này."
        case .alreadyReleased: "Lệnh tạm giữ này đã được gỡ."
        case .tooManyHolds: "Hồ sơ đã có quá nhiều lệnh tạm giữ."
        case .unknownProposal: "Không có đề nghị hủy này."
        case .unusableList: "Danh mục đề nghị hủy phải có từ 1 đến 500 hồ sơ, mỗi hồ sơ một lần."
        case .missing: "Còn thiếu lý do, hoặc số và ngày văn bản."
        case .obstacles: "Có hồ sơ chưa hủy được: chưa hết hạn, lưu vĩnh viễn, đang tạm giữ hoặc đang có đề nghị khác."
        case .samePerson: "Người đề nghị hủy không được tự thẩm tra; cần một người khác."
        case .anonymous: "Việc hủy do hai người quyết định: hãy đăng nhập hoặc dùng mã truy cập riêng."
        case .notTheProposer: "Chỉ người đề nghị hoặc quản trị viên được rút đề nghị."
        case .decided: "Đề nghị này đã được quyết định."
        }
    }
}
