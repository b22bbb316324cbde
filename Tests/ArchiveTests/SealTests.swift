import Archive
import Foundation
import Testing

@Suite(.inEachCatalogue) struct SealTests {
    private static let names = [
        "README.txt", "bag-info.txt", "bagit.txt", "data/access.webm", "data/events.jsonl", "data/master.chain",
        "data/master.mkv", "manifest-sha512.txt", "metadata/dc.xml", "metadata/meeting.json", "metadata/premis.xml",
        "seal/seal.json", "seal/seal.sig", "seal/signer.pem", "tagmanifest-sha512.txt",
    ]

    @Test func aNameThatASumFileCannotHoldIsWrittenAsBagItSays() async throws {
        let archive = try Workshop().open()
        let closed = try await archive.closedMeeting()
        let odd = archive.paths(of: closed).payload("odd 100%\nof two lines.txt")
        try "odd".write(toFile: odd, atomically: false, encoding: .utf8)
        let sealed = try await archive.seal(closed.id)
        let manifest = try String(
            contentsOfFile: archive.paths(of: sealed).directory + "/manifest-sha512.txt", encoding: .utf8)
        #expect(manifest.contains("  data/odd 100%25%0Aof two lines.txt\n"))
        #expect(manifest.split(separator: "\n").count == 5)
        #expect(try await archive.verify(sealed.id).isIntact)
    }

    @Test(arguments: ["họp.txt", "../x", "a//b", ".x", "a/.x", "", "/x", "a\nb", "a/b/c/d/e/f"])
    func namesThatArchivesCannotKeepAreRefused(name: String) async throws {
        let archive = try Workshop().open()
        let closed = try await archive.closedMeeting()
        #expect(throws: ArchiveError.unusableName(name)) { try archive.add(Data(), as: name, to: closed) }
    }

    @Test func sealingEntersEveryFileAndMakesItReadOnly() async throws {
        let archive = try Workshop().open()
        let sealed = try await archive.sealedMeeting()
        #expect(sealed.state == .sealed && sealed.sealedAt != nil)
        let files = try await archive.files(of: sealed)
        #expect(files.map(\.path) == Self.names)
        #expect(files.first { $0.path == "data/master.mkv" }?.size == 3_000_000)
        #expect(files.allSatisfy { $0.sha256?.count == 64 && $0.sha512?.count == 128 && $0.madeAt != nil })
        let master = archive.paths(of: sealed).master
        let mode = try FileManager.default.attributesOfItem(atPath: master)[.posixPermissions] as? Int
        #expect(mode == 0o440)
        #expect(!FileManager.default.fileExists(atPath: archive.paths(of: sealed).work))
    }

    @Test func anIntactPackageVerifies() async throws {
        let archive = try Workshop().open()
        let sealed = try await archive.sealedMeeting()
        let report = try await archive.verify(sealed.id)
        #expect(report.isIntact && report.files.count == Self.names.count)
        let again = try #require(await archive.find(sealed.id))
        #expect(again.damagedFiles == 0 && again.verifiedAt == report.checkedAt)
    }

    @Test(arguments: names)
    func oneFlippedBitIsFound(name: String) async throws {
        let archive = try Workshop().open()
        let sealed = try await archive.sealedMeeting()
        let path = archive.paths(of: sealed).directory + "/" + name
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        data[data.count / 2] ^= 0x10
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        try data.write(to: URL(fileURLWithPath: path))
        let report = try await archive.verify(sealed.id)
        #expect(report.damaged.map(\.path) == [name])
        guard case .changed(let found)? = report.damaged.first?.verdict else {
            Issue.record("\(report.damaged)")
            return
        }
        #expect(found != report.damaged.first?.sealedSHA256)
        let details = try await archive.details(of: sealed.id)
        #expect(details.meeting.damagedFiles == 1)
        #expect(details.notes.last?.severity == .fault && details.notes.last?.text.contains(name) == true)
    }

    @Test func missingExtraAndLinkedFilesAreFound() async throws {
        let archive = try Workshop().open()
        let sealed = try await archive.sealedMeeting()
        let paths = archive.paths(of: sealed)
        unlink(paths.accessCopy)
        try FileManager.default.createDirectory(atPath: paths.directory + "/more", withIntermediateDirectories: false)
        try "x".write(toFile: paths.directory + "/more/extra.txt", atomically: false, encoding: .utf8)
        let copy = archive.root + "/copy.mkv"
        try FileManager.default.moveItem(atPath: paths.master, toPath: copy)
        try FileManager.default.createSymbolicLink(atPath: paths.master, withDestinationPath: copy)
        let report = try await archive.verify(sealed.id)
        let found = Dictionary(uniqueKeysWithValues: report.damaged.map { ($0.path, $0.verdict) })
        #expect(found["data/access.webm"] == .missing)
        #expect(found["more/extra.txt"] == .extra)
        #expect(found["data/master.mkv"] == .unreadable(reason: "not a regular file any more"))
        #expect(found.count == 3)
    }

    @Test func aRemovedPackageIsReportedFileByFile() async throws {
        let archive = try Workshop().open()
        let sealed = try await archive.sealedMeeting()
        try FileManager.default.removeItem(atPath: archive.paths(of: sealed).directory)
        let report = try await archive.verify(sealed.id)
        #expect(report.files.count == Self.names.count && report.files.allSatisfy { $0.verdict == .missing })
    }

    @Test func progressRunsFromNothingToAll() async throws {
        let archive = try Workshop().open()
        let closed = try await archive.closedMeeting(masterBytes: 40 << 20)
        let seen = Progress()
        try await archive.seal(closed.id) { seen.add($0) }
        let steps = seen.all
        #expect(steps.first?.doneBytes == 0)
        #expect(steps.last.map { $0.doneBytes == $0.totalBytes && $0.totalBytes > 40 << 20 } == true)
        #expect(steps.count >= 3 && steps.count < 12)
    }

    @Test func twoSealsAtOnceGiveOneSeal() async throws {
        let archive = try Workshop().open()
        let closed = try await archive.closedMeeting()
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { (try? await archive.seal(closed.id)) != nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 1)
        #expect(try await archive.verify(closed.id).isIntact)
    }

    @Test func aCancelledSealCanBeBegunAgain() async throws {
        let archive = try Workshop().open()
        let closed = try await archive.closedMeeting(masterBytes: 40 << 20)
        let task = Task { try await archive.seal(closed.id) }
        task.cancel()
        await #expect(throws: ArchiveError.cancelled) { try await task.value }
        #expect(try await archive.find(closed.id)?.state == .closed)
        try await archive.seal(closed.id)
        #expect(try await archive.verify(closed.id).isIntact)
    }

    @Test func anUnsealedMeetingCannotBeVerified() async throws {
        let archive = try Workshop().open()
        let closed = try await archive.closedMeeting()
        await #expect(throws: ArchiveError.self) { try await archive.verify(closed.id) }
    }
}

private final class Progress: @unchecked Sendable {
    // The lock guards the only stored state.
    private let lock = NSLock()
    private var steps: [HashingProgress] = []
    func add(_ step: HashingProgress) { lock.withLock { steps.append(step) } }
    var all: [HashingProgress] { lock.withLock { steps } }
}
