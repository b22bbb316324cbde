import Foundation

/// What the documents show to be typed or copied.
struct Handbook {
    /// A block of code, or a span of it within a sentence.
    struct Shown: CustomStringConvertible, Sendable {
        var page: String
        var line: Int
        /// After the fence: `yaml`, `sh chain`; nil of an indented block, and of a span.
        var kind: String?
        var isSpan = false
        var text: String

        var description: String { "\(page):\(line): \(text.prefix(160))" }
        var lines: [String] { text.components(separatedBy: "\n") }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every page of Markdown that goes with the project.
    static var pages: [String] {
        get throws {
            let folders = ["", "docs", "config", "samples"]
            var pages: Set<String> = []
            for folder in folders {
                let base = root.appendingPathComponent(folder)
                let names =
                    folder.isEmpty
                    ? try FileManager.default.contentsOfDirectory(atPath: base.path)
                    : FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
                for name in names where name.hasSuffix(".md") {
                    pages.insert(folder.isEmpty ? name : "\(folder)/\(name)")
                }
            }
            return pages.sorted()
        }
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    static func shown() throws -> [Shown] { try pages.flatMap { shown(in: $0, try text($0)) } }

    /// Blocks by fences and by four spaces, and spans between back-quotes, in their order.
    static func shown(in page: String, _ text: String) -> [Shown] {
        var found: [Shown] = []
        var block: Shown?
        var fence: Int?
        var wasBlank = true
        for (index, line) in text.components(separatedBy: "\n").enumerated() {
            let indent = line.prefix { $0 == " " }.count
            let content = String(line.dropFirst(indent))
            if let depth = fence {
                if content.hasPrefix("```") {
                    if let block { found.append(block) }
                    (block, fence) = (nil, nil)
                } else {
                    let isFirst = block?.text.isEmpty == true
                    block?.text += (isFirst ? "" : "\n") + line.dropFirst(min(depth, indent))
                }
                wasBlank = false
                continue
            }
            if content.hasPrefix("```") {
                if let block { found.append(block) }
                let kind = content.dropFirst(3).trimmingCharacters(in: .whitespaces)
                block = Shown(page: page, line: index + 2, kind: kind, text: "")
                fence = indent
                continue
            }
            if indent >= 4, !content.isEmpty, block != nil || wasBlank {
                // A block of a list's entry lies deeper; its own first line says how deep.
                if block == nil {
                    block = Shown(page: page, line: index + 1, text: content)
                } else {
                    block?.text += "\n" + line.dropFirst(4)
                }
            } else if content.isEmpty {
                if block != nil { block?.text += "\n" }
            } else {
                if let block { found.append(block) }
                block = nil
                found += spans(in: content, page, index + 1)
            }
            wasBlank = content.isEmpty
        }
        if let block { found.append(block) }
        return found.map {
            var shown = $0
            shown.text = $0.text.trimmingCharacters(in: .newlines)
            return shown
        }
    }

    private static func spans(in line: String, _ page: String, _ number: Int) -> [Shown] {
        line.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }
            .map { Shown(page: page, line: number, isSpan: true, text: $0.element) }
    }

    /// A line that is typed.
    struct Command: CustomStringConvertible, Sendable {
        var shown: Shown
        var words: [String]
        var program: String { words[0] }
        /// As it stands in the document, one space between words.
        var text: String { words.joined(separator: " ") }
        var description: String { "\(shown.page):\(shown.line): \(text)" }
    }

    /// Lines that begin with one of these programs, without their remarks. Of spans only those of our own programs.
    static func commands() throws -> [Command] {
        try shown().flatMap { shown -> [Command] in
            if shown.isSpan {
                guard let words = words(of: shown.text), let first = words.first, own.contains(first), words.count > 1
                else { return [] }
                return [Command(shown: shown, words: words)]
            }
            // Those with a name are scripts, which a test of their own runs.
            if let kind = shown.kind, kind.contains(" ") || ["text", "yaml", "swift"].contains(kind) { return [] }
            let joined = shown.text.replacingOccurrences(of: #"\\\n\s*"#, with: "", options: .regularExpression)
            return joined.components(separatedBy: "\n").compactMap { line in
                guard let words = words(of: line), let first = words.first, programs.contains(first) else { return nil }
                // A table of figures may begin with a program's name: two spaces and more divide its columns.
                if !own.contains(first), words.count > 8, !line.contains("-") { return nil }
                return Command(shown: shown, words: words)
            }
        }
    }

    static let own: Set<String> = ["causeway", "causewayd", "make"]
    static let programs: Set<String> = own.union([
        "apt", "apt-get", "baresip", "certbot", "cp", "curl", "grafana-server", "install", "ip", "journalctl",
        "kamailio",
        "lego", "linphonec", "nft", "nginx", "openssl", "pjsua", "promtool", "rclone", "sh", "sipp", "sox", "swift",
        "systemctl", "systemd-creds", "sha512sum",
    ])

    /// As a shell divides a line: quotes, and remarks after ` #`. Nil where a quote is not closed.
    static func words(of line: String) -> [String]? {
        var words: [String] = []
        var word = ""
        var isWord = false
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                isWord = true
            } else if character == " " || character == "\t" {
                if isWord || !word.isEmpty { words.append(word) }
                (word, isWord) = ("", false)
            } else if character == "#", word.isEmpty, !isWord {
                break
            } else {
                word.append(character)
            }
        }
        guard quote == nil else { return nil }
        if isWord || !word.isEmpty { words.append(word) }
        return words
    }
}
