import Foundation
import InteropSupport
import Testing

/// What the documents have people type to `causeway` is typed to a real daemon, with a meeting in progress and, afterwards, sealed.
@Suite(.serialized, .enabled(if: Tool.areInstalled("curl"), "curl is missing"))
struct ShownCommandsRunTests {
    /// Those that want more than one meeting and nobody's answer: which suite tries them.
    private static let elsewhere: [String: String] = [
        "meetings call": "CallingTests", "meetings move": "CallingTests", "recordings merge": "TwinRecordingTests",
        "retention hold": "RetentionCommandTests", "retention submitted": "RetentionCommandTests",
        "retention propose": "RetentionCommandTests", "retention review": "RetentionCommandTests",
        "schedule move": "ScheduleTests", "supply package": "SupplyRoutesTests", "supply trace": "SupplyPageTests",
        "people forget-app": "SecondFactorTests", "recordings watch": "RecordingTests",
        "meetings absence": "ReportRoutesTests", "rooms pin": "RoomRoutesTests",
    ]
    /// 1 is the doctor's word that this machine is no bridge, as it is none.
    private static let statuses: [String: Set<Int32>] = ["doctor": [0, 1]]

    /// What stands for something else in the documents, as this site has it.
    private struct Site {
        var daemon: RunningDaemon
        var meeting: String
        var package: String
        var call: String
        var files = 0

        mutating func arguments(_ words: [String]) -> [String] {
            words.map { word in
                switch word {
                case "ID", "MEETING", "RECORDING": return meeting
                case "ROOM": return "giaoban"
                case "POINT": return "soyte"
                case "DIRECTORY": return package
                case "NUMBER", "N": return "1"
                case "NAME":
                    files += 1
                    return "ten\(files)"
                case "FILE", "su-co.pdf":
                    files += 1
                    return daemon.folder + "/out\(files)" + (word == "FILE" ? "" : ".pdf")
                case "don-vi.csv", "diem-cau.csv": return daemon.folder + "/" + word
                case "seal.pub.pem": return daemon.archive + "/keys/seal.pub.pem"
                case "ledger.jsonl": return daemon.archive + "/ledger.jsonl"
                case "call-12": return call
                case "sip.pcapng", "one.pcapng", "audit.jsonl": return daemon.folder + "/" + word
                // What was taken out before, and what a second location has.
                case "older.jsonl": return daemon.folder + "/audit.jsonl"
                case "/mnt/second/audit": return daemon.folder + "/second-audit"
                case "/srv/submission": return daemon.folder + "/submission"
                default: return word.wholeMatch(of: /\d{8}-\d{6}-[a-z]+-[a-z0-9]{4}/) == nil ? word : meeting
                }
            }
        }
    }

    private struct Token: Decodable {
        var id: String
        var name: String
    }

    private struct TracedCall: Decodable {
        var id: String
    }

    private struct Line {
        var shown: Handbook.Command
        /// Without the program.
        var words: [String]
        var text: String { words.joined(separator: " ") }
    }

    /// Each once, as a document has it; of spans those that are whole commands.
    private static func lines() throws -> [Line] {
        var seen: Set<String> = []
        return try Handbook.commands().filter { $0.program == "causeway" }.flatMap { shown -> [Line] in
            guard !isPlanned(shown) else { return [] }
            return CommandsTests.expanded(shown.words).map {
                Line(shown: shown, words: Array($0.dropFirst().prefix { !["<", ">", "|"].contains($0) }))
            }
        }.filter { seen.insert($0.text).inserted }
    }

    static func isPlanned(_ shown: Handbook.Command) -> Bool {
        let lines = (try? Handbook.text(shown.shown.page))?.components(separatedBy: "\n") ?? []
        return shown.shown.isSpan && lines.indices.contains(shown.shown.line - 1)
            && lines[shown.shown.line - 1].hasPrefix("Not there yet")
    }

    @Test func theReasonsNameSuitesThatAreThere() throws {
        let names = try CommandsTests.names(of: "Tests")
        for suite in Self.elsewhere.values { #expect(names.contains { $0.hasPrefix(suite) }, "\(suite)") }
    }

    /// One day: whoever reads the documents from the first page to the last, in front of a bridge.
    @Test func eachIsTakenByTheDaemon() async throws {
        let profile: (inout RunningDaemon.Setup, String) -> Void = { setup, folder in
            setup.archiveKeys = ", dossierProfile: \(folder)/dossier.json"
            try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try? #"{"site": {"agencyCode": "H57", "agencyName": "Văn phòng UBND tỉnh", "fondsCode": "P1"}}"#
                .write(toFile: folder + "/dossier.json", atomically: true, encoding: .utf8)
        }
        try await HandbookSite.with(profile) { daemon in
            try "id,name,order\nsonn,Sở Nông nghiệp,30\n".write(
                toFile: daemon.folder + "/don-vi.csv", atomically: true, encoding: .utf8)
            try "id,name,unit\nsonn,Điểm cầu Sở Nông nghiệp,tinh\n".write(
                toFile: daemon.folder + "/diem-cau.csv", atomically: true, encoding: .utf8)
            for words in [
                ["units", "add", "soyte", "--name", "Sở Y tế"], ["units", "add", "soyt", "--name", "Sở Y tế (cũ)"],
                ["people", "add", "lan", "--name", "Nguyễn Thị Lan", "--roles", "archivist"],
            ] {
                let answer = try await daemon.causeway(words)
                try #require(answer.status == 0, "\(words): \(answer.output)")
            }
            let point = try KeyedPoint(HandbookSite.points[0], of: daemon, .init(.sdes))
            let second = try KeyedPoint(HandbookSite.points[1], of: daemon, .init(.sdes))
            let meeting = try await daemon.waitForMedia(of: 2, packets: 50)
            // A wrong password, for the metric of those.
            #expect(throws: ToolFailure.self) {
                try KeyedPoint(
                    .init("aluoi", "Xã A Lưới", password: "sai"), of: daemon, .init(.sdes))
            }
            var told = Monitoring.told(in: try await Self.scrape(daemon))
            let package = try #require(try await daemon.recording(meeting.id).directory)
            let calls = try await daemon.causeway(["trace", "--json"]).output
            let call = try #require(try JSONDecoder().decode([TracedCall].self, from: Data(calls.utf8)).first).id
            var site = Site(daemon: daemon, meeting: meeting.id, package: package, call: call)
            try FileManager.default.createDirectory(
                atPath: daemon.folder + "/second-audit", withIntermediateDirectories: true)

            let lines = try Self.lines()
            #expect(lines.count > 50)
            let live = lines.filter {
                $0.words.first == "meetings" && !$0.words.contains("end") && !$0.words.contains("absence")
            }
            for line in live { try await Self.type(line, &site) }
            for line in lines where line.words.starts(with: ["meetings", "end"]) { try await Self.type(line, &site) }
            withExtendedLifetime((point, second)) {}
            let jobs = Task {
                // The making of the film is seen while it goes on.
                for _ in 0..<200 {
                    let seen = Monitoring.told(in: try await Self.scrape(daemon))
                    if seen.contains("causeway_jobs") { return seen }
                    try await Task.sleep(for: .milliseconds(50))
                }
                return []
            }
            _ = try await daemon.waitUntilSealed(meeting.id)
            told.formUnion(try await jobs.value)
            told.formUnion(Monitoring.told(in: try await Self.scrape(daemon)))
            for line in lines where line.words.first != "meetings" || line.words.contains("absence") {
                try await Self.type(line, &site)
            }
            let missing = try Monitoring.asked().subtracting(told)
            #expect(missing.isEmpty, "board or alerts ask for what the daemon does not export")
            #expect(try Monitoring.documented().subtracting(told).isEmpty, "the document has what the daemon does not")
        }
    }

    private static func scrape(_ daemon: RunningDaemon) async throws -> String {
        try await Tool.run("curl", ["-sSf", "--unix-socket", daemon.socketPath, "http://localhost/metrics"])
    }

    private static func type(_ line: Line, _ site: inout Site) async throws {
        let name = line.words.prefix(2).joined(separator: " ")
        guard elsewhere[name] == nil else { return }
        // Only spoken of: a group, or a command without what it needs.
        let isBare = line.shown.shown.isSpan && line.words.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "-" } }
        let isOffline = ["verify-package", "config", "doctor"].contains(line.words[0]) || line.words.contains("--help")
        var words = site.arguments(line.words).map { $0 == "" ? "lý do" : $0 }
        if line.words.starts(with: ["config", "show"]) || line.words[0] == "doctor" {
            words += ["--config", site.daemon.configurationPath]
        }
        if line.words.contains("--watch") { words += ["--for", "1"] }
        // There is no terminal.
        if line.words == ["top"] { words.append("--once") }
        if line.words.last == "--reason" { words.append("bận họp khác") }
        if line.words.starts(with: ["recordings", "get"]) {
            words += ["--output", site.daemon.folder + "/\(UUID().uuidString)"]
        }
        if line.words.starts(with: ["recordings", "package"]), !line.words.contains("--kind") { return }
        if line.words.starts(with: ["recordings", "package"]), line.words.contains("/srv/submission") {
            try? FileManager.default.createDirectory(
                atPath: site.daemon.folder + "/submission", withIntermediateDirectories: true)
        }
        if line.words.contains("import"), line.words.contains("FILE") {
            let kind = line.words[0]
            // A list with its heading alone has nothing in it that could be wrong.
            guard let place = words.firstIndex(where: { $0.hasPrefix(site.daemon.folder) }) else { return }
            try (kind == "rooms" ? "id,title\n" : kind == "points" ? "id,name,unit\n" : "id,name\n")
                .write(toFile: words[place], atomically: true, encoding: .utf8)
        }
        // Of a day that has not been there is no report; of tokens the list says the numbers.
        if line.words == ["recordings", "fixity", "NUMBER"] { return }
        if line.words == ["tokens", "revoke", "ID"] {
            let list = try await site.daemon.causeway(["tokens", "list", "--json"]).output
            let tokens = try JSONDecoder().decode([Token].self, from: Data(list.utf8))
            words = ["tokens", "revoke", try #require(tokens.first { $0.name.hasPrefix("ten") }).id]
        }
        let answer = try await site.daemon.causeway(words, isOffline: isOffline)
        if isBare, answer.status == 2 { return }
        let expected = statuses[line.words[0]] ?? [0]
        #expect(
            expected.contains(answer.status),
            "\(line.shown): \(words) ended with \(answer.status): \(answer.output.suffix(500))")
    }
}
