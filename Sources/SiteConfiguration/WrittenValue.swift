/// A value as a file would have it, with what is below it.
indirect enum WrittenValue: Hashable {
    /// Nil for what is not there.
    case scalar(String?)
    /// It is there, and not shown.
    case hidden
    case section([Entry])
    case list([WrittenValue])

    struct Entry: Hashable {
        var name: String
        var value: WrittenValue
        /// Nobody set it.
        var isDefault: Bool
    }

    /// Whether there is anything to write.
    var isThere: Bool {
        switch self {
        case .scalar(let text): text != nil
        case .hidden, .list: true
        case .section(let entries): entries.contains { $0.value.isThere }
        }
    }

    /// What somebody set; nil where nothing is left.
    var withoutDefaults: WrittenValue? {
        switch self {
        case .scalar, .hidden: return self
        case .list(let values): return .list(values.compactMap(\.withoutDefaults))
        case .section(let entries):
            let set = entries.filter { !$0.isDefault }.compactMap { entry in
                entry.value.withoutDefaults.map { Entry(name: entry.name, value: $0, isDefault: false) }
            }
            return set.isEmpty ? nil : .section(set)
        }
    }

    /// Lines of YAML, without indentation; defaults are named as such.
    func lines() -> [String] {
        switch self {
        case .scalar(let text): [text ?? "''"]
        case .hidden: ["<secret>"]
        case .section(let entries): entries.filter(\.value.isThere).flatMap(Self.lines)
        case .list(let values):
            values.flatMap { value in
                value.lines().enumerated().map { ($0 == 0 ? "- " : "  ") + $1 }
            }
        }
    }

    private static func lines(_ entry: Entry) -> [String] {
        switch entry.value {
        case .scalar, .hidden:
            return ["\(entry.name): \(entry.value.lines()[0])" + (entry.isDefault ? "  # default" : "")]
        case .list(let values) where values.isEmpty:
            return ["\(entry.name): []" + (entry.isDefault ? "  # default" : "")]
        case .list(let values) where values.allSatisfy(\.isScalar):
            let words = values.flatMap { $0.lines() }.joined(separator: ", ")
            return ["\(entry.name): [\(words)]" + (entry.isDefault ? "  # default" : "")]
        case .section, .list:
            return ["\(entry.name):"] + entry.value.lines().map { "  " + $0 }
        }
    }

    private var isScalar: Bool {
        switch self {
        case .scalar, .hidden: true
        case .section, .list: false
        }
    }
}

extension Configuration {
    /// What is in force, as YAML; secrets are not shown.
    /// - Parameter withDefaults: with every key that nobody set, marked as a default.
    public func text(withDefaults: Bool) -> String {
        let value = withDefaults ? written : written.withoutDefaults
        return ((value?.lines() ?? []) + [""]).joined(separator: "\n")
    }
}

extension ConfigurationSection {
    var written: WrittenValue {
        let defaults = Self()
        return .section(Self.keys.map { $0.written(self, defaults) })
    }
}
