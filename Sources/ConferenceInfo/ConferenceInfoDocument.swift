/// A body of the conference event package (RFC 4575 §4, §5). It is made once for all subscribers that know the same; the
/// version, which counts for each of them alone, is put in when it is sent.
public struct ConferenceInfoDocument: Hashable, Sendable {
    public enum Scope: String, Hashable, Sendable {
        case full
        /// Only what changed, to be put into what the subscriber knows (§4.6).
        case partial
        /// The conference is no more.
        case deleted
    }

    public static let contentType = "application/conference-info+xml"

    public let scope: Scope
    private let entity: String
    private let content: String

    private init(_ scope: Scope, _ entity: String, _ children: [XMLElement]) {
        self.scope = scope
        self.entity = XMLElement.escaped(entity, inAttribute: true)
        var content = ""
        for child in children { child.write(into: &content) }
        self.content = content
    }

    /// Everything.
    public static func full(_ info: ConferenceInfo) -> ConferenceInfoDocument {
        let users = XMLElement("users", [("state", "full")], children: info.users.map(\.element))
        return ConferenceInfoDocument(.full, info.entity, [info.description.element, info.state.element, users])
    }

    /// That there is nothing to be told any more.
    public static func deleted(entity: String) -> ConferenceInfoDocument {
        ConferenceInfoDocument(.deleted, entity, [])
    }

    /// What makes `new` of `old`; nil if they are the same. Full if it is another conference.
    public static func update(from old: ConferenceInfo, to new: ConferenceInfo) -> ConferenceInfoDocument? {
        guard old != new else { return nil }
        guard old.entity == new.entity else { return full(new) }
        var children: [XMLElement] = []
        // These two are replaced as a whole: they have no state of their own.
        if old.description != new.description { children.append(new.description.element) }
        if old.state != new.state { children.append(new.state.element) }
        let users = changes(from: old.users, to: new.users, key: \.entity, named: "user", change: userChange)
        if !users.isEmpty { children.append(XMLElement("users", [("state", "partial")], children: users)) }
        return ConferenceInfoDocument(.partial, new.entity, children)
    }

    /// The octets of the document, UTF-8.
    /// - Parameter version: one more than that of the subscriber's last document (§4.3).
    public func octets(version: UInt32) -> [UInt8] {
        let head =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            + "<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" entity=\"\(entity)\""
            + " state=\"\(scope.rawValue)\" version=\"\(version)\">"
        return Array("\(head)\(content)</conference-info>\n".utf8)
    }

    // MARK: Changes

    /// A user that stays the same but for its endpoints is told in part.
    private static func userChange(_ old: ConferenceInfo.User, _ new: ConferenceInfo.User) -> XMLElement {
        var comparable = old
        comparable.endpoints = new.endpoints
        guard comparable == new else { return new.element }
        let endpoints = changes(
            from: old.endpoints, to: new.endpoints, key: \.entity, named: "endpoint", change: { $1.element })
        return XMLElement("user", [("entity", new.entity), ("state", "partial")], children: endpoints)
    }

    /// First what is gone, then what changed and what is new.
    private static func changes<Item: Equatable>(
        from old: [Item], to new: [Item], key: KeyPath<Item, String>, named name: String,
        change: (Item, Item) -> XMLElement
    ) -> [XMLElement] where Item: ElementConvertible {
        let before = Dictionary(old.map { ($0[keyPath: key], $0) }, uniquingKeysWith: { first, _ in first })
        let after = Set(new.map { $0[keyPath: key] })
        let gone = old.map { $0[keyPath: key] }.filter { !after.contains($0) }
        let rest = new.compactMap { item -> XMLElement? in
            guard let known = before[item[keyPath: key]] else { return item.element }
            return known == item ? nil : change(known, item)
        }
        return gone.map { XMLElement(name, [("entity", $0), ("state", "deleted")]) } + rest
    }
}

/// What can be written whole.
protocol ElementConvertible {
    var element: XMLElement { get }
}

extension ConferenceInfo.User: ElementConvertible {}
extension ConferenceInfo.Endpoint: ElementConvertible {}
