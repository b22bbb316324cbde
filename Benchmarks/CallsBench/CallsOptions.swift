/// What the command line asks for.
struct CallsOptions {
    static let usage = """
        usage: calls-bench [--quick] [--json]
          --quick   a minute instead of four: fewer calls, and 10 s of load instead of 60
          --json    one JSON object instead of the tables
        """

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    var isQuick = false
    var writesJSON = false
    var wantsHelp = false

    init(_ arguments: some Sequence<String>) throws {
        for argument in arguments {
            switch argument {
            case "--quick": isQuick = true
            case "--json": writesJSON = true
            case "--help", "-h": wantsHelp = true
            default: throw Refused(description: "\(argument) is no option\n\(Self.usage)")
            }
        }
    }
}
