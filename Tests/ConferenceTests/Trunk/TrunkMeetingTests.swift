import Conference
import Testing

/// Participants whose calls other bridges have, in a meeting that this one leads.
@Suite struct TrunkMeetingTests {
    private func bring(
        _ participant: ParticipantID, _ point: PointID, as number: ParticipantID, of bridge: BridgeID = "hai",
        _ bench: inout Bench, room: RoomID = "giaoban", at seconds: Double = 0
    ) -> [Conference.Action] {
        bench.send(
            .arriveByTrunk(
                participant: participant, point: point, room: room,
                from: TrunkOrigin(bridge: bridge, participant: number)), at: at(seconds))
    }

    @Test func theyAreOnTheRollAsAllOthers() throws {
        var bench = Bench()
        bench.arrive(1, "vanphong")
        #expect(bring(2, "soyte", as: 7, &bench).deeds == ["admit p2"])
        let meeting = try #require(bench.conference.openMeetings.first)
        #expect(meeting.participants.map(\.point) == ["vanphong", "soyte"])
        #expect(meeting.participants.map { $0.origin?.bridge } == [nil, "hai"])
        #expect(meeting.roll.first { $0.point == "soyte" }?.sittings.count == 1)
        #expect(bench.conference.origin(of: 2) == TrunkOrigin(bridge: "hai", participant: 7))
        #expect(bench.conference.origin(of: 1) == nil)
    }

    @Test func theDoorIsTheSameForThem() {
        var bench = Bench()
        #expect(bring(1, "khach", as: 1, &bench).deeds == ["refuse p1 403"])
        #expect(bring(2, "ai", as: 2, &bench).deeds == ["refuse p2 403"])
        #expect(bring(3, "soyte", as: 3, &bench, room: "dong").deeds == ["refuse p3 480"])
        #expect(bring(4, "soyte", as: 4, &bench, room: "kia").deeds == ["refuse p4 404"])
    }

    /// The call between the bridges was lost and made again: one seat, also where the point may have two calls.
    @Test func whatIsBroughtAgainTakesItsOwnPlace() throws {
        var bench = Bench()
        _ = bring(1, "haimay", as: 7, &bench)
        _ = bring(2, "haimay", as: 8, &bench)
        #expect(bring(3, "haimay", as: 7, &bench).deeds == ["admit p3", "disconnect p1 replaced"])
        // The same number of another bridge's is another call: the point's oldest gives way.
        #expect(bring(4, "haimay", as: 7, of: "ba", &bench).deeds == ["admit p4", "disconnect p2 replaced"])
        let meeting = try #require(bench.conference.openMeetings.first)
        #expect(meeting.participants.map(\.id) == [3, 4])
    }

    @Test func whatTheChairOrdersIsWhatTheirBridgeIsTold() throws {
        var bench = Bench()
        bench.arrive(1, "vanphong")
        _ = bring(2, "soyte", as: 7, &bench)
        let id = try #require(bench.conference.openMeetings.first?.id)
        #expect(bench.conference.trunkStanding(of: 2)?.microphone == .muted)
        #expect(bench.conference.trunkStanding(of: 2)?.isRecorded == true)
        let chair = Officer(name: "Chánh Văn phòng", authority: .administrator)
        bench.send(.command(id, .giveWord("soyte", limit: nil), by: chair), at: at(1))
        var standing = try #require(bench.conference.trunkStanding(of: 2))
        #expect(standing.microphone == .open && standing.isInSpotlight && standing.place == .hall)
        bench.send(.command(id, .moveAside("soyte", to: "riêng"), by: chair), at: at(2))
        standing = try #require(bench.conference.trunkStanding(of: 2))
        #expect(standing.place == .side("riêng") && !standing.isInSpotlight)
        bench.send(.command(id, .arrange(["soyte", "vanphong"], of: nil), by: chair), at: at(3))
        standing = try #require(bench.conference.trunkStanding(of: 1))
        #expect(standing.layoutOfAll == .chair && standing.chosen == ["soyte", "vanphong"])
        bench.send(.leave(2, .hungUp), at: at(4))
        #expect(bench.conference.trunkStanding(of: 2) == nil)
    }
}
