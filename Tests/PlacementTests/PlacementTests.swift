import Placement
import Testing

@Suite struct RoomPlacementTests {
    /// Clusters of two to four bridges, with faults of every kind in random order: no room ever has two homes, and each has one again
    /// when the faults are over.
    @Test(arguments: 0..<6) func noRoomHasTwoHomesAndEachHasOneAgain(block: Int) {
        var handovers = 0
        for seed in 0..<20 {
            var settings = Cluster.Settings()
            settings.bridges = 2 + seed % 3
            var cluster = Cluster(seed: UInt64(block * 1_000 + seed), settings)
            cluster.run()
            #expect(cluster.violations.isEmpty, "seed \(block * 1_000 + seed): \(cluster.violations)")
            handovers += cluster.handovers
        }
        // Rooms did change hands, or nothing was tried.
        #expect(handovers > 40, "\(handovers)")
    }

    /// Who waits less than the grace is long makes two homes: the test above can fail.
    @Test func aTakerLessPatientThanTheGraceMakesTwoHomes() {
        var settings = Cluster.Settings()
        settings.timing.patience = settings.timing.grace / 2
        let broken = (0..<40).contains { seed in
            var cluster = Cluster(seed: UInt64(seed), settings)
            cluster.run()
            return cluster.violations.contains { $0.contains("has homes") }
        }
        #expect(broken)
    }

    private let one = BridgeLife(bridge: "one", life: "a")
    private static let wish = Taking(number: 1, room: "r", seen: nil, unrenewed: nil)
    private let two = BridgeLife(bridge: "two", life: "b")

    private func row(_ life: BridgeLife, _ renewals: Int64) -> BridgeRow { BridgeRow(life: life, renewals: renewals) }

    /// Registers `one`, and has it renewed once, at second 0.
    private func member() -> RoomPlacement {
        var placement = RoomPlacement(me: one)
        #expect(placement.handle(.tick, at: .zero) == [.renew(1, suspects: [])])
        let joining = placement.handle(.renewed(1, DatabaseView(bridges: [:], rooms: [:])), at: .zero)
        #expect(joining == [.register(replacing: nil, unrenewed: nil)])
        #expect(placement.handle(.registered(true), at: .zero) == [.renew(2, suspects: [])])
        let joined = placement.handle(.renewed(2, DatabaseView(bridges: ["one": row(one, 1)], rooms: [:])), at: .zero)
        #expect(joined == [.joined])
        return placement
    }

    @Test func aRoomIsServedForTheGraceAfterTheRenewalWasAskedForAndNotASecondLonger() {
        var placement = member()
        #expect(
            placement.handle(.want("r"), at: .zero) == [.take(Taking(number: 1, room: "r", seen: nil, unrenewed: nil))])
        #expect(placement.handle(.taken(Self.wish, epoch: 7), at: .zero) == [.serve("r", epoch: 7, former: nil)])
        #expect(placement.epoch(of: "r", at: .seconds(59)) == 7)
        #expect(placement.handle(.tick, at: .seconds(1)) == [.renew(3, suspects: [])])
        #expect(placement.handle(.databaseGone, at: .seconds(4)) == [.renew(4, suspects: [])])
        #expect(placement.deadline == .seconds(60))
        // It was paused, and is told first that the database answered.
        let late = DatabaseView(
            bridges: ["one": row(one, 2)], rooms: ["r": RoomRow(room: "r", holder: one, epoch: 7)])
        let actions = placement.handle(.renewed(4, late), at: .seconds(70))
        #expect(actions.first == .stop("r", .graceIsOver))
        #expect(placement.epoch(of: "r", at: .seconds(70)) == nil || placement.rooms.isEmpty)
    }

    @Test func aRefusedConnectionIsProofAndARoomIsTakenAtOnce() {
        var placement = member()
        let rooms = ["r": RoomRow(room: "r", holder: two, epoch: 3)]
        let view = DatabaseView(bridges: ["one": row(one, 1), "two": row(two, 9)], rooms: rooms)
        var asked: [RoomPlacement.Action] = []
        for second in 1...4 {
            _ = placement.handle(.tick, at: .seconds(second))
            asked += placement.handle(.renewed(second + 2, view), at: .seconds(second))
        }
        #expect(asked.contains(.probe(two)))
        #expect(placement.handle(.probed(two, .silent), at: .seconds(4)).isEmpty)
        let wish = Taking(number: 1, room: "r", seen: rooms["r"], unrenewed: nil)
        let taken = placement.handle(.probed(two, .dead), at: .seconds(4))
        #expect(taken == [.take(wish)])
        #expect(placement.handle(.taken(wish, epoch: 4), at: .seconds(4)) == [.serve("r", epoch: 4, former: two)])
    }

    /// An answer that comes when the room went on to another bridge meanwhile.
    @Test func anAnswerToAWishOfLongAgoIsNoRoom() {
        var placement = member()
        _ = placement.handle(.want("r"), at: .zero)
        _ = placement.handle(.databaseGone, at: .seconds(1))
        let again = placement.handle(.want("r"), at: .seconds(2))
        let wish = Taking(number: 2, room: "r", seen: nil, unrenewed: nil)
        #expect(again.contains(.take(wish)))
        #expect(
            !placement.handle(.taken(Self.wish, epoch: 1), at: .seconds(2)).contains {
                if case .serve = $0 { true } else { false }
            })
        #expect(placement.handle(.taken(wish, epoch: 2), at: .seconds(2)) == [.serve("r", epoch: 2, former: nil)])
    }

    @Test func anotherLifeOfTheNameEndsThisOne() {
        var placement = member()
        _ = placement.handle(.want("r"), at: .zero)
        _ = placement.handle(.taken(Self.wish, epoch: 1), at: .zero)
        _ = placement.handle(.tick, at: .seconds(1))
        let other = BridgeLife(bridge: "one", life: "z")
        let view = DatabaseView(bridges: ["one": row(other, 1)], rooms: [:])
        #expect(
            placement.handle(.renewed(3, view), at: .seconds(1)) == [.stop("r", .taken), .superseded(by: other)])
        #expect(placement.handle(.tick, at: .seconds(5)).isEmpty)
    }

    @Test func aMeetingsEndIsToldAgainWhereTheDatabaseWasGone() {
        var placement = member()
        _ = placement.handle(.want("r"), at: .zero)
        _ = placement.handle(.taken(Self.wish, epoch: 1), at: .zero)
        #expect(placement.handle(.finish("r"), at: .zero) == [.release("r", epoch: 1)])
        _ = placement.handle(.databaseGone, at: .seconds(1))
        let rooms = ["r": RoomRow(room: "r", holder: one, epoch: 1)]
        let view = DatabaseView(bridges: ["one": row(one, 2)], rooms: rooms)
        #expect(
            placement.handle(.renewed(3, view), at: .seconds(2)) == [.release("r", epoch: 1), .renew(4, suspects: [])])
        #expect(placement.handle(.released("r", epoch: 1), at: .seconds(2)).isEmpty)
    }
}
