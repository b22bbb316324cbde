/// How browsers find the bridge.
public struct JoinConfiguration: Sendable, Equatable {
    public enum WebSocket: Sendable, Equatable {
        /// Whole: `wss://…`.
        case url(String)
        /// A listener; without a host it is found where the page was.
        case listener(host: String?, port: UInt16)
    }

    /// Under which browsers reach the portal, without a slash at its end.
    public var publicURL: String?
    public var webSocket: WebSocket?
    /// The folder with the pages' files (JoinPage, PortalPage); beside the program, or where they are installed, if nothing
    /// is said.
    public var pages: String?

    public init(publicURL: String? = nil, webSocket: WebSocket? = nil, pages: String? = nil) {
        self.publicURL = publicURL
        self.webSocket = webSocket
        self.pages = pages
    }

    /// Where a page that was asked for at `authority` (RFC 3986 §3.2) is to dial; nil where it cannot.
    func webSocketURL(pageAt authority: String?) -> String? {
        switch webSocket {
        case nil: return nil
        case .url(let url)?: return url
        case .listener(let given, let port)?:
            guard let host = given.map(Self.bracketed) ?? authority.flatMap(Self.host) else { return nil }
            return "wss://\(host):\(port)"
        }
    }

    private static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// What stands before the port. The answer goes into a header, so that nothing but a host's characters may.
    private static func host(_ authority: String) -> String? {
        let allowed = "abcdefghijklmnopqrstuvwxyz0123456789.-"
        if authority.hasPrefix("[") {
            let inside = authority.dropFirst().prefix { $0 != "]" }
            let isAddress = !inside.isEmpty && inside.allSatisfy { "0123456789abcdefABCDEF:.".contains($0) }
            return isAddress && authority.dropFirst(inside.count + 1).hasPrefix("]") ? "[\(inside)]" : nil
        }
        let host = authority.prefix { $0 != ":" }.lowercased()
        return !host.isEmpty && host.utf8.count <= 253 && host.allSatisfy { allowed.contains($0) } ? host : nil
    }
}
