import Foundation
import Office
import Testing

/// Whatever is written into the journal has words on the portal's page, in both languages.
@Suite struct JournalWordsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    /// Actions as the sources write them down.
    private static func actions() throws -> Set<String> {
        var actions = Set(
            RegisterEntry.Kind.allCases.flatMap { kind in ["add", "set", "remove"].map { "\($0) \(kind.rawValue)" } })
        actions.insert("merge unit")
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            // `note("sign out", of: …)`, `pen.write("start", …)`, and one of two.
            for match in text.matches(
                of:
                    /(?:note|pen\.write|countFailure)\(\s*(?:[a-z][A-Za-z]* (?:== nil )?\? )?"([a-z][A-Za-z ]+)"(?: : "([a-z][A-Za-z ]+)")?,/
            ) {
                actions.insert(String(match.1))
                if let other = match.2 { actions.insert(String(other)) }
            }
            guard
                ["RetentionJournal.swift", "ViewingJournal.swift", "SupplyJournal.swift", "MeetingJournalLine.swift"]
                    .contains(file.lastPathComponent)
            else { continue }
            for match in text.matches(of: /(?:case \w+ = |case \.\w+: |\) = \()"([a-z][a-z ]+)"/) {
                actions.insert(String(match.1))
            }
        }
        return actions
    }

    @Test func everyActionHasWordsInBothLanguages() throws {
        let actions = try Self.actions()
        for known in [
            "sign in", "set PIN of room", "start", "destroy recording", "order in meeting", "make package",
            "place hold",
        ] {
            #expect(actions.contains(known), "the sources are not read as they are: \(known)")
        }
        let page = try String(
            contentsOf: Self.root.appending(path: "Portal/PortalPage/pages/journal.js"), encoding: .utf8)
        let languages = page.components(separatedBy: "\n  en: {")
        try #require(languages.count == 2)
        for action in actions.sorted() {
            for (name, words) in zip(["vi", "en"], languages) {
                #expect(
                    words.contains("'journal_\(action)': '") || words.contains("journal_\(action): '"),
                    "\(action) in \(name)")
            }
        }
    }
}
