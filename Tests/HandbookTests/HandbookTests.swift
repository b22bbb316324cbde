import Testing

/// The documents are read as they are meant.
@Suite struct HandbookTests {
    @Test func blocksAndSpansAreFound() {
        let shown = Handbook.shown(
            in: "page.md",
            """
            # A page
            With `causeway status` in it.

                make test     # a remark
                second

            1. Copy it:

                   baresip -f DIRECTORY

            ```yaml
            rooms: []
            ```
            """)
        #expect(
            shown.map(\.text) == [
                "causeway status", "make test     # a remark\nsecond", "baresip -f DIRECTORY", "rooms: []",
            ])
        #expect(shown.map(\.line) == [2, 4, 9, 12])
        #expect(shown.map(\.kind) == [nil, nil, nil, "yaml"])
    }

    @Test func wordsAreDividedAsByAShell() {
        #expect(Handbook.words(of: "a 'b c'  d\"e f\"g # h") == ["a", "b c", "de fg"])
        #expect(Handbook.words(of: "a ''") == ["a", ""])
        #expect(Handbook.words(of: "a 'b") == nil)
    }

    @Test func theDocumentsShowManyCommands() throws {
        let commands = try Handbook.commands()
        #expect(commands.count { $0.program == "causeway" } > 40)
        #expect(commands.count { $0.program == "make" } > 20)
        #expect(try Handbook.shown().count { $0.text.hasPrefix("archive:") } > 2)
    }
}
