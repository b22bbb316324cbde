/// The `;name=value` parameters of a URI or a header, in order. Names are compared without regard to case.
public struct SIPParameters: Hashable, Sendable {
    public struct Parameter: Hashable, Sendable {
        public var name: String
        /// Without quotes and escapes; nil for a flag such as `lr`.
        public var value: String?
        public var isQuoted: Bool

        public init(name: String, value: String?, isQuoted: Bool = false) {
            self.name = name
            self.value = value
            self.isQuoted = isQuoted
        }
    }

    public private(set) var all: [Parameter]

    public init() { all = [] }
    public init(_ parameters: [Parameter]) { all = parameters }

    public var isEmpty: Bool { all.isEmpty }
    public func contains(_ name: String) -> Bool { all.contains { $0.name.equalsIgnoringCase(name) } }

    /// The value of the first parameter of that name: nil both where there is none and where it is a flag. Setting
    /// nil removes it.
    public subscript(name: String) -> String? {
        get { all.first { $0.name.equalsIgnoringCase(name) }?.value }
        set { replace(name, with: newValue.map { Parameter(name: name, value: $0, isQuoted: !Self.isPlain($0)) }) }
    }

    /// Sets a parameter that has no value.
    public mutating func setFlag(_ name: String) { replace(name, with: Parameter(name: name, value: nil)) }

    /// Sets a value that is written in quotes whatever it holds.
    public mutating func setQuoted(_ name: String, _ value: String) {
        replace(name, with: Parameter(name: name, value: value, isQuoted: true))
    }

    public mutating func remove(_ name: String) { all.removeAll { $0.name.equalsIgnoringCase(name) } }

    private mutating func replace(_ name: String, with parameter: Parameter?) {
        guard let index = all.firstIndex(where: { $0.name.equalsIgnoringCase(name) }) else {
            if let parameter { all.append(parameter) }
            return
        }
        if let parameter { all[index] = parameter } else { all.remove(at: index) }
    }

    /// Whether a value can stand without quotes: a token or a host.
    private static func isPlain(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0.isToken || $0 == .colon || $0 == .openBracket || $0 == .closeBracket }
    }
}

extension SIPParameters: WireText {
    func write(to writer: inout OctetWriter) {
        for parameter in all {
            writer.write(.semicolon)
            writer.write(parameter.name)
            guard let value = parameter.value else { continue }
            writer.write(.equals)
            if parameter.isQuoted { writer.writeQuoted(value) } else { writer.write(value) }
        }
    }
}

extension SIPParameters {
    /// Header parameters from the scanner's place to the end of the text, white space and quoted values allowed.
    init(header scanner: inout TextScanner) throws(SIPSyntaxError) {
        all = []
        while scanner.skipSeparator(.semicolon) {
            let name = try scanner.token("a parameter's name")
            guard scanner.skipSeparator(.equals) else {
                all.append(Parameter(name: name, value: nil))
                continue
            }
            if scanner.next == .quote {
                all.append(Parameter(name: name, value: try scanner.quotedString(), isQuoted: true))
            } else {
                let value = scanner.take {
                    !$0.isControl && !$0.isWhitespace && $0 != .semicolon && $0 != .comma && $0 != .quote
                        && $0 != .equals
                        && $0 != .less && $0 != .greater
                }
                all.append(Parameter(name: name, value: value))
            }
        }
    }

    /// URI parameters: no white space, no quotes (RFC 3261 §19.1.1).
    init(uri scanner: inout TextScanner) throws(SIPSyntaxError) {
        all = []
        while scanner.skip(.semicolon) {
            let name = scanner.take(while: SIPURI.isParameterOctet)
            guard !name.isEmpty else { throw SIPSyntaxError("a URI parameter has no name") }
            guard scanner.skip(.equals) else {
                all.append(Parameter(name: name, value: nil))
                continue
            }
            all.append(Parameter(name: name, value: scanner.take { SIPURI.isParameterOctet($0) || $0 == .equals }))
        }
    }
}
