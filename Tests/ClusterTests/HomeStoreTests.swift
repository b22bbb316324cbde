import Foundation
import Placement
import PostgresServer
import SQLDatabase
import Testing

@testable import Cluster

/// Where the tables of a test are.
enum Place: String, CaseIterable, Sendable {
    case sqlite, postgres

    /// Nil where PostgreSQL is not installed.
    func make() throws -> SQLLocation? {
        switch self {
        case .sqlite:
            return .sqlite(path: FileManager.default.temporaryDirectory.path + "/cw-homes-\(UUID().uuidString).sqlite")
        case .postgres: return try PostgresServer.shared.map { HomeStore.location(conninfo: try $0.makeDatabase()) }
        }
    }

    func remove(_ location: SQLLocation) {
        guard case .sqlite(let path, _) = location else { return }
        for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    }
}

func known(_ name: String, _ life: String = "l1") -> KnownBridge {
    KnownBridge(
        life: BridgeLife(bridge: name, life: life), control: ControlAddress(host: "127.0.0.1", port: 5070),
        trunk: "sip:\(name).example.vn")
}

@Suite struct HomeStoreTests {
    @Test(arguments: Place.allCases) func aRoomIsTakenOnlyFromTheRowThatWasSeen(place: Place) async throws {
        guard let location = try place.make() else { return }
        defer { place.remove(location) }
        let (a, b) = (known("a"), known("b"))
        let (one, two) = (try HomeStore(location, as: a), try HomeStore(location, as: b))
        func look(_ store: HomeStore, _ number: Int, _ suspects: [String] = []) async throws -> DatabaseView {
            let answer = try await store.carryOut(.renew(number, suspects: suspects))
            guard case .renewed(number, let view) = answer.event else { throw CancellationError() }
            return view
        }
        func take(_ store: HomeStore, _ room: String, _ seen: RoomRow?, _ unrenewed: Int64? = nil) async throws
            -> RoomPlacement.Event?
        {
            try await store.carryOut(.take(Taking(number: 1, room: room, seen: seen, unrenewed: unrenewed))).event
        }
        // Who is not entered takes nothing.
        guard case .notTaken(_, nil) = try await take(one, "giaoban", nil) else {
            Issue.record("taken without a bridge")
            return
        }
        for store in [one, two] {
            #expect(try await store.carryOut(.register(replacing: nil, unrenewed: nil)).event == .registered(true))
            #expect(try await store.carryOut(.register(replacing: nil, unrenewed: nil)).event == .registered(false))
        }
        guard case .taken(_, epoch: 1) = try await take(one, "giaoban", nil) else {
            Issue.record("a free room was not taken")
            return
        }
        let row = RoomRow(room: "giaoban", holder: a.life, epoch: 1)
        guard case .notTaken(_, let found) = try await take(two, "giaoban", nil) else {
            Issue.record("a room was taken that another has")
            return
        }
        #expect(found == row)
        // Its own rooms each sees, others' only where it suspects them.
        #expect(try await look(one, 1).rooms == ["giaoban": row])
        let view = try await look(two, 1)
        #expect(view.rooms.isEmpty && view.bridges["a"]?.life == a.life)
        let suspected = try await look(two, 2, ["a"])
        #expect(suspected.rooms == ["giaoban": row])
        let seen = try #require(suspected.bridges["a"]?.renewals)
        // It renewed meanwhile.
        _ = try await look(one, 2)
        guard case .notTaken = try await take(two, "giaoban", row, seen) else {
            Issue.record("taken from a bridge that renewed")
            return
        }
        guard case .notTaken = try await take(two, "giaoban", RoomRow(room: "giaoban", holder: a.life, epoch: 0)) else {
            Issue.record("taken by an epoch that is over")
            return
        }
        guard case .taken(_, epoch: 2) = try await take(two, "giaoban", row, seen + 1) else {
            Issue.record("not taken from a bridge that stood still")
            return
        }
        #expect(try await look(one, 3).rooms.isEmpty)
        // What the former home says of it is of no effect.
        _ = try await one.carryOut(.release("giaoban", epoch: 1))
        #expect(try await look(two, 3).rooms["giaoban"]?.epoch == 2)
        _ = try await two.carryOut(.release("giaoban", epoch: 2))
        #expect(try await look(two, 4).rooms.isEmpty)
        // Rooms of one who left are seen by all; another life takes its place where the row is as it was seen.
        guard case .taken(_, epoch: 3) = try await take(one, "giaoban", nil) else {
            Issue.record("a room that was left was not taken")
            return
        }
        _ = try await one.carryOut(.leave)
        let left = try await look(two, 5)
        #expect(left.bridges["a"]?.hasLeft == true && left.rooms["giaoban"]?.epoch == 3)
        let again = try HomeStore(location, as: known("a", "l2"))
        let stale = BridgeRow(life: BridgeLife(bridge: "a", life: "l0"), renewals: 0)
        #expect(try await again.carryOut(.register(replacing: stale, unrenewed: nil)).event == .registered(false))
        let former = try #require(left.bridges["a"])
        #expect(try await again.carryOut(.register(replacing: former, unrenewed: nil)).event == .registered(true))
        #expect(try await look(two, 6).rooms["giaoban"]?.holder == a.life)
        #expect(try await again.bridge(named: "a") == known("a", "l2"))
        #expect(try await again.bridge(named: "c") == nil)
        for store in [one, two, again] { try store.close() }
    }

    @Test(.enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
    func ofManyThatTakeARoomAtOnceOneHasIt() async throws {
        let location = HomeStore.location(conninfo: try #require(PostgresServer.shared).makeDatabase())
        let stores = try (0..<6).map { try HomeStore(location, as: known("b\($0)")) }
        for store in stores { _ = try await store.carryOut(.register(replacing: nil, unrenewed: nil)) }
        var row: RoomRow?
        for round in 1...8 {
            let seen = row
            let winners = try await withThrowingTaskGroup(of: BridgeLife?.self) { group in
                for (index, store) in stores.enumerated() {
                    group.addTask {
                        let taking = Taking(number: round, room: "r", seen: seen, unrenewed: nil)
                        if case .taken = try await store.carryOut(.take(taking)).event {
                            return known("b\(index)").life
                        }
                        return nil
                    }
                }
                return try await group.reduce(into: [BridgeLife]()) { if let life = $1 { $0.append(life) } }
            }
            #expect(winners.count == 1)
            row = winners.first.map { RoomRow(room: "r", holder: $0, epoch: Int64(round)) }
        }
        for store in stores { try store.close() }
    }
}
