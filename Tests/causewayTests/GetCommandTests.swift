import Archive
import Foundation
import PortalAPI
import Testing

@testable import causeway

@Suite struct GetCommandTests {
    private func contents(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    @Test func aFileComesWholeAndChecked() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed()
            let target = harness.root + "/m.mkv"
            let got = await harness.causeway(
                "recordings", "get", recording.id, "--file", "master.mkv", "--output", target)
            #expect(got.status == .success, "\(got.errors)")
            #expect(try contents(target) == CommandHarness.bytes(2_000_000))
            #expect(got.output.contains("SHA-256 matches the seal"))
            #expect(got.errors.contains("█") && got.errors.hasSuffix("\u{1B}[K"))
            #expect(!FileManager.default.fileExists(atPath: target + ".part"))
            let again = await harness.causeway(
                "recordings", "get", recording.id, "--file", "master.mkv", "--output", target, "--json")
            #expect(again.status == .success)
            let fetched = try PortalJSON.decode([FetchedFile].self, from: Data(again.output.utf8))
            #expect(fetched.map(\.bytes) == [2_000_000] && fetched[0].sha256?.count == 64)
        }
    }

    @Test func intoADirectoryItIsNamedAfterThePackage() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed()
            let got = await harness.causeway("recordings", "get", recording.id, "--output", harness.root)
            #expect(got.status == .success)
            #expect(try contents(harness.root + "/2026-11-24-giaoban-k3f9-access.webm") == CommandHarness.bytes(50_000))
        }
    }

    @Test func aBrokenOffFetchGoesOn() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed()
            let target = harness.root + "/m.mkv"
            try CommandHarness.bytes(2_000_000).prefix(1_300_001).write(to: URL(fileURLWithPath: target + ".part"))
            let got = await harness.causeway(
                "recordings", "get", recording.id, "--file", "master.mkv", "--output", target)
            #expect(got.status == .success)
            #expect(try contents(target) == CommandHarness.bytes(2_000_000))
        }
    }

    @Test func aCompleteButUnfinishedPartIsOnlyChecked() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed()
            let target = harness.root + "/m.mkv"
            try CommandHarness.bytes(2_000_000).write(to: URL(fileURLWithPath: target + ".part"))
            let got = await harness.causeway(
                "recordings", "get", recording.id, "--file", "master.mkv", "--output", target)
            #expect(got.status == .success)
            #expect(try contents(target) == CommandHarness.bytes(2_000_000))
        }
    }

    @Test func aPartThatIsNotItsBeginningIsThrownAway() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed()
            let target = harness.root + "/m.mkv"
            try Data(repeating: 9, count: 1000).write(to: URL(fileURLWithPath: target + ".part"))
            let arguments = ["recordings", "get", recording.id, "--file", "master.mkv", "--output", target]
            let wrong = await CommandHarness.causeway(arguments + ["--socket", harness.socket])
            #expect(wrong.status == .verificationFailed && wrong.errors.contains("is not what was sealed"))
            #expect(!FileManager.default.fileExists(atPath: target + ".part"))
            #expect(!FileManager.default.fileExists(atPath: target))
            let right = await CommandHarness.causeway(arguments + ["--socket", harness.socket])
            #expect(right.status == .success)
            #expect(try contents(target) == CommandHarness.bytes(2_000_000))
        }
    }

    @Test func aFileDamagedOnTheServerIsNotPassedOffAsGood() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed()
            let path = harness.archive.paths(of: recording).accessCopy
            var data = try contents(path)
            data[40_000] ^= 1
            unlink(path)
            try data.write(to: URL(fileURLWithPath: path))
            let target = harness.root + "/a.webm"
            let got = await harness.causeway("recordings", "get", recording.id, "--output", target)
            #expect(got.status == .verificationFailed)
            #expect(!FileManager.default.fileExists(atPath: target))
        }
    }

    @Test func somethingElseInThePlaceIsNotOverwritten() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed()
            let target = harness.root + "/a.webm"
            try "mine".write(toFile: target, atomically: false, encoding: .utf8)
            let got = await harness.causeway("recordings", "get", recording.id, "--output", target)
            #expect(got.status == .localFault)
            #expect(try String(contentsOfFile: target, encoding: .utf8) == "mine")
        }
    }

    private static let sha512sum = "/usr/bin/sha512sum"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: sha512sum)))
    func theWholePackageChecksWithSha512sumAlone() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed()
            let target = harness.root + "/package"
            let got = await harness.causeway("recordings", "get", recording.id, "--file", "all", "--output", target)
            #expect(got.status == .success && got.output.split(separator: "\n").count == 15, "\(got.output)")
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Self.sha512sum)
            process.arguments = ["--check", "--strict", "--quiet", "manifest-sha512.txt", "tagmanifest-sha512.txt"]
            process.currentDirectoryURL = URL(fileURLWithPath: target)
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
    }

    @Test func aFileThatIsNotThereIsNamedWithThoseThatAre() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed()
            let got = await harness.causeway("recordings", "get", recording.id, "--file", "film.mp4")
            #expect(got.status == .refused && got.errors.contains("data/access.webm, data/events.jsonl"))
        }
    }

    @Test(arguments: ["../x", "/etc/passwd", "a/../b", "a//b", "", ".", "a\u{0}b", "a\u{1B}b"])
    func namesFromTheServerThatLeadElsewhereAreRefused(name: String) throws {
        #expect(!GetCommand.isSafe(name))
        let summary = RecordingSummary(
            id: "m", room: "r", title: "t", convener: nil, document: nil, openedAt: Date(), closedAt: nil,
            state: "sealed",
            durationMilliseconds: nil, participants: 0, bytes: 0, verifiedAt: nil, isIntact: nil)
        let detail = RecordingDetail(
            summary: summary, package: "p", directory: nil, closeReason: nil, sealedAt: nil, participants: [],
            files: [.init(path: name, bytes: 1, sha256: nil, mime: "x")], notes: [], jobs: [])
        #expect(throws: CommandFailure.self) { try GetCommand.plan(detail, file: "all", output: nil) }
    }
}
