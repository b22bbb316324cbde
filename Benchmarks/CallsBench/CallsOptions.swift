/// What the command line asks for.
struct CallsOptions {
    static let usage = """
        usage: calls-bench [--only cost|load] [--quick] [--json] [--beside NAME,PID,PORT]
          --quick   a minute instead of four: fewer calls, and 10 s of load instead of 60
          --only    one of the two measurements
          --beside  the same calls to another server too, that of this process, which listens at this UDP port of 127.0.0.1, runs on
                    core 0, lets anybody in and has conferences phong0 to phong9
          --json    one JSON object instead of the tables
        """

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    var isQuick = false
    var only: String?
    var writesJSON = false
    var wantsHelp = false
    var beside: OtherServer?

    init(_ arguments: some Sequence<String>) throws {
        var arguments = arguments.makeIterator()
        while let argument = arguments.next() {
            switch argument {
            case "--quick": isQuick = true
            case "--only":
                only = arguments.next()
                guard only == "cost" || only == "load" else { throw Refused(description: Self.usage) }
            case "--json": writesJSON = true
            case "--beside":
                guard let other = arguments.next().flatMap(OtherServer.init) else {
                    throw Refused(description: Self.usage)
                }
                beside = other
            case "--help", "-h": wantsHelp = true
            default: throw Refused(description: "\(argument) is no option\n\(Self.usage)")
            }
        }
    }
}
