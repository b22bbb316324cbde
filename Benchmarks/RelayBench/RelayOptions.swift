/// What the command line asks for.
struct RelayOptions {
    static let usage = """
        usage: relay-bench [--quick] [--seconds N] [--json] [--only TEXT]... [--flood]
          --quick   a few minutes instead of about half an hour: fewer repetitions, no search for the highest rate
          --seconds how long each system is measured in each of its turns, for a profiler beside it; no search then
          --json    one JSON object instead of the table
          --only    only what contains this text, of shapes, kinds of security and systems; may be given more than once,
                    and limits of each kind add up. Systems: \(System.allCases.map(\.rawValue).joined(separator: ", "))
          --flood   instead of the table, 100,000 forged packets a second at Causeway's ports beside the load
        """

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    var isQuick = false
    var seconds: Double?
    var writesJSON = false
    var wantsHelp = false
    var floods = false
    private var only: [String] = []

    init(_ arguments: some Sequence<String>) throws {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            switch argument {
            case "--quick": isQuick = true
            case "--seconds":
                guard let text = rest.next(), let given = Double(text), given > 0, given <= 600 else {
                    throw Refused(description: "--seconds takes a number up to 600")
                }
                seconds = given
                isQuick = true
            case "--json": writesJSON = true
            case "--flood": floods = true
            case "--help", "-h": wantsHelp = true
            case "--only":
                guard let text = rest.next() else { throw Refused(description: "--only takes a text") }
                only.append(text)
            default: throw Refused(description: "\(argument) is no option\n\(Self.usage)")
            }
        }
        for text in only
        where ![Self.names(.shapes), Self.names(.security), Self.names(.systems)].joined()
            .contains(where: { $0.contains(text) })
        {
            throw Refused(description: "no shape, security or system is called \(text)\n\(Self.usage)")
        }
    }

    enum Kind {
        case shapes, security, systems
    }

    /// Whether `name` is asked for: whatever of a kind no text speaks of is.
    func wants(_ name: String, of kind: Kind) -> Bool {
        let names = Self.names(kind)
        let relevant = only.filter { text in names.contains { $0.contains(text) } }
        return relevant.isEmpty || relevant.contains { name.contains($0) }
    }

    private static func names(_ kind: Kind) -> [String] {
        switch kind {
        case .shapes: RelayShape.all.map(\.name)
        case .security: SideBySide.suites.map(SideBySide.name)
        case .systems: System.allCases.map(\.rawValue)
        }
    }
}
