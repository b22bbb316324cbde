import HTTPTypes
import Hummingbird

/// What is counted by identity. What counts for what stands here alone, and docs/api.md has it as it is here; how much of it one identity may
/// have is the site's (``RequestLimits``).
enum RateKind: String, CaseIterable, Sendable {
    /// Everything that a token or somebody who signed in asks.
    case anything
    case search
    /// Films, streams, packages, papers and other files; a player asks for many pieces of one.
    case download
    /// Asking for recordings.
    case accessRequest
    /// Passwords and codes of one account.
    case signIn
    /// Sign-ins from one address, by whatever name, and those that begin at the identity provider.
    case signInFromAddress

    var meaning: String {
        switch self {
        case .anything: "all that one token or one person asks"
        case .search: "searches of one token or person"
        case .download: "pieces of films, streams, packages, papers and other files, by one token or person"
        case .accessRequest: "requests for recordings, by one token or person"
        case .signIn: "passwords and codes for one account"
        case .signInFromAddress: "sign-ins from one address"
        }
    }

    /// What a request counts as, besides ``anything``.
    static func of(_ method: HTTPRequest.Method, _ path: String) -> RateKind? {
        let parts = path.split(separator: "/").dropFirst(2)
        guard let first = parts.first, let last = parts.last else { return nil }
        let isReading = method == .get || method == .head
        switch first {
        case "search": return isReading ? .search : nil
        case "recordings" where isReading:
            return parts.contains("files") || last == "stream" || last.hasPrefix("report") || last.hasPrefix("minutes")
                ? .download : nil
        case "schedule" where isReading: return parts.contains("papers") ? .download : nil
        case "access":
            if last == "requests" { return method == .post ? .accessRequest : nil }
            return isReading && (last == "film" || last == "package" || last == "register.csv") ? .download : nil
        default: return nil
        }
    }
}
