import Archive
import Foundation
import PortalAPI

/// Seconds of a recording as ranges of milliseconds, and back.
enum AccessSpan {
    private static let longest = 48.0 * 3600

    /// Nil where neither end is said.
    static func milliseconds(_ from: Double?, _ to: Double?) throws(Refusal) -> Range<Int64>? {
        guard from != nil || to != nil else { return nil }
        guard let from, let to, from.isFinite, to.isFinite, from >= 0, to > from, to <= longest else {
            throw Refusal(AccessFault.badSpan)
        }
        return Int64(from * 1000)..<Int64(to * 1000)
    }

    static func seconds(_ milliseconds: Int64?) -> Double? { milliseconds.map { Double($0) / 1000 } }
}

extension AccessRequest.Wish {
    init(_ wish: AccessWish) throws(Refusal) {
        self.init(
            meetingID: wish.recording, description: wish.description ?? "", purpose: wish.purpose ?? "official-duty",
            reason: wish.reason, span: try AccessSpan.milliseconds(wish.from, wish.to),
            wantsDownload: wish.wantsDownload ?? false)
    }
}

extension AccessGrant.Terms {
    init(_ terms: AccessTerms) throws(Refusal) {
        guard let level = CopyLevel(rawValue: terms.level) else {
            let known = CopyLevel.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal(.badRequest, "level is none of \(known).", hint: "Say how it is given out.")
        }
        self.init(
            meetingID: terms.recording, level: level, span: try AccessSpan.milliseconds(terms.from, terms.to),
            from: terms.validFrom, until: terms.validUntil, remark: terms.remark ?? "")
    }
}

extension AccessRequestStatus {
    init(_ request: AccessRequest, _ titles: [String: String]) {
        let wish = request.wish
        self.init(
            number: request.number, state: request.state.rawValue, recording: wish.meetingID,
            title: wish.meetingID.flatMap { titles[$0] }, description: wish.description, purpose: wish.purpose,
            reason: wish.reason, from: AccessSpan.seconds(wish.span?.lowerBound),
            to: AccessSpan.seconds(wish.span?.upperBound), wantsDownload: wish.wantsDownload,
            requester: request.requester.id, requesterName: request.requester.name, agency: request.requester.agency,
            requestedAt: request.requestedAt, decidedBy: request.decidedBy, decidedAt: request.decidedAt,
            remark: request.remark)
    }
}

extension AccessGrantStatus {
    init(_ grant: AccessGrant, _ titles: [String: String], at now: Date) {
        self.init(
            number: grant.number, state: grant.state(at: now).rawValue, request: grant.request,
            recording: grant.meetingID, title: titles[grant.meetingID], holder: grant.holder.id,
            holderName: grant.holder.name, agency: grant.holder.agency, level: grant.level.rawValue,
            from: AccessSpan.seconds(grant.span?.lowerBound), to: AccessSpan.seconds(grant.span?.upperBound),
            validFrom: grant.validFrom, validUntil: grant.validUntil, grantedBy: grant.grantedBy,
            grantedAt: grant.grantedAt, revokedBy: grant.revokedBy, revokedAt: grant.revokedAt,
            revokeReason: grant.revokeReason)
    }
}

extension AccessGrantStatus.Copy {
    /// What is made is ready; else its job says how far it is. Where neither is, it is going to wait for its turn.
    init(_ job: JobRecord?, _ copy: SupplyDesk.Copy?, isForOfficer: Bool, at now: Date) {
        switch (job?.state, copy) {
        case (.finished, let copy?):
            self.init(state: "ready", progress: 1, bytes: copy.bytes, mime: copy.mime)
        case (.running, _), (.failed, _):
            self.init(
                state: job?.state.rawValue ?? "", progress: job?.progress ?? 0,
                remainingSeconds: job?.remaining(at: now),
                error: isForOfficer ? job?.error : nil)
        default:
            self.init(state: "queued", progress: 0, error: isForOfficer ? job?.error : nil)
        }
    }
}

extension AccessGrantStatus.Use {
    init(_ use: AccessUse) { self.init(at: use.at, what: use.what, detail: use.detail) }
}

extension Refusal {
    init(_ fault: AccessFault) {
        switch fault {
        case .unknownRequest, .unknownGrant:
            self.init(.notFound, fault.description, hint: "The list shows what there is.")
            isOfUnknown = true
        case .missing, .badSpan, .badTerm, .noMeeting:
            self.init(.badRequest, fault.description, hint: "Mend it and try again.")
        case .notTheRequester, .stateSecret, .notInForce, .notForDownload, .notForPackage:
            self.init(.forbidden, fault.description, hint: "Ask the archive.")
        case .tooManyRequests, .decided, .notSealed, .revoked, .noCopy, .noPackage:
            self.init(.conflict, fault.description, hint: "Look at it again.")
        }
        body.vietnamese = fault.vietnamese
    }
}

extension AccessFault {
    fileprivate var vietnamese: String {
        switch self {
        case .unknownRequest: "Không có yêu cầu này."
        case .unknownGrant: "Không có quyền khai thác này."
        case .missing: "Còn thiếu lý do, hoặc thông tin về cuộc họp."
        case .tooManyRequests: "Bạn có quá nhiều yêu cầu chưa được giải quyết."
        case .decided: "Yêu cầu này đã được giải quyết."
        case .notTheRequester: "Chỉ người yêu cầu được rút yêu cầu."
        case .noMeeting: "Yêu cầu chưa chỉ rõ bản ghi: hãy chọn bản ghi được cấp."
        case .notSealed: "Chỉ cung cấp bản ghi đã niêm phong."
        case .stateSecret: "Không cung cấp tài liệu bí mật nhà nước qua cổng này."
        case .badSpan: "Đoạn yêu cầu nằm ngoài bản ghi, hoặc ngắn hơn một giây."
        case .badTerm: "Thời hạn khai thác không hợp lệ: phải kết thúc trong tương lai và không quá 366 ngày."
        case .revoked: "Quyền khai thác này đã bị thu hồi."
        case .notInForce: "Quyền khai thác này không còn hiệu lực."
        case .noCopy: "Bản sao chưa làm xong."
        case .notForDownload: "Bản sao này chỉ được xem trên cổng, không được tải về."
        case .notForPackage: "Quyền khai thác này không ở mức gói DIP."
        case .noPackage: "Chưa có gói DIP cho quyền khai thác này."
        }
    }
}
