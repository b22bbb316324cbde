import Foundation
import Testing

/// What the documents point to is there.
@Suite struct LinksTests {
    @Test func everyLinkLeadsSomewhere() throws {
        for page in try Handbook.pages {
            let folder = Handbook.root.appendingPathComponent(page).deletingLastPathComponent()
            for match in try Handbook.text(page).matches(of: /\]\(([^)\s]+)\)/) {
                let target = String(match.1).split(separator: "#", omittingEmptySubsequences: false)[0]
                guard !target.isEmpty, !target.contains("://"), !target.hasPrefix("mailto:") else { continue }
                let path = folder.appendingPathComponent(String(target)).standardizedFileURL.path
                #expect(FileManager.default.fileExists(atPath: path), "\(page): \(match.1)")
            }
        }
    }

    /// Names of files of the project, between back-quotes.
    @Test func everyFileThatIsNamedIsThere() throws {
        for shown in try Handbook.shown() where shown.isSpan {
            guard
                let match = shown.text.wholeMatch(
                    of: /((Sources|Tests|Benchmarks|config|samples|systemd|debian|docs)\/[A-Za-z0-9_+.\/-]+)/)
            else { continue }
            let path = Handbook.root.appendingPathComponent(String(match.1)).path
            #expect(["", ".swift", ".md"].contains { FileManager.default.fileExists(atPath: path + $0) }, "\(shown)")
        }
    }

    /// Suites of tests, between back-quotes: types, files or targets.
    @Test func everySuiteThatIsNamedIsThere() throws {
        let root = Handbook.root.appendingPathComponent("Tests")
        var there: Set<String> = []
        for case let name as String in FileManager.default.enumerator(atPath: root.path) ?? .init() {
            let last = (name as NSString).lastPathComponent
            there.insert(last.hasSuffix(".swift") ? String(last.dropLast(6)) : last)
            guard last.hasSuffix(".swift") else { continue }
            let text = try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
            for match in text.matches(of: /(?:struct|class|extension)\ ([A-Z]\w*Tests)\b/) {
                there.insert(String(match.1))
            }
        }
        var named = 0
        for shown in try Handbook.shown() where shown.isSpan {
            guard let match = shown.text.wholeMatch(of: /([A-Z]\w*Tests)(\.\w+)?/) else { continue }
            named += 1
            #expect(there.contains(String(match.1)), "\(shown)")
        }
        #expect(named > 200)
    }

    /// Each guide is there in both languages, with the same headings' number, pictures and commands.
    @Test(arguments: ["operator", "archivist", "convener"])
    func eachGuideIsTheSameInBothLanguages(_ name: String) throws {
        func parts(_ language: String) throws -> (headings: Int, pictures: Int, commands: [String]) {
            let page = "docs/guide/\(name).\(language).md"
            let text = try Handbook.text(page)
            let commands = try Handbook.commands().filter { $0.shown.page == page && !$0.shown.isSpan }
            return (
                text.components(separatedBy: "\n").count { $0.hasPrefix("#") },
                text.components(separatedBy: "![").count - 1,
                commands.map { $0.words.filter { !$0.contains { !$0.isASCII } }.joined(separator: " ") }
            )
        }
        let (vietnamese, english) = (try parts("vi"), try parts("en"))
        #expect(vietnamese == english)
        #expect(vietnamese.headings > 3 && vietnamese.pictures > 0)
    }
}
