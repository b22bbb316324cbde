/// A part of the configuration with keys of its own.
protocol ConfigurationSection: Equatable, Sendable {
    init()
    /// The one table by which files are read and checked and the reference is printed. Defaults are those of `init()`.
    static var keys: [Key<Self>] { get }
}

/// One line of a section's table.
struct Key<Section> {
    let name: String
    /// What may stand there, with bounds and unit, for example `duration, 1s to 1h`.
    let expects: String
    let documentation: String
    let isRequired: Bool
    /// A reload applies a change of it; otherwise it takes a restart.
    let appliesOnReload: Bool
    let differences: (Section, Section) -> [Difference]
    /// The default as it would be written; nil where there is none.
    let writtenDefault: (Section) -> String?
    /// The value as it would be written, beside the section of defaults.
    let written: (Section, Section) -> WrittenValue.Entry
    let shape: ValueShape
    /// Reads the node into the section, or reports why not.
    let read: (inout Section, YAMLNode, inout Reader) -> Void
    /// The keys below, where the value is a section or a list of sections.
    let below: [KeyReference]
    let isList: Bool

    init<Value: Equatable>(
        _ name: String, _ path: WritableKeyPath<Section, Value>, _ kind: ValueKind<Value>, required: Bool = false,
        reloads: Bool = false, _ documentation: String
    ) {
        self.name = name
        expects = kind.expects
        self.documentation = documentation
        isRequired = required
        appliesOnReload = reloads
        differences = { old, new in
            kind.differences(old[keyPath: path], new[keyPath: path]).map {
                let below = $0.path.isEmpty ? name : "\(name).\($0.path)"
                return Difference(path: below, appliesOnReload: reloads || $0.appliesOnReload)
            }
        }
        writtenDefault = { required ? nil : kind.write($0[keyPath: path]) }
        written = { section, defaults in
            WrittenValue.Entry(
                name: name, value: kind.written(section[keyPath: path]),
                isDefault: !required && section[keyPath: path] == defaults[keyPath: path])
        }
        shape = kind.shape
        read = { section, node, reader in
            if let value = kind.read(node, &reader) { section[keyPath: path] = value }
        }
        below = kind.below
        isList = kind.isList
    }
}

/// A key as the reference shows it.
struct KeyReference {
    let name: String
    let expects: String
    let documentation: String
    let isRequired: Bool
    let appliesOnReload: Bool
    let writtenDefault: String?
    let below: [KeyReference]
    let isList: Bool
    let shape: ValueShape
}

extension ConfigurationSection {
    static var reference: [KeyReference] {
        let defaults = Self()
        return keys.map {
            KeyReference(
                name: $0.name, expects: $0.expects, documentation: $0.documentation, isRequired: $0.isRequired,
                appliesOnReload: $0.appliesOnReload, writtenDefault: $0.writtenDefault(defaults), below: $0.below,
                isList: $0.isList, shape: $0.shape)
        }
    }

    static func differences(_ old: Self, _ new: Self) -> [Difference] {
        keys.flatMap { $0.differences(old, new) }
    }
}
