import Yams

/// Walks the tree of a file by the tables of keys, and gathers what is wrong and where everything stands.
struct Reader {
    /// More than this is not gathered: a file that is of another kind altogether would drown its reader.
    static let maximumErrors = 200

    let file: String
    private(set) var errors: [ConfigurationError] = []
    /// Where the value at each key path stands.
    private var places: [String: Mark] = [:]

    init(file: String) { self.file = file }

    var isFull: Bool { errors.count >= Self.maximumErrors }

    mutating func report(_ message: String, at node: YAMLNode) {
        report(message, path: node.path, mark: node.mark)
    }

    /// Reports about a value that was read before, or its nearest section that is in the file.
    mutating func report(_ message: String, path: String) {
        var place = path
        while places[place] == nil, let cut = place.lastIndex(where: { $0 == "." || $0 == "[" }) {
            place = String(place[..<cut])
        }
        report(message, path: path, mark: places[place])
    }

    private mutating func report(_ message: String, path: String, mark: Mark?) {
        guard !isFull else { return }
        errors.append(
            ConfigurationError(file: file, line: mark?.line, column: mark?.column, key: path, message: message))
    }

    func line(of path: String) -> Int? { places[path]?.line }

    /// Every key path that was in the file, entries of lists as `rooms[].id`.
    var readPaths: Set<String> {
        Set(
            places.keys.map { path in
                path.split(separator: "[", omittingEmptySubsequences: false).enumerated().map { index, part in
                    index == 0 ? String(part) : "[" + part.drop { $0 != "]" }
                }.joined()
            })
    }

    /// Notes where a value stands, before it is read.
    mutating func note(_ node: YAMLNode) {
        places[node.path] = node.mark
    }

    mutating func read<Section: ConfigurationSection>(_ type: Section.Type, _ node: YAMLNode) -> Section? {
        var section = Section()
        let keys = Section.keys
        note(node)
        guard case .mapping(let mapping) = node.node else {
            // A section whose keys are all commented out.
            if node.isNull, keys.allSatisfy({ !$0.isRequired }) { return section }
            report("expected a section with keys (\(names(keys))), found \(node.kind)", at: node)
            return nil
        }
        var seen: Set<String> = []
        for (keyNode, valueNode) in mapping where !isFull {
            guard case .scalar(let keyScalar) = keyNode else {
                report("expected a key, found a list or section in its place", path: node.path, mark: keyNode.mark)
                continue
            }
            let name = keyScalar.string
            let path = node.path.isEmpty ? name : "\(node.path).\(name)"
            guard let key = keys.first(where: { $0.name == name }) else {
                report(unknown(name, among: keys.map(\.name)), path: shortened(path), mark: keyNode.mark)
                continue
            }
            seen.insert(name)
            let value = YAMLNode(node: valueNode, path: path)
            note(value)
            if value.isNull, key.below.isEmpty {
                report("has no value; expected \(key.expects)", path: path, mark: keyNode.mark)
            } else {
                key.read(&section, value, &self)
            }
        }
        for key in keys where key.isRequired && !seen.contains(key.name) {
            report("the key '\(key.name)' is missing; expected \(key.expects)", at: node)
        }
        return section
    }

    private func names(_ keys: [Key<some Any>]) -> String {
        keys.prefix(4).map(\.name).joined(separator: ", ") + (keys.count > 4 ? ", …" : "")
    }

    private func unknown(_ name: String, among known: [String]) -> String {
        if let near = nearest(to: name, among: known) { return "unknown key; did you mean '\(near)'?" }
        return "unknown key; known here: \(known.joined(separator: ", "))"
    }
}
