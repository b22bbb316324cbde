import Foundation
import Testing
import Vietnamese

@testable import Search

@Suite struct SearchTests {
    @Test func marksMayBeLeftOutAndTypedOnesComeFirst() async throws {
        let shelf = try await Shelf([
            Shelf.meeting("exact-old", "Họp giao ban", day: "2020-01-06"),
            Shelf.meeting("other", "Hợp đồng đo đạc", day: "2026-05-05"),
            Shelf.meeting("spoken", "Làm việc", day: "2026-06-06", Passage(.speech, text: "cuộc họp kết thúc")),
        ])
        #expect(Set(try await shelf.ids("hop")) == ["exact-old", "other", "spoken"])
        #expect(try await shelf.ids("họp") == ["exact-old", "spoken", "other"])
        #expect(try await shelf.ids("hợp").first == "other")
        let results = try await shelf.search("họp")
        #expect(results.meetings.map(\.isExact) == [true, true, false])
        #expect(results.count == .exactly(3))
        #expect(try await shelf.search("hop").meetings.allSatisfy { !$0.isExact })
    }

    @Test func aWordWithoutMarksInAMarkedQueryIsMeantSo() async throws {
        let shelf = try await Shelf([
            Shelf.meeting("ban", "họp bàn", day: "2026-05-05"), Shelf.meeting("giaoban", "họp ban", day: "2020-01-01"),
        ])
        #expect(try await shelf.ids("họp ban") == ["giaoban", "ban"])
    }

    /// However the words of a query are put together for FTS5, by how rare they are.
    @Test func whatIsFoundIsWhatHasAllWordsAndExactWhatHasThemAsTyped() async throws {
        let words = ["họp", "hợp", "hop", "ngân", "ngấn", "ngan", "sách", "bão", "bao", "đê", "de", "xã", "tỉnh"]
        // The first are rare, the last are nearly everywhere.
        func some(_ count: Int) -> [String] {
            (0..<count).map { _ in words[max(Int.random(in: 0..<words.count), Int.random(in: 0..<words.count))] }
        }
        let texts = (0..<90).map { _ in some(Int.random(in: 1...14)) }
        let meetings = texts.enumerated().map { number, text in
            var meeting = Shelf.meeting(
                "m\(number)", text.prefix(2).joined(separator: " "),
                Passage(.speech, text: text.dropFirst(2).prefix(5).joined(separator: " ")),
                Passage(.paper, text: text.dropFirst(7).joined(separator: " ")))
            meeting.room = "r"
            return meeting
        }
        func folded(_ words: [String]) -> Set<String> {
            Set(words.map { VietnameseText.folded($0) })
        }
        var limits = SearchIndex.Limits()
        for candidates in [300, 7] {
            limits.candidates = candidates
            let shelf = try await Shelf(meetings, limits: limits)
            for _ in 0..<50 {
                let query = some(Int.random(in: 1...7))
                let isMarked = query.contains { VietnameseText.folded($0) != $0 }
                let fitting = texts.indices.filter { folded(query).isSubset(of: folded(texts[$0])) }
                let exact = isMarked ? fitting.filter { Set(query).isSubset(of: Set(texts[$0])) } : []
                let found = try await shelf.search(query.joined(separator: " "))
                let all = try await shelf.index.search(
                    SearchRequest(query.joined(separator: " "), isTyping: false, limit: 100), Shelf.all)
                if candidates > 90 {
                    #expect(Set(all.meetings.map(\.id)) == Set(fitting.map { "m\($0)" }), "\(query)")
                    #expect(found.count == .exactly(fitting.count))
                } else {
                    // The newest are looked at, and the newest that fit better; nothing else is found.
                    #expect(Set(all.meetings.map(\.id)).isSubset(of: fitting.map { "m\($0)" }), "\(query)")
                    #expect(all.meetings.count >= min(candidates, fitting.count), "\(query)")
                    #expect(all.meetings.count { $0.isExact } >= min(candidates, exact.count), "\(query)")
                }
                for meeting in all.meetings {
                    #expect(meeting.isExact == exact.contains { "m\($0)" == meeting.id }, "\(query) \(meeting.id)")
                }
            }
        }
    }

    @Test func bothPlacesOfAToneAreExact() async throws {
        let shelf = try await Shelf([
            Shelf.meeting("old", "Hòa Bình"), Shelf.meeting("new", "Hoà Bình"), Shelf.meeting("none", "Hoa Binh"),
        ])
        for query in ["hòa", "hoà", "HOÀ bình", "hoà".decomposedStringWithCanonicalMapping] {
            let found = try await shelf.search(query).meetings
            #expect(Set(found.prefix(2).map(\.id)) == ["old", "new"], "\(query)")
            #expect(found.map(\.isExact) == [true, true, false])
        }
    }

    @Test func đIsFoundAsD() async throws {
        let shelf = try await Shelf([Shelf.meeting("a", "Đầu tư công ở Đà Nẵng")])
        #expect(try await shelf.ids("dau tu da nang") == ["a"])
        #expect(try await shelf.ids("ĐÀ NẴNG") == ["a"])
        #expect(try await shelf.ids("nẵng đầu") == ["a"])
    }

    @Test func theBeginningOfTheLastWordIsEnoughWhileTyping() async throws {
        let shelf = try await Shelf([
            Shelf.meeting("a", "Giải ngân vốn"), Shelf.meeting("b", "Giải nghĩa"), Shelf.meeting("c", "Ngăn mặn"),
        ])
        func typed(_ text: String) async throws -> Set<String> {
            Set(try await shelf.index.search(SearchRequest(text), Shelf.all).meetings.map(\.id))
        }
        #expect(try await typed("n") == ["a", "b", "c"])
        #expect(try await typed("ng") == ["a", "b", "c"])
        #expect(try await typed("ngh") == ["b"])
        #expect(try await typed("giai ng") == ["a", "b"])
        #expect(try await typed("giai ng ") == [])
        #expect(try await typed("ngh van") == [])
        let marked = try await shelf.index.search(SearchRequest("ngâ"), Shelf.all).meetings
        #expect(marked.first?.id == "a" && marked.first?.isExact == true)
    }

    @Test func aPhraseIsItsWordsInARowAndNothingElse() async throws {
        let shelf = try await Shelf([
            Shelf.meeting("row", "x", Passage(.speech, text: "công tác phòng chống thiên tai năm nay")),
            Shelf.meeting("apart", "x", Passage(.speech, text: "phòng thiên chống tai; chống thiên phòng chống")),
            Shelf.meeting("split", "x", Passage(.speech, text: "phòng chống"), Passage(.speech, text: "thiên tai")),
        ])
        #expect(try await shelf.ids("\"phong chong thien tai\"") == ["row"])
        #expect(try await shelf.ids("“phòng chống thiên tai”") == ["row"])
        #expect(try await shelf.ids("phòng chống thiên tai").first == "row")
        #expect(Set(try await shelf.ids("phong chong thien tai")) == ["row", "apart", "split"])
    }

    @Test func aMinusLeavesOut() async throws {
        let shelf = try await Shelf([
            Shelf.meeting("a", "Họp y tế"), Shelf.meeting("b", "Họp giáo dục"),
            Shelf.meeting("c", "Họp", Passage(.paper, heading: "Kế hoạch y tế.docx", text: "x")),
        ])
        #expect(try await shelf.ids("họp -\"y tế\"") == ["b"])
        #expect(Set(try await shelf.ids("-giáo")) == ["a", "c"])
        #expect(Set(try await shelf.ids("họp - y")) == ["a", "c"], "a minus alone is no word")
    }

    @Test func numbersOfDocumentsAreFoundWholeAndInParts() async throws {
        var one = Shelf.meeting("one", "Họp")
        one.document = "12/QĐ-VP"
        let two = Shelf.meeting("two", "Họp", Passage(.paper, heading: "Thông tư", text: "Số 05/2025/TT-BNV ngày"))
        let three = Shelf.meeting("three", "Họp 12", Passage(.agenda, text: "VP trình QĐ"))
        let shelf = try await Shelf([one, two, three])
        for query in ["12/QĐ-VP", "12/qd-vp", "\"12 QĐ VP\"", "qd-vp"] {
            #expect(try await shelf.ids(query) == ["one"], "\(query)")
        }
        #expect(Set(try await shelf.ids("12 qd vp")) == ["one", "three"])
        #expect(try await shelf.ids("12 qd vp").first == "one")
        for query in ["05/2025/TT-BNV", "5/2025/TT-BNV", "TT-BNV", "2025/tt", "bnv"] {
            #expect(try await shelf.ids(query) == ["two"], "\(query)")
        }
    }

    @Test func wordsMayStandInDifferentPassages() async throws {
        let shelf = try await Shelf([
            Shelf.meeting(
                "a", "Giao ban tháng ba", Passage(.speech, heading: "Nguyễn Thị Hoa, Sở Y tế", text: "tiêm vắc xin"))
        ])
        let found = try await shelf.search("giao ban nguyễn thị hoa vắc xin").meetings
        #expect(found.map(\.id) == ["a"])
        #expect(found.first?.title.marked == ["Giao", "ban"])
        #expect(found.first?.passages.first?.heading.marked == ["Nguyễn", "Thị", "Hoa"])
        #expect(found.first?.passages.first?.text.marked == ["vắc", "xin"])
    }

    @Test func aSpeechIsFoundWithItsTimeAndAPaperWithItsPage() async throws {
        let shelf = try await Shelf([
            Shelf.meeting(
                "a", "Họp",
                Passage(
                    .speech, heading: "Trần Văn Bình", text: "ngân sách", beginMilliseconds: 61_500,
                    endMilliseconds: 70_000),
                Passage(.paper, heading: "Báo cáo.pdf", text: "ngân sách 2026", paper: "7", page: 3))
        ])
        let passages = try await shelf.search("ngân sách").meetings.first?.passages ?? []
        #expect(Set(passages.map(\.kind)) == [.speech, .paper])
        #expect(passages.first { $0.kind == .speech }?.beginMilliseconds == 61_500)
        #expect(passages.first { $0.kind == .speech }?.endMilliseconds == 70_000)
        #expect(passages.first { $0.kind == .paper }?.page == 3)
        #expect(passages.first { $0.kind == .paper }?.paper == "7")
    }

    @Test func anExcerptOfALongPassageHoldsWhatWasFound() async throws {
        let filler = Array(repeating: "từ ngữ khác", count: 200).joined(separator: " ")
        let shelf = try await Shelf([
            Shelf.meeting("a", "Họp", Passage(.paper, text: filler + " hồ chứa Tả Trạch 🌊 an toàn " + filler))
        ])
        let text = try #require(try await shelf.search("tả trạch an toàn").meetings.first?.passages.first?.text)
        #expect(text.marked == ["Tả", "Trạch", "an", "toàn"])
        #expect(text.text.hasPrefix("… ") && text.text.hasSuffix(" …"))
        #expect(text.text.utf8.count < 600)
    }

    @Test func filtersNarrow() async throws {
        var a = Shelf.meeting("a", "Họp", day: "2026-01-10")
        (a.units, a.field, a.roomName) = (["Sở Y tế", "Sở Nội vụ"], "y tế", "Phòng giao ban")
        var b = Shelf.meeting("b", "Họp", day: "2026-02-10", level: .restricted, Passage(.speech, text: "Họp"))
        (b.units, b.field, b.room) = (["Sở Y tế"], "giáo dục", "p2")
        let shelf = try await Shelf([a, b])
        func ids(_ filter: SearchFilter) async throws -> Set<String> { Set(try await shelf.ids("họp", filter: filter)) }
        let february = IndochinaTime.date(from: "2026-02-01")
        #expect(try await ids(.init(from: february)) == ["b"])
        #expect(try await ids(.init(to: february)) == ["a"])
        #expect(
            try await ids(
                .init(from: IndochinaTime.date(from: "2026-02-10"), to: IndochinaTime.date(from: "2026-02-11"))) == [
                    "b"
                ])
        #expect(try await ids(.init(units: ["so y te"])) == ["a", "b"])
        #expect(try await ids(.init(units: ["Sở Nội vụ"])) == ["a"])
        #expect(try await ids(.init(units: ["Nội vụ"])) == [])
        #expect(try await ids(.init(fields: ["Giáo dục", "quốc phòng"])) == ["b"])
        #expect(try await ids(.init(rooms: ["giaoban"])) == ["a"])
        #expect(try await ids(.init(rooms: ["phòng giao ban"])) == ["a"])
        #expect(try await ids(.init(levels: [.restricted])) == ["b"])
        #expect(try await ids(.init(kinds: [.speech])) == ["b"])
        #expect(try await ids(.init(kinds: [.meeting])) == ["a", "b"])
        #expect(try await shelf.ids("", filter: .init(fields: ["y tế"])) == ["a"])
        #expect(try await shelf.ids("") == ["b", "a"], "the newest first")
    }

    @Test func pagesNeitherRepeatNorSkip() async throws {
        let meetings = (0..<57).map { number in
            Shelf.meeting(
                "m\(number)", number % 3 == 0 ? "Họp giao ban" : "Hội nghị", Passage(.agenda, text: "họp \(number)"))
        }
        let shelf = try await Shelf(meetings)
        for text in ["họp", "hop giao", ""] {
            var ids: [String] = []
            var request = SearchRequest(text, isTyping: false, limit: 10)
            repeat {
                let page = try await shelf.index.search(request, Shelf.all)
                ids += page.meetings.map(\.id)
                request.after = page.next
            } while request.after != nil
            #expect(ids.count == (text == "hop giao" ? 19 : 57))
            #expect(Set(ids).count == ids.count)
        }
        for cursor in ["", "x", "e.1", "e.1.1.1", "e..", "e.zzzzzzzzzzzzzzzzzzzz.1", "'; DROP TABLE meetings"] {
            await #expect(throws: SearchError.badCursor) {
                try await shelf.index.search(SearchRequest("họp", after: cursor), Shelf.all)
            }
        }
    }

    @Test func ofTooManyTheCountSaysSoAndTitlesAreStillThere() async throws {
        var limits = SearchIndex.Limits()
        limits.candidates = 20
        let old = Shelf.meeting("old", "Chuyên đề vắc xin", day: "2001-01-01")
        let shelf = try await Shelf(
            [old] + (0..<100).map { Shelf.meeting("m\($0)", "Họp", Passage(.speech, text: "vắc xin")) }, limits: limits)
        let results = try await shelf.search("vắc xin")
        guard case .atLeast(let count) = results.count else {
            Issue.record("\(results.count)")
            return
        }
        #expect(count >= 20)
        #expect(results.meetings.first?.id == "old")
    }

    @Test func newestFirstGoesThroughAllOfTooManyInTheOrderOfTime() async throws {
        var limits = SearchIndex.Limits()
        limits.candidates = 20
        let days = (1...28).flatMap { day in (1...3).map { (day, $0) } }
        let shelf = try await Shelf(
            days.map { day, number in
                let title = day % 5 == 0 ? "Chuyên đề vắc xin" : "Họp"
                return Shelf.meeting(
                    "m\(day)-\(number)", title, day: "2026-02-\(day < 10 ? "0" : "")\(day)",
                    Passage(.speech, text: "vắc xin"))
            }, limits: limits)
        var request = SearchRequest("vắc xin", order: .newest, isTyping: false, limit: 7)
        var found: [FoundMeeting] = []
        repeat {
            let page = try await shelf.index.search(request, Shelf.all)
            found += page.meetings
            request.after = page.next
        } while request.after != nil
        #expect(found.count == days.count && Set(found.map(\.id)).count == days.count)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.openedAt >= $1.openedAt })
    }

    @Test func noQueryIsAnError() async throws {
        let shelf = try await Shelf([Shelf.meeting("a", "Họp NEAR AND OR NOT giao ban \"12/QĐ-VP\"")])
        var queries = [
            "\"", "\"\"", "'", "*", "NEAR(", "NEAR(a b, 5)", "a AND", "OR", "NOT", "NOT a", "{title} : a", "title:a",
            "^a", "a*", "(", ")",
            "a + b", "-", "--", "- -", "-\"", "-a", "\u{0}", "a\u{0}b", "\u{1F}", "\u{1E}all", "@all", "=họp", "+a b",
            String(repeating: "á ", count: 5000), String(repeating: "\"", count: 5000),
            String(repeating: "-a ", count: 3000),
            "a" + String(repeating: "\u{301}", count: 10_000), String(repeating: "\u{202E}", count: 100), "%", "_",
            "\\", ";--", "a\"b",
            String(repeating: "(", count: 10_000), "﷽﷽", "👨‍👩‍👧‍👦", "e\u{301}\u{301}\u{323}", "\u{FFFE}\u{FFFF}",
        ]
        let parts = [
            "\"", "-", "họp", " ", "NEAR", "(", ")", "*", "\u{0}", "\u{301}", "đ", "12/", "AND", ":", "{", "^", "+",
            "\u{1E}", "é",
        ]
        for _ in 0..<300 {
            queries.append((0..<Int.random(in: 1...30)).map { _ in parts.randomElement() ?? "" }.joined())
        }
        for query in queries {
            for isTyping in [true, false] {
                _ = try await shelf.index.search(
                    SearchRequest(query, filter: .init(units: [query]), isTyping: isTyping), Shelf.all)
                _ = try await shelf.index.search(SearchRequest(query, isTyping: isTyping), Shelf.all)
            }
        }
        #expect(try await shelf.search(String(repeating: "họp ", count: 5000)).isCut)
        #expect(try await shelf.ids("NEAR AND or") == ["a"], "they are words")
    }
}
