import Foundation
import InteropSupport
import PortalAPI
import Testing

/// A restricted meeting, by the real daemon: recorded, sealed encrypted, watched, verified, and given to nobody without its key.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct RestrictedMeetingTests {
    private static let title = "Họp kín nhân sự"
    private static let paper = "%PDF-1.7 phương án nhân sự chưa công bố"

    /// A folder with credentials, as the service manager makes it.
    private static func credentials(_ folder: String, _ key: String?) throws -> [String: String] {
        let path = folder + "-credentials-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        if let key {
            try Data((key + "\n").utf8).write(to: URL(fileURLWithPath: path + "/archive-kek"))
        }
        return ["CREDENTIALS_DIRECTORY": path]
    }

    private static let key = String(repeating: "0123456789abcdef", count: 4)
    private static let otherKey = String(repeating: "fedcba9876543210", count: 4)

    /// Convenes a restricted meeting that begins now.
    private func convene(_ site: TestSite) async throws {
        let added = try await site.daemon.causeway([
            "schedule", "add", "--room", "giaoban", "--title", Self.title, "--at", "now", "--convener", "Chủ tịch Kín",
            "--document", "1/GM-KIN", "--document-date", "2026-01-20", "--field", "nội vụ", "--confidentiality",
            "restricted", "--chair", "Ông A", "--chair-point", "phuloc", "--points", "phuloc", "--rehearsal", "0",
            "--json",
        ])
        #expect(added.status == 0, "\(added.output)")
        let convened = try PortalJSON.decode(MeetingDetail.self, from: Data(added.output.utf8)).meeting
        let file = site.folder + "/Phương án nhân sự.pdf"
        try Data(Self.paper.utf8).write(to: URL(fileURLWithPath: file))
        #expect(try await site.daemon.causeway(["schedule", "attach", convened.id, file]).status == 0)
        try await eventually("the conference to hear of it", within: .seconds(15)) {
            site.daemon.log.contains("rehearsal and meeting in room giaoban may begin")
        }
    }

    /// Opens it with one point in it and orders its recording.
    private func begin(_ site: TestSite) async throws -> String {
        let endpoint = try await site.endpoint(0, tone: 440)
        try await endpoint.dial(site.daemon.address())
        try await eventually("the point to be in", within: .seconds(20)) {
            try await site.daemon.meetings().first?.participants.isEmpty == false
        }
        let meeting = try #require(try await site.daemon.meetings().first)
        #expect(try await site.daemon.causeway(["meetings", "open", meeting.id]).status == 0)
        _ = try await site.daemon.causeway(["meetings", "record", "start", meeting.id, "--reason", "biên bản"])
        return meeting.id
    }

    @Test func itsPackageIsNothingToWhoeverHasTheDisk() async throws {
        let token = "ma-luu-tru-\(UUID().uuidString)"
        let digest = try await Tool.run("sh", ["-c", "printf %s \(token) | sha256sum | cut -c1-64"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let credentials = FileManager.default.temporaryDirectory.path + "/causeway-kek-\(UUID().uuidString)"
        func setup(_ environment: [String: String]) -> (inout RunningDaemon.Setup) -> Void {
            { setup in
                setup.tokenSHA256 = digest
                setup.environment = environment
                setup.archiveKeys = ", encryption: {restricted: required}, dossierProfile: \(credentials).json"
            }
        }
        try Data(#"{"site": {"agencyCode": "H57", "agencyName": "Văn phòng UBND tỉnh", "fondsCode": "P1"}}"#.utf8)
            .write(to: URL(fileURLWithPath: credentials + ".json"))
        let right = try Self.credentials(credentials, Self.key)
        let wrong = try Self.credentials(credentials, Self.otherKey)
        defer {
            for folder in Array(right.values) + Array(wrong.values) + [credentials + ".json"] {
                try? FileManager.default.removeItem(atPath: folder)
            }
        }
        try await TestSite.with(setup(right)) { site in
            #expect(site.daemon.log.contains("restricted meetings are encrypted by the key"))
            try await convene(site)
            let meeting = try await begin(site)
            try await eventually("it to be recorded", within: .seconds(10)) {
                try await site.daemon.control(of: meeting).recording == "running"
            }
            try await Task.sleep(for: .seconds(3))
            let package = try #require(try await site.daemon.recording(meeting).directory)
            #expect(try await site.daemon.causeway(["meetings", "end", meeting]).status == 0)
            let recording = try await site.daemon.waitUntilSealed(meeting)
            #expect(recording.summary.state == "sealed" && recording.notes.isEmpty, "\(recording.notes)")

            #expect(recording.isEncrypted == true)

            // Nothing of it is there in clear: no title, no name, no paper, no sound, no file's name.
            let found = try await Tool.run(
                "sh",
                [
                    "-c",
                    "cd '\(package)' && find . | sort && grep -rlaE 'nhân sự|nhan-su|Chủ tịch Kín|1/GM-KIN|Phú Lộc|phuloc|matroska|OpusHead|webm' . || true",
                ])
            #expect(found.split(separator: "\n").allSatisfy { $0.hasPrefix(".") })
            let names = Set(found.split(separator: "\n").map(String.init))
            #expect(
                names.contains("./data/index.sealed") && !found.contains("mkv") && !found.contains("metadata"),
                "\(found)")
            #expect(found.components(separatedBy: "./data/00001.sealed").count == 2, "grep found something: \(found)")

            // The film plays, by any ranges, and is what was sealed.
            let file = try #require(recording.files.first { $0.path == "data/access.webm" })
            let film = site.folder + "/film.webm"
            let url = "https://127.0.0.1:\(site.daemon.httpsPort)/api/v1/recordings/\(meeting)"
            func fetch(_ path: String, _ options: [String], to target: String) async throws {
                try await Tool.run(
                    "curl",
                    ["-sSf", "--cacert", site.daemon.authority, "-H", "Authorization: Bearer \(token)", "-o", target]
                        + options + [url + path])
            }
            try await fetch("/files/access.webm", [], to: film)
            let whole = try Data(contentsOf: URL(fileURLWithPath: film))
            #expect(Int64(whole.count) == file.bytes)
            let sum = try await Tool.run("sha256sum", [film])
            #expect(file.sha256.map(sum.hasPrefix) == true)
            #expect(try await Sound(decoding: film).duration > 2)
            for range in [0..<1, 65_530..<65_545, 100..<whole.count - 1, whole.count - 10..<whole.count]
            where range.upperBound <= whole.count {
                let part = site.folder + "/part"
                try await fetch("/files/access.webm", ["-r", "\(range.lowerBound)-\(range.upperBound - 1)"], to: part)
                #expect(try Data(contentsOf: URL(fileURLWithPath: part)) == whole[range], "\(range)")
            }
            let point = site.folder + "/point.webm"
            try await fetch("/points/phuloc/stream?from=1&to=3", [], to: point)
            #expect(try await Sound(decoding: point).slice(0.3, 1).level(of: 440) > -20)
            let timeline = site.folder + "/timeline.json"
            try await fetch("/timeline", [], to: timeline)
            let line = try PortalJSON.decode(
                RecordingTimeline.self, from: try Data(contentsOf: URL(fileURLWithPath: timeline)))
            #expect(line.film == "data/access.webm" && line.papers.map(\.title) == ["Phương án nhân sự.pdf"])
            let paper = try #require(line.papers.first?.file)
            try await fetch("/files/\(paper)", [], to: site.folder + "/paper")
            #expect(FileManager.default.contents(atPath: site.folder + "/paper") == Data(Self.paper.utf8))
            let report = site.folder + "/report.json"
            #expect(
                try await site.daemon.causeway(["report", meeting, "--format", "json", "--output", report]).status == 0)
            #expect(try String(contentsOfFile: report, encoding: .utf8).contains(Self.title))

            // What leaves is clear, and made of it.
            let dossier = try await site.daemon.causeway(["recordings", "package", meeting, "--kind", "sip"])
            #expect(dossier.status == 0, "\(dossier.output)")
            let left = try FileManager.default.contentsOfDirectory(atPath: site.daemon.archive + "/work")
            #expect(!left.contains { $0.hasPrefix("open-") }, "\(left)")

            // It is proven without any key, by the daemon and by others.
            #expect(try await site.daemon.causeway(["recordings", "verify", meeting]).status == 0)
            await site.daemon.stop()
            try await site.restart(setup(wrong))
            #expect(site.daemon.log.components(separatedBy: "encrypted meetings cannot be read").count == 2)
            #expect(try await site.daemon.causeway(["recordings", "verify", meeting]).status == 0)
            let offline = try await site.daemon.causeway(
                [
                    "verify-package", package, "--key", site.daemon.archive + "/keys/seal.pub.pem", "--ledger",
                    site.daemon.archive + "/ledger.jsonl",
                ], isOffline: true)
            #expect(offline.status == 0, "\(offline.output)")
            let now = "https://127.0.0.1:\(site.daemon.httpsPort)/api/v1/recordings/\(meeting)"
            for path in ["/files/access.webm", "/files/data/00001.sealed", "/timeline", "/film/stream?from=0"] {
                let status = try await Tool.run(
                    "curl",
                    [
                        "-sS", "--cacert", site.daemon.authority, "-H", "Authorization: Bearer \(token)", "-o",
                        site.folder + "/nothing", "-w", "%{http_code}", now + path,
                    ])
                #expect(status == "503", "\(path): \(status)")
                let body = FileManager.default.contents(atPath: site.folder + "/nothing") ?? Data()
                #expect(body.count < 1_000)
            }
            let shown = try await site.daemon.recording(meeting)
            #expect(!shown.files.contains { $0.path.hasPrefix("data/") }, "\(shown.files)")
        }
    }

    @Test func withoutAKeyItIsNotRecordedWhereThatIsDemanded() async throws {
        try await TestSite.with({ $0.archiveKeys = ", encryption: {restricted: required}" }) { site in
            #expect(site.daemon.log.contains("restricted meetings are not recorded"))
            try await convene(site)
            let meeting = try await begin(site)
            try await eventually("the recording to fail", within: .seconds(10)) {
                site.daemon.log.contains("may not lie in clear")
            }
            let package = try #require(try await site.daemon.recording(meeting).directory)
            #expect(!FileManager.default.fileExists(atPath: package + "/data/master.mkv"))
        }
    }
}
