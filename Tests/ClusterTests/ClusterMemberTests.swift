import Foundation
import Logging
import Placement
import PostgresServer
import SQLDatabase
import Synchronization
import Testing

@testable import Cluster

/// Members of a cluster with a real PostgreSQL, and a short grace.
@Suite(.enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct ClusterMemberTests {
    private static var timing: PlacementTiming {
        PlacementTiming(grace: .seconds(3), interval: .milliseconds(200))
    }

    /// A member, and what it was told.
    private final class Witness: Sendable {
        let member: ClusterMember
        private let told = Mutex<[ClusterMember.Change]>([])

        init(_ name: String, _ conninfo: String, port: Int = 0) async throws {
            member = try await ClusterMember(
                ClusterMember.Settings(
                    name: name, database: HomeStore.location(conninfo: conninfo),
                    control: ControlAddress(host: "127.0.0.1", port: port), trunk: "sip:\(name)",
                    secret: "a secret of the cluster", timing: ClusterMemberTests.timing),
                logger: Logger(label: name))
            Task { [self] in
                for await change in member.changes {
                    told.withLock { $0.append(change) }
                    if case .serve(let room, let epoch, _) = change { member.settle(room, epoch: epoch) }
                }
            }
            member.begin()
        }

        var changes: [ClusterMember.Change] { told.withLock { $0 } }

        /// Waits until it was told something of this kind.
        @discardableResult
        func wait(
            _ limit: Duration = .seconds(20), _ isIt: (ClusterMember.Change) -> Bool
        ) async throws -> ClusterMember.Change {
            let end = ContinuousClock.now + limit
            while ContinuousClock.now < end {
                if let change = changes.first(where: isIt) { return change }
                try await Task.sleep(for: .milliseconds(20))
            }
            throw Missing(changes: changes)
        }
        struct Missing: Error { let changes: [ClusterMember.Change] }
    }

    private func database() throws -> String { try #require(PostgresServer.shared).makeDatabase() }

    private func serves(_ change: ClusterMember.Change) -> Bool {
        if case .serve(_, _, .some) = change { true } else { false }
    }

    @Test func theRoomOfABridgeThatDiesIsAnothersWithinSeconds() async throws {
        let conninfo = try database()
        let one = try await Witness("one", conninfo)
        let two = try await Witness("two", conninfo)
        try await one.wait { $0 == .joined }
        try await two.wait { $0 == .joined }
        #expect(await one.member.home(of: "giaoban") == .here(epoch: 1))
        #expect(await one.member.home(of: "giaoban") == .here(epoch: 1))
        #expect(await two.member.home(of: "giaoban") == .elsewhere(one.member.me))
        // Dies without a word: its machine refuses the connection.
        await one.member.close()
        let began = ContinuousClock.now
        try await two.wait(.seconds(3), serves)
        #expect(ContinuousClock.now - began < .seconds(2.5), "sooner than the grace, by proof")
        #expect(two.changes.last == .serve("giaoban", epoch: 2, former: one.member.me.life))
        // It is back, and the room is not its own any more.
        let back = try await Witness("one", conninfo, port: one.member.me.control.port)
        try await back.wait { $0 == .joined }
        #expect(await back.member.home(of: "giaoban") == .elsewhere(two.member.me))
        two.member.finish("giaoban")
        try await eventually { await back.member.home(of: "giaoban") == .here(epoch: 3) }
        await two.member.close()
        await back.member.close()
    }

    @Test func aBridgeWithoutTheDatabaseGoesOnForTheGraceAndNoLonger() async throws {
        let server = try #require(PostgresServer.shared)
        let conninfo = try server.makeDatabase()
        let proxy = try CuttingProxy(to: server)
        defer { proxy.end() }
        let cut = conninfo.replacing("host=\(server.folder)", with: "host=\(proxy.folder)")
        let one = try await Witness("one", cut)
        let two = try await Witness("two", conninfo)
        try await one.wait { $0 == .joined }
        try await two.wait { $0 == .joined }
        #expect(await one.member.home(of: "giaoban") == .here(epoch: 1))
        proxy.cut(.closed)
        let began = ContinuousClock.now
        // A short outage nobody notices.
        try await Task.sleep(for: .seconds(1))
        #expect(one.member.epoch(of: "giaoban") == 1)
        #expect(await one.member.home(of: "giaoban") == .here(epoch: 1))
        #expect(await one.member.home(of: "khac", within: .seconds(1)) == .unknown, "nothing new is begun")
        try await one.wait { $0 == .stop("giaoban", .graceIsOver) }
        #expect(ContinuousClock.now - began < .seconds(3.5))
        #expect(!two.changes.contains(where: serves), "it lives, as it says itself")
        try await two.wait(.seconds(4), serves)
        #expect(two.changes.last == .serve("giaoban", epoch: 2, former: one.member.me.life))
        proxy.cut(.none)
        try await eventually { await one.member.home(of: "giaoban") == .elsewhere(two.member.me) }
        await one.member.close()
        await two.member.close()
    }

    @Test func theRoomsOfABridgeThatLeavesAreFreeAtOnce() async throws {
        let conninfo = try database()
        let one = try await Witness("one", conninfo)
        let two = try await Witness("two", conninfo)
        try await one.wait { $0 == .joined }
        try await two.wait { $0 == .joined }
        for room in ["a", "b", "c"] { #expect(await one.member.home(of: room) == .here(epoch: 1)) }
        await one.member.leave()
        #expect(one.changes.count { if case .stop(_, .left) = $0 { true } else { false } } == 3)
        try await eventually { two.changes.count(where: serves) == 3 }
        #expect(one.member.epoch(of: "a") == nil)
        await one.member.close()
        await two.member.close()
    }

    private func eventually(_ isSo: () async -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            if await isSo() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("it never came to be so")
    }
}
