import Archive
import Foundation
import Office
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct PackagedPapersTests {
    private func paper(_ id: Int64, _ name: String) -> Paper {
        Paper(id: id, name: name, mime: "", size: 1, sha256: "ab", by: "Trần Thị B", at: Date())
    }

    @Test func namesAreASCIIAndVersionsStandBesideEachOther() {
        let hostile = "../../" + String(repeating: "Ngày ", count: 100) + ".exe.very-long-ending"
        let packaged = PackagedPapers([
            paper(4, "Tờ trình số 5.PDF"), paper(5, "phụ lục"), paper(9, "Tờ trình số 5.PDF"), paper(10, "…"),
            paper(11, hostile), paper(12, "Đề án v2.docx"), paper(13, ".pdf"),
        ])
        #expect(packaged.papers.map(\.version) == [1, 1, 2, 1, 1, 1, 1])
        let names = packaged.papers.map(\.file)
        #expect(names[0] == "001-to-trinh-so-5.pdf" && names[2] == "001-to-trinh-so-5-v2.pdf")
        #expect(names[1] == "002-phu-luc" && names[3] == "003-tai-lieu")
        #expect(names[4].utf8.count <= 80 && !names[4].contains("/") && names[4].hasPrefix("004-ngay-ngay"))
        #expect(names[5] == "005-de-an-v2.docx" && names[6] == "006-tai-lieu.pdf")
        #expect(Set(names).count == names.count)
        #expect(packaged.papers[0].title == "Tờ trình số 5.PDF")
    }

    /// A stream of one piece.
    private func piece(_ text: String) -> AsyncThrowingStream<Data, any Error> {
        AsyncThrowingStream { continuation in
            continuation.yield(Data(text.utf8))
            continuation.finish()
        }
    }

    @Test func papersAreUnderTheSealAndThoseThatAreGoneAreNoted() async throws {
        try await PortalHarness.run { portal in
            try await portal.office.apply([.add(.point(PointEntry(id: "so-yt", name: "Sở Y tế")))], by: "test")
            let draft = PortalHarness.meeting(points: ["so-yt"])
            let scheduled = try await portal.office.schedule(draft, by: "test").meeting
            let first = try await portal.office.addPaper(
                "Tờ trình.pdf", to: scheduled.id, by: "B", pieces: piece("%PDF-một"))
            let lost = try await portal.office.addPaper("Mất.txt", to: scheduled.id, by: "B", pieces: piece("mất"))
            let second = try await portal.office.addPaper(
                "Tờ trình.pdf", to: scheduled.id, by: "C", pieces: piece("%PDF-hai"))
            let (_, path) = try await portal.office.paper(lost.id, of: scheduled.id)
            try Data("khác".utf8).write(to: URL(fileURLWithPath: path))
            let sitting = try #require(scheduled.sittings.first)
            let meeting = try await portal.closed("m-papers", sitting: sitting.id)
            let desk = PaperDesk(archive: portal.archive, office: portal.office)
            try await desk.keep(meeting.id)
            // Again, as after a sealing that failed, when one was taken back.
            try await portal.office.removePaper(lost.id, of: scheduled.id, by: "B")
            try await desk.keep(meeting.id)
            let sealed = try await portal.archive.seal(meeting.id)
            let files = try await portal.archive.files(of: sealed).filter { $0.path.hasPrefix("data/papers/") }
            #expect(
                files.map(\.path) == [
                    "data/papers/001-to-trinh-v2.pdf", "data/papers/001-to-trinh.pdf", "data/papers/papers.json",
                ])
            #expect(files.map(\.sha256).prefix(2) == [second.sha256, first.sha256])
            #expect(files.map { $0.madeBy == nil } == [true, true, false])
            let directory = portal.archive.paths(of: sealed).directory
            #expect(
                FileManager.default.contents(atPath: directory + "/data/papers/001-to-trinh-v2.pdf")
                    == Data("%PDF-hai".utf8)
            )
            let list = try PortalJSON.decode(
                PackagedPapers.self,
                from: try #require(FileManager.default.contents(atPath: directory + "/data/papers/papers.json")))
            #expect(list.papers.map(\.title) == ["Tờ trình.pdf", "Tờ trình.pdf"])
            #expect(list.papers.map(\.by) == ["B", "C"] && list.papers.map(\.version) == [1, 2])
            let notes = try await portal.archive.details(of: meeting.id).notes
            #expect(notes.contains { $0.text.contains("Mất.txt") && $0.severity == .fault })
            #expect(try await portal.archive.verify(meeting.id).isIntact)
        }
    }

    @Test func aMeetingThatNobodyConvenedHasNone() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await portal.closed("m-none")
            try await PaperDesk(archive: portal.archive, office: portal.office).keep(meeting.id)
            #expect(!FileManager.default.fileExists(atPath: portal.archive.paths(of: meeting).payload("papers")))
        }
    }

    @Test func lossesAreSecondsInWhichAPointLacksSomething() throws {
        let text = """
            {"durationMilliseconds": 60000, "packetsWithoutRoom": 0, "streams": [
              {"point": "a", "name": "Sở A", "missingMilliseconds": {"lost": 3000, "away": 50000},
               "gaps": [{"from": 1000, "to": 3000, "cause": "lost"}, {"from": 5000, "to": 6000, "cause": "lost"},
                        {"from": 9000, "to": 59000, "cause": "away"}]},
              {"point": "b", "name": "", "tracks": [2], "packets": 5, "missingMilliseconds": {}, "gaps": []},
              {"point": "silent", "name": "Im lặng", "tracks": [], "missingMilliseconds": {"notSent": 60000}, "gaps": []},
              {"point": "a", "name": "Sở A", "missingMilliseconds": {"recorder": 2000, "damaged": 900},
               "gaps": [{"from": 2000, "to": 4000, "cause": "recorder"}, {"from": 7000, "to": 7900, "cause": "damaged"}]},
              {"point": "c", "name": "C", "missingMilliseconds": {"lost": 7000, "unexplained": -9223372036854775807},
               "gaps": [{"from": -9223372036854775808, "to": 500, "cause": "lost"},
                        {"from": 9, "to": -9223372036854775808, "cause": "lost"}]}]}
            """
        let losses = try JSONDecoder().decode(RecordedLosses.self, from: Data(text.utf8)).points
        #expect(
            losses == [.init(point: "Sở A", seconds: 4), .init(point: "b", seconds: 0), .init(point: "C", seconds: 7)])
        let counted = #"{"point": "b", "name": "", "packets": 5, "missingMilliseconds": {"lost": 5}, "gaps": []}"#
        let died = #"{"point": "b", "name": "", "packets": 0, "missingMilliseconds": {"unexplained": 5}, "gaps": []}"#
        for (stream, isCounted) in [(counted, true), (died, false)] {
            let map = try JSONDecoder().decode(RecordedLosses.self, from: Data(#"{"streams": [\#(stream)]}"#.utf8))
            #expect(map.isCounted == isCounted)
        }
    }

    /// Destroys a recording of which the term is over.
    private func destroy(_ id: String, _ portal: PortalHarness) async throws {
        try await portal.archive.setRetentionClass("1N", of: id)
        let proposal = try await portal.archive.proposeDestruction(
            of: [id], reason: "hết thời hạn", by: RetentionOfficer(id: "lan", name: "Nguyễn Thị Lan"))
        _ = try await portal.archive.review(
            proposal: proposal.id, .approve(document: "QĐ 15"), by: RetentionOfficer(id: "minh", name: "Trần Minh"))
        let outcome = try await portal.archive.carryOutDestructions()
        #expect(outcome.destroyed == [id] && outcome.failures.isEmpty, "\(outcome)")
    }

    @Test func papersAreDestroyedWithTheLastRecordingAndItsCertificateNamesThem() async throws {
        try await PortalHarness.run { portal in
            let (archive, office) = (portal.archive, portal.office)
            try await office.apply([.add(.point(PointEntry(id: "so-yt", name: "Sở Y tế")))], by: "test")
            let scheduled = try await office.schedule(PortalHarness.meeting(points: ["so-yt"]), by: "test").meeting
            let other = try await office.schedule(
                PortalHarness.meeting(points: ["so-yt"], after: 72), by: "test"
            ).meeting
            let paper = try await office.addPaper("Tờ trình.pdf", to: scheduled.id, by: "B", pieces: piece("%PDF-một"))
            _ = try await office.addPaper("Bản sao.pdf", to: scheduled.id, by: "B", pieces: piece("%PDF-một"))
            let stays = try await office.addPaper("Khác.pdf", to: other.id, by: "B", pieces: piece("%PDF-một"))
            let (_, path) = try await office.paper(paper.id, of: scheduled.id)
            let (_, otherPath) = try await office.paper(stays.id, of: other.id)
            let sitting = try #require(scheduled.sittings.first)
            // The room was left and entered again: two recordings of one sitting, of long ago for the archive.
            let old = Date(timeIntervalSince1970: 1_274_668_200)
            for id in ["m-first", "m-again", "m-tocome"] {
                let meeting = try await portal.closed(id, sitting: sitting.id, opened: old)
                try await PaperDesk(archive: archive, office: office).keep(meeting.id)
                try await archive.seal(meeting.id)
            }
            let outgoing = archive.outgoingFolder(of: "m-tocome")
            try FileManager.default.createDirectory(
                atPath: outgoing + "/urn_P1_uuid_X", withIntermediateDirectories: true)
            let others = archive.outgoingFolder(of: "m-first")
            try FileManager.default.createDirectory(atPath: others, withIntermediateDirectories: true)
            // The sitting is still to come by the schedule.
            archive.setPaperKeeper(OfficePaperKeeper(archive: archive, office: office))
            try await destroy("m-tocome", portal)
            #expect(!FileManager.default.fileExists(atPath: outgoing))
            #expect(FileManager.default.fileExists(atPath: others))
            #expect(try await office.papers(of: scheduled.id).count == 2)
            archive.setPaperKeeper(
                OfficePaperKeeper(archive: archive, office: office, now: { Date() + 10 * 86_400 }))
            try await destroy("m-first", portal)
            #expect(try await office.papers(of: scheduled.id).count == 2)
            #expect(FileManager.default.fileExists(atPath: path))
            try await destroy("m-again", portal)
            #expect(try await office.papers(of: scheduled.id).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: (path as NSString).deletingLastPathComponent))
            #expect(try await office.papers(of: other.id) == [stays])
            #expect(FileManager.default.fileExists(atPath: otherPath))
            for (id, names) in [("m-tocome", false), ("m-first", false), ("m-again", true)] {
                let meeting = try #require(try await archive.find(id))
                let folder = archive.paths(of: meeting).directory + "/destruction/"
                for name in ["certificate.json", "certificate.txt"] {
                    let text = try String(contentsOfFile: folder + name, encoding: .utf8)
                    for part in ["Tờ trình.pdf", "Bản sao.pdf", paper.sha256] {
                        #expect(text.contains(part) == names, "\(id) \(name) \(part)")
                    }
                    #expect(!text.contains("Khác.pdf"))
                }
            }
        }
    }

    /// The daemon dies after the papers are gone and before the payload is.
    @Test func papersThatAreGoneAlreadyAreNamedAllTheSame() async throws {
        try await PortalHarness.run { portal in
            let (archive, office) = (portal.archive, portal.office)
            try await office.apply([.add(.point(PointEntry(id: "so-yt", name: "Sở Y tế")))], by: "test")
            let scheduled = try await office.schedule(PortalHarness.meeting(points: ["so-yt"]), by: "test").meeting
            _ = try await office.addPaper("Tờ trình.pdf", to: scheduled.id, by: "B", pieces: piece("%PDF-một"))
            let sitting = try #require(scheduled.sittings.first)
            let old = Date(timeIntervalSince1970: 1_274_668_200)
            let meeting = try await portal.closed("m-stopped", sitting: sitting.id, opened: old)
            try await archive.seal(meeting.id)
            struct Stopped: Error {}
            /// Does its work, and is not heard of again.
            struct Dying: PaperKeeper {
                let keeper: OfficePaperKeeper
                func papers(keptFor meeting: MeetingRecord) async throws -> [KeptPaper] {
                    try await keeper.papers(keptFor: meeting)
                }
                func destroy(_ papers: [KeptPaper], of meeting: MeetingRecord) async throws {
                    try await keeper.destroy(papers, of: meeting)
                    throw Stopped()
                }
            }
            let keeper = OfficePaperKeeper(archive: archive, office: office, now: { Date() + 10 * 86_400 })
            archive.setPaperKeeper(Dying(keeper: keeper))
            try await archive.setRetentionClass("1N", of: meeting.id)
            let proposal = try await archive.proposeDestruction(
                of: [meeting.id], reason: "hết thời hạn", by: RetentionOfficer(id: "lan", name: "Nguyễn Thị Lan"))
            _ = try await archive.review(
                proposal: proposal.id, .approve(document: "QĐ 15"),
                by: RetentionOfficer(id: "minh", name: "Trần Minh"))
            #expect(Set(try await archive.carryOutDestructions().failures.keys) == [meeting.id])
            #expect(try await office.papers(of: scheduled.id).isEmpty)
            let certificate = archive.paths(of: meeting).directory + "/destruction/certificate.json"
            let before = try Data(contentsOf: URL(fileURLWithPath: certificate))
            archive.setPaperKeeper(keeper)
            #expect(try await archive.carryOutDestructions().destroyed == [meeting.id])
            #expect(try Data(contentsOf: URL(fileURLWithPath: certificate)) == before)
            #expect(String(decoding: before, as: UTF8.self).contains("Tờ trình.pdf"))
        }
    }
}
