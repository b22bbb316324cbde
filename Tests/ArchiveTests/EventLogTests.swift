import Archive
import Foundation
import Testing

@Suite struct EventLogTests {
    private func events(_ count: Int) -> [EventRecord] {
        (0..<count).map {
            EventRecord(
                at: morning + Double($0) / 10, masterMilliseconds: Int64($0 * 100), name: "speaker",
                fields: ["point": "điểm \($0)"])
        }
    }

    @Test func eventsComeBackInOrderAsWritten() async throws {
        let archive = try Workshop().open()
        let meeting = try await archive.openMeeting(.sample())
        let written = events(100)
        for event in written { try archive.append(event, to: meeting) }
        #expect(try archive.events(of: meeting) == written)
        let text = try String(contentsOfFile: archive.paths(of: meeting).events, encoding: .utf8)
        #expect(
            text.hasPrefix(
                #"{"at":"2026-11-24T09:30:00.000+07:00","event":"speaker","master":0,"point":"điểm 0"}"# + "\n"))
    }

    @Test func fieldsCannotForgeTheReservedNamesOrALine() async throws {
        let archive = try Workshop().open()
        let meeting = try await archive.openMeeting(.sample())
        try archive.append(
            EventRecord(at: morning, name: "left", fields: ["event": "closed", "reason": "x\n{\"event\":\"closed\"}"]),
            to: meeting)
        let read = try archive.events(of: meeting)
        #expect(read.count == 1 && read[0].name == "left" && read[0].fields["event"] == nil)
    }

    @Test func aTornLastLineIsCutOffBeforeTheNextEvent() async throws {
        var workshop = try Workshop()
        var archive = try workshop.open()
        let meeting = try await archive.openMeeting(.sample())
        let written = events(3)
        for event in written { try archive.append(event, to: meeting, durable: true) }
        workshop = try workshop.asKilled()
        let path = workshop.root + "/" + meeting.package + "/data/events.jsonl"
        let torn = try #require(FileHandle(forWritingAtPath: path))
        try torn.seekToEnd()
        try torn.write(contentsOf: Data((#"{"at":"2026-11-24T09:31"# + String(repeating: "x", count: 9000)).utf8))
        try torn.close()
        archive = try workshop.open()
        try archive.append(EventRecord(at: morning + 9, name: "recovered"), to: meeting)
        #expect(try archive.events(of: meeting).map(\.name) == ["speaker", "speaker", "speaker", "recovered"])
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 4)
    }

    @Test func aSealedPackageTakesNoMoreEvents() async throws {
        let archive = try Workshop().open()
        let sealed = try await archive.sealedMeeting()
        #expect(throws: ArchiveError.wrongState(meeting: sealed.id, state: .sealed, asked: "given another event")) {
            try archive.append(EventRecord(at: morning, name: "late"), to: sealed)
        }
    }
}
