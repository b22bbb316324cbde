import Evidence
import Foundation
import PostgresServer
import SQLDatabase
import Matroska
import Testing

@testable import Archive

@Suite(.inEachCatalogue) struct EncryptedPackageTests {
    /// Each file below a directory, by its path.
    private static func lying(_ directory: String) throws -> [String: Data] {
        var found: [String: Data] = [:]
        for entry in try PackageFiles.list(directory) {
            found[entry.path] = FileManager.default.contents(atPath: directory + "/" + entry.path)
        }
        return found
    }

    /// What must not be found in a package, nor in a name.
    private static func secrets(of held: SecretSite.Held) -> [Data] {
        [
            SecretSite.title, SecretSite.convener, "GM 9/UBND-KIN", SecretSite.paper, "Xã Phú Lộc", "nhan-su",
            "matroska",
            "to-trinh",
        ].map { Data($0.utf8) } + held.clear.values.filter { $0.count > 32 }.map { Data($0.prefix(32)) }
    }

    @Test func nothingOfContentLiesInTheFolderAndAllOfItComesOutAgain() async throws {
        let site = try SecretSite()
        let held = try await site.sealed()
        let meeting = held.meeting
        #expect(meeting.layout == .encrypted && meeting.state == .sealed)
        #expect(try await site.archive.find(meeting.id)?.layout == .encrypted)
        let directory = site.archive.paths(of: meeting).directory
        let lying = try Self.lying(directory)
        let secrets = Self.secrets(of: held)
        for (path, data) in lying {
            for secret in secrets {
                #expect(data.range(of: secret) == nil && Data(path.utf8).range(of: secret) == nil, "\(path)")
            }
        }
        let clear = Set(lying.keys.filter { !$0.hasPrefix("data/") })
        #expect(
            clear == [
                "bagit.txt", "bag-info.txt", "manifest-sha512.txt", "tagmanifest-sha512.txt", "README.txt",
                "seal/seal.json", "seal/seal.sig", "seal/signer.pem",
            ])
        #expect(lying.keys.filter { $0.hasPrefix("data/") }.allSatisfy { $0.hasSuffix(".sealed") })
        let readme = String(decoding: lying["README.txt"] ?? Data(), as: UTF8.self)
        #expect(readme.contains("ĐÃ MÃ HÓA") && readme.contains("To decrypt."))

        // People see the files as they were.
        let files = try await site.archive.files(of: meeting)
        #expect(
            Set(files.map(\.path))
                == clear.union(held.clear.keys).union([
                    "metadata/meeting.json", "metadata/dc.xml", "metadata/premis.xml",
                ]))
        for (path, data) in held.clear {
            let file = try #require(files.first { $0.path == path })
            #expect(file.size == Int64(data.count) && file.sha256 == Hex.sha256(data))
            let open = try site.archive.open(path, of: meeting)
            #expect(try open.beginning(.max) == data, "\(path)")
            #expect(try site.archive.contents(of: path, in: meeting, limit: 10) == data.prefix(10))
        }
        let core = try #require(try site.archive.contents(of: "metadata/dc.xml", in: meeting, limit: 1 << 20))
        #expect(String(decoding: core, as: UTF8.self).contains(SecretSite.title))
        #expect(try site.archive.events(of: meeting).map(\.name) == ["opened"])
        let master = try MatroskaReader(try site.archive.open(site.archive.paths(of: meeting).master, of: meeting))
        #expect(master.tracks.map(\.name) == ["Xã Phú Lộc"])
        #expect(try site.archive.contents(of: "data/none.json", in: meeting, limit: 10) == nil)
        for path in ["data/00001.sealed", "data/index.sealed", "../../catalogue.sqlite", "data/../bagit.txt"] {
            #expect(try site.archive.contents(of: path, in: meeting, limit: 10) == nil, "\(path)")
        }
        // Programs get what they ask for, as long as they need it.
        let opened = try await site.archive.open(meeting) { $0 == "data/access.webm" }
        #expect(
            try Self.lying(opened.paths.directory) == ["data/access.webm": try #require(held.clear["data/access.webm"])]
        )
        opened.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: site.archive.root + "/work").isEmpty)
    }

    @Test func itIsVerifiedCopiedAndRestoredWithoutAnyKey() async throws {
        let site = try SecretSite()
        let meeting = try await site.sealed().meeting
        #expect(try await site.archive.verify(meeting.id).isIntact)
        let keyless = try site.reopened(EncryptionSettings(.whenKeyed))
        #expect(keyless.encryptionStanding.unreadable.values.reduce(0, +) == 1)
        #expect(try await keyless.verify(meeting.id).isIntact)
        guard case .whole = try await keyless.workOnSecondLocation()?.ending else {
            Issue.record("it was not copied")
            return
        }
        let directory = keyless.paths(of: meeting).directory
        #expect(try Self.lying(directory) == Self.lying(site.shelf + "/" + meeting.package))
        // A third party has openssl and sha512sum, as README.txt says.
        #expect(
            try shell(
                "sha512sum --quiet -c manifest-sha512.txt tagmanifest-sha512.txt && "
                    + "grep -qF \"$(sha512sum tagmanifest-sha512.txt | cut -c1-128)\" seal/seal.json && "
                    + "openssl pkeyutl -verify -rawin -pubin -inkey '\(keyless.root)/keys/seal.pub.pem' "
                    + "-in seal/seal.json -sigfile seal/seal.sig", in: directory
            ).status == 0)
        try tamper(directory + "/data/00001.sealed") { $0[100] ^= 1 }
        unlink(directory + "/data/00002.sealed")
        site.clock.advance(100_000)
        let outcome = try #require(try await keyless.checkNextPackage())
        #expect(
            Set(outcome.restored) == ["data/00001.sealed", "data/00002.sealed"] && outcome.now.isIntact, "\(outcome)")

        // Back with its key, it is whole.
        try keyless.close()
        let archive = try SecretSite.open(
            site.workshop, site.shelf, site.clock, EncryptionSettings(.whenKeyed, key: SecretSite.kek))
        #expect(try archive.events(of: meeting).map(\.name) == ["opened"])
    }

    @Test func withoutItsKeyNothingIsGiven() async throws {
        let site = try SecretSite()
        let held = try await site.sealed()
        let name = site.archive.encryptionStanding.key ?? ""
        #expect(name.count == 16)
        let other = try site.reopened(EncryptionSettings(.whenKeyed, key: SecretSite.laterKEK))
        #expect(other.encryptionStanding.unreadable == [name: 1] && other.encryptionStanding.readable == 0)
        let refusal = ArchiveError.encrypted(meeting: held.meeting.id, .otherKey(name))
        for path in held.clear.keys {
            #expect(throws: refusal) { try other.open(path, of: held.meeting) }
            #expect(throws: refusal) { try other.contents(of: path, in: held.meeting, limit: 100) }
        }
        #expect(throws: refusal) { try other.events(of: held.meeting) }
        await #expect(throws: refusal) { try await other.files(of: held.meeting) }
        await #expect(throws: refusal) { try await other.open(held.meeting) { _ in true } }
        #expect(try await other.openFiles(of: held.meeting).allSatisfy { !$0.path.hasPrefix("data/") })
        try other.close()
        // A key that the catalogue has, but which opens nothing of this: the file says so itself.
        let archive = try SecretSite.open(
            site.workshop, site.shelf, site.clock, EncryptionSettings(.whenKeyed, key: SecretSite.kek))
        try await archive.write { db in
            try MeetingKeys.put(.init(), of: held.meeting.id, by: try .init(SecretSite.kek), db)
        }
        #expect(throws: ArchiveError.self) { try archive.events(of: held.meeting) }
        try await archive.write { db in
            try db.execute(sql: "UPDATE meetingKeys SET wrapped = ?", arguments: [Data(count: 60)])
        }
        #expect(throws: ArchiveError.encrypted(meeting: held.meeting.id, .keyDamaged)) {
            try archive.events(of: held.meeting)
        }
    }

    @Test func aNewKeyOfKeysWrapsAllAnewAndTouchesNoFile() async throws {
        let site = try SecretSite()
        let held = try await site.sealed()
        let second = try await site.sealed(SecretSite.new("z001"))
        let before = try Self.lying(site.archive.root + "/packages")
        let both = try EncryptionSettings(.required, key: SecretSite.laterKEK, former: SecretSite.kek)
        let moving = try site.reopened(both)
        #expect(moving.encryptionStanding.rewrapped == 2 && moving.encryptionStanding.readable == 2)
        #expect(try moving.events(of: held.meeting).count == 1)
        #expect(try Self.lying(moving.root + "/packages") == before)
        try moving.close()
        let later = try SecretSite.open(
            site.workshop, site.shelf, site.clock, EncryptionSettings(.required, key: SecretSite.laterKEK))
        #expect(later.encryptionStanding.rewrapped == 0 && later.encryptionStanding.unreadable.isEmpty)
        #expect(
            try later.contents(of: "data/access.webm", in: second.meeting, limit: .max)
                == second.clear["data/access.webm"])
        try later.close()
        let early = try SecretSite.open(
            site.workshop, site.shelf, site.clock, EncryptionSettings(.required, key: SecretSite.kek))
        #expect(throws: ArchiveError.self) { try early.events(of: held.meeting) }
    }

    @Test func destructionTakesTheKeyFirstAndLeavesNoOctetOfIt() async throws {
        let site = try SecretSite()
        let held = try await site.sealed()
        let kept = try await site.sealed(SecretSite.new("z001", level: "secret"))
        let id = held.meeting.id
        let wrapped = try #require(
            try await site.archive.read { db in
                try Data.fetchOne(db, sql: "SELECT wrapped FROM meetingKeys WHERE meetingID = ?", arguments: [id])
            })
        let isFile = site.workshop.cluster == nil
        func isLying() throws -> Bool {
            guard isFile else { return try PostgresServer.shared?.hasOnDisk(wrapped) ?? false }
            return ["", "-wal"].contains { suffix in
                let data = FileManager.default.contents(atPath: site.archive.root + "/catalogue.sqlite" + suffix)
                return data?.range(of: wrapped) != nil
            }
        }
        #expect(try isLying())
        func isCopied() throws -> Bool {
            try Self.lying(site.shelf + "/databases").values.contains { $0.range(of: wrapped) != nil }
        }
        for _ in 0..<2 {
            #expect(try await site.archive.copyDatabases([]) != nil)
            site.clock.advance(86_400)
        }
        // What pg_dump writes is compressed.
        #expect(try isCopied() == isFile)
        site.clock.advance(RetentionSite.time("2037-01-01").timeIntervalSince(site.clock.now))
        // What a backup has of it.
        let backup = try Workshop().root + "/package"
        try FileManager.default.copyItem(atPath: site.archive.paths(of: held.meeting).directory, toPath: backup)
        let proposal = try await site.archive.proposeDestruction(
            of: [id], reason: "hết thời hạn", by: RetentionSite.lan)
        _ = try await site.archive.review(
            proposal: proposal.id, .approve(document: "QĐ 15/QĐ-VP"), by: RetentionSite.minh)
        #expect(try await site.archive.carryOutDestructions().destroyed == [id])
        #expect(try !isLying())
        #expect(try await site.archive.databaseCopiesHaveRemovedKeys())
        #expect(try await site.archive.copyDatabases([]) != nil)
        #expect(try !isCopied(), "nor has a copy of the catalogue")
        let record = try #require(try await site.archive.find(id))
        let left = try Self.lying(site.archive.paths(of: record).directory)
        #expect(left.keys.allSatisfy { !$0.hasPrefix("data/") } && left["destruction/certificate.txt"] != nil)
        #expect(Set(try await site.archive.files(of: record).map(\.path)) == Set(left.keys))
        // Put back, it opens for nobody; others do.
        try FileManager.default.copyItem(
            atPath: backup + "/data", toPath: site.archive.paths(of: record).directory + "/data")
        #expect(throws: ArchiveError.encrypted(meeting: id, .keyGone)) { try site.archive.events(of: held.meeting) }
        #expect(try site.archive.events(of: kept.meeting).count == 1)
    }

    @Test func ordinaryMeetingsStayAsTheyWere() async throws {
        let site = try SecretSite()
        for (index, level) in [nil, "ordinary"].enumerated() {
            let held = try await site.sealed(SecretSite.new("o00\(index)", level: level))
            #expect(held.meeting.layout == .bag)
            let lying = try Self.lying(site.archive.paths(of: held.meeting).directory)
            for (path, data) in held.clear { #expect(lying[path] == data) }
            #expect(try await site.archive.files(of: held.meeting).count == lying.count)
            #expect(try await site.archive.verify(held.meeting.id).isIntact)
            #expect(site.archive.recordingRefusal(of: held.meeting) == nil)
        }
        // One that the schedule made more of since.
        let held = try await site.held(SecretSite.new("o009", level: "ordinary"))
        let sealed = try await site.archive.seal(held.meeting.id, isRestricted: true)
        #expect(sealed.layout == .encrypted)
        #expect(try site.archive.events(of: sealed).count == 1)
    }

    @Test func withoutAKeyTheRuleSaysWhatBecomesOfIt() async throws {
        let unkeyed = try SecretSite(EncryptionSettings(.whenKeyed))
        let held = try await unkeyed.sealed()
        #expect(held.meeting.layout == .bag && unkeyed.archive.recordingRefusal(of: held.meeting) == nil)
        let notes = try await unkeyed.archive.details(of: held.meeting.id).notes
        #expect(notes.map(\.severity) == [.warning] && notes[0].text.hasPrefix("sealed in clear"))

        let never = try SecretSite(EncryptionSettings(.never, key: SecretSite.kek))
        let clear = try await never.sealed()
        #expect(clear.meeting.layout == .bag)
        #expect(try await never.archive.details(of: clear.meeting.id).notes.map(\.severity) == [.information])

        let demanding = try SecretSite(EncryptionSettings(.required))
        let waiting = try await demanding.held()
        let refusal = ArchiveError.unencrypted(meeting: waiting.meeting.id)
        #expect(demanding.archive.recordingRefusal(of: waiting.meeting) == refusal)
        await #expect(throws: refusal) { try await demanding.archive.seal(waiting.meeting.id) }
        #expect(try await demanding.archive.find(waiting.meeting.id)?.state == .closed)
        let ordinary = try await demanding.sealed(SecretSite.new("o001", level: "ordinary"))
        #expect(ordinary.meeting.state == .sealed)
        // The key came.
        let keyed = try demanding.reopened(EncryptionSettings(.required, key: SecretSite.kek))
        #expect(try await keyed.seal(waiting.meeting.id).layout == .encrypted)
        #expect(throws: ArchiveError.self) { try EncryptionSettings(.required, key: Data("abc".utf8)) }
    }

    @Test(arguments: ["before the seal", "before the clear files went"])
    func aStopInTheMiddleIsMadeGood(_ point: String) async throws {
        let site = try SecretSite()
        let held = try await site.held()
        let directory = site.archive.paths(of: held.meeting).directory
        let killed: Workshop
        if point == "before the seal" {
            // Half an attempt lies there, by a key that was lost with it.
            try Data("CWCRYPT1 nửa chừng".utf8).write(to: URL(fileURLWithPath: directory + "/data/00001.sealed"))
            try Data("cũ".utf8).write(to: URL(fileURLWithPath: directory + "/data/09999.sealed"))
            killed = try site.workshop.asKilled()
        } else {
            let clear = try Self.lying(directory)
            _ = try await site.archive.seal(held.meeting.id)
            try await site.archive.write { db in try db.execute(sql: "UPDATE meetingKeys SET clearedAt = NULL") }
            for (path, data) in clear where path.hasPrefix("data/") || path.hasPrefix("metadata/") {
                let target = directory + "/" + path
                try FileManager.default.createDirectory(
                    atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try data.write(to: URL(fileURLWithPath: target))
            }
            try FileManager.default.createDirectory(
                atPath: site.archive.temporary + "/open-cu/data", withIntermediateDirectories: true)
            killed = try site.workshop.asKilled()
        }
        let next = try SecretSite.open(
            killed, site.shelf, site.clock, EncryptionSettings(.required, key: SecretSite.kek))
        #expect(!FileManager.default.fileExists(atPath: next.temporary + "/open-cu"))
        if point == "before the seal" {
            _ = try await next.seal(held.meeting.id)
        } else {
            #expect(try await next.verify(held.meeting.id).files.contains { $0.verdict == .extra })
            try await next.removeLeftClear()
        }
        let sealed = try #require(try await next.find(held.meeting.id))
        let lying = try Self.lying(next.paths(of: sealed).directory)
        for secret in Self.secrets(of: held) {
            #expect(lying.values.allSatisfy { $0.range(of: secret) == nil })
        }
        #expect(try await next.verify(sealed.id).isIntact)
        #expect(try next.contents(of: "data/access.webm", in: sealed, limit: .max) == held.clear["data/access.webm"])
    }
}
