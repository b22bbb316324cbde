/// What the command line asks for.
struct Options {
    static let usage = """
        usage: causeway-bench [--quick] [--json] [--only forwarding|carrying|mixing|memory] [--match TEXT]
                              [--engine auto|ipsec-mb|openssl|libsrtp2]
          --quick    under a minute instead of two to three; figures waver more
          --json     one JSON object instead of the tables
          --only     one part; may be given more than once
          --match    only forwarding rows whose shape and security contain this text
          --engine   the SRTP engine that the bridge uses
        """

    enum Part: String, CaseIterable {
        case memory, forwarding, carrying, mixing
    }

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    var isQuick = false
    var writesJSON = false
    var wantsHelp = false
    var parts: Set<Part> = Set(Part.allCases)
    var match = ""
    var engine = "auto"

    init(_ arguments: some Sequence<String>) throws {
        var chosen: Set<Part> = []
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            switch argument {
            case "--quick": isQuick = true
            case "--json": writesJSON = true
            case "--help", "-h": wantsHelp = true
            case "--only":
                guard let part = rest.next().flatMap(Part.init(rawValue:)) else {
                    throw Refused(description: "--only takes forwarding, carrying, mixing or memory")
                }
                chosen.insert(part)
            case "--match":
                guard let text = rest.next() else { throw Refused(description: "--match takes a text") }
                match = text
            case "--engine":
                guard let name = rest.next() else { throw Refused(description: "--engine takes a name") }
                engine = name
            default: throw Refused(description: "\(argument) is no option\n\(Self.usage)")
            }
        }
        if !chosen.isEmpty { parts = chosen }
    }
}
