/// What a unit of systemd is told, by its file and its drop-ins, as systemd.syntax(7) reads them. What cannot be read is passed over,
/// as systemd does.
struct UnitFile: Sendable {
    /// `Service.ProtectHome`, and what was assigned to it since it was last emptied.
    private var assignments: [String: [String]] = [:]

    /// - Parameter texts: the unit's file, and its drop-ins in their order.
    init(_ texts: [String]) {
        for text in texts { read(text) }
    }

    private mutating func read(_ text: String) {
        var section = ""
        var held = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let trimmed = line.trimmingSpace
            // Comments may stand between the lines of one that goes on.
            if trimmed.first == "#" || trimmed.first == ";" { continue }
            if trimmed.last == "\\" {
                held += trimmed.dropLast() + " "
                continue
            }
            let whole = held.isEmpty ? String(trimmed) : held + trimmed
            held = ""
            if whole.first == "[", whole.last == "]" {
                section = String(whole.dropFirst().dropLast())
            } else if let equals = whole.firstIndex(of: "=") {
                assign(
                    section + "." + whole[..<equals].trimmingSpace,
                    String(whole[whole.index(after: equals)...].trimmingSpace))
            }
        }
    }

    private mutating func assign(_ key: String, _ value: String) {
        if value.isEmpty { assignments[key] = [] } else { assignments[key, default: []].append(value) }
    }

    /// Every value that holds, of a setting that may be given more than once.
    func values(_ key: String) -> [String] { assignments[key] ?? [] }

    /// The value that holds, of a setting that has one.
    func value(_ key: String) -> String? { assignments[key]?.last }

    func isOn(_ key: String) -> Bool { ["1", "yes", "y", "true", "t", "on"].contains(value(key)?.lowercased()) }

    /// The words of all values, each in its parts between colons, without quotes and with specifiers put in.
    func words(_ key: String) -> [[String]] {
        values(key).flatMap { Self.words($0) }
    }

    private static func words(_ value: String) -> [[String]] {
        var words: [[String]] = []
        // Without a part where none has begun.
        var word: [String] = []
        var quote: Character?
        var isEscaped = false
        func begin() {
            if word.isEmpty { word = [""] }
        }
        func add(_ character: Character) {
            begin()
            word[word.count - 1].append(character)
        }
        for character in value {
            if isEscaped {
                add(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { add(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                begin()
            } else if character == " " || character == "\t" {
                if !word.isEmpty { words.append(word) }
                word = []
            } else if character == ":" {
                begin()
                word.append("")
            } else {
                add(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words.map { $0.map(expanded) }
    }

    /// Of a system's manager (systemd.unit(5), "Specifiers").
    private static let specifiers: [Character: String] = [
        "%": "%", "S": "/var/lib", "C": "/var/cache", "t": "/run", "L": "/var/log", "E": "/etc", "T": "/tmp",
        "V": "/var/tmp", "h": "/root",
    ]

    private static func expanded(_ text: String) -> String {
        guard text.contains("%") else { return text }
        var result = ""
        var isSpecifier = false
        for character in text {
            if isSpecifier {
                result += specifiers[character] ?? "%\(character)"
                isSpecifier = false
            } else if character == "%" {
                isSpecifier = true
            } else {
                result.append(character)
            }
        }
        return result
    }
}

extension StringProtocol {
    fileprivate var trimmingSpace: SubSequence {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return self[endIndex...] }
        return self[first...last]
    }
}
