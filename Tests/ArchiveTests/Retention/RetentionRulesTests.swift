import Foundation
import Testing
import Vietnamese

@testable import Archive

private func day(_ text: String) -> Date { IndochinaTime.date(from: text) ?? .distantPast }

@Suite struct RetentionTableTests {
    @Test func theInstalledTableIsReadAndItsStandardIsForEver() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../config/retention.csv")
        let text = try String(contentsOf: file, encoding: .utf8)
        let table = try RetentionTable(parsing: text)
        #expect(table.standard.code == "VV" && table.standard.term == .permanent)
        #expect(table["20N"]?.term == .years(20) && table["20N"]?.vietnamese == "20 năm")
        #expect(try RetentionTable(parsing: text, standard: "10N").standard.term == .years(10))
    }

    @Test(arguments: [
        ("A,10,một", 1), ("A,10,một,one,two", 1), (",10,một,one", 1), ("A,0,một,one", 1), ("A,151,một,one", 1),
        ("A,10,,one", 1), ("# x\nA,10,một,one\r\nA,20,hai,two", 3), ("Ă,10,một,one", 1),
    ])
    func aFaultyLineIsNamed(_ text: String, _ line: Int) {
        #expect { try RetentionTable(parsing: text) } throws: { ($0 as? RetentionTableFault)?.line == line }
    }

    @Test func aStandardThatIsNotThereIsRefused() {
        #expect(throws: RetentionTableFault.self) { try RetentionTable(parsing: "A,10,một,one") }
        #expect(throws: RetentionTableFault.self) { try RetentionTable(parsing: "A,10,một,one", standard: "B") }
    }
}

@Suite struct RetentionClockTests {
    @Test func termsRunFromTheYearTheWorkEndedInVietnam() {
        // 2026 in Vietnam, 2025 in Greenwich.
        let clock = RetentionClock(endedAt: day("2025-12-31T18:00:00+00:00"))
        #expect(clock.endedYear == 2026)
        #expect(clock.keptUntil(.years(10)) == "2036-12-31" && clock.keptUntil(.permanent) == nil)
        #expect(!clock.isOver(.years(10), at: day("2036-12-31T23:59:59+07:00")))
        #expect(clock.isOver(.years(10), at: day("2037-01-01")))
        #expect(!clock.isOver(.permanent, at: .distantFuture))
        #expect(clock.submissionDue(to: .current) == "2027-12-31")
        #expect(clock.submissionDue(to: .historical) == "2031-12-31")
    }

    @Test func oneNameOnTwoAccountsMayBeOnePerson() {
        let lan = RetentionOfficer(id: "lan", name: "Nguyễn Thị Lan")
        #expect(lan.isPerhaps(RetentionOfficer(id: "(may)", name: "nguyen thi lan")))
        #expect(lan.isPerhaps(RetentionOfficer(id: "lan", name: "Lan")))
        #expect(!lan.isPerhaps(RetentionOfficer(id: "minh", name: "Trần Minh")))
    }
}

@Suite struct DestructionProposalTests {
    private static let officers = [
        RetentionOfficer(id: "lan", name: "Lan"), RetentionOfficer(id: "minh", name: "Minh"),
        RetentionOfficer(id: "(may)", name: "lan"), RetentionOfficer(id: "hoa", name: "Hòa"),
    ]
    private static let past = RetentionStanding(
        isSealed: true, isDestroyed: false, term: .years(10), clock: RetentionClock(endedAt: day("2010-06-01")),
        holds: [], proposal: nil)

    @Test func eachObstacleIsTold() {
        var standing = Self.past
        let now = day("2026-01-01")
        #expect(standing.obstacles(at: now) == [])
        standing.holds = ["thanh tra", "vụ án"]
        standing.term = .permanent
        standing.proposal = 7
        #expect(standing.obstacles(at: now) == [.permanent, .held(["thanh tra", "vụ án"]), .proposed(7)])
        #expect(standing.obstacles(at: now, for: 7).count == 2)
        standing.term = .years(16)
        standing.isSealed = false
        #expect(standing.obstacles(at: now).prefix(2) == [.notSealed, .notDue(until: "2026-12-31")])
        standing.isDestroyed = true
        #expect(standing.obstacles(at: now) == [.destroyed])
    }

    @Test func theListHasEachMeetingOnce() {
        let lan = Self.officers[0]
        for list in [[], ["a", "a"], Array(repeating: "", count: 501).enumerated().map { "\($0.offset)" }] {
            #expect(throws: RetentionFault.unusableList) {
                try DestructionProposal(
                    id: 1, of: list, reason: "hết hạn", by: lan, at: day("2026-01-01"), ["a": Self.past])
            }
        }
        #expect(throws: RetentionFault.obstacles(["b": [.notSealed]])) {
            try DestructionProposal(
                id: 1, of: ["b"], reason: "hết hạn", by: lan, at: day("2026-01-01"), ["a": Self.past])
        }
    }

    /// Whatever happens in whatever order: what is destroyed two persons agreed on, when nothing stood in the way.
    @Test func noSequenceDestroysWithoutTwoPersons() throws {
        var destroyed = 0
        for seed in UInt64(0)..<300 { if try Self.isDestroyed(bySequence: seed) { destroyed += 1 } }
        #expect((1..<300).contains(destroyed), "the sequences should end both ways")
    }

    private static func isDestroyed(bySequence seed: UInt64) throws -> Bool {
        var random = SeededNumbers(seed: seed)
        var year = 2017
        var standings = ["a": Self.past, "b": Self.past]
        var proposal: DestructionProposal?
        for _ in 0..<150 {
            let officer = try #require(Self.officers.randomElement(using: &random))
            let meeting = Bool.random(using: &random) ? "a" : "b"
            let now = day("\(year)-03-01")
            let before = proposal
            switch Int.random(in: 0..<9, using: &random) {
            case 0: standings[meeting]?.holds.append("giữ")
            case 1: standings[meeting]?.holds = []
            case 2:
                standings[meeting]?.term =
                    [.permanent, .years(5), .years(10)].randomElement(using: &random) ?? .permanent
            case 3: year += 1
            case 4 where proposal == nil || proposal?.state == .refused || proposal?.state == .withdrawn:
                proposal = try? DestructionProposal(
                    id: 1, of: ["a", "b"], reason: "hết hạn", by: officer, at: now, standings)
            case 5:
                try? proposal?.take(.approve(by: officer, document: "QĐ 1", at: now), standings)
                guard let before, let after = proposal, before.state != .approved, after.state == .approved else {
                    break
                }
                #expect(before.state == .proposed)
                #expect(!officer.isPerhaps(after.proposer) && officer.id != after.proposer.id)
                for standing in standings.values {
                    #expect(standing.holds.isEmpty && standing.term != .permanent)
                    guard case .years(let years) = standing.term else { continue }
                    #expect(year > 2010 + years)
                }
            case 6: try? proposal?.take(.refuse(by: officer, reason: "chưa rõ", at: now), standings)
            case 7: try? proposal?.take(.withdraw(by: officer, isAdministrator: false, at: now), standings)
            default: try? proposal?.take(.carryOut(at: now), standings)
            }
            if proposal?.state == .destroyed, before?.state != .destroyed { #expect(before?.state == .approved) }
            if before?.state == .approved || before?.state == .destroyed {
                #expect(proposal?.state == .approved || proposal?.state == .destroyed)
            }
        }
        return proposal?.state == .destroyed
    }

    @Test func twoPersonsDestroyWhatIsDue() throws {
        let standings = ["a": Self.past]
        let now = day("2026-03-01")
        var proposal = try DestructionProposal(
            id: 1, of: ["a"], reason: " hết hạn ", by: Self.officers[0], at: now, standings)
        #expect(proposal.reason == "hết hạn")
        for officer in [Self.officers[0], Self.officers[2]] {
            #expect(throws: RetentionFault.samePerson) {
                try proposal.take(.approve(by: officer, document: "QĐ 1", at: now), standings)
            }
        }
        #expect(throws: RetentionFault.decided(.proposed)) { try proposal.take(.carryOut(at: now), standings) }
        #expect(throws: RetentionFault.notTheProposer) {
            try proposal.take(.withdraw(by: Self.officers[1], isAdministrator: false, at: now), standings)
        }
        #expect(throws: RetentionFault.self) {
            try proposal.take(.approve(by: Self.officers[1], document: " ", at: now), standings)
        }
        try proposal.take(.approve(by: Self.officers[1], document: "QĐ 1", at: now), standings)
        #expect(throws: RetentionFault.decided(.approved)) {
            try proposal.take(.withdraw(by: Self.officers[0], isAdministrator: true, at: now), standings)
        }
        try proposal.take(.carryOut(at: now), standings)
        #expect(proposal.state == .destroyed)
    }
}

/// SplitMix64.
private struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
