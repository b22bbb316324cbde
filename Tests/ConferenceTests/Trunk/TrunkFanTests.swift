import Conference
import Testing

/// Which participants are brought where.
@Suite struct TrunkFanTests {
    private static let mot: BridgeID = "mot"
    private static let hai: BridgeID = "hai"

    @Test func eachGoesOnceToEveryBridgeButItsOwn() {
        var fan = TrunkFan()
        func send(_ event: TrunkFan.Event) -> [TrunkFan.Action] { fan.handle(event, at: .zero) }
        #expect(send(.seated(1, at: nil)).isEmpty)
        #expect(send(.seated(2, at: "mot")) == [.project(.init(1, to: "mot"))])
        #expect(
            send(.seated(3, at: "hai")) == [
                .project(.init(1, to: "hai")), .project(.init(2, to: "hai")), .project(.init(3, to: "mot")),
            ])
        // Told again, nothing is news.
        #expect(send(.seated(3, at: "hai")).isEmpty)
        // The last of a bridge leaves: nobody is brought there any more.
        #expect(
            send(.gone(3)) == [
                .withdraw(.init(1, to: "hai")), .withdraw(.init(2, to: "hai")), .withdraw(.init(3, to: "mot")),
            ])
    }

    @Test func whatFailsIsTriedAgainAfterLongerAndLonger() {
        var fan = TrunkFan()
        let way = TrunkFan.Projection(1, to: "mot")
        _ = fan.handle(.seated(1, at: nil), at: .zero)
        _ = fan.handle(.seated(2, at: "mot"), at: .zero)
        var now = Duration.zero
        var pauses: [Duration] = []
        for _ in 0..<7 {
            #expect(fan.handle(.failed(way), at: now).isEmpty)
            // It is told twice of a call that was ended once.
            #expect(fan.handle(.failed(way), at: now).isEmpty)
            let due = fan.deadline
            #expect(due != nil)
            #expect(fan.handle(.deadlineReached, at: (due ?? .zero) - .milliseconds(1)).isEmpty)
            #expect(fan.handle(.deadlineReached, at: due ?? .zero) == [.project(way)])
            pauses.append((due ?? .zero) - now)
            now = due ?? .zero
        }
        #expect(pauses == [1, 2, 4, 8, 16, 16, 16].map { .seconds($0) })
        _ = fan.handle(.answered(way), at: now)
        _ = fan.handle(.failed(way), at: now)
        #expect(fan.deadline == now + .seconds(1))
    }

    /// Whatever comes in whatever order: the ways are those that are wanted, and each is begun and ended once.
    @Test(arguments: 0..<40 as Range<UInt64>) func noOrderOfEventsLeavesAWayTooManyOrTooFew(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var fan = TrunkFan()
        var now = Duration.zero
        var seats: [ParticipantID: BridgeID?] = [:]
        var open: Set<TrunkFan.Projection> = []
        var failed: Set<TrunkFan.Projection> = []
        let places: [BridgeID?] = [nil, nil, "mot", "hai", "ba"]
        for _ in 0..<400 {
            now += .milliseconds(Int.random(in: 0...3_000, using: &random))
            let participant = ParticipantID(rawValue: .random(in: 1...8, using: &random))
            let event: TrunkFan.Event
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                // A participant keeps the bridge that it came by.
                let place = seats[participant] ?? places.randomElement(using: &random) ?? nil
                seats[participant] = .some(place)
                event = .seated(participant, at: place)
            case 2:
                seats[participant] = nil
                event = .gone(participant)
            case 3:
                let way = open.sorted().randomElement(using: &random) ?? .init(participant, to: "mot")
                if open.remove(way) != nil { failed.insert(way) }
                event = .failed(way)
            case 4: event = .answered(open.sorted().randomElement(using: &random) ?? .init(participant, to: "hai"))
            default: event = .deadlineReached
            }
            for action in fan.handle(event, at: now) {
                switch action {
                case .project(let way):
                    #expect(open.insert(way).inserted, "begun twice")
                    failed.remove(way)
                case .withdraw(let way): #expect(open.remove(way) != nil, "ended without having begun")
                }
            }
            var wanted: Set<TrunkFan.Projection> = []
            for (participant, own) in seats {
                for case let bridge? in seats.values where bridge != own {
                    wanted.insert(.init(participant, to: bridge))
                }
            }
            failed.formIntersection(wanted)
            #expect(open.union(failed) == wanted && open.isDisjoint(with: failed))
            #expect((fan.deadline == nil) == failed.isEmpty)
            #expect(fan.bridges == Set(seats.values.compactMap(\.self)))
        }
    }
}
