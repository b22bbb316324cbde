import Foundation
import FoundationXML

@testable import ConferenceInfo

/// An element as Foundation's parser reads it.
final class Element {
    let name: String
    let attributes: [String: String]
    var text = ""
    var children: [Element] = []

    init(_ name: String, _ attributes: [String: String]) {
        self.name = name
        self.attributes = attributes
    }

    var state: String { attributes["state"] ?? "full" }
    func first(_ name: String) -> Element? { children.first { $0.name == name } }
    func all(_ name: String) -> [Element] { children.filter { $0.name == name } }
    func text(_ name: String) -> String? { first(name)?.text }
}

struct Unreadable: Error { let what: String }

/// Reads a document, as a subscriber does.
final class ElementReader: NSObject, XMLParserDelegate {
    private var open: [Element] = []
    private var root: Element?

    static func read(_ octets: [UInt8]) throws -> Element {
        let reader = ElementReader()
        let parser = XMLParser(data: Data(octets))
        parser.shouldProcessNamespaces = true
        parser.delegate = reader
        guard parser.parse(), let root = reader.root else { throw Unreadable(what: "the document is not well formed") }
        return root
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        let element = Element(name, attributes)
        if let parent = open.last { parent.children.append(element) } else { root = element }
        open.append(element)
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { open.last?.text += text }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        open.removeLast()
    }
}

/// What a subscriber knows, made of the documents that it got (RFC 4575 §4.6).
struct SubscriberView {
    private(set) var info: ConferenceInfo?
    private(set) var version: UInt32?

    mutating func take(_ octets: [UInt8]) throws {
        let root = try ElementReader.read(octets)
        guard root.name == "conference-info", let entity = root.attributes["entity"],
            let version = root.attributes["version"].flatMap({ UInt32($0) })
        else { throw Unreadable(what: "no conference-info") }
        var next: ConferenceInfo
        switch root.state {
        case "full": next = ConferenceInfo(entity: entity)
        case "partial":
            guard let info, let last = self.version, version == last + 1 else { throw Unreadable(what: "a gap") }
            next = info
        default:
            info = nil
            return
        }
        if let element = root.first("conference-description") { next.description = try .init(element) }
        if let element = root.first("conference-state") { next.state = .init(element) }
        if let users = root.first("users") {
            if users.state == "full" { next.users = [] }
            for element in users.all("user") { try Self.merge(element, into: &next.users) }
        }
        info = next
        self.version = version
    }

    private static func merge(_ element: Element, into users: inout [ConferenceInfo.User]) throws {
        let entity = element.attributes["entity"] ?? ""
        let index = users.firstIndex { $0.entity == entity }
        switch element.state {
        case "deleted":
            guard let index else { throw Unreadable(what: "an unknown user is deleted") }
            users.remove(at: index)
        case "partial":
            guard let index else { throw Unreadable(what: "an unknown user is changed") }
            for child in element.all("endpoint") { try merge(child, into: &users[index].endpoints) }
        default:
            let user = try ConferenceInfo.User(element)
            if let index { users[index] = user } else { users.append(user) }
        }
    }

    private static func merge(_ element: Element, into endpoints: inout [ConferenceInfo.Endpoint]) throws {
        let entity = element.attributes["entity"] ?? ""
        let index = endpoints.firstIndex { $0.entity == entity }
        if element.state == "deleted" {
            guard let index else { throw Unreadable(what: "an unknown endpoint is deleted") }
            endpoints.remove(at: index)
        } else {
            let endpoint = try ConferenceInfo.Endpoint(element)
            if let index { endpoints[index] = endpoint } else { endpoints.append(endpoint) }
        }
    }
}

// MARK: Elements to the model

/// A value of an enumeration; an unknown one is an error.
private func known<Value: RawRepresentable<String>>(_ text: String?, _: Value.Type = Value.self) throws -> Value? {
    guard let text else { return nil }
    guard let value = Value(rawValue: text) else { throw Unreadable(what: "\(text) is no \(Value.self)") }
    return value
}

private func needed<Value>(_ value: Value?, _ what: String) throws -> Value {
    guard let value else { throw Unreadable(what: "\(what) is missing") }
    return value
}

extension ConferenceInfo.Description {
    init(_ element: Element) throws {
        self.init()
        displayText = element.text("display-text")
        subject = element.text("subject")
        freeText = element.text("free-text")
        uris = try element.first("conf-uris")?.all("entry").map { try .init($0) } ?? []
        serviceURIs = try element.first("service-uris")?.all("entry").map { try .init($0) } ?? []
        maximumUserCount = element.text("maximum-user-count").flatMap { UInt32($0) }
        availableMedia = try element.first("available-media")?.all("entry").map { try .init($0) } ?? []
    }
}

extension ConferenceInfo.Address {
    init(_ element: Element) throws {
        self.init(
            try needed(element.text("uri"), "uri"), displayText: element.text("display-text"),
            purpose: element.text("purpose"))
    }
}

extension ConferenceInfo.AvailableMedium {
    init(_ element: Element) throws {
        self.init(
            label: try needed(element.attributes["label"], "label"), displayText: element.text("display-text"),
            kind: try needed(try known(element.text("type")), "type"), status: try known(element.text("status")))
    }
}

extension ConferenceInfo.State {
    init(_ element: Element) {
        self.init(
            userCount: element.text("user-count").flatMap { UInt32($0) },
            isActive: element.text("active").flatMap { Bool($0) },
            isLocked: element.text("locked").flatMap { Bool($0) })
        speaker = element.text("speaker")
        spotlight = element.text("spotlight")
        layout = element.text("layout")
        isComposed = element.text("composed").flatMap { Bool($0) }
        presenter = element.text("presenter")
        isRecorded = element.text("recorded").flatMap { Bool($0) }
    }
}

extension ConferenceInfo.User {
    init(_ element: Element) throws {
        self.init(
            entity: try needed(element.attributes["entity"], "entity"), displayText: element.text("display-text"),
            roles: element.first("roles")?.all("entry").map(\.text) ?? [],
            endpoints: try element.all("endpoint").map { try .init($0) }, handRaised: element.text("hand-raised"))
    }
}

extension ConferenceInfo.Endpoint {
    init(_ element: Element) throws {
        self.init(
            entity: try needed(element.attributes["entity"], "entity"), displayText: element.text("display-text"),
            status: try known(element.text("status")), joiningMethod: try known(element.text("joining-method")),
            disconnectionMethod: try known(element.text("disconnection-method")),
            media: try element.all("media").map { try .init($0) })
    }
}

extension ConferenceInfo.Medium {
    init(_ element: Element) throws {
        self.init(
            id: try needed(element.attributes["id"], "id"), displayText: element.text("display-text"),
            kind: try needed(try known(element.text("type")), "type"), label: element.text("label"),
            sourceID: element.text("src-id"), status: try known(element.text("status")))
    }
}
