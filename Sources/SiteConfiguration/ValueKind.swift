import SIP
import Glibc

/// A kind of value: what may stand there, how it is read, how it is written.
struct ValueKind<Value: Equatable> {
    let expects: String
    let read: (YAMLNode, inout Reader) -> Value?
    /// As it would be written in a file; nil for what is not there.
    let write: (Value) -> String?
    var below: [KeyReference] = []
    var isList = false
    var shape = ValueShape()
    /// As it would be written, with what is below; nil where that is `write` alone.
    var writeWhole: ((Value) -> WrittenValue)?
    /// What differs between two values, each with the path below this one.
    var differences: (Value, Value) -> [Difference] = { $0 == $1 ? [] : [Difference(path: "", appliesOnReload: false)] }
}

/// A key whose value is not what it was.
struct Difference: Hashable {
    var path: String
    var appliesOnReload: Bool
}

extension ValueKind {
    /// A scalar that `parse` understands.
    static func scalar(
        _ expects: String, _ parse: @escaping (String) -> Value?, write: @escaping (Value) -> String?
    ) -> ValueKind {
        ValueKind(
            expects: expects,
            read: { node, reader in
                if let text = node.scalar, let value = parse(text) { return value }
                reader.report("expected \(expects), found \(node.kind)", at: node)
                return nil
            }, write: write)
    }

    /// A value that may be left out.
    static func optional<Wrapped>(_ kind: ValueKind<Wrapped>) -> ValueKind where Value == Wrapped? {
        ValueKind(
            expects: kind.expects, read: { node, reader in kind.read(node, &reader).map(Optional.some) },
            write: { $0.flatMap(kind.write) }, below: kind.below, isList: kind.isList, shape: kind.shape,
            writeWhole: { $0.map(kind.written) ?? .scalar(nil) })
    }

    func written(_ value: Value) -> WrittenValue { writeWhole?(value) ?? .scalar(write(value)) }
}

extension ValueKind where Value == String {
    /// Text in Unicode's composed form, so that equal names are equal bytes.
    static func text(_ expects: String = "text", upTo maximum: Int = 200) -> ValueKind {
        scalar(
            "\(expects), up to \(maximum) characters",
            { text in
                let hasControls = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
                return text.isEmpty || text.count > maximum || text.utf8.count > 4 * maximum || hasControls
                    ? nil : composed(text)
            }, write: { $0.isEmpty ? nil : quoted($0) })
    }

    /// What goes into addresses, directory names and addresses of pages.
    static var identifier: ValueKind {
        scalar(
            "an id of 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit",
            { isIdentifier($0) ? $0 : nil }, write: { $0.isEmpty ? nil : $0 })
    }

    static var ipAddress: ValueKind {
        scalar("a numeric IPv4 or IPv6 address", { isNumericAddress($0) ? $0 : nil }, write: { quoted($0) })
    }

    static var host: ValueKind {
        scalar("a DNS name or a numeric IP address", { isHost($0) ? $0.lowercased() : nil }, write: { quoted($0) })
    }

    /// As OAI-PMH has mail addresses: no white space, an `@`, and a dot after it.
    static var mailAddress: ValueKind {
        scalar(
            "a mail address such as luutru@example.vn",
            { text in
                let parts = text.split(separator: "@", omittingEmptySubsequences: false)
                let labels = (parts.last ?? "").split(separator: ".", omittingEmptySubsequences: false)
                let isWhole =
                    parts.count == 2 && parts[0].isEmpty == false && labels.count > 1
                    && labels.allSatisfy { !$0.isEmpty }
                return isWhole && text.utf8.count <= 254 && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
                    ? text : nil
            }, write: { quoted($0) })
    }

    static var path: ValueKind {
        scalar(
            "a path", { $0.isEmpty || $0.utf8.count > 4096 || $0.unicodeScalars.contains("\0") ? nil : $0 },
            write: { quoted($0) })
    }

    static var sipURI: ValueKind {
        scalar(
            "a SIP address such as sip:phonghop@203.0.113.7",
            { text in
                guard text.utf8.count <= 200, let uri = (try? URI(parsing: text))?.sip, uri.headers == nil else {
                    return nil
                }
                return uri.description
            }, write: { quoted($0) })
    }

    /// `scheme://host`, perhaps with a port and a path, and nothing that has a meaning in a header.
    /// - Parameter isExact: a slash at its end stays, as it stands where it is compared with.
    static func webAddress(_ scheme: String, example: String, isExact: Bool = false) -> ValueKind {
        scalar(
            "an address such as \(example)",
            { text in
                guard text.hasPrefix("\(scheme)://"), text.utf8.count <= 200 else { return nil }
                let rest = text.dropFirst(scheme.utf8.count + 3)
                let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
                let isPath = parts.dropFirst().allSatisfy { part in
                    part.utf8.allSatisfy { isAlphanumeric($0) || "-_.~/".utf8.contains($0) }
                }
                guard isPath, let authority = parts.first, isAuthority(authority) else { return nil }
                return text.hasSuffix("/") && !isExact ? String(text.dropLast()) : text
            }, write: { quoted($0) })
    }

    private static func isAuthority(_ text: Substring) -> Bool {
        let end = text.lastIndex(of: ":").flatMap { text[$0...].contains("]") ? nil : $0 } ?? text.endIndex
        let host = text[..<end]
        if end != text.endIndex {
            guard let port = UInt16(text[text.index(after: end)...]), port > 0 else { return false }
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.count > 2
        return isBracketed
            ? isNumericAddress(String(host.dropFirst().dropLast())) : !host.contains(":") && isHost(String(host))
    }

    static var username: ValueKind {
        scalar(
            "a user name of 1 to 64 ASCII letters, digits and '-_.~+'",
            { text in
                let isFine = text.utf8.allSatisfy { isAlphanumeric($0) || "-_.~+".utf8.contains($0) }
                return isFine && (1...64).contains(text.utf8.count) ? text : nil
            }, write: { quoted($0) })
    }
}

extension ValueKind where Value == Secret {
    /// A scalar whose text is never repeated in a message.
    private static func hidden(_ expects: String, _ parse: @escaping (String) -> Secret?) -> ValueKind {
        ValueKind(
            expects: expects,
            read: { node, reader in
                if let text = node.scalar, let value = parse(text) { return value }
                reader.report("expected \(expects); what stands there is not shown", at: node)
                return nil
            }, write: { _ in nil }, shape: ValueShape(isSecret: true), writeWhole: { _ in .hidden })
    }

    /// A digest in hexadecimal digits.
    static func hexadecimal(_ name: String, octets: Int) -> ValueKind {
        hidden("\(name), \(octets * 2) hexadecimal digits") { text in
            let isHexadecimal = text.utf8.allSatisfy { isDigit($0) || (0x61...0x66).contains($0 | 0x20) }
            return isHexadecimal && text.utf8.count == octets * 2 ? Secret(text.lowercased()) : nil
        }
    }

    static var password: ValueKind {
        hidden("a password of 1 to 200 characters") { isPassword($0) ? Secret($0) : nil }
    }
}

extension ValueKind where Value == Bool {
    static var flag: ValueKind {
        var kind = scalar(
            "true or false",
            { ["true": true, "false": false, "yes": true, "no": false, "on": true, "off": false][$0] },
            write: { String($0) })
        kind.shape = ValueShape(kind: .flag)
        return kind
    }
}

extension ValueKind where Value: FixedWidthInteger {
    static func integer(_ range: ClosedRange<Value>, _ unit: String = "") -> ValueKind {
        var kind = scalar(
            "a whole number from \(range.lowerBound) to \(range.upperBound)" + (unit.isEmpty ? "" : " (\(unit))"),
            { text in Value(text).flatMap { range.contains($0) ? $0 : nil } }, write: { String($0) })
        kind.shape = ValueShape(
            kind: .integer, bounds: Int(clamping: range.lowerBound)...Int(clamping: range.upperBound))
        return kind
    }
}

extension ValueKind where Value: RawRepresentable<String> & CaseIterable {
    static var choice: ValueKind {
        let names = Value.allCases.map(\.rawValue)
        return ValueKind(
            expects: "one of " + names.joined(separator: ", "),
            read: { node, reader in
                if let text = node.scalar, let value = Value(rawValue: text) { return value }
                let near = node.scalar.flatMap { nearest(to: $0, among: names) }
                reader.report(
                    "expected one of \(names.joined(separator: ", ")), found \(node.kind)"
                        + (near.map { "; did you mean '\($0)'?" } ?? ""), at: node)
                return nil
            }, write: { $0.rawValue }, shape: ValueShape(choices: names))
    }
}

extension ValueKind where Value: ConfigurationSection {
    static var section: ValueKind {
        ValueKind(
            expects: "a section", read: { node, reader in reader.read(Value.self, node) }, write: { _ in nil },
            below: Value.reference, shape: ValueShape(kind: .section), writeWhole: { $0.written },
            differences: { old, new in Value.differences(old, new) })
    }
}

extension ValueKind {
    /// A list of `element`s.
    static func list<Element>(of element: ValueKind<Element>, _ count: ClosedRange<Int>) -> ValueKind
    where Value == [Element] {
        let expects = element.below.isEmpty ? "a list, each \(element.expects)" : "a list of sections"
        return ValueKind(
            expects: expects,
            read: { node, reader in
                if node.isNull, count.lowerBound == 0 { return [] }
                guard let nodes = node.elements else {
                    reader.report("expected \(expects), found \(node.kind)", at: node)
                    return nil
                }
                guard count.contains(nodes.count) else {
                    reader.report(
                        "expected \(count.lowerBound) to \(count.upperBound) entries, found \(nodes.count)", at: node)
                    return nil
                }
                // Of a file with errors nothing is made, so what cannot be read is just left out.
                return nodes.compactMap { node in
                    reader.note(node)
                    return element.read(node, &reader)
                }
            },
            write: { values in
                if values.isEmpty { return "[]" }
                let written = values.compactMap(element.write)
                return written.count == values.count ? "[" + written.joined(separator: ", ") + "]" : nil
            }, below: element.below, isList: true, shape: ValueShape(kind: .list(element.shape), bounds: count),
            writeWhole: { .list($0.map(element.written)) })
    }
}
