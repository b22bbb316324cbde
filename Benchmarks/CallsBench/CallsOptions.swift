/// What the command line asks for.
struct CallsOptions {
    static let usage = """
        usage: calls-bench [--only cost|load] [--quick] [--json]
          --quick   a minute instead of four: fewer calls, and 10 s of load instead of 60
          --only    one of the two measurements
          --json    one JSON object instead of the tables
        """

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    var isQuick = false
    var only: String?
    var writesJSON = false
    var wantsHelp = false

    init(_ arguments: some Sequence<String>) throws {
        var arguments = arguments.makeIterator()
        while let argument = arguments.next() {
            switch argument {
            case "--quick": isQuick = true
            case "--only":
                only = arguments.next()
                guard only == "cost" || only == "load" else { throw Refused(description: Self.usage) }
            case "--json": writesJSON = true
            case "--help", "-h": wantsHelp = true
            default: throw Refused(description: "\(argument) is no option\n\(Self.usage)")
            }
        }
    }
}
