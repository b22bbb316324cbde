/// What is counted of a year's security, by the actions of the journal.
public enum SecurityFigure: String, CaseIterable, Codable, Hashable, Sendable {
    case signIns, wrongEntries, lockOuts, refusals, refusedPapers, accountChanges, tokens, accessRequests, grants,
        refusedRequests, revocations, recordingsWatched, copiesWatched, copiesTaken, refusedCopies, filesTaken,
        packages,
        destructions, reviews, journalCuts

    public var actions: Set<String> {
        switch self {
        case .signIns: ["sign in"]
        case .wrongEntries: ["wrong password", "wrong code"]
        case .lockOuts: ["lock account"]
        case .refusals: ["refuse"]
        case .refusedPapers: ["refuse paper"]
        case .accountChanges: ["add person", "set person", "remove person", "turn off second factor"]
        case .tokens: ["make token", "revoke token"]
        case .accessRequests: ["request access"]
        case .grants: ["grant access"]
        case .refusedRequests: ["refuse access"]
        case .revocations: ["revoke access"]
        case .recordingsWatched: ["play recording"]
        case .copiesWatched: ["watch copy"]
        case .copiesTaken: ["download copy"]
        case .refusedCopies: ["refuse copy"]
        case .filesTaken: ["fetch file"]
        case .packages: ["package recording", "make package"]
        case .destructions: ["approve destruction"]
        case .reviews: ["review access"]
        case .journalCuts: ["cut journal"]
        }
    }

    public var title: Words {
        switch self {
        case .signIns: Words("Lượt đăng nhập", "Sign-ins")
        case .wrongEntries: Words("Nhập sai mật khẩu hoặc mã", "Wrong passwords and codes")
        case .lockOuts: Words("Tài khoản bị khóa", "Accounts locked")
        case .refusals: Words("Yêu cầu bị từ chối", "Requests refused")
        case .refusedPapers: Words("Tài liệu không nhận", "Papers not taken")
        case .accountChanges: Words("Thay đổi tài khoản", "Changes of accounts")
        case .tokens: Words("Mã truy cập tạo, thu hồi", "Tokens made and revoked")
        case .accessRequests: Words("Yêu cầu khai thác", "Requests for recordings")
        case .grants: Words("Quyền khai thác đã cấp", "Grants given")
        case .refusedRequests: Words("Yêu cầu khai thác bị từ chối", "Requests for recordings refused")
        case .revocations: Words("Quyền khai thác bị thu hồi", "Grants revoked")
        case .recordingsWatched: Words("Lượt xem bản ghi", "Recordings watched")
        case .copiesWatched: Words("Lượt xem bản sao", "Copies watched")
        case .copiesTaken: Words("Lượt tải bản sao", "Copies downloaded")
        case .refusedCopies: Words("Bản sao bị từ chối", "Copies refused")
        case .filesTaken: Words("Tệp đã tải", "Files fetched")
        case .packages: Words("Gói đã làm", "Packages made")
        case .destructions: Words("Quyết định hủy", "Destructions approved")
        case .reviews: Words("Lần rà soát quyền", "Reviews of access")
        case .journalCuts: Words("Lần cắt nhật ký", "Cuts of the journal")
        }
    }
}
