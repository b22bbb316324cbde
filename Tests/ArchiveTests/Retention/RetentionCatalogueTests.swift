import Foundation
import Testing
import Vietnamese

@testable import Archive

/// An archive whose meetings are kept for ten years where nobody says otherwise, and whose clock a test sets.
struct RetentionSite {
    static let lan = RetentionOfficer(id: "lan", name: "Nguyễn Thị Lan")
    static let minh = RetentionOfficer(id: "minh", name: "Trần Minh")

    let clock = HandClock(morning)
    let workshop: Workshop
    let second: String
    let archive: Archive

    init() throws {
        workshop = try Workshop()
        second = try Workshop().root
        archive = try Self.open(workshop, second, clock)
    }

    static func open(_ workshop: Workshop, _ second: String, _ clock: HandClock) throws -> Archive {
        let table = try RetentionTable(
            parsing: "VV,permanent,Vĩnh viễn,For ever\n10N,10,10 năm,10 years\n20N,20,20 năm,20 years",
            standard: "10N")
        return try workshop.open(
            sealing: SealingSettings(organization: "Văn phòng UBND tỉnh"),
            fixity: FixitySettings(interval: .seconds(86_400)), second: SecondLocation(.directory(second)),
            retention: table,
            now: { clock.now })
    }

    /// Copies a package to the second location, as a backup does.
    func copy(_ meeting: MeetingRecord) throws {
        let target = second + "/" + meeting.package
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: archive.paths(of: meeting).directory, toPath: target)
    }

    /// To the first morning on which what ended in 2026 may be destroyed.
    func passTenYears() { clock.advance(Self.time("2037-01-01").timeIntervalSince(clock.now)) }

    static func time(_ day: String) -> Date { IndochinaTime.date(from: day) ?? .distantPast }

    func approved(_ meetings: [String]) async throws -> DestructionProposal {
        let proposal = try await archive.proposeDestruction(of: meetings, reason: "hết thời hạn", by: Self.lan)
        return try await archive.review(
            proposal: proposal.id, .approve(document: "QĐ 15/QĐ-VP ngày 05/01/2037"), by: Self.minh)
    }
}

@Suite(.inEachCatalogue) struct RetentionCatalogueTests {
    @Test func aMeetingHasTheStandardClassUntilItIsGivenAnother() async throws {
        let site = try RetentionSite()
        let id = try await site.archive.sealedMeeting().id
        #expect(try await site.archive.retention(of: id).keptUntil == "2036-12-31")
        try await site.archive.setRetentionClass("VV", of: id)
        #expect(try await site.archive.retention(of: id).keptUntil == nil)
        try await site.archive.setRetentionClass(nil, of: id)
        #expect(try await site.archive.retention(of: id).retentionClass.code == "10N")
        await #expect(throws: ArchiveError.retention(.unknownClass("99N"))) {
            try await site.archive.setRetentionClass("99N", of: id)
        }
    }

    @Test func aClassThatTheTableHasNoMoreKeepsForEver() async throws {
        let site = try RetentionSite()
        let id = try await site.archive.sealedMeeting().id
        try await site.archive.setRetentionClass("20N", of: id)
        try site.archive.close()
        let later = try site.workshop.open(now: { site.clock.now })
        let dossier = try await later.retention(of: id)
        #expect(dossier.retentionClass.code == "20N" && dossier.retentionClass.term == .permanent)
    }

    @Test func holdsAreSeveralAndEachIsReleasedByItself() async throws {
        let site = try RetentionSite()
        let id = try await site.archive.sealedMeeting().id
        let first = try await site.archive.hold(id, reason: "thanh tra", document: "KL 3/TTT", by: "Lan (lan)")
        let second = try await site.archive.hold(id, reason: "vụ án 12", by: "Minh (minh)")
        site.passTenYears()
        #expect(try await site.archive.obstacles(to: [id]) == [id: [.held(["thanh tra", "vụ án 12"])]])
        try await site.archive.release(hold: first.id, of: id, reason: "đã có kết luận", by: "Lan (lan)")
        #expect(try await site.archive.obstacles(to: [id]) == [id: [.held(["vụ án 12"])]])
        await #expect(throws: ArchiveError.retention(.alreadyReleased(first.id))) {
            try await site.archive.release(hold: first.id, of: id, reason: "nữa", by: "Lan")
        }
        await #expect(throws: ArchiveError.retention(.unknownHold(second.id))) {
            try await site.archive.release(hold: second.id, of: "another", reason: "nhầm", by: "Lan")
        }
        try await site.archive.release(hold: second.id, of: id, reason: "đã xử", by: "Minh")
        #expect(try await site.archive.obstacles(to: [id]).isEmpty)
        let holds = try await site.archive.retention(of: id).holds
        #expect(holds.map(\.releaseReason) == ["đã có kết luận", "đã xử"])
        await #expect(throws: ArchiveError.retention(.missing("A reason"))) {
            try await site.archive.hold(id, reason: "  ", by: "Lan")
        }
    }

    @Test func whatFallsDueAndWhatIsToBeSubmittedIsListed() async throws {
        let site = try RetentionSite()
        let id = try await site.archive.sealedMeeting().id
        let kept = try await site.archive.sealedMeeting(.sample("zzzz")).id
        try await site.archive.setRetentionClass("VV", of: kept)
        func listed(_ choice: RetentionQuery.Choice) async throws -> [String] {
            try await site.archive.retention(RetentionQuery(choice)).dossiers.map(\.meeting.id)
        }
        #expect(try await listed(.all) == [id, kept])
        for choice in [RetentionQuery.Choice.due, .clocks, .held] {
            #expect(try await listed(choice) == [], "\(choice)")
        }
        // 61 days before the last of 2027.
        site.clock.advance(RetentionSite.time("2027-10-31").timeIntervalSince(site.clock.now))
        #expect(try await listed(.clocks) == [])
        site.clock.advance(86_400)
        #expect(try await listed(.clocks) == [id, kept])
        try await site.archive.noteSubmission(of: id, to: .current, document: "BB 1/2027", by: "Lan")
        #expect(try await listed(.clocks) == [kept])
        site.clock.advance(RetentionSite.time("2035-12-31").timeIntervalSince(site.clock.now))
        #expect(try await listed(.due) == [])
        site.clock.advance(86_400)
        #expect(try await listed(.due) == [id])
        try await site.archive.hold(kept, reason: "thanh tra", by: "Lan")
        #expect(try await listed(.held) == [kept])
        let page = try await site.archive.retention(RetentionQuery(.all, limit: 1))
        #expect(page.next == id)
        #expect(
            try await site.archive.retention(RetentionQuery(.all, limit: 1, after: id)).dossiers.map(\.meeting.id)
                == [kept])
    }

    @Test func aMeetingIsInOneProposalAtATimeAndKeepsItsClassMeanwhile() async throws {
        let site = try RetentionSite()
        let id = try await site.archive.sealedMeeting().id
        await #expect(throws: ArchiveError.retention(.obstacles([id: [.notDue(until: "2036-12-31")]]))) {
            try await site.archive.proposeDestruction(of: [id], reason: "hết hạn", by: RetentionSite.lan)
        }
        site.passTenYears()
        let first = try await site.archive.proposeDestruction(of: [id], reason: "hết hạn", by: RetentionSite.lan)
        await #expect(throws: ArchiveError.retention(.obstacles([id: [.proposed(first.id)]]))) {
            try await site.archive.proposeDestruction(of: [id], reason: "hết hạn", by: RetentionSite.minh)
        }
        await #expect(throws: ArchiveError.self) { try await site.archive.setRetentionClass("VV", of: id) }
        let refused = try await site.archive.review(
            proposal: first.id, .refuse(reason: "còn giá trị"), by: RetentionSite.minh)
        #expect(refused.state == .refused && refused.verdict == "còn giá trị")
        #expect(try await site.archive.proposal(first.id) == refused)
        let again = try await site.archive.proposeDestruction(of: [id], reason: "hết hạn", by: RetentionSite.minh)
        // A hold that comes between counts.
        let hold = try await site.archive.hold(id, reason: "thanh tra", by: "Lan")
        await #expect(throws: ArchiveError.retention(.obstacles([id: [.held(["thanh tra"])]]))) {
            try await site.archive.review(
                proposal: again.id, .approve(document: "QĐ 1"), by: RetentionSite.lan)
        }
        try await site.archive.release(hold: hold.id, of: id, reason: "xong", by: "Lan")
        await #expect(throws: ArchiveError.retention(.samePerson)) {
            try await site.archive.review(
                proposal: again.id, .approve(document: "QĐ 1"), by: RetentionSite.minh)
        }
        #expect(try await site.archive.find(id)?.state == .sealed)
        #expect(try await site.archive.proposals(in: [.proposed]).map(\.id) == [again.id])
        try await site.archive.review(
            proposal: again.id, .withdraw(isAdministrator: false), by: RetentionSite.minh)
        #expect(try await site.archive.proposals(in: [.proposed]).isEmpty)
    }
}
