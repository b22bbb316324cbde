import Archive

/// What a harvester asks (OAI-PMH 2.0 §4), checked as far as that can be without the archive.
enum OAIRequest: Equatable, Sendable {
    enum Verb: String, CaseIterable, Codable, Sendable {
        case identify = "Identify"
        case listMetadataFormats = "ListMetadataFormats"
        case listSets = "ListSets"
        case getRecord = "GetRecord"
        case listIdentifiers = "ListIdentifiers"
        case listRecords = "ListRecords"

        fileprivate var required: Set<Argument> {
            switch self {
            case .identify, .listMetadataFormats, .listSets: []
            case .getRecord: [.identifier, .metadataPrefix]
            case .listIdentifiers, .listRecords: [.metadataPrefix]
            }
        }

        fileprivate var optional: Set<Argument> {
            switch self {
            case .identify, .getRecord, .listSets: []
            case .listMetadataFormats: [.identifier]
            case .listIdentifiers, .listRecords: [.from, .until, .set]
            }
        }

        fileprivate var takesToken: Bool { self == .listSets || self == .listIdentifiers || self == .listRecords }
    }

    enum Argument: String, CaseIterable, Sendable {
        case identifier, metadataPrefix, from, until, set, resumptionToken
    }

    case identify
    case listMetadataFormats(identifier: String?)
    case listSets(OAIResumption?)
    case getRecord(identifier: String)
    /// `isWhole` tells ListRecords from ListIdentifiers.
    case list(isWhole: Bool, HarvestSelection, OAIResumption?)

    static let metadataPrefix = "oai_dc"
    private static let longestValue = 2048

    /// A verb with arguments that it takes, each well formed: the answer repeats them.
    struct Accepted: Equatable, Sendable {
        var verb: Verb
        var arguments: [Argument: String]
    }

    /// - Parameter pairs: nil where they were not well formed.
    /// - Throws: badVerb, badArgument.
    static func accept(_ pairs: [(name: String, value: String)]?) throws(OAIFault) -> Accepted {
        guard let pairs else { throw .argument("The arguments are not well formed.") }
        let verb = try verb(of: pairs)
        let arguments = try arguments(of: pairs, verb)
        guard arguments[.resumptionToken] == nil else { return Accepted(verb: verb, arguments: arguments) }
        for missing in verb.required.subtracting(arguments.keys).map(\.rawValue).sorted() {
            throw .argument("\(verb.rawValue) needs \(missing).")
        }
        _ = try selection(arguments)
        return Accepted(verb: verb, arguments: arguments)
    }

    /// What is meant by it.
    ///
    /// - Parameter now: seconds since 1970.
    init(_ accepted: Accepted, tokens: OAIResumptionKey, at now: Int64) throws(OAIFault) {
        let arguments = accepted.arguments
        let token: OAIResumption? =
            if let text = arguments[.resumptionToken] { try tokens.open(text, for: accepted.verb, at: now) } else {
                nil
            }
        if let prefix = arguments[.metadataPrefix], prefix != Self.metadataPrefix {
            throw OAIFault(.cannotDisseminateFormat, "Records are there as \(Self.metadataPrefix) only.")
        }
        switch accepted.verb {
        case .identify: self = .identify
        case .listMetadataFormats: self = .listMetadataFormats(identifier: arguments[.identifier])
        case .listSets: self = .listSets(token)
        case .getRecord: self = .getRecord(identifier: arguments[.identifier] ?? "")
        case .listIdentifiers, .listRecords:
            let selection = if let token { token.selection } else { try Self.selection(arguments) }
            self = .list(isWhole: accepted.verb == .listRecords, selection, token)
        }
    }

    private static func verb(of pairs: [(name: String, value: String)]) throws(OAIFault) -> Verb {
        let verbs = pairs.filter { $0.name == "verb" }
        guard verbs.count == 1, let name = verbs.first?.value else {
            throw OAIFault(.badVerb, verbs.isEmpty ? "There is no verb." : "There is more than one verb.")
        }
        guard let verb = Verb(rawValue: name) else { throw OAIFault(.badVerb, "This is no verb of OAI-PMH 2.0.") }
        return verb
    }

    private static func arguments(
        of pairs: [(name: String, value: String)], _ verb: Verb
    ) throws(OAIFault) -> [Argument: String] {
        var arguments: [Argument: String] = [:]
        for pair in pairs where pair.name != "verb" {
            guard let name = Argument(rawValue: pair.name) else { throw .argument("This is no argument of OAI-PMH.") }
            let isTaken =
                name == .resumptionToken
                ? verb.takesToken : verb.required.contains(name) || verb.optional.contains(name)
            guard isTaken else { throw .argument("\(verb.rawValue) takes no \(name.rawValue).") }
            guard arguments.updateValue(pair.value, forKey: name) == nil else {
                throw .argument("\(name.rawValue) stands there twice.")
            }
            guard pair.value.utf8.count <= longestValue, isWellFormed(pair.value, name) else {
                throw .argument("\(name.rawValue) is not what it may be.")
            }
        }
        if arguments[.resumptionToken] != nil, arguments.count > 1 {
            throw .argument("resumptionToken stands alone.")
        }
        return arguments
    }

    private static func isWellFormed(_ value: String, _ name: Argument) -> Bool {
        switch name {
        case .identifier: !value.isEmpty && value.utf8.allSatisfy(isURI) && hasScheme(value.utf8)
        case .metadataPrefix: isName(value)
        // Parts divided by colons, each a name.
        case .set: value.split(separator: ":", omittingEmptySubsequences: false).allSatisfy { isName($0) }
        case .from, .until: UTCDatestamp(value) != nil
        case .resumptionToken: !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        }
    }

    /// What stands before a first colon is a scheme (RFC 3986 §3.1), or there is none.
    private static func hasScheme(_ octets: String.UTF8View) -> Bool {
        guard let end = octets.firstIndex(where: { ":/?".utf8.contains($0) }), octets[end] == UInt8(ascii: ":") else {
            return true
        }
        func isLetter(_ octet: UInt8) -> Bool { (0x61...0x7A).contains(octet | 0x20) }
        return octets.first.map(isLetter) == true
            && octets[..<end].allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0) }
    }

    /// The characters of a URI (RFC 3986 §2) but for `%`, brackets and `#`, which no identifier of ours has.
    private static func isURI(_ octet: UInt8) -> Bool {
        isUnreserved(octet) || ":/?@&=+$,;".utf8.contains(octet)
    }

    /// As the schema of OAI-PMH has names of formats and sets: unreserved characters of RFC 2396.
    private static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isUnreserved)
    }

    private static func isUnreserved(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-_.!~*'()".utf8.contains(octet)
        }
    }

    private static func selection(_ arguments: [Argument: String]) throws(OAIFault) -> HarvestSelection {
        let from = arguments[.from].flatMap { UTCDatestamp($0) }
        let until = arguments[.until].flatMap { UTCDatestamp($0) }
        if let from, let until {
            guard from.granularity == until.granularity else {
                throw .argument("from and until are of different granularity.")
            }
            guard from.seconds <= until.seconds else { throw .argument("from is later than until.") }
        }
        return HarvestSelection(from: from?.seconds, until: until?.end, set: arguments[.set])
    }
}
