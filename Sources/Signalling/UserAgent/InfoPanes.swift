/// What a point shows in its panes (``InfoPanes``).
public struct PaneWish: Sendable, Hashable {
    public enum Use: String, Sendable, Hashable {
        /// It shows what the bridge composes.
        case composed
        /// The main picture, and panes beside it.
        case beside
        /// Panes, and the main picture not.
        case alone
    }

    public var use: Use
    /// For panes, which an m-line's `a=mid` names, the user names of the points whose cameras they are to show. Others show
    /// none.
    public var subjects: [String: String]

    public init(_ use: Use, subjects: [String: String] = [:]) {
        self.use = use
        self.subjects = subjects
    }
}

/// Whose cameras a point wants in its panes: an Info Package (RFC 6086) of this bridge's own, for which there is none
/// registered. The body, as `text/plain`, begins with `composed`, `beside` or `alone`; each further line has the `mid` of a
/// pane's m-line and, after a space, the user name of a point.
public enum InfoPanes {
    public static let package = "causeway-panes"
    static let mostOctets = 4_096
    static let mostLines = 32
    static let longestName = 128

    /// Nil for a body that is no such wish.
    static func wish(in body: String) -> PaneWish? {
        guard body.utf8.count <= mostOctets else { return nil }
        let lines = body.split(whereSeparator: \.isNewline)
        guard let first = lines.first, lines.count <= mostLines, let use = PaneWish.Use(rawValue: String(first)) else {
            return nil
        }
        var wish = PaneWish(use)
        for line in lines.dropFirst() {
            let words = line.split(separator: " ")
            guard words.count == 2, words.allSatisfy({ $0.utf8.count <= longestName }) else { return nil }
            wish.subjects[String(words[0])] = String(words[1])
        }
        return wish
    }
}
