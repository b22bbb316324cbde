import Testing

@testable import Conference

/// Orders: by whom, when, and what is answered.
@Suite struct OrderTests {
    @Test func twoChairsAtOnceAreServedInTurnAndTheSecondIsTold() {
        var bench = Bench.sitting()
        let other = Officer(name: "Ông Phó", authority: .chair)
        #expect(bench.order(.lock(true)).refusal == nil)
        #expect(bench.order(.lock(true), by: other).refusal == .alreadySo)
        bench.order(.spotlight("soyte"))
        #expect(bench.order(.spotlight("phuloc"), by: other).deeds == ["spotlight p3"], "the later order counts")
    }

    @Test func aChairLeadsItsOwnMeetingOnly() {
        var bench = Bench(Hall.register)
        bench.send(.convene(Hall.convening()), at: at(0))
        bench.arrive(1, "chutoa", "hop", at: 1)
        #expect(
            bench.order(.open, by: Officer(name: "Ai đó", authority: .chair, person: "khac")).refusal == .notAllowed)
        #expect(bench.order(.open, by: Officer(name: "Ai đó", authority: .chair)).refusal == .notAllowed)
        #expect(bench.order(.open, by: Officer(name: "Văn phòng", authority: .administrator)).refusal == nil)
    }

    @Test func aTechnicianLooksAfterLinesAndOrdersNothingElse() {
        var bench = Bench.sitting()
        #expect(bench.order(.setMicrophone("soyte", .open), by: Hall.technician).deeds == ["open p2"])
        for command: Conference.Command in [
            .close, .lock(true), .remove("soyte", reason: "x"), .giveWord("soyte", limit: nil), .takeWord,
            .startRecording(document: "", reason: "x"), .stopRecording(reason: "x"), .closeVote, .showMessage("x"),
            .openVote(.init(question: "x")), .setAllMicrophones(.open), .spotlight(nil),
        ] {
            #expect(bench.order(command, by: Hall.technician).refusal == .notAllowed, "\(command)")
        }
    }

    @Test func anOrderInNoMeetingOrOfNobodyIsRefused() {
        var bench = Bench.sitting()
        #expect(bench.send(.command("khong-co", .lock(true), by: Hall.chair), at: at(1)).refusal == .noSuchMeeting)
        #expect(bench.order(.setMicrophone("khach", .open)).refusal == .notInMeeting("khach"))
        #expect(bench.order(.giveWord("namdong", limit: nil)).refusal == .notInMeeting("namdong"))
        #expect(bench.order(.giveWord("soyte", limit: .zero)).refusal == .outOfBounds)
        #expect(bench.order(.showMessage("")).refusal == .badText)
        #expect(bench.order(.showMessage(String(repeating: "ă", count: 501))).refusal == .badText)
        #expect(bench.order(.remove("chutoa", reason: "x")).refusal == .notAllowed)
    }

    @Test func whoIsRemovedStaysAwayUntilTheChairAdmitsIt() {
        var bench = Bench.sitting()
        let removal = bench.order(.remove("soyte", reason: "gây ồn"))
        #expect(removal.deeds == ["disconnect p2 removed"])
        #expect(removal.said.first == "removed(reason: \"gây ồn\") p2")
        #expect(bench.arrive(7, "soyte", "hop", at: 12).deeds == ["refuse p7 403"])
        bench.order(.admit("soyte"), at: 13)
        #expect(bench.arrive(8, "soyte", "hop", at: 14).deeds == ["admit p8"])
    }

    @Test func lockedOutWhoComesWaitsAndIsAnnouncedToTheChairAlone() {
        var bench = Bench.sitting()
        bench.order(.lock(true))
        let arrival = bench.arrive(5, "namdong", "hop", at: 12)
        #expect(arrival.said == ["pleaseWait p5", "waits(name: \"Điểm namdong\") p1"])
        #expect(bench.place(5) == .waiting)
        #expect(bench.order(.admit("namdong"), at: 13).deeds == ["move p5 hall", "muted p5"])
        // Who was in before may come back through a lock.
        bench.send(.leave(2, .connectionLost), at: at(14))
        bench.arrive(6, "soyte", "hop", at: 15)
        #expect(bench.place(6) == .hall)
    }

    @Test func lateComersAreAnnouncedToTheChairAloneAndOnce() {
        var bench = Bench.sitting()
        #expect(bench.arrive(5, "namdong", "hop", at: 12).said == ["lateComer(name: \"Điểm namdong\") p1"])
        bench.send(.leave(5, .connectionLost), at: at(13))
        #expect(bench.arrive(6, "namdong", "hop", at: 14).said.isEmpty)
    }

    @Test func aSideRoomIsApartWithOpenMicrophonesAndBackAllIsAsItWas() {
        var bench = Bench.sitting()
        bench.press("*5", 2)
        #expect(bench.order(.moveAside("soyte", to: "riêng")).deeds == ["move p2 side(riêng)", "open p2"])
        #expect(bench.status?.queue.isEmpty == true)
        #expect(bench.order(.giveWord("soyte", limit: nil)).refusal == .notInMeeting("soyte"))
        #expect(bench.order(.moveAside("soyte", to: "riêng")).refusal == .alreadySo)
        // It drops there, and comes back to where it was.
        bench.send(.leave(2, .connectionLost), at: at(20))
        #expect(bench.arrive(7, "soyte", "hop", at: 22).admissions.first?.place == .side("riêng"))
        #expect(bench.order(.recall("soyte")).deeds == ["move p7 hall", "muted p7"])
        #expect(bench.order(.recall("soyte")).refusal == .alreadySo)
    }

    @Test func sideRoomsAreBounded() {
        let points = (0..<30).map { Conference.Point(id: PointID("p\($0)"), name: "P") }
        var bench = Bench(.init(units: [], points: points, rooms: [.init(id: "hop", title: "Họp")]))
        for index in 0..<30 { bench.arrive(ParticipantID(rawValue: UInt64(index)), PointID("p\(index)"), "hop") }
        let refused = (0..<30).filter {
            bench.order(.moveAside(PointID("p\($0)"), to: SideRoomID("s\($0)"))).refusal != nil
        }
        #expect(refused == Array(16..<30))
    }

    @Test func layoutsAreForAllOrForOnePoint() {
        var bench = Bench.sitting()
        #expect(bench.order(.setLayout(.gallery, of: "soyte")).deeds == ["layout gallery p2"])
        #expect(bench.order(.setLayout(.speakerAndStrip, of: nil)).deeds == ["layout speakerAndStrip all"])
        #expect(bench.conference.placement(of: 2)?.layout == .speakerAndStrip)
        #expect(bench.order(.setLayout(.speakerAndStrip, of: nil)).refusal == .alreadySo)
        #expect(Layout(rawValue: "gallery-activity") == .galleryByActivity)
        #expect(bench.order(.setLayout(.galleryByActivity, of: "soyte")).deeds == ["layout galleryByActivity p2"])
    }

    @Test func theChairArrangesPointsInAnOrderOfItsOwn() {
        var bench = Bench.sitting()
        #expect(bench.order(.setLayout(.chair, of: nil)).deeds == ["layout chair all"])
        #expect(bench.status?.shownByChair() == bench.status?.chair.map { [$0] } ?? [])
        #expect(bench.order(.arrange(["namdong", "soyte"], of: nil)).deeds == ["layout chair all"])
        #expect(bench.status?.layout == .chair && bench.status?.shownByChair() == ["namdong", "soyte"])
        #expect(bench.order(.arrange(["namdong", "soyte"], of: nil)).refusal == .alreadySo)
        // The order is part of the choice.
        #expect(bench.order(.arrange(["soyte", "namdong"], of: nil)).refusal == nil)
        #expect(bench.order(.arrange(["soyte"], of: "soyte")).deeds == ["layout chair p2"])
        let one = bench.status?.participants.first { $0.point == "soyte" }
        #expect(bench.status?.shownByChair(to: one) == ["soyte"] && bench.status?.shownByChair().count == 2)
        #expect(bench.conference.placement(of: 2)?.layout == .chair)
        // What was chosen is kept for when the chair comes back to it; for all goes before for one.
        #expect(bench.order(.setLayout(.gallery, of: nil)).refusal == nil)
        #expect(bench.order(.setLayout(.chair, of: nil)).refusal == nil)
        #expect(bench.status?.shownByChair() == ["soyte", "namdong"])
        #expect(bench.conference.placement(of: 2)?.layout == .chair)

        #expect(bench.order(.arrange([], of: nil)).refusal == .outOfBounds)
        #expect(bench.order(.arrange(["soyte", "soyte"], of: nil)).refusal == .outOfBounds)
        #expect(bench.order(.arrange((0..<26).map { PointID("p\($0)") }, of: nil)).refusal == .outOfBounds)
        #expect(bench.order(.arrange(["soyte", "khongco"], of: nil)).refusal == .notInvited(["khongco"]))
        #expect(bench.order(.arrange(["soyte"], of: "khongco")).refusal == .notInMeeting("khongco"))
    }

    @Test func theRollKeepsWhyAPointIsAbsentAndWhatCameFromThoseThere() throws {
        var bench = Bench.sitting()
        bench.order(.excuse("namdong", reason: "mất điện"))
        bench.send(.seen(2, .sound), at: at(11))
        bench.send(.seen(2, .sound), at: at(12))
        let summary = try #require(bench.order(.close, at: 60).summaries.first)
        let entry = try #require(summary.roll.first { $0.point == "namdong" })
        #expect(entry.excuse == "mất điện" && !entry.wasPresent)
        let present = try #require(summary.roll.first { $0.point == "soyte" })
        #expect(present.firstSound == at(11).wall && present.firstPicture == nil)
    }
}
