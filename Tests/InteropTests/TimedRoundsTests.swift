import Archive
import Foundation
import InteropSupport
import Testing

/// What the units causeway-fixity and causeway-retention run, against the real daemon: what is due is done when they ask, and their exit status says what
/// was found.
@Suite(.serialized) struct TimedRoundsTests {
    private static let day = 86_400.0

    private static func open(_ folder: String, daysAgo days: Double) throws -> Archive {
        let table = try RetentionTable(parsing: "VV,permanent,Vĩnh viễn,For ever\n1N,1,1 năm,1 year")
        return try Archive(
            root: folder + "/archive", retention: table, now: { Date().addingTimeInterval(-days * Self.day) })
    }

    /// A meeting that was sealed so long ago, in an archive that no daemon has open.
    private static func seal(
        _ tail: String, in folder: String, daysAgo days: Double, octets: Int = 20_000,
        then more: (Archive, MeetingRecord) async throws -> Void = { _, _ in }
    ) async throws -> String {
        let archive = try open(folder, daysAgo: days)
        let id = "20240524-093000-giaoban-\(tail)"
        let opened = Date(timeIntervalSince1970: 1_716_517_800)
        let meeting = try await archive.openMeeting(
            NewMeeting(
                id: id, room: "giaoban", title: "Giao ban tuần", convener: "Văn phòng", document: nil, openedAt: opened)
        )
        try archive.append(EventRecord(at: opened, name: "opened"), to: meeting)
        let paths = archive.paths(of: meeting)
        try Data((0..<octets).map { UInt8(truncatingIfNeeded: $0 &* 13) }).write(to: URL(fileURLWithPath: paths.master))
        try Data("film".utf8).write(to: URL(fileURLWithPath: paths.accessCopy))
        try await archive.closeMeeting(id, at: opened + 600, reason: "ended", durationMilliseconds: 600_000)
        let sealed = try await archive.seal(id)
        try await more(archive, sealed)
        try archive.close()
        return id
    }

    private static func with(
        _ keys: String, _ prepare: (String) async throws -> Void, _ body: (TestSite) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/archive", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await prepare(folder)
        try await TestSite.with {
            $0.archive = folder + "/archive"
            $0.archiveKeys = keys
        } _: {
            try await body($0)
        }
    }

    private static func restart(_ site: TestSite, _ keys: String, _ meanwhile: (String) async throws -> Void)
        async throws
    {
        _ = await site.daemon.stop()
        let archive = site.daemon.archive
        try await meanwhile((archive as NSString).deletingLastPathComponent)
        try await site.restart {
            $0.archive = archive
            $0.archiveKeys = keys
        }
    }

    @Test func packagesAreCheckedWhenATimerAsksAndADamagedOneFailsItsUnit() async throws {
        let keys = ", fixity: {by: timer, rate: 2}"
        var first = ""
        var second = ""
        try await Self.with(keys) { folder in
            first = try await Self.seal("aaaa", in: folder, daysAgo: 41, octets: 3_000_000)
            second = try await Self.seal("bbbb", in: folder, daysAgo: 40)
        } _: { site in
            #expect(try await site.daemon.causeway(["recordings", "fixity"]).output == "No package was due yet.\n")
            // Two ask at once: one run, which both wait for.
            async let one = site.daemon.causeway(["recordings", "fixity", "--due"])
            async let other = site.daemon.causeway(["recordings", "fixity", "--due"])
            for answer in try await [one, other] {
                #expect(answer.status == 0, "\(answer.output)")
                #expect(answer.output.contains("checking: 0 of 2 recordings"), "\(answer.output)")
                #expect(answer.output.hasSuffix("\nAll that was due is intact: 2 packages.\n"), "\(answer.output)")
            }
            for id in [first, second] {
                #expect(site.daemon.log.components(separatedBy: "fixity: \(id) is intact").count == 2)
            }
            let audit = try await site.daemon.causeway(["audit", "list", "--action", "check due packages"])
            #expect(audit.output.components(separatedBy: "check due packages").count == 3, "\(audit.output)")

            // Nothing is due, but what is damaged keeps the unit failed.
            var third = ""
            try await Self.restart(site, keys) { folder in
                third = try await Self.seal("cccc", in: folder, daysAgo: 40) { archive, meeting in
                    let master = archive.paths(of: meeting).master
                    chmod(master, 0o640)
                    try Data("khác".utf8).write(to: URL(fileURLWithPath: master))
                }
            }
            for _ in 0..<2 {
                let bad = try await site.daemon.causeway(["recordings", "fixity", "--due"])
                #expect(bad.status == 1, "\(bad.output)")
                let told = bad.output.split(separator: "\n").filter { $0.hasPrefix("causeway: ") }
                #expect(told.count == 1 && told[0].hasPrefix("causeway: damaged still: \(third). "), "\(bad.output)")
            }
            #expect(site.daemon.log.contains("fixity: \(third) is STILL damaged"))
            // Stopped, it is unreachable, and the unit asks again.
            _ = await site.daemon.stop()
            #expect(try await site.daemon.causeway(["recordings", "fixity", "--due"]).status == 3)
        }
    }

    @Test func whereNobodyAskedForTwoDaysTheDaemonBeginsByItself() async throws {
        let keys = ", fixity: {by: timer}, retention: {by: timer}"
        var id = ""
        try await Self.with(keys) { folder in
            id = try await Self.seal("aaaa", in: folder, daysAgo: 40)
            let archive = try Self.open(folder, daysAgo: 2.1)
            for round in ArchiveRound.allCases { try await archive.noteRound(round) }
            try archive.close()
        } _: { site in
            try await eventually("a check that nobody asked for") { [id] in
                site.daemon.log.contains("fixity: \(id) is intact")
            }
            for round in ["fixity", "retention"] {
                #expect(site.daemon.log.contains("\(round): nobody has asked for two days"), "\(site.daemon.log)")
            }
        }
    }

    @Test func theDaemonsClockChecksWhereNothingElseIsSaid() async throws {
        var id = ""
        try await Self.with("") { folder in
            id = try await Self.seal("aaaa", in: folder, daysAgo: 40)
        } _: { site in
            try await eventually("a check by the clock") { [id] in site.daemon.log.contains("fixity: \(id) is intact") }
            #expect(!site.daemon.log.contains("nobody has asked"))
        }
    }

    @Test func anApprovedDestructionThatCannotBeCarriedOutFailsItsUnit() async throws {
        var id = ""
        var obstacle = ""
        try await Self.with(", retention: {by: timer}") { folder in
            id = try await Self.seal("aaaa", in: folder, daysAgo: 0) { archive, meeting in
                try await archive.setRetentionClass("1N", of: meeting.id)
                let proposal = try await archive.proposeDestruction(
                    of: [meeting.id], reason: "hết hạn", by: RetentionOfficer(id: "lan", name: "Lan"))
                try await archive.review(
                    proposal: proposal.id, .approve(document: "QĐ 1"), by: RetentionOfficer(id: "minh", name: "Minh"))
                // A file where the certificate's folder belongs.
                obstacle = archive.paths(of: meeting).directory + "/destruction"
                try Data().write(to: URL(fileURLWithPath: obstacle))
            }
        } _: { site in
            let bad = try await site.daemon.causeway(["retention", "carry-out"])
            #expect(bad.status == 1, "\(bad.output)")
            #expect(
                bad.output.contains("causeway: approved for destruction, and not destroyed: \(id). "), "\(bad.output)")
            unlink(obstacle)
            let done = try await site.daemon.causeway(["retention", "carry-out"])
            #expect(done.status == 0 && done.output.contains("Destroyed: \(id)."), "\(done.output)")
            let audit = try await site.daemon.causeway(["audit", "list", "--action", "carry out destructions"])
            #expect(audit.output.components(separatedBy: "carry out destructions").count == 3, "\(audit.output)")
        }
    }
}
