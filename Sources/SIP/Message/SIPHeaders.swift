/// Header fields in the order in which they came. Values are without folds and surrounding white space.
public struct SIPHeaders: Hashable, Sendable {
    public struct Field: Hashable, Sendable {
        public var name: SIPHeaderName
        public var value: String
        public init(_ name: SIPHeaderName, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public private(set) var fields: [Field]

    public init(_ fields: [Field] = []) { self.fields = fields }

    public var isEmpty: Bool { fields.isEmpty }
    public func contains(_ name: SIPHeaderName) -> Bool { index(of: name) != nil }

    private func index(of name: SIPHeaderName) -> Int? {
        for index in fields.indices where fields[index].name == name { return index }
        return nil
    }

    /// The first value of that name. Setting replaces every field of that name by one; nil removes them.
    public subscript(name: SIPHeaderName) -> String? {
        get { index(of: name).map { fields[$0].value } }
        set {
            guard let newValue else { return remove(name) }
            guard let index = index(of: name) else { return add(name, newValue) }
            var isFirst = true
            fields[index].value = newValue
            fields.removeAll { field in
                guard field.name == name else { return false }
                defer { isFirst = false }
                return !isFirst
            }
        }
    }

    public mutating func add(_ name: SIPHeaderName, _ value: String) { fields.append(Field(name, value)) }
    public mutating func remove(_ name: SIPHeaderName) { fields.removeAll { $0.name == name } }
    public mutating func append(contentsOf other: SIPHeaders) { fields += other.fields }

    /// The value of each field of that name, a whole field each.
    public func values(_ name: SIPHeaderName) -> [String] {
        var values: [String] = []
        for index in fields.indices where fields[index].name == name { values.append(fields[index].value) }
        return values
    }

    /// The elements of a comma list that may be spread over several fields (RFC 3261 §7.3.1), empty ones left out.
    public func list(_ name: SIPHeaderName) -> [String] {
        values(name).flatMap(TextScanner.commaSeparated).filter { !$0.isEmpty }
    }

    /// Addresses of Route, Record-Route and their like.
    public func addresses(_ name: SIPHeaderName) throws(SIPSyntaxError) -> [NameAddress] {
        var result: [NameAddress] = []
        for index in fields.indices where fields[index].name == name {
            for element in TextScanner.commaSeparated(Array(fields[index].value.utf8)[...]) {
                result.append(try NameAddress(TextScanner(element)))
            }
        }
        return result
    }

    /// Whether an option tag stands in a comma list such as Supported or Require.
    public func lists(_ tag: String, in name: SIPHeaderName) -> Bool {
        for index in fields.indices where fields[index].name == name {
            let elements = TextScanner.commaSeparated(Array(fields[index].value.utf8)[...])
            if elements.contains(where: { $0.equalsIgnoringCase(tag.utf8) }) { return true }
        }
        return false
    }
}

/// What Contact says (RFC 3261 §20.10).
public enum SIPContacts: Hashable, Sendable {
    /// `*`: all bindings, in a REGISTER that removes them.
    case all
    case addresses([NameAddress])

    /// The first address, which is the target of a dialog.
    public var first: NameAddress? {
        if case .addresses(let addresses) = self { addresses.first } else { nil }
    }
}

extension SIPHeaders {
    public func contacts() throws(SIPSyntaxError) -> SIPContacts {
        if self[.contact] == "*", values(.contact).count == 1 { return .all }
        return .addresses(try addresses(.contact))
    }
}
