import Archive
import Foundation
import Office
import PortalAPI
import Testing

@testable import Portal

/// Packages that are given out: each is a grant's.
@Suite(.serialized, .enabled(if: PortalHarness.hasOpenSSL)) struct GrantPackageTests {
    private static func have(_ names: String...) -> Bool {
        names.allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }
    }

    /// A meeting of two seconds' film and two papers, of which one has a second version, and the number of a grant of it.
    private func granted(
        _ portal: PortalHarness, _ id: String, _ level: CopyLevel, confidentiality: String? = nil
    ) async throws -> (MeetingRecord, Int64) {
        let meeting = try await portal.closed(id, confidentiality: confidentiality)
        try film(at: portal.archive.paths(of: meeting).accessCopy)
        let first = Paper(
            id: 1, name: "Tờ trình.pdf", mime: "application/pdf", size: 3, sha256: sha256("mot"), by: "Lan",
            at: meeting.openedAt)
        var second = first
        (second.id, second.sha256) = (2, sha256("hai"))
        let papers = PackagedPapers([first, second])
        for (entry, text) in zip(papers.papers, ["mot", "hai"]) {
            try portal.archive.add(Data(text.utf8), as: "papers/" + entry.file, to: meeting)
        }
        try portal.archive.add(try PortalJSON.encode(papers), as: "papers/papers.json", to: meeting)
        let sealed = try await portal.archive.seal(id)
        let request = try await portal.archive.requestAccess(
            .init(meetingID: id, reason: "thanh tra"), by: AccessPerson(id: "lan", name: "Lan", agency: "Sở Tư pháp"))
        let grant = try await portal.archive.grantAccess(
            to: request.number, .init(level: level, span: 0..<1500, until: Date().addingTimeInterval(3600)), by: "Minh")
        let folder = portal.archive.supplyFolder(of: grant.number)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return (sealed, grant.number)
    }

    private func film(at path: String) throws {
        let made = try run(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "color=c=gray:size=320x180:rate=15:duration=2",
                "-f",
                "lavfi", "-i", "sine=frequency=440:duration=2", "-c:v", "libvpx", "-deadline",
                "realtime", "-c:a", "libopus", path,
            ])
        try #require(made.status == 0)
    }

    @discardableResult
    private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/\(program)")
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    private func copied(_ portal: PortalHarness, _ grant: Int64) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        portal.server.removeCopies()
        while try await portal.ask("/api/v1/access/grants/\(grant)").decoded(AccessGrantStatus.self).copy?.state
            != "ready"
        {
            try #require(.now < deadline, "no copy was made")
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    @Test(.enabled(if: have("ffmpeg", "ffprobe", "weasyprint", "unzip")), .timeLimit(.minutes(5)))
    func aPackageForUseIsItsGrantsAndHasASealOfItsOwn() async throws {
        try await PortalHarness.run { portal in
            let lan = try await SignedIn(portal, "lan", [.agencyReader])
            let hoa = try await SignedIn(portal, "hoa", [.agencyReader])
            let minh = try await SignedIn(portal, "minh", [.archivist])
            let (meeting, grant) = try await granted(portal, "m-use", .package)
            let path = "access/grants/\(grant)/package"
            try await copied(portal, grant)
            #expect(try await lan.get(path).status == 409, "none was made")
            #expect(try await lan.post(path).status == 403)
            let answer = try await minh.post(path)
            let line = try #require(String(decoding: answer.body, as: UTF8.self).split(separator: "\n").last)
            let last = try PortalJSON.decode(PackageLine.self, from: Data(line.utf8))
            let outcome = try #require(last.outcome, "\(last)")
            #expect(outcome.grant == grant && outcome.kind == .dip)

            for stranger in [hoa, minh] { #expect(try await stranger.get(path).status == 404) }
            let taken = try await lan.get(path)
            #expect(taken.status == 200 && taken.headers["content-type"] == "application/zip")
            let zip = portal.root + "/taken.zip"
            try taken.body.write(to: URL(fileURLWithPath: zip))
            #expect(try run("sha256sum", [zip]).text.hasPrefix(outcome.sha256 ?? "-"))
            let tested = try run("unzip", ["-t", zip])
            #expect(tested.status == 0 && tested.text.contains("No errors detected"), "\(tested.text)")
            try run("unzip", ["-q", zip, "-d", portal.root + "/taken"])
            let bag = portal.root + "/taken/goi-dip-\(grant)"
            let verified = try run(
                "openssl",
                [
                    "pkeyutl", "-verify", "-pubin", "-inkey", portal.archive.root + "/keys/seal.pub.pem", "-rawin",
                    "-in",
                    bag + "/seal/seal.json", "-sigfile", bag + "/seal/seal.sig",
                ])
            #expect(verified.status == 0, "\(verified.text)")
            let sums = try run(
                "sh", ["-c", "cd '\(bag)' && sha512sum -c --strict manifest-sha512.txt tagmanifest-sha512.txt"])
            #expect(sums.status == 0, "\(sums.text)")
            // What is signed covers everything that is there.
            let seal = try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: bag + "/seal/seal.json")))
            let listed = ((seal as? [String: Any])?["files"] as? [[String: Any]])?.compactMap { $0["path"] as? String }
            let there = try run(
                "sh", ["-c", "cd '\(bag)' && find . -type f ! -path './seal/*' | cut -c3- | LC_ALL=C sort"])
            #expect(listed == there.text.split(separator: "\n").map(String.init))

            // The copy of the span that is traced to her, and the last version of the paper; not the film itself.
            let names = try FileManager.default.contentsOfDirectory(atPath: bag + "/data")
            let data = "\(bag)/data/\(try #require(names.first))/representations/rep1/data/"
            let files = try FileManager.default.contentsOfDirectory(atPath: data).sorted()
            #expect(files.map { ($0 as NSString).pathExtension } == ["mp4", "pdf"])
            let copy = portal.archive.supplyFolder(of: grant) + "/copy.mp4"
            #expect(FileManager.default.contentsEqual(atPath: data + files[0], andPath: copy))
            #expect(FileManager.default.contents(atPath: data + files[1]) == Data("hai".utf8))

            let journal = try await portal.office.journal(limit: 50)
            let made = try #require(journal.first { $0.action == "make package" })
            #expect(made.by.contains("minh") && made.subject.hasPrefix("\(grant) \(meeting.id) lan sha256 "))
            #expect(made.subject.hasSuffix(outcome.sha256 ?? "-"))
            let uses = try await portal.archive.accessUses(of: grant).map(\.what)
            #expect(Set(uses) == ["packaged", "downloaded", "refused"])

            #expect(try await minh.post("access/grants/\(grant)/revoke", AccessReason(reason: "nhầm")).status == 200)
            #expect(!FileManager.default.fileExists(atPath: outcome.directory))
            #expect(try await lan.get(path).status == 403)
            #expect(try await minh.post(path).status == 403)
        }
    }

    @Test(.enabled(if: have("ffmpeg", "ffprobe", "weasyprint")), .timeLimit(.minutes(5)))
    func papersOfARestrictedMeetingAndGrantsOfAnotherLevelGiveNone() async throws {
        try await PortalHarness.run { portal in
            _ = try await SignedIn(portal, "lan", [.agencyReader])
            let (meeting, grant) = try await granted(portal, "m-held", .package, confidentiality: "restricted")
            let (_, lower) = try await granted(portal, "m-low", .authenticated)
            try await copied(portal, grant)
            #expect(try await portal.ask("/api/v1/access/grants/\(lower)/package", method: "POST").status == 403)
            let answer = try await portal.ask("/api/v1/access/grants/\(grant)/package", method: "POST")
            let line = try #require(String(decoding: answer.body, as: UTF8.self).split(separator: "\n").last)
            let last = try PortalJSON.decode(PackageLine.self, from: Data(line.utf8))
            let outcome = try #require(last.outcome, "\(last)")
            let listed = try run("unzip", ["-l", outcome.directory]).text
            #expect(listed.contains("\(meeting.id).1.mp4") && !listed.contains(".2.pdf"), "\(listed)")
            // None without a grant.
            #expect(
                try await portal.ask(
                    "/api/v1/recordings/\(meeting.id)/packages", method: "POST", body: #"{"kind": "dip"}"#
                ).status
                    == 400)
        }
    }
}
