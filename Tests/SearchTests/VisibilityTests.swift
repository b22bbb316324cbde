import Foundation
import Testing

@testable import Search

/// What may not be seen leaves no trace: the answers are those of an index that never had it.
@Suite struct VisibilityTests {
    @Test func aSearchAnswersAsIfHiddenMeetingsWereNotThere() async throws {
        let words = ["họp", "hợp", "ngân", "sách", "y", "tế", "phòng", "chống", "bão"]
        func some(_ count: Int) -> String {
            (0..<count).map { _ in words.randomElement() ?? "" }.joined(separator: " ")
        }
        let meetings = (0..<80).map { number in
            Shelf.meeting(
                "m\(number)", some(2), day: "2026-0\(number % 9 + 1)-10",
                level: SearchLevel.allCases.randomElement() ?? .secret,
                Passage(.speech, text: some(4)), Passage(.paper, heading: some(1), text: some(5)))
        }
        let shelf = try await Shelf(meetings)
        for round in 0..<25 {
            func ids(_ share: Double) -> Set<String> {
                Set(meetings.filter { _ in Double.random(in: 0..<1) < share }.map(\.id))
            }
            let visibility = Visibility(
                levels: Set(SearchLevel.allCases.filter { _ in round % 3 != 0 && Bool.random() }),
                granted: ids(round % 2 == 0 ? 0.1 : 0.9).union(["nothing"]), denied: ids(0.1))
            let seen = meetings.filter { visibility.admits($0.id, level: $0.level) }
            let alone = try await Shelf(seen)
            for query in [some(1), some(2), "\"\(some(2))\"", "", "\(some(1)) -\(some(1))"] {
                let request = SearchRequest(query, isTyping: Bool.random(), limit: 100)
                let here = try await shelf.index.search(request, visibility)
                let there = try await alone.index.search(request, Shelf.all)
                #expect(Set(here.meetings.map(\.id)) == Set(there.meetings.map(\.id)), "\(query)")
                #expect(here.count == there.count)
                #expect(here.next == nil && there.next == nil)
                for meeting in here.meetings {
                    let same = there.meetings.first { $0.id == meeting.id }
                    #expect(same?.isExact == meeting.isExact && same?.title == meeting.title)
                }
            }
        }
    }

    @Test func whoSeesNothingFindsNothing() async throws {
        let shelf = try await Shelf([Shelf.meeting("a", "Họp", level: .secret)])
        let nobody = try await shelf.search("họp", Visibility(levels: []))
        #expect(nobody.meetings.isEmpty && nobody.count == .exactly(0))
        #expect(try await shelf.search("họp", Visibility(levels: [.ordinary, .restricted])).count == .exactly(0))
        #expect(try await shelf.ids("họp", Visibility(levels: [], granted: ["a"])) == ["a"])
        #expect(try await shelf.ids("họp", Visibility(levels: [.secret], denied: ["a"])) == [])
        #expect(try await shelf.ids("họp", Visibility(levels: [], granted: ["a"], denied: ["a"])) == [])
    }
}
