/// What the command line asks for.
struct SoakOptions {
    static let usage = """
        usage: soak [--minutes 120] [--seed N] [--only FAULT]… [--keep] [--json]
          --minutes  how long the day is: at least 1
          --seed     of an earlier run, whose plan is to be carried out again; the plan depends on the minutes too
          --only     these kinds of faults: \(SoakPlan.Fault.allCases.map(\.rawValue).joined(separator: ", "))
          --keep     leaves the site's folder where it is
          --json     one JSON object instead of the tables
        """

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    var minutes = 120.0
    var seed = UInt64.random(in: 1...999_999_999)
    var only: [SoakPlan.Fault] = []
    var keeps = false
    var writesJSON = false
    var wantsHelp = false

    init(_ arguments: some Sequence<String>) throws {
        var arguments = arguments.makeIterator()
        func value<Value>(_ name: String, _ read: (String) -> Value?) throws -> Value {
            guard let text = arguments.next(), let value = read(text) else {
                throw Refused(description: "\(name) wants a value\n\(Self.usage)")
            }
            return value
        }
        while let argument = arguments.next() {
            switch argument {
            case "--minutes":
                minutes = try value(argument) { Double($0).flatMap { (1...10_000).contains($0) ? $0 : nil } }
            case "--seed": seed = try value(argument) { UInt64($0) }
            case "--only": only.append(try value(argument, SoakPlan.Fault.init(rawValue:)))
            case "--keep": keeps = true
            case "--json": writesJSON = true
            case "--help", "-h": wantsHelp = true
            default: throw Refused(description: "\(argument) is no option\n\(Self.usage)")
            }
        }
    }
}
