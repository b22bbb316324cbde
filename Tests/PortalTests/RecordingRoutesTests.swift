import Archive
import Foundation
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct RecordingRoutesTests {
    private let files = "/api/v1/recordings/20261124-093000-giaoban-k3f9/files/"

    @Test func listsShowsAndPages() async throws {
        try await PortalHarness.run { portal in
            for index in 0..<5 { _ = try await portal.closed("m-\(index)", masterBytes: 10) }
            let first = try await portal.ask("/api/v1/recordings?limit=3").decoded(RecordingPage.self)
            #expect(first.recordings.map(\.id) == ["m-4", "m-3", "m-2"])
            let after = try #require(first.next)
            let second = try await portal.ask("/api/v1/recordings?limit=3&after=\(after)").decoded(RecordingPage.self)
            #expect(second.recordings.map(\.id) == ["m-1", "m-0"] && second.next == nil)
            let found = try await portal.ask("/api/v1/recordings?text=h%E1%BB%8Dp%20giao&from=2026-11-24&to=2026-11-24")
            #expect(try found.decoded(RecordingPage.self).recordings.count == 5)
            let detail = try await portal.ask("/api/v1/recordings/m-0").decoded(RecordingDetail.self)
            #expect(detail.summary.title == "Họp giao ban" && detail.participants.map(\.point) == ["so-tc"])
            #expect(detail.files.map(\.path) == ["data/events.jsonl", "data/master.mkv", "metadata/meeting.json"])
            #expect(detail.directory?.hasSuffix("packages/2026/2026-11-24-giaoban-m-0") == true)
            let seen = try await portal.ask("/api/v1/recordings/m-0", .https(token: PortalHarness.archivistToken))
            #expect(try seen.decoded(RecordingDetail.self).directory == nil)
        }
    }

    @Test func wrongQuestionsGetAReason() async throws {
        try await PortalHarness.run { portal in
            for (path, status) in [
                ("/api/v1/recordings?limit=0", 400), ("/api/v1/recordings?limit=x", 400),
                ("/api/v1/recordings?from=hom-qua", 400), ("/api/v1/recordings?state=lost", 400),
                ("/api/v1/recordings?after=none", 404), ("/api/v1/recordings/none", 404), ("/api/v2", 404),
                ("/api/v1/recordings/%ff", 400), ("/api/v1/recordings/none/job", 404),
            ] {
                let answer = try await portal.askRaw(path)
                #expect(answer.status == status, "\(path)")
                #expect(answer.error?.error.isEmpty == false && answer.error?.hint.isEmpty == false, "\(path)")
            }
        }
    }

    @Test func aFileComesWholeWithItsHashAsTag() async throws {
        try await PortalHarness.run { portal in
            let recording = try await portal.sealed()
            let answer = try await portal.ask(files + "master.mkv")
            #expect(answer.status == 200 && answer.body == PortalHarness.bytes(1_000_000))
            let sealed = try await portal.archive.files(of: recording).first { $0.path == "data/master.mkv" }
            #expect(answer.headers["etag"] == "\"\(sealed?.sha256 ?? "")\"")
            #expect(answer.headers["content-type"] == "video/matroska")
            #expect(answer.headers["content-length"] == "1000000")
            #expect(
                answer.headers["content-disposition"] == "attachment; filename=\"2026-11-24-giaoban-k3f9-master.mkv\"")
            let head = try await portal.ask(files + "master.mkv", method: "HEAD")
            #expect(head.status == 200 && head.headers["content-length"] == "1000000" && head.body.isEmpty)
            let same = try await portal.ask(
                files + "master.mkv", headers: ["If-None-Match": answer.headers["etag"] ?? ""])
            #expect(same.status == 304 && same.body.isEmpty)
        }
    }

    @Test func rangesGiveThePartsAskedFor() async throws {
        try await PortalHarness.run { portal in
            _ = try await portal.sealed()
            let all = PortalHarness.bytes(1_000_000)
            for (range, expected) in [
                ("bytes=0-0", 0..<1), ("bytes=0-999999", 0..<1_000_000), ("bytes=999999-", 999_999..<1_000_000),
                ("bytes=-1", 999_999..<1_000_000), ("bytes=-5000000", 0..<1_000_000),
                ("bytes=130000-700000", 130_000..<700_001), ("bytes=999990-2000000", 999_990..<1_000_000),
            ] {
                let answer = try await portal.ask(files + "master.mkv", headers: ["Range": range])
                #expect(answer.status == 206, "\(range)")
                #expect(answer.body == all.subdata(in: expected), "\(range)")
                let end = expected.upperBound - 1
                #expect(answer.headers["content-range"] == "bytes \(expected.lowerBound)-\(end)/1000000", "\(range)")
            }
            for range in ["bytes=1000000-", "bytes=1000000-1000001", "bytes=-0"] {
                let answer = try await portal.ask(files + "master.mkv", headers: ["Range": range])
                #expect(answer.status == 416 && answer.headers["content-range"] == "bytes */1000000", "\(range)")
            }
            for range in ["bytes=5-1", "bytes=a-b", "bytes=0-1,5-6", "lines=0-1", "bytes=", "bytes=-", "bytes=+1-2"] {
                let answer = try await portal.ask(files + "master.mkv", headers: ["Range": range])
                #expect(answer.status == 200 && answer.body.count == 1_000_000, "\(range)")
            }
        }
    }

    @Test func aRangeOfAnotherVersionGivesTheWhole() async throws {
        try await PortalHarness.run { portal in
            _ = try await portal.sealed()
            let tag = try #require(try await portal.ask(files + "master.mkv", method: "HEAD").headers["etag"])
            let same = try await portal.ask(files + "master.mkv", headers: ["Range": "bytes=9-", "If-Range": tag])
            #expect(same.status == 206)
            let other = try await portal.ask(files + "master.mkv", headers: ["Range": "bytes=9-", "If-Range": "\"x\""])
            #expect(other.status == 200 && other.body.count == 1_000_000)
        }
    }

    @Test func noPathLeadsOutOfThePackage() async throws {
        try await PortalHarness.run { portal in
            let recording = try await portal.sealed()
            let directory = portal.archive.paths(of: recording).directory
            try "secret".write(toFile: portal.root + "/secret.txt", atomically: false, encoding: .utf8)
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/link.txt", withDestinationPath: portal.root + "/secret.txt")
            for name in [
                "../meeting.json", "../../../../secret.txt", "%2e%2e/%2e%2e/%2e%2e/%2e%2e/secret.txt",
                "..%2fsecret.txt",
                "..%2f..%2f..%2fcatalogue.sqlite", "master.mkv%00.txt", "%00", "link.txt", "/etc/passwd",
                "%2fetc%2fpasswd", "./../lock", "master.mkv/../meeting.json/..", "%ff%fe", "", ".", "..", "master.mkv/",
                "MASTER.MKV", "%25%32%65", "....//secret.txt", "%", "%zz", "..\\secret.txt",
            ] {
                let answer = try await portal.askRaw(files + name)
                #expect(answer.status == 404 || name == "master.mkv/", "\(name): \(answer.status)")
                #expect(!String(decoding: answer.body, as: UTF8.self).contains("secret\n"), "\(name)")
                #expect(!answer.body.starts(with: Data("SQLite".utf8)), "\(name)")
            }
        }
    }

    @Test func aFileMadeALinkAfterTheSealIsNotFollowed() async throws {
        try await PortalHarness.run { portal in
            let recording = try await portal.sealed()
            let paths = portal.archive.paths(of: recording)
            try "secret".write(toFile: portal.root + "/secret.txt", atomically: false, encoding: .utf8)
            unlink(paths.master)
            try FileManager.default.createSymbolicLink(
                atPath: paths.master, withDestinationPath: portal.root + "/secret.txt")
            let answer = try await portal.ask(files + "master.mkv")
            #expect(answer.status == 500 && !String(decoding: answer.body, as: UTF8.self).contains("secret"))
            #expect(answer.error?.error == "The file cannot be read any more.")
        }
    }

    @Test func aRecordingInProgressIsNotGivenOut() async throws {
        try await PortalHarness.run { portal in
            _ = try await portal.archive.openMeeting(NewMeeting(id: "now", room: "r", title: "t", openedAt: Date()))
            #expect(try await portal.ask("/api/v1/recordings/now/files/events.jsonl").status == 409)
            #expect(try await portal.ask("/api/v1/recordings/now/verify", method: "POST").status == 409)
        }
    }

    @Test func verificationTellsDamageAndItsProgress() async throws {
        try await PortalHarness.run { portal in
            let recording = try await portal.sealed()
            let path = "/api/v1/recordings/\(recording.id)/verify"
            let intact = try await portal.ask(path, method: "POST").decoded(VerificationOutcome.self)
            #expect(intact.isIntact && intact.files.count == 14)
            let events = portal.archive.paths(of: recording).events
            unlink(events)
            try "{}\n".write(toFile: events, atomically: false, encoding: .utf8)
            let answer = try await portal.ask(path, method: "POST", headers: ["Accept": "application/x-ndjson"])
            let lines = try answer.body.split(separator: UInt8(ascii: "\n")).map {
                try PortalJSON.decode(VerificationLine.self, from: $0)
            }
            #expect(lines.dropLast().allSatisfy { $0.progress != nil })
            let outcome = try #require(lines.last?.outcome)
            #expect(outcome.files.filter { $0.verdict != .ok }.map(\.path) == ["data/events.jsonl"])
            let detail = try await portal.ask("/api/v1/recordings/\(recording.id)").decoded(RecordingDetail.self)
            #expect(detail.summary.isIntact == false && detail.notes.last?.severity == "fault")
        }
    }

    @Test func jobsShowTheirProgress() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await portal.closed("m1")
            try await portal.archive.enqueue(.compose, for: meeting.id)
            let job = try #require(await portal.archive.claimNextJob())
            try await portal.archive.updateJob(job.id, progress: 0.5)
            let jobs = try await portal.ask("/api/v1/recordings/m1/job").decoded([JobStatus].self)
            #expect(jobs.map(\.state) == ["running"] && jobs.first?.progress == 0.5)
            #expect(jobs.first?.remainingSeconds != nil)
            let status = try await portal.ask("/api/v1/status").decoded(SystemStatus.self)
            #expect(status.jobs.map(\.recording) == ["m1"] && status.recordings == ["composing": 1])
        }
    }
}
