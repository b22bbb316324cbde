/// The elements of RFC 4575 §6, in the order of its schema.
extension ConferenceInfo.Description {
    var element: XMLElement {
        var children = XMLElement.texts([
            ("display-text", displayText), ("subject", subject), ("free-text", freeText),
        ])
        if !uris.isEmpty { children.append(XMLElement("conf-uris", children: uris.map(\.element))) }
        if !serviceURIs.isEmpty { children.append(XMLElement("service-uris", children: serviceURIs.map(\.element))) }
        children += XMLElement.texts([("maximum-user-count", maximumUserCount.map { "\($0)" })])
        if !availableMedia.isEmpty {
            children.append(XMLElement("available-media", children: availableMedia.map(\.element)))
        }
        return XMLElement("conference-description", children: children)
    }
}

extension ConferenceInfo.Address {
    var element: XMLElement {
        XMLElement(
            "entry",
            children: XMLElement.texts([("uri", uri), ("display-text", displayText), ("purpose", purpose)]))
    }
}

extension ConferenceInfo.AvailableMedium {
    var element: XMLElement {
        XMLElement(
            "entry", [("label", label)],
            children: XMLElement.texts([
                ("display-text", displayText), ("type", kind.rawValue), ("status", status?.rawValue),
            ]))
    }
}

extension ConferenceInfo.State {
    var element: XMLElement {
        XMLElement(
            "conference-state",
            children: XMLElement.texts([
                ("user-count", userCount.map { "\($0)" }), ("active", isActive.map { "\($0)" }),
                ("locked", isLocked.map { "\($0)" }),
            ])
                + XMLElement.extensions(
                    [
                        ("speaker", speaker), ("spotlight", spotlight), ("layout", layout),
                        ("composed", isComposed.map { "\($0)" }), ("presenter", presenter),
                        ("recorded", isRecorded.map { "\($0)" }), ("word", word),
                    ] + chosen.map { ("chosen", $0) }))
    }
}

extension ConferenceInfo.User {
    /// All of the user.
    var element: XMLElement {
        var children = XMLElement.texts([("display-text", displayText)])
        if !roles.isEmpty {
            children.append(XMLElement("roles", children: roles.map { XMLElement("entry", text: $0) }))
        }
        return XMLElement(
            "user", [("entity", entity), ("state", "full")],
            children: children + endpoints.map(\.element)
                + XMLElement.extensions(
                    [("hand-raised", handRaised), ("place", place.map { "\($0)" }), ("layout", layout)]
                        + chosen.map { ("chosen", $0) }))
    }
}

extension ConferenceInfo.Endpoint {
    /// All of the endpoint.
    var element: XMLElement {
        let children = XMLElement.texts([
            ("display-text", displayText), ("status", status?.rawValue), ("joining-method", joiningMethod?.rawValue),
            ("disconnection-method", disconnectionMethod?.rawValue),
        ])
        return XMLElement(
            "endpoint", [("entity", entity), ("state", "full")], children: children + media.map(\.element))
    }
}

extension ConferenceInfo.Medium {
    var element: XMLElement {
        XMLElement(
            "media", [("id", id)],
            children: XMLElement.texts([
                ("display-text", displayText), ("type", kind.rawValue), ("label", label), ("src-id", sourceID),
                ("status", status?.rawValue),
            ]))
    }
}

extension XMLElement {
    /// The namespace of what the schema leaves to others (`xs:any`, RFC 4575 §4.6, §6).
    static let extensionNamespace = "urn:causeway:params:xml:ns:conference"

    /// The same in a namespace of this bridge's own; they stand after all others.
    static func extensions(_ pairs: [(String, String?)]) -> [XMLElement] {
        pairs.compactMap { name, text in
            guard let text else { return nil }
            var element = XMLElement(name, [("xmlns", extensionNamespace)])
            element.text = text
            return element
        }
    }

    /// An element for each that has a text.
    static func texts(_ pairs: [(String, String?)]) -> [XMLElement] {
        pairs.compactMap { name, text in text.map { XMLElement(name, text: $0) } }
    }
}
