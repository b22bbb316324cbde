import Archive
import Documents
import Dossier
import Evidence
import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct PackageRoutesTests {
    private static func have(_ names: String...) -> Bool {
        names.allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }
    }

    private func ask(
        _ portal: PortalHarness, _ id: String, _ body: String, _ way: PortalHarness.Way = .socket
    ) async throws -> (status: Int, lines: [PackageLine]) {
        let answer = try await portal.ask("/api/v1/recordings/\(id)/packages", way, method: "POST", body: body)
        guard answer.status == 200 else { return (answer.status, []) }
        return (
            200,
            try String(decoding: answer.body, as: UTF8.self).split(separator: "\n").map {
                try PortalJSON.decode(PackageLine.self, from: Data($0.utf8))
            }
        )
    }

    /// A sealed meeting with a film of two seconds, or with a master alone that is one.
    private func filmed(
        _ portal: PortalHarness, id: String = "m-film", hasFilm: Bool = true
    ) async throws -> MeetingRecord {
        let meeting = try await portal.closed(id)
        let paths = portal.archive.paths(of: meeting)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/ffmpeg")
        process.arguments = [
            "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "color=c=gray:size=320x180:rate=15:duration=2", "-f",
            "lavfi", "-i", "sine=frequency=440:duration=2", "-c:v", "libvpx", "-deadline", "realtime", "-c:a",
            "libopus",
            hasFilm ? paths.accessCopy : paths.master,
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        try portal.archive.add(Data(#"{"streams": []}"#.utf8), as: "gaps.json", to: meeting)
        return try await portal.archive.seal(meeting.id)
    }

    @Test func anArchivistGetsAnArchivalPackageBesideTheArchive() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await portal.sealed(masterBytes: 100_000)
            let (status, lines) = try await ask(
                portal, meeting.id, #"{"kind": "aip"}"#, .https(token: PortalHarness.archivistToken))
            #expect(status == 200)
            let outcome = try #require(lines.last?.outcome, "\(lines)")
            #expect(outcome.objectID.hasPrefix("urn:P1:uuid:"))
            #expect(outcome.directory.hasPrefix(portal.archive.root + "/outgoing/\(meeting.id)/urn_P1_uuid_"))
            #expect(lines.contains { $0.progress?.stage == .package })
            let data = "\(outcome.directory)/representations/rep1/data/H57.2026.\(meeting.id).1.mkv"
            #expect(FileManager.default.contents(atPath: data) == PortalHarness.bytes(100_000))
            let profile = try DossierProfile.load(
                try #require(portal.configuration.packages.profile),
                corrections: portal.configuration.packages.corrections)
            let inspection = try PackageInspection(outcome.directory, profile, try SchemaLibrary())
            #expect(inspection.defects.isEmpty && inspection.files == outcome.files)
        }
    }

    @Test func anEncryptedRecordingGoesIntoAPackageInClearAndLeavesNoClearCopy() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await portal.sealed("m-kin", masterBytes: 200_000, confidentiality: "restricted")
            #expect(meeting.layout == .encrypted)
            let outcome = try #require(
                try await ask(portal, meeting.id, #"{"kind": "aip"}"#).lines.last?.outcome)
            let data = "\(outcome.directory)/representations/rep1/data/H57.2026.\(meeting.id).1.mkv"
            #expect(FileManager.default.contents(atPath: data) == PortalHarness.bytes(200_000))
            let work = try FileManager.default.contentsOfDirectory(atPath: portal.archive.root + "/work")
            #expect(work.isEmpty, "\(work)")
            let sealed = portal.archive.paths(of: meeting).directory + "/data"
            #expect(try FileManager.default.contentsOfDirectory(atPath: sealed).allSatisfy { $0.hasSuffix(".sealed") })
        }
    }

    @Test(.enabled(if: have("weasyprint", "pandoc", "xmllint")))
    func theReportSlipsOfSpeechesAndWhoSealedItGoIntoTheArchivesPackage() async throws {
        try await PortalHarness.run { portal in
            let opened = Date(timeIntervalSince1970: 1_795_487_400)
            let closed = try await portal.closed("m-spoken", masterBytes: 1000)
            try portal.archive.append(
                [
                    EventRecord(
                        at: opened, masterMilliseconds: 0, name: "recording-started",
                        fields: ["orderedBy": "Chủ tịch", "document": "12/GM"]),
                    EventRecord(
                        at: opened + 12.5, masterMilliseconds: 12_500, name: "speaker", fields: ["point": "so-tc"]),
                    EventRecord(at: opened + 40, masterMilliseconds: 40_000, name: "left", fields: ["point": "so-tc"]),
                    EventRecord(at: opened + 60, masterMilliseconds: 60_000, name: "recording-stopped"),
                ], to: closed)
            try await ReportDesk(archive: portal.archive).keep(closed.id)
            let meeting = try await portal.archive.seal(closed.id)
            let outcome = try #require(
                try await ask(portal, meeting.id, #"{"kind": "aip"}"#).lines.last?.outcome)
            let base = outcome.directory + "/representations/rep1/"
            func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
            let folder = base + "metadata/descriptive/"
            let entries = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
                try text(folder + $0)
            }
            let speech = try #require(entries.first { $0.contains("Phiếu phát biểu số 1: Sở Tài chính") })
            #expect(speech.contains("H57.2026.m-spoken.1#t=12.500,"))
            #expect(entries.count { $0.contains("Báo cáo cuộc họp") } == 2)
            let data = try FileManager.default.contentsOfDirectory(atPath: base + "data")
            #expect(Set(data.map { ($0 as NSString).pathExtension }).isSuperset(of: ["mkv", "pdf", "json", "txt"]))
            let slip = try text(base + "data/" + (try #require(data.first { $0.hasSuffix(".txt") })))
            #expect(slip.contains("PHIẾU PHÁT BIỂU") && slip.contains("Sở Tài chính") && slip.contains("#t=12.500,"))

            // Who signed: the archive's own key, by its fingerprint.
            let ead = try text(outcome.directory + "/metadata/descriptive/EAD.xml")
            let key = portal.archive.paths(of: meeting).directory + "/seal/signer.pem"
            let der = Process()
            let hash = Pipe()
            der.executableURL = URL(fileURLWithPath: "/bin/sh")
            der.arguments = ["-c", "openssl pkey -pubin -in '\(key)' -outform DER | sha256sum | cut -c1-64"]
            der.standardOutput = hash
            try der.run()
            let print = String(decoding: hash.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).prefix(64)
            der.waitUntilExit()
            #expect(print.count == 64 && ead.contains("Ed25519 \(print.prefix(8)) ") && ead.contains(print))
            let premis = try text(base + "metadata/preservation/PREMIS_rep1.xml")
            #expect(premis.contains("digital signature generation") && premis.contains("fixity check"))
            // Recorded by the order of somebody, in the order of time; the report by the program that set it.
            let types = premis.matches(of: /<premis:eventType>([a-z ]+)</).map { String($0.1) }
            #expect(types.first == "creation" && types.count { $0 == "creation" } == 2, "\(types)")
            let times = premis.matches(of: /<premis:eventDateTime>([^<]+)</).map { String($0.1) }
            #expect(times == times.sorted() && times.count == types.count, "\(times)")
            #expect(premis.contains("<premis:agentName>Chủ tịch</") && premis.contains(">authorizer<"))
            #expect(premis.contains("<premis:creatingApplicationName>WeasyPrint<"))
            let profile = try DossierProfile.load(
                try #require(portal.configuration.packages.profile),
                corrections: portal.configuration.packages.corrections)
            #expect(try PackageInspection(outcome.directory, profile, try SchemaLibrary()).defects.isEmpty)
            if let kept = ProcessInfo.processInfo.environment["CAUSEWAY_KEEP_PACKAGE"] {
                try FileManager.default.copyItem(atPath: outcome.directory, toPath: kept)
            }
        }
    }

    /// Speeches that find no room in a package are not left out silently.
    @Test func ofSpeechesWithoutASlipTheFileSaysHowMany() throws {
        let opened = Date(timeIntervalSince1970: 1_795_487_400)
        let log = MeetingLog(
            events: (0..<6).map { number in
                .init(
                    at: opened + Double(number) * 60, name: "speaker", fields: ["point": number % 2 == 0 ? "a" : "b"])
            })
        let facts = MeetingFacts(id: "m", title: "Họp", room: "giaoban", openedAt: opened, closedAt: opened + 600)
        let report = MeetingReport(facts, log, calendar: WorkingCalendar(parsing: ""))
        let count = report.speeches.count
        try #require(count > 2)
        let slips = SpeechSlips(report: report, events: [], subjects: [:], agency: "A", recordingCode: "H57.1")
        let folder = FileManager.default.temporaryDirectory.path + "/slips-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try slips.write(to: folder, at: opened, most: 2).count == 2)
        #expect(slips.omission(most: 2)?.contains("\(count - 2) lượt sau không có phiếu") == true)
        #expect(slips.omission(most: count) == nil)
    }

    @Test func whereIsSaidOnTheMachineAlone() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await portal.sealed(masterBytes: 10)
            let order = #"{"kind": "aip", "to": "\#(portal.root)/elsewhere"}"#
            for role in Role.allCases {
                let way = PortalHarness.Way.https(token: PortalHarness.token(of: role))
                #expect(try await ask(portal, meeting.id, order, way).status == 403, "\(role)")
            }
            let outcome = try await ask(portal, meeting.id, order).lines.last?.outcome
            #expect(outcome?.directory.hasPrefix(portal.root + "/elsewhere/") == true)
            #expect(try await ask(portal, meeting.id, #"{"kind": "aip", "to": "here"}"#).status == 400)
        }
    }

    @Test func whatCannotBePackagedIsRefused() async throws {
        try await PortalHarness.run { portal in
            let open = try await portal.closed("m-open")
            #expect(try await ask(portal, open.id, #"{"kind": "aip"}"#).status == 409)
            #expect(try await ask(portal, "none", #"{"kind": "aip"}"#).status == 404)
            #expect(try await ask(portal, open.id, #"{"kind": "zip"}"#).status == 400)
            let sealed = try await portal.sealed("m-tampered", masterBytes: 10)
            try PortalHarness.bytes(11).write(to: URL(fileURLWithPath: portal.archive.paths(of: sealed).master))
            let failure = try await ask(portal, sealed.id, #"{"kind": "aip"}"#).lines.last?.failure
            #expect(failure?.error.contains("not as sealed") == true)
            let left = try FileManager.default.contentsOfDirectory(atPath: portal.archive.root + "/outgoing")
            #expect(left == [])
        }
    }

    /// Whether the schedule has nothing of it, less, or more by now: the level under which it was held is never lowered.
    @Test(
        arguments: [
            ("secret", nil, true), ("secret", "ordinary", true), ("ordinary", "secret", true),
            ("ordinary", "restricted", false), (nil, nil, false), ("cosmic", "ordinary", true),
        ] as [(String?, String?, Bool)])
    func aStateSecretIsKnownAndMarked(held: String?, now: String?, isSecret: Bool) async throws {
        try await PortalHarness.run { portal in
            var sitting: String?
            if let now {
                var room = RoomEntry(id: "coyeu", title: "Phòng cơ yếu")
                room.cipherLine = "12/CY"
                try await portal.office.apply(
                    [.add(.room(room)), .add(.point(PointEntry(id: "so-yt", name: "Sở Y tế")))], by: "test")
                var draft = PortalHarness.meeting(points: ["so-yt"])
                draft.room = "coyeu"
                draft.confidentiality = try #require(.init(rawValue: now))
                sitting = try await portal.office.schedule(draft, by: "(Quản trị)").meeting.sittings.first?.id
            }
            let meeting = try await portal.sealed("m-held", masterBytes: 10, sitting: sitting, confidentiality: held)
            let desk = PackageDesk(
                archive: portal.archive, configuration: portal.configuration.packages, renderer: DocumentRenderer(),
                discretion: Discretion(office: portal.office, bridge: portal.bridge, archive: portal.archive))
            #expect(try await desk.isStateSecret(meeting) == isSecret, "of a state secret nothing is given out")
            // Whoever may know of it packages it for the archive, with its level.
            let (status, lines) = try await ask(portal, meeting.id, #"{"kind": "aip"}"#)
            #expect(status == 200 || now != "ordinary")
            guard status == 200 else { return }
            let outcome = try #require(lines.last?.outcome, "\(lines)")
            let ead = try String(contentsOfFile: outcome.directory + "/metadata/descriptive/EAD.xml", encoding: .utf8)
            #expect(ead.contains("<mode>\(isSecret ? "03" : "02")</mode>"))
        }
    }

    @Test(.enabled(if: have("ffmpeg", "ffprobe"))) func aSubmissionHasTheFilmAsMPEG4() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await filmed(portal)
            let lines = try await ask(portal, meeting.id, #"{"kind": "sip"}"#).lines
            let outcome = try #require(lines.last?.outcome, "\(lines)")
            #expect(outcome.objectID.hasPrefix("uuid-"))
            let path = "\(outcome.directory)/representations/rep1/data/H57.2026.m-film.1.mp4"
            #expect(FileManager.default.contents(atPath: path)?.dropFirst(4).prefix(4) == Data("ftyp".utf8))
            let left = try FileManager.default.contentsOfDirectory(
                atPath: portal.archive.outgoingFolder(of: meeting.id))
            #expect(left.count == 1)
        }
    }

    /// What a copy is made of, and what is said of it, is looked at before it is used.
    @Test(.enabled(if: have("ffmpeg", "ffprobe")), arguments: ["access.webm", "gaps.json"])
    func nothingIsMadeOfWhatIsNotAsSealed(name: String) async throws {
        try await PortalHarness.run { portal in
            let meeting = try await filmed(portal)
            let path = portal.archive.paths(of: meeting).payload(name)
            var data = try #require(FileManager.default.contents(atPath: path))
            // It still plays, and still can be read.
            data[data.count - 1] ^= 0x20
            try FileManager.default.removeItem(atPath: path)
            try data.write(to: URL(fileURLWithPath: path))
            let failure = try await ask(portal, meeting.id, #"{"kind": "sip"}"#).lines.last?.failure
            #expect(failure?.error.contains("\(name) is not as sealed") == true, "\(String(describing: failure))")
            #expect(try FileManager.default.contentsOfDirectory(atPath: portal.archive.root + "/outgoing") == [])
        }
    }

    @Test(.enabled(if: have("ffmpeg", "ffprobe"))) func onePointsPictureIsNotGivenOutAsTheMeeting() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await filmed(portal, hasFilm: false)
            let failure = try await ask(portal, meeting.id, #"{"kind": "sip"}"#).lines.last?.failure
            #expect(failure?.error.contains("there is no access copy") == true, "\(String(describing: failure))")
        }
    }

    @Test func thePapersAreThoseThatWereSealed() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await portal.closed("m-papers", masterBytes: 10)
            let paper = Data("%PDF-1.7 một".utf8)
            try portal.archive.add(paper, as: "papers/001-to-trinh.pdf", to: meeting)
            let list = PackagedPapers([
                Paper(
                    id: 1, name: "Tờ trình.pdf", mime: "application/pdf", size: Int64(paper.count),
                    sha256: Hex.sha256(paper), by: "B", at: Date(timeIntervalSince1970: 1_795_400_000))
            ])
            try portal.archive.add(try PortalJSON.encode(list), as: "papers/papers.json", to: meeting)
            _ = try await portal.archive.seal(meeting.id)
            let outcome = try #require(try await ask(portal, meeting.id, #"{"kind": "aip"}"#).lines.last?.outcome)
            let base = outcome.directory + "/representations/rep1/"
            #expect(FileManager.default.contents(atPath: base + "data/H57.2026.m-papers.2.pdf") == paper)
            let entry = try String(
                contentsOfFile: base + "metadata/descriptive/EAD_doc_H57.2026.m-papers.2.xml", encoding: .utf8)
            #expect(entry.contains("<subject>Tờ trình</subject>"))
        }
    }
}
