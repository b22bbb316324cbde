import Foundation
import Office
import Testing

@testable import OfficeStore

@Suite("One-time passwords", .serialized)
struct OneTimePasswordTests {
    /// RFC 6238 appendix B has eight digits, of which these are the last six.
    @Test(
        "are those of RFC 6238",
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ])
    func vectors(time: Int, password: String) {
        let app = OneTimePassword(secret: Array("12345678901234567890".utf8))
        #expect(app.password(at: Date(timeIntervalSince1970: TimeInterval(time))) == password)
        #expect(app.base32 == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    }

    @Test("are those of oathtool", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/oathtool")))
    func oathtool() throws {
        for _ in 0..<20 {
            let app = OneTimePassword()
            let time = Int.random(in: 0..<4_000_000_000)
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/oathtool")
            process.arguments = ["--totp", "--base32", app.base32, "--now", "@\(time)"]
            process.standardOutput = output
            try process.run()
            let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(said == app.password(at: Date(timeIntervalSince1970: TimeInterval(time))) + "\n")
        }
    }

    @Test("count for the steps around the present one, and once")
    func steps() {
        let app = OneTimePassword()
        let now = Date(timeIntervalSince1970: 1_795_000_000)
        let step = OneTimePassword.step(at: now)
        for offset in Int64(-3)...3 {
            let found = app.step(of: app.password(at: step + offset), at: now, after: nil)
            // Two steps may by chance have the same password.
            #expect((found != nil) == (abs(offset) <= 1) || found != step + offset)
        }
        #expect(app.step(of: app.password(at: step), at: now, after: step) == nil)
        #expect(app.step(of: "", at: now, after: nil) == nil)
    }

    @Test("are taken by an app from an address that hides nothing in its names")
    func address() {
        let app = OneTimePassword(secret: [0, 255])
        #expect(
            app.address(account: "lê?&", issuer: "Causeway")
                == "otpauth://totp/Causeway:l%C3%AA%3F%26?secret=AD7Q&issuer=Causeway")
    }
}

@Suite("The second factor")
struct SecondFactorTests {
    private static let password = "cầu truyền hình 1"

    private func lan(_ harness: StoreHarness) async throws -> OfficeStore {
        let store = try harness.open()
        try await store.apply([.add(.person(PersonEntry(id: "lan", name: "Lan", roles: [.archivist])))], by: "test")
        let link = try await store.issueLink(to: "lan", by: "test")
        _ = try await store.redeem(link: link.token, password: Self.password)
        return store
    }

    private func fault(_ body: () async throws -> PersonEntry) async throws -> SignInFault? {
        do {
            #expect(try await body().id == "lan")
            return nil
        } catch OfficeStoreError.refused(let fault) {
            return fault as? SignInFault
        }
    }

    @Test(
        "is asked for once the app has proved itself, and each of its passwords counts once", arguments: StoreKind.here)
    func app(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await lan(harness)
        let app = OneTimePassword()
        await #expect(throws: OfficeStoreError.self) { try await store.turnOn(app, of: "lan", code: "000000x") }
        #expect(try await store.hasSecondFactor("lan") == false)
        let first = app.password(at: harness.now)
        let codes = try await store.turnOn(app, of: "lan", code: "\(first.prefix(3)) \(first.suffix(3))")
        #expect(Set(codes).count == 10)
        #expect(try await store.accountStates()["lan"]?.hasSecondFactor == true)
        #expect(try await fault { try await store.signIn("lan", password: Self.password) } == .codeNeeded)
        #expect(try await fault { try await store.signIn("lan", password: "sai", code: first) } == .wrong)
        #expect(try await fault { try await store.signIn("lan", password: Self.password, code: first) } == .codeWrong)
        harness.pass(30)
        let second = app.password(at: harness.now)
        #expect(try await fault { try await store.signIn("lan", password: Self.password, code: second) } == nil)
        #expect(try await fault { try await store.signIn("lan", password: Self.password, code: second) } == .codeWrong)
        #expect(
            try await fault { try await store.signIn("lan", password: Self.password, isUnlocking: true) } == nil)
        // The secret is in no list, no journal, and the register's versions.
        #expect(!"\(try await store.journal(limit: 100))".contains(app.base32))
        try store.close()
        let again = try harness.open()
        #expect(try await fault { try await again.signIn("lan", password: Self.password) } == .codeNeeded)
    }

    @Test("may be a recovery code, each once", arguments: StoreKind.here)
    func recovery(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await lan(harness)
        let app = OneTimePassword()
        let codes = try await store.turnOn(app, of: "lan", code: app.password(at: harness.now))
        let typed = codes[3].uppercased().replacing("-", with: " ")
        #expect(try await fault { try await store.signIn("lan", password: Self.password, code: typed) } == nil)
        #expect(try await store.recoveryCodesLeft(of: "lan") == 9)
        #expect(try await fault { try await store.signIn("lan", password: Self.password, code: typed) } == .codeWrong)
        #expect(try await store.journal(limit: 10).contains { $0.action == "use recovery code" })
    }

    @Test(
        "locks the account after five wrong codes, and a link's new password does not go around it",
        arguments: StoreKind.here)
    func guessing(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await lan(harness)
        let app = OneTimePassword()
        _ = try await store.turnOn(app, of: "lan", code: app.password(at: harness.now))
        let link = try await store.issueLink(to: "lan", by: "test")
        let new = "cầu truyền hình 2"
        #expect(try await fault { try await store.redeem(link: link.token, password: new) } == .codeNeeded)
        for _ in 0..<5 {
            #expect(
                try await fault { try await store.signIn("lan", password: Self.password, code: "12345") } == .codeWrong)
        }
        let until = harness.now.addingTimeInterval(OfficeStore.lockout)
        harness.pass(60)
        let code = app.password(at: harness.now)
        #expect(
            try await fault { try await store.signIn("lan", password: Self.password, code: code) }
                == .locked(until: until))
        #expect(
            try await fault { try await store.redeem(link: link.token, password: new, code: code) }
                == .locked(until: until))
        harness.pass(OfficeStore.lockout)
        let later = app.password(at: harness.now)
        #expect(try await fault { try await store.redeem(link: link.token, password: new, code: later) } == nil)
    }

    @Test("is gone when an administrator takes it away, and with its person", arguments: StoreKind.here)
    func forgotten(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await lan(harness)
        let app = OneTimePassword()
        _ = try await store.turnOn(app, of: "lan", code: app.password(at: harness.now))
        try await store.turnOffSecondFactor(of: "lan", by: "quantri")
        #expect(try await fault { try await store.signIn("lan", password: Self.password) } == nil)
        #expect(
            try await store.journal(limit: 10).contains { $0.action == "turn off second factor" && $0.by == "quantri" })
        _ = try await store.turnOn(app, of: "lan", code: app.password(at: harness.now))
        try await store.apply([.remove(.person, "lan")], by: "test")
        #expect(try await store.hasSecondFactor("lan") == false)
        #expect(try await store.recoveryCodesLeft(of: "lan") == 0)
    }
}
