import Foundation
import Office
import Synchronization
import Testing

@testable import OfficeStore

@Suite("The Office's store", .serialized)
struct OfficeStoreTests {
    private let soYTe = RegisterEntry.unit(UnitEntry(id: "soyte", name: "Sở Y tế"))

    @Test("calls its observers from the same depth of the stack each time")
    func observersAreNotWrapped() throws {
        let store = try StoreHarness(.sqlite).open()
        let places = Mutex<Set<UInt>>([])
        @Sendable func note() {
            var local = 0
            let place = withUnsafeMutablePointer(to: &local) { UInt(bitPattern: $0) }
            places.withLock { _ = $0.insert(place) }
        }
        store.observe { note() }
        store.observePapers { note() }
        for _ in 0..<200 { store.tell(.office) }
        for _ in 0..<200 { store.tell(.papers) }
        let found = places.withLock { $0.count }
        #expect((1...2).contains(found))
    }

    @Test("keeps the register over a restart", arguments: StoreKind.here)
    func keeps(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        var store = try harness.open()
        try await store.apply([.add(soYTe)], by: "test")
        try store.close()
        store = try harness.open()
        #expect(store.register.unit("soyte")?.name == "Sở Y tế")
    }

    @Test(
        "keeps a room's PIN beside its entry, tells it to no list and no journal, and forgets it with the room",
        arguments: StoreKind.here)
    func pins(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try harness.open(fixed: [.room(RoomEntry(id: "giaoban", title: "Giao ban"))])
        try await store.apply([.add(.room(RoomEntry(id: "hop", title: "Họp")))], by: "test")
        for wrong in ["", "123", "12345678901234567", "12a4", "１２３４"] {
            await #expect(throws: OfficeStoreError.self) { try await store.setPIN(wrong, of: "hop", by: "test") }
        }
        for room in ["giaoban", "khong-co"] {
            await #expect(throws: OfficeStoreError.self) { try await store.setPIN("2468", of: room, by: "test") }
        }
        #expect(try store.roomPINs() == [:])
        try await store.setPIN("2468", of: "hop", by: "test")
        try await store.setPIN("13579", of: "hop", by: "test")
        #expect(try store.roomPINs() == ["hop": "13579"])
        let journal = try await store.journal(limit: 100)
        #expect(journal.first?.action == "set PIN of room" && journal.first?.subject == "hop")
        #expect(!journal.contains { "\($0)".contains("13579") })
        try await store.setPIN(nil, of: "hop", by: "test")
        #expect(try store.roomPINs() == [:])
        try await store.setPIN("2468", of: "hop", by: "test")
        try await store.apply([.remove(.room, "hop")], by: "test")
        #expect(try store.roomPINs() == [:], "a room of this id that is made later has none")
    }

    @Test(
        "still knows the name that an agency had, before it was renamed and after it was merged",
        arguments: StoreKind.here)
    func history(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try harness.open(fixed: [.unit(UnitEntry(id: "vpubnd", name: "Văn phòng"))])
        harness.pass(10)
        try await store.apply(
            [.add(soYTe), .add(.point(PointEntry(id: "p", name: "Điểm", unit: "soyte")))], by: "test")
        let first = harness.now
        harness.pass(100)
        try await store.apply([.set(.unit(UnitEntry(id: "soyte", name: "Sở Y tế và Dân số")))], by: "test")
        let second = harness.now
        harness.pass(100)
        try await store.apply([.merge(unit: "soyte", into: "vpubnd")], by: "test")

        #expect(try await store.register(at: first.addingTimeInterval(-5)).unit("soyte") == nil)
        #expect(try await store.register(at: first).unit("soyte")?.name == "Sở Y tế")
        #expect(try await store.register(at: second).unit("soyte")?.name == "Sở Y tế và Dân số")
        #expect(try await store.register(at: second).point("p")?.unit == "soyte")
        #expect(try await store.register(at: harness.now).unit("soyte") == nil)
        #expect(store.register.point("p")?.unit == "vpubnd")
    }

    @Test("versions what the configuration file fixes, too", arguments: StoreKind.here)
    func fixedHistory(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try harness.open(fixed: [.unit(UnitEntry(id: "a", name: "Cũ"))])
        let then = harness.now
        harness.pass(60)
        try await store.replaceFixed([.unit(UnitEntry(id: "a", name: "Mới"))])
        #expect(try await store.register(at: then).unit("a")?.name == "Cũ")
        #expect(store.register.unit("a")?.name == "Mới")
        #expect(store.register.isFixed(.unit, "a"))
    }

    @Test(
        "refuses a file that fixes what the Office manages, at the start and on reloading, and stays as it was",
        arguments: StoreKind.here)
    func clash(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try harness.open()
        try await store.apply([.add(soYTe)], by: "test")
        await #expect(throws: OfficeStoreError.self) {
            try await store.replaceFixed([.unit(UnitEntry(id: "soyte", name: "Khác"))])
        }
        #expect(store.register.unit("soyte")?.name == "Sở Y tế")
        #expect(!store.register.isFixed(.unit, "soyte"))
        try store.close()
        do {
            _ = try harness.open(fixed: [.unit(UnitEntry(id: "soyte", name: "Khác"))])
            Issue.record("opened")
        } catch {
            #expect("\(error)".contains("soyte"))
        }
    }

    @Test("keeps of a point's password only digests, and gives another with another name", arguments: StoreKind.here)
    func pointPasswords(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try harness.open()
        let issued = try await store.apply(
            [.add(.point(PointEntry(id: "p", name: "Điểm", username: "p1")))], by: "test")
        let password = try #require(issued.first)
        #expect(password.username == "p1")
        let secret = try #require(try store.pointSecrets()["p"])
        #expect(secret.sha256.count == 64 && secret.md5.count == 32)
        let kept = try await store.database.read { db in
            try String.fetchAll(db, sql: "SELECT content FROM register")
                + String.fetchAll(db, sql: "SELECT subject FROM journal")
        }
        #expect(!kept.contains { $0.contains(password.password) })
        // Of PostgreSQL the files are others'.
        for file in (try? FileManager.default.contentsOfDirectory(atPath: harness.folder)) ?? [] {
            let data = try Data(contentsOf: URL(fileURLWithPath: harness.folder + "/" + file))
            #expect(data.range(of: Data(password.password.utf8)) == nil, "\(file) holds the password in clear")
        }
        // Renaming only the point leaves its account alone.
        #expect(
            try await store.apply([.set(.point(PointEntry(id: "p", name: "Tên", username: "p1")))], by: "t").isEmpty)
        #expect(try store.pointSecrets()["p"] == secret)
        let again = try await store.apply([.set(.point(PointEntry(id: "p", name: "Tên", username: "p2")))], by: "t")
        #expect(again.first?.username == "p2")
        #expect(try store.pointSecrets()["p"] != secret)
        try await store.apply([.remove(.point, "p")], by: "t")
        #expect(try store.pointSecrets().isEmpty)
    }

    @Test("writes down who changed what", arguments: StoreKind.here)
    func journal(_ kind: StoreKind) async throws {
        let store = try StoreHarness(kind).open()
        try await store.apply([.add(soYTe)], by: "lan")
        let line = try #require(try await store.journal(limit: 10).first)
        #expect(line.by == "lan" && line.action == "add unit" && line.subject == "soyte")
    }

    @Test("lets somebody in by a link once, then by the password", arguments: StoreKind.here)
    func signIn(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try harness.open()
        try await store.apply([.add(.person(PersonEntry(id: "lan", name: "Lan", roles: [.convener])))], by: "test")
        await refused(.wrong) { _ = try await store.signIn("lan", password: "") }
        let link = try await store.issueLink(to: "lan", by: "test")
        await refused(.passwordTooShort(minimum: 12)) { _ = try await store.redeem(link: link.token, password: "ngắn") }
        await refused(.passwordHoldsName) {
            _ = try await store.redeem(link: link.token, password: "mật khẩu của LAN đây")
        }
        #expect(try await store.redeem(link: link.token, password: "cầu truyền hình 1").id == "lan")
        await refused(.linkInvalid) { _ = try await store.redeem(link: link.token, password: "cầu truyền hình 2") }
        // However the keyboard composes it.
        let decomposed = "cầu truyền hình 1".decomposedStringWithCanonicalMapping
        #expect(try await store.signIn("lan", password: decomposed).roles == [.convener])
        await refused(.wrong) { _ = try await store.signIn("lan", password: "cầu truyền hình 2") }
    }

    @Test("locks an account after five failures for a quarter of an hour", arguments: StoreKind.here)
    func lockout(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try harness.open()
        try await store.apply([.add(.person(PersonEntry(id: "lan", name: "Lan", roles: [.convener])))], by: "test")
        let link = try await store.issueLink(to: "lan", by: "test")
        _ = try await store.redeem(link: link.token, password: "cầu truyền hình 1")
        for _ in 0..<5 { await refused(.wrong) { _ = try await store.signIn("lan", password: "sai") } }
        let until = harness.now.addingTimeInterval(OfficeStore.lockout)
        await refused(.locked(until: until)) { _ = try await store.signIn("lan", password: "cầu truyền hình 1") }
        harness.pass(OfficeStore.lockout + 1)
        #expect(try await store.signIn("lan", password: "cầu truyền hình 1").id == "lan")
    }

    @Test("turns an account off that nobody used for 45 days, and a link after three", arguments: StoreKind.here)
    func sleeping(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try harness.open()
        try await store.apply([.add(.person(PersonEntry(id: "lan", name: "Lan", roles: [.convener])))], by: "test")
        let old = try await store.issueLink(to: "lan", by: "test")
        harness.pass(OfficeStore.linkLife + 1)
        await refused(.linkInvalid) { _ = try await store.redeem(link: old.token, password: "cầu truyền hình 1") }
        let link = try await store.issueLink(to: "lan", by: "test")
        _ = try await store.redeem(link: link.token, password: "cầu truyền hình 1")
        harness.pass(OfficeStore.sleep + 1)
        await refused(.dormant) { _ = try await store.signIn("lan", password: "cầu truyền hình 1") }
    }

    private func refused(
        _ fault: SignInFault, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async {
        do {
            try await body()
            Issue.record("not refused", sourceLocation: sourceLocation)
        } catch OfficeStoreError.refused(let found) {
            #expect(found as? SignInFault == fault, sourceLocation: sourceLocation)
        } catch {
            Issue.record("\(error)", sourceLocation: sourceLocation)
        }
    }
}
