import Synchronization
import Testing

@testable import Archive

struct HookTests {
    /// A hook that is wrapped at each call lies deeper in the stack each time.
    @Test func hooksLieNoDeeperHoweverOftenTheyAreCalled() async throws {
        let archive = try Workshop().open()
        let meeting = try await archive.openMeeting(.sample())
        let places = Mutex<Set<UInt>>([])
        archive.setFence { _, _ in places.withLock { _ = $0.insert(Self.stackPlace()) } }
        try await archive.write { db in
            for _ in 0..<200 { try archive.check(meeting, db) }
        }
        let found = places.withLock { $0.count }
        #expect(found == 1)
    }

    @inline(never) private static func stackPlace() -> UInt {
        var local = 0
        return withUnsafeMutablePointer(to: &local) { UInt(bitPattern: $0) }
    }
}
