import Archive
import Foundation
import Hummingbird
import Office
import OfficeStore
import PortalAPI

/// A request that gets no success, and why.
struct Refusal: Error {
    var status: HTTPResponse.Status
    var body: APIError
    var headers: HTTPFields = [:]
    /// It was asked for something that there is not, or that is not there for who asked: a name that was guessed, or is old.
    var isOfUnknown = false

    init(_ status: HTTPResponse.Status, _ error: String, hint: String) {
        self.status = status
        body = APIError(error: error, hint: hint)
    }

    static var unauthenticated: Refusal {
        var refusal = Refusal(
            .unauthorized, "No valid access token came with the request.",
            hint: "Send `Authorization: Bearer <token>`; an administrator issues tokens in the configuration.")
        refusal.headers[.wwwAuthenticate] = "Bearer realm=\"causeway\""
        return refusal
    }

    static func forbidden(_ roles: Set<Role>) -> Refusal {
        let names = roles.map(\.rawValue).sorted().joined(separator: ", ")
        var refusal = Refusal(
            .forbidden, roles.isEmpty ? "Without a role this may not be done." : "The role \(names) may not do this.",
            hint: "Ask an administrator, or use a token with another role.")
        refusal.body.vietnamese = "Vai trò của bạn không được làm việc này."
        return refusal
    }

    static func outOfScope(_ scopes: Set<TokenScope>) -> Refusal {
        let names = scopes.map(\.rawValue).sorted().joined(separator: ", ")
        var refusal = Refusal(
            .forbidden, "The token is confined to \(names).", hint: "Ask an administrator for one of another scope.")
        refusal.body.vietnamese = "Mã truy cập này chỉ dùng được cho: \(names)."
        refusal.body.code = "scope"
        return refusal
    }

    /// Nothing came from the session's person for too long; the password opens it again.
    static var locked: Refusal {
        var refusal = Refusal(
            .unauthorized, "The session is locked.", hint: "Send the password to /api/v1/session/unlock.")
        refusal.body.vietnamese = "Phiên làm việc đã khóa."
        refusal.body.code = "locked"
        return refusal
    }

    /// The person's roles need a second factor, and there is none yet.
    static var enrolmentNeeded: Refusal {
        var refusal = Refusal(
            .forbidden, "The account needs a second factor first.", hint: "Begin at /api/v1/session/second-factor.")
        refusal.body.vietnamese = "Tài khoản cần bật xác thực hai lớp trước."
        refusal.body.code = "enrol"
        return refusal
    }

    /// The identity provider let the person in, and the code of the authenticator app is still to come.
    static var codeNeeded: Refusal {
        var refusal = Refusal(
            .forbidden, "The code of the authenticator app is needed first.", hint: "Send it to /api/v1/session/code.")
        refusal.body.vietnamese = "Hãy nhập mã xác thực của ứng dụng trước."
        refusal.body.code = "prove"
        return refusal
    }

    static var forged: Refusal {
        Refusal(
            .forbidden, "The request did not come from the portal's own page.",
            hint: "Send the session's token in X-CSRF-Token.")
    }

    init(_ fault: any OfficeFault, status: HTTPResponse.Status = .conflict) {
        self.init(status, fault.words.english, hint: "Mend it and try again.")
        body.vietnamese = fault.words.vietnamese
    }

    static func ofUnknown(_ fault: any OfficeFault) -> Refusal {
        var refusal = Refusal(fault, status: .notFound)
        refusal.isOfUnknown = true
        return refusal
    }

    init(_ error: OfficeStoreError) {
        switch error {
        case .refused(let fault):
            switch fault {
            case let fault as RegisterFault:
                if case .unknown = fault { self = .ofUnknown(fault) } else { self.init(fault) }
            case let fault as ScheduleFault:
                if case .unknownMeeting = fault { self = .ofUnknown(fault) } else { self.init(fault) }
            case TokenFault.unknown, ReviewFault.unknown, PaperFault.unknown: self = .ofUnknown(fault)
            case is TokenFault: self.init(fault, status: .badRequest)
            case PaperFault.unscanned: self.init(fault, status: .serviceUnavailable)
            case PaperFault.tooLarge, PaperFault.overQuota: self.init(fault, status: .contentTooLarge)
            case PaperFault.defect(.unknownType), PaperFault.defect(.notA):
                self.init(fault, status: .unsupportedMediaType)
            case let fault as SignInFault:
                self.init(fault, status: .unauthorized)
                if fault == .codeNeeded || fault == .codeWrong { body.code = "second-factor" }
            default: self.init(fault)
            }
        case .cancelled, .unreachable:
            self.init(.serviceUnavailable, error.description, hint: "Ask again.")
        case .uncertain:
            self.init(.serviceUnavailable, error.description, hint: "Look whether it was done, then ask again.")
        case .clash, .newerStore, .unusable:
            self.init(
                .internalServerError, error.description, hint: "The administrator finds more in the daemon's log.")
        }
    }

    static func tooManyFailures(wait: Duration) -> Refusal {
        let seconds = max(1, wait.components.seconds)
        var refusal = Refusal(
            .tooManyRequests, "Too many wrong access tokens came from this address.",
            hint: "Try again in \(seconds) seconds with a valid token.")
        refusal.headers[.retryAfter] = String(seconds)
        return refusal
    }

    static var noSuchPage: Refusal {
        Refusal(.notFound, "There is nothing at this address.", hint: "The interface begins at /api/v1/status.")
    }

    init(_ error: ArchiveError) {
        let status: HTTPResponse.Status
        let hint: String
        switch error {
        case .unknownMeeting, .unknownJob:
            status = .notFound
            hint = "List the recordings to see which there are."
        case .wrongState:
            status = .conflict
            hint = "Look at the recording's state; wait until it is sealed."
        case .invalidMeetingID, .meetingExists, .unusableName:
            status = .badRequest
            hint = "Use another id or name."
        case .diskFull, .readOnly, .permissionDenied, .inputOutput, .openElsewhere, .newerCatalogue, .corruptCatalogue,
            .cannotSign, .secondLocation:
            status = .internalServerError
            hint = "The administrator finds more in the daemon's log."
        case .destroyed:
            status = .gone
            hint = "Its metadata, its seal and the certificate are kept, and can be fetched."
        case .retention(let fault):
            self.init(fault)
            return
        case .access(let fault):
            self.init(fault)
            return
        case .encrypted, .unencrypted:
            status = .serviceUnavailable
            hint = "An administrator has the unit given its key: docs/security-archive.md."
        case .noKeyOfKeys, .unknownOutcome:
            status = .internalServerError
            hint = "The administrator finds more in the daemon's log."
        case .busyElsewhere, .notItsBridge:
            status = .conflict
            hint = "Ask again in a while."
        case .cancelled, .catalogueUnreachable:
            status = .serviceUnavailable
            hint = "Ask again."
        }
        self.init(status, error.description, hint: hint)
        switch error {
        case .unknownMeeting, .invalidMeetingID: isOfUnknown = true
        default: break
        }
        if case .destroyed(_, let day, let certificate) = error {
            body.vietnamese = "Hồ sơ đã hủy ngày \(day); giấy chứng nhận: \(certificate)."
            body.code = "destroyed"
        }
        if case .encrypted = error {
            body.vietnamese =
                "Hồ sơ được mã hóa và hệ thống hiện không có khóa để đọc; quản trị viên xem nhật ký của hệ thống."
            body.code = "encrypted"
        }
    }

    /// Whatever a handler threw.
    init(anything error: any Error) {
        switch error {
        case let refusal as Refusal: self = refusal
        case let error as ArchiveError: self.init(error)
        case let error as OfficeStoreError: self.init(error)
        case let fault as any OfficeFault: self.init(fault)
        case let error as HTTPError where error.status == .notFound: self = .noSuchPage
        case let error as HTTPError:
            self.init(error.status, error.body ?? error.status.reasonPhrase, hint: "Look at the request.")
        default:
            self.init(
                .internalServerError, "The daemon could not answer this.",
                hint: "The administrator finds more in the daemon's log.")
        }
    }

    var response: Response {
        get throws {
            var response = try Response.json(body, status: status)
            response.headers.append(contentsOf: headers)
            return response
        }
    }
}

extension Response {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        var data = try PortalJSON.encode(value)
        data.append(UInt8(ascii: "\n"))
        return Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }
}
