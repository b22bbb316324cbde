extension Configuration {
    /// Every key with its default, meaning and bounds, as text: what `causeway config reference` prints.
    public static func referenceText() -> String {
        var lines: [String] = []
        describe(reference, below: "", appliesOnReload: false, into: &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    /// The path of every key, entries of lists as `rooms[].id`.
    public static var keyPaths: [String] {
        func paths(_ keys: [KeyReference], below prefix: String) -> [String] {
            keys.flatMap { key in
                [prefix + key.name] + paths(key.below, below: prefix + key.name + (key.isList ? "[]." : "."))
            }
        }
        return paths(reference, below: "")
    }

    private static func describe(
        _ keys: [KeyReference], below prefix: String, appliesOnReload: Bool, into lines: inout [String]
    ) {
        for key in keys {
            let reloads = appliesOnReload || key.appliesOnReload
            let path = prefix + key.name
            var facts = key.below.isEmpty || key.isList ? [key.expects] : []
            if key.isRequired { facts.append("must be there") }
            if key.below.isEmpty, let value = key.writtenDefault { facts.append("default \(value)") }
            if key.below.isEmpty || key.isList { facts.append(reloads ? "applied by a reload" : "takes a restart") }
            lines.append(path)
            lines.append("    " + key.documentation)
            if !facts.isEmpty { lines.append("    (" + facts.joined(separator: "; ") + ")") }
            describe(key.below, below: path + (key.isList ? "[]." : "."), appliesOnReload: reloads, into: &lines)
        }
    }
}
