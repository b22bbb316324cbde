import ArgumentParser
import Foundation
import InteropSupport
import Testing

@testable import causeway

/// Each command in the documents is one that the real programs take.
@Suite struct CommandsTests {
    /// The commands of `causeway`, as its own parser has them.
    private struct Node: Decodable {
        var commandName: String
        var subcommands: [Node]?
        /// How many of the words name a command, and whether more of them could.
        func depth(_ words: ArraySlice<String>) -> (depth: Int, isGroup: Bool) {
            guard let first = words.first, let next = subcommands?.first(where: { $0.commandName == first }) else {
                return (0, subcommands?.isEmpty == false)
            }
            let (depth, isGroup) = next.depth(words.dropFirst())
            return (depth + 1, isGroup)
        }
    }
    private struct Help: Decodable { var command: Node }

    /// `a|b` as two commands; what may be left out, and the dots of what may be repeated, are taken off.
    static func expanded(_ words: [String]) -> [[String]] {
        let plain = words.map { word in
            word.count > 1 && word.hasPrefix("[") ? String(word.dropFirst()) : word
        }.map { word in
            var word = word
            while let last = word.last, "]…".contains(last) { word.removeLast() }
            return word.hasSuffix("...") ? String(word.dropLast(3)) : word
        }.filter { !$0.isEmpty }
        return plain.reduce([[]]) { lines, word in
            // A pipe by itself leads to another program; an argument may have one inside.
            let choices =
                word.contains("|") && !word.contains(" ") ? word.split(separator: "|").map(String.init) : [word]
            return lines.flatMap { line in choices.map { line + [$0] } }
        }
    }

    /// What the parser says against it; nil of a good one, and of a call for help.
    private static func fault(of words: [String]) -> String? {
        do {
            _ = try Causeway.parseAsRoot(words)
            return nil
        } catch { return Causeway.exitCode(for: error) == .success ? nil : Causeway.message(for: error) }
    }

    @Test func everyCommandOfCausewayIsOneThatItTakes() throws {
        let tree = try JSONDecoder().decode(Help.self, from: Data(Causeway._dumpHelp().utf8)).command
        for shown in try Handbook.commands() where shown.program == "causeway" {
            if ShownCommandsRunTests.isPlanned(shown) { continue }
            for line in Self.expanded(shown.words) {
                let words = Array(line.dropFirst().prefix { !["<", ">", "|", "&&"].contains($0) })
                let (depth, isGroup) = tree.depth(words[...])
                guard depth > 0 else {
                    Issue.record("\(shown): there is no such command")
                    continue
                }
                // One that is only spoken of.
                if depth == words.count, shown.shown.isSpan || isGroup { continue }
                // Numbers are named by capitals, as other things are.
                let numbered = words.map { $0.allSatisfy(\.isUppercase) ? "1" : $0 }
                guard let fault = Self.fault(of: words), let second = Self.fault(of: numbered) else { continue }
                // Between others, a command may be named without all that it needs.
                if shown.shown.isSpan, second.hasPrefix("Missing") { continue }
                Issue.record("\(shown): \(fault)")
            }
        }
    }

    @Test func theDaemonsCommandsCheckTheConfigurationsThatTheyName() async throws {
        let program = try RunningDaemon.binaries() + "/causewayd"
        var checked = 0
        for shown in try Handbook.commands() where shown.program == "causewayd" {
            // In a picture of the house, or as what it starts itself.
            guard shown.words.count > 1, shown.words[1].hasPrefix("--") else { continue }
            var words = Array(shown.words.dropFirst())
            // Where nothing is named it is the installed one, which `make test-deb` checks.
            guard let place = words.firstIndex(of: "--config") else {
                #expect(
                    words.allSatisfy {
                        ["--check-config", "--import", "--jobs-socket", "--welcome", "--version", "--help"].contains($0)
                    }, "\(shown)"
                )
                continue
            }
            try #require(words.count > place + 1, "\(shown)")
            words[place + 1] = Handbook.root.appendingPathComponent(words[place + 1]).path
            if !words.contains("--check-config") { words.append("--check-config") }
            let output = FileManager.default.temporaryDirectory.appendingPathComponent("cw-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: output) }
            let child = try ChildProcess(program, words, log: output)
            let status = try await child.wait(within: .seconds(30))
            #expect(status == 0, "\(shown): \(child.logText)")
            checked += 1
        }
        #expect(checked >= 2)
    }

    @Test(.enabled(if: Tool.areInstalled("make"), "make is missing"))
    func everyTargetOfMakeIsThere() async throws {
        var seen: Set<String> = []
        for shown in try Handbook.commands() where shown.program == "make" {
            // An action of the journal has this name.
            if shown.text == "make package" { continue }
            let words = Array(shown.words.dropFirst())
            // Figures and words may follow a target in a table; what is no assignment and no target ends the command.
            let arguments = words.enumerated().prefix { $0.offset == 0 || $0.element.contains("=") }.map(\.element)
            guard seen.insert(arguments.joined(separator: " ")).inserted else { continue }
            do {
                try await Tool.run(
                    "make", ["-n", "-C", Handbook.root.path] + arguments, standardError: true, within: .seconds(30))
            } catch { Issue.record("\(shown): \(error)") }
        }
        #expect(seen.count > 12)
    }

    /// The first screen of `make` names each target that is meant for people.
    @Test func theMakefileTellsOfEachTarget() throws {
        let makefile = try Handbook.text("Makefile")
        let told = Set(makefile.matches(of: /(?m)^# make ([a-z-]+)/).map { String($0.1) })
        let phony =
            makefile.firstMatch(of: /(?m)^\.PHONY: (.*)$/).map {
                $0.1.split(separator: " ").map(String.init).filter { $0 != "\\" }
            } ?? []
        let inner: Set = [
            "help", "build", "release", "format", "build-packages", "peer-packages", "relay-packages",
            "interop-packages",
        ]
        #expect(Set(phony).subtracting(inner).subtracting(told).isEmpty)
        #expect(told.subtracting(phony).isEmpty)
    }

    /// Programs of others: each line of theirs is tried by some test, or stands here with the reason why it is not.
    @Test func everyOtherProgramsLineIsTriedSomewhere() throws {
        let tried: [String: String] = [
            // By SamplesTests.
            "kamailio": "SamplesTests.kamailioTakesTheEdge", "nft": "SamplesTests.nftTakesTheFirewall",
            "nginx": "SamplesTests.nginxTakesTheFront", "promtool": "SamplesTests.promtoolTakesScrapeAndAlerts",
            "sipp": "SamplesTests.sippCallsByItsSample", "sox": "SamplesTests.sippCallsByItsSample",
            "baresip": "SamplesTests.baresipReadsItsSample", "linphonec": "make interop, and SamplesTests",
            "certbot": "SamplesTests.theDeployHookBringsACertificateIntoTheDaemon",
            "sh": "SamplesTests.theDeployHookBringsACertificateIntoTheDaemon",
            // By the package under a real systemd: `make test-deb`.
            "apt": "Tests/Package/try", "apt-get": "Tests/Package/try", "journalctl": "Tests/Package/try",
            "systemctl": "Tests/Package/try",
            "cp": "Tests/Package/try installs what it names",
            // Of documents whose own tests run their scripts: see EvidenceDocumentTests.
            "openssl": "EvidenceDocumentTests", "sha512sum": "EvidenceDocumentTests",
            // Credentials want systemd as the first process and a key of the machine.
            "install": "wants /etc of a machine of its own", "systemd-creds": "wants systemd and a machine's key",
            // Not in Debian 12; `make interop` runs it where somebody built it.
            "pjsua": "make interop",
            // It would build anew what runs this test.
            "swift": "the tests named are in this run",
        ]
        for shown in try Handbook.commands() where !Handbook.own.contains(shown.program) {
            #expect(tried[shown.program] != nil, "\(shown): nobody tries \(shown.program)")
        }
        // The suites and tests that are asked for are there.
        let sources = try Self.names(of: "Tests")
        for shown in try Handbook.commands() where shown.program == "swift" {
            guard let place = shown.words.firstIndex(of: "--filter"), shown.words.count > place + 1 else { continue }
            for name in shown.words[place + 1].split(separator: "|") {
                #expect(sources.contains { $0.hasPrefix(name) }, "\(shown): there is no \(name)")
            }
        }
    }

    /// Names of the files below a folder.
    static func names(of folder: String) throws -> [String] {
        FileManager.default.enumerator(atPath: Handbook.root.appendingPathComponent(folder).path)?
            .compactMap { ($0 as? String).map { ($0 as NSString).lastPathComponent } } ?? []
    }
}
