import Archive
import Foundation
import Testing

@Suite(.inEachCatalogue) struct MeetingLifecycleTests {
    @Test func openingMakesADirectoryNamedByDateRoomAndID() async throws {
        let workshop = try Workshop()
        let archive = try workshop.open()
        let meeting = try await archive.openMeeting(.sample())
        #expect(meeting.package == "packages/2026/2026-11-24-giaoban-k3f9")
        let metadata = try Data(contentsOf: URL(fileURLWithPath: archive.paths(of: meeting).metadata))
        let object = try #require(JSONSerialization.jsonObject(with: metadata) as? [String: Any])
        #expect(object["title"] as? String == "Họp giao ban tháng 11")
        #expect(object["openedAt"] as? String == "2026-11-24T09:30:00.000+07:00")
        #expect(FileManager.default.fileExists(atPath: archive.paths(of: meeting).work))
    }

    @Test func roomsWithMarksGiveAsciiNames() async throws {
        let archive = try Workshop().open()
        let meeting = try await archive.openMeeting(
            NewMeeting(id: "m1", room: "Phòng Đại hội", title: "x", openedAt: morning))
        #expect(meeting.package == "packages/2026/2026-11-24-phong-dai-hoi-m1")
    }

    @Test func sameShortNameOnOneDayFallsBackToTheWholeID() async throws {
        let archive = try Workshop().open()
        let first = try await archive.openMeeting(.sample())
        let second = try await archive.openMeeting(
            NewMeeting(id: "20261124-143000-giaoban-k3f9", room: "giaoban", title: "x", openedAt: morning))
        #expect(first.package != second.package)
        #expect(second.package == "packages/2026/2026-11-24-giaoban-20261124-143000-giaoban-k3f9")
    }

    @Test func theSameMeetingIsRefusedTwice() async throws {
        let archive = try Workshop().open()
        let meeting = try await archive.openMeeting(.sample())
        await #expect(throws: ArchiveError.meetingExists(meeting.id)) { try await archive.openMeeting(.sample()) }
        #expect(FileManager.default.fileExists(atPath: archive.paths(of: meeting).metadata))
    }

    @Test(arguments: ["", "../x", ".hidden", "a/b", "a b", "họp", "a\0b", String(repeating: "a", count: 81)])
    func hostileIDsAreRefused(id: String) async throws {
        let archive = try Workshop().open()
        await #expect(throws: ArchiveError.invalidMeetingID(id)) {
            try await archive.openMeeting(NewMeeting(id: id, room: "r", title: "t", openedAt: morning))
        }
    }

    @Test func participantsKeepOneRowAndCountReconnections() async throws {
        let archive = try Workshop().open()
        let id = try await archive.openMeeting(.sample()).id
        try await archive.writeRoll([
            RollEntry(meeting: id, point: "so-tc", at: morning, .joined(name: "Sở Tài chính", unit: "Sở Tài chính"))
        ])
        try await archive.writeRoll([
            RollEntry(meeting: id, point: "so-tc", at: morning + 10, .left(reason: "silent"))
        ])
        try await archive.writeRoll([
            RollEntry(meeting: id, point: "so-tc", at: morning + 20, .joined(name: "Sở Tài chính", unit: nil))
        ])
        try await archive.writeRoll([
            RollEntry(meeting: id, point: "so-yt", at: morning + 5, .joined(name: "Sở Y tế", unit: nil))
        ])
        try await archive.writeRoll([
            RollEntry(meeting: id, point: "so-yt", at: morning + 30, .left(reason: "bye"))
        ])
        var roll = try await archive.details(of: id).participants
        #expect(roll.map(\.point) == ["so-tc", "so-yt"])
        #expect(roll[0].reconnects == 1 && roll[0].leftAt == nil && roll[0].joinedAt == morning)
        #expect(roll[1].leftAt == morning + 30 && roll[1].leaveReason == "bye")
        try await archive.closeMeeting(id, at: morning + 60)
        roll = try await archive.details(of: id).participants
        #expect(roll.map(\.leftAt) == [morning + 60, morning + 30])
    }

    @Test func textIsStoredInNFC() async throws {
        let archive = try Workshop().open()
        let decomposed = "Hội nghị".decomposedStringWithCanonicalMapping
        let meeting = try await archive.openMeeting(
            NewMeeting(id: "m", room: "r", title: decomposed, openedAt: morning))
        #expect(
            Array(meeting.title.unicodeScalars)
                == Array("Hội nghị".precomposedStringWithCanonicalMapping.unicodeScalars))
    }

    @Test func statesThatDoNotFollowAreRefused() async throws {
        let archive = try Workshop().open()
        let id = try await archive.openMeeting(.sample()).id
        await #expect(throws: ArchiveError.wrongState(meeting: id, state: .running, asked: "composing")) {
            try await archive.setState(id, to: .composing)
        }
        await #expect(throws: ArchiveError.wrongState(meeting: id, state: .running, asked: "sealed")) {
            try await archive.seal(id)
        }
        await #expect(throws: ArchiveError.unknownMeeting("none")) { try await archive.setState("none", to: .failed) }
        for state in [MeetingState.closed, .sealed] {
            await #expect(throws: ArchiveError.self) { try await archive.setState(id, to: state) }
        }
        try await archive.closeMeeting(id, at: morning + 5)
        await #expect(throws: ArchiveError.wrongState(meeting: id, state: .closed, asked: "closed again")) {
            try await archive.closeMeeting(id, at: morning + 500)
        }
        #expect(try await archive.find(id)?.closedAt == morning + 5)
    }

    @Test func aFailedOpeningLeavesNothing() async throws {
        let workshop = try Workshop()
        let archive = try workshop.open()
        try "in the way".write(toFile: workshop.root + "/packages/2026", atomically: true, encoding: .utf8)
        await #expect(throws: ArchiveError.self) { try await archive.openMeeting(.sample()) }
        #expect(try await archive.find(NewMeeting.sample().id) == nil)
    }

    /// The disk was full after the catalogue had taken it: who asks again for the same is answered.
    @Test func whatIsClosedMayBeClosedAgainByWhoDidNotHearOfIt() async throws {
        let archive = try Workshop().open()
        let meeting = try await archive.openMeeting(.sample())
        try await archive.closeMeeting(meeting.id, at: morning + 5)
        #expect(try await archive.closeMeeting(meeting.id, at: morning + 5).state == .closed)
        await #expect(throws: ArchiveError.self) { try await archive.closeMeeting(meeting.id, at: morning + 6) }
    }
}
