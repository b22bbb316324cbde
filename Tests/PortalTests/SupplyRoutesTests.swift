import Archive
import AsyncHTTPClient
import Foundation
import NIOCore
import Office
import OfficeStore
import PortalAPI
import Testing
import Trace

@testable import Portal

/// A recording in which somebody counts, by other programs.
private enum SpokenFilm {
    static let isPossible = ["ffmpeg", "ffprobe", "espeak-ng"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
    }

    static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/\(program)")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) \(arguments)")
    }

    /// A sealed recording of 50 s.
    static func recorded(_ portal: PortalHarness) async throws -> MeetingRecord {
        let meeting = try await portal.closed("20261124-093000-giaoban-k3f9", masterBytes: 10)
        let speech = portal.root + "/speech.wav"
        try run("espeak-ng", ["-v", "vi", "-w", speech, (100...180).map { "\($0)" }.joined(separator: ", ")])
        try run(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=c=gray:size=320x180:rate=5:duration=50", "-i",
                speech, "-t", "50", "-c:v", "libvpx", "-deadline", "realtime", "-b:v", "100k", "-c:a", "libopus",
                "-b:a", "48k", portal.archive.paths(of: meeting).accessCopy,
            ])
        return try await portal.archive.seal(meeting.id)
    }
}

/// Copies that are given out, of a film with somebody who counts.
@Suite(
    .serialized, .enabled(if: PortalHarness.hasOpenSSL),
    .enabled(if: SpokenFilm.isPossible, "no ffmpeg or espeak"))
struct SupplyRoutesTests {
    private static func granted(
        _ portal: PortalHarness, _ meeting: MeetingRecord, to person: String, _ level: CopyLevel,
        _ span: Range<Int64>?, for seconds: TimeInterval = 3600
    ) async throws -> Int64 {
        let request = try await portal.archive.requestAccess(
            .init(meetingID: meeting.id, reason: "tra cứu"),
            by: AccessPerson(id: person, name: "Người \(person)", agency: "Sở Tư pháp"))
        let terms = AccessGrant.Terms(level: level, span: span, until: Date().addingTimeInterval(seconds))
        return try await portal.archive.grantAccess(to: request.number, terms, by: "Minh").number
    }

    private static func eventually(
        _ what: String, within limit: Duration = .seconds(120), _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while try await !condition() {
            try #require(.now < deadline, "\(what) did not come")
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private static func made(_ grant: Int64, _ person: SignedIn) async throws -> AccessGrantStatus.Copy {
        var copy: AccessGrantStatus.Copy?
        try await eventually("the copy of grant \(grant)") {
            copy = try await person.get("access/grants/\(grant)").decoded(AccessGrantStatus.self).copy
            try #require(copy?.error == nil, "\(copy?.error ?? "")")
            return copy?.state == "ready"
        }
        return try #require(copy)
    }

    @Test(.timeLimit(.minutes(4))) func aHolderGetsTheSpanItIsTracedToThemAndNobodyElseGetsIt() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await SpokenFilm.recorded(portal)
            let lan = try await SignedIn(portal, "lan", [.agencyReader])
            let hoa = try await SignedIn(portal, "hoa", [.agencyReader])
            let minh = try await SignedIn(portal, "minh", [.archivist])
            let grant = try await Self.granted(portal, meeting, to: "lan", .unauthenticated, 15_000..<45_000)
            let other = try await Self.granted(portal, meeting, to: "hoa", .reading, nil)
            let copy = try await Self.made(grant, minh)
            #expect(copy.mime == "video/mp4" && (copy.bytes ?? 0) > 1_000_000)

            // In pieces, as a player asks: one viewing.
            let film = "access/grants/\(grant)/film"
            for range in ["bytes=0-", "bytes=1000-1999", "bytes=5000-"] {
                let piece = try await lan.get(film, ["Range": range])
                #expect(piece.status == 206 && piece.headers["content-disposition"]?.hasPrefix("inline") == true)
                #expect(piece.headers["cache-control"] == "no-store")
                if range.hasSuffix("1999") { #expect(piece.body.count == 1000) }
            }
            let taken = try await lan.get(film + "?download=1")
            #expect(taken.status == 200 && taken.headers["content-disposition"]?.hasPrefix("attachment") == true)
            #expect(Int64(taken.body.count) == copy.bytes)
            for stranger in [hoa, minh] { #expect(try await stranger.get(film).status == 404) }
            #expect(try await lan.get("access/grants/99/film").status == 404)
            #expect(try await lan.get("access/grants/x/film").status == 400)
            _ = try await Self.made(other, minh)
            #expect(try await hoa.get("access/grants/\(other)/film?download=1").status == 403, "it is only watched")
            #expect(try await hoa.get("access/grants/\(other)/film").status == 200)

            let uses = try await portal.archive.accessUses(of: grant)
            #expect(uses.map(\.what).sorted() == ["downloaded", "refused", "refused", "watched"])
            let deeds = try await portal.office.journal(limit: 50).map(\.action)
            for deed in ["watch copy", "download copy", "refuse copy"] { #expect(deeds.contains(deed)) }

            // Somebody has it.
            let found = portal.root + "/found.mp4"
            try taken.body.write(to: URL(fileURLWithPath: found))
            let curve = try await LevelCurve.measured(of: found, scratch: portal.root + "/scratch")
            let question = TraceQuestion(recording: meeting.id, levels: curve.centibels)
            #expect(try await lan.post("access/trace", question).status == 403)
            let answer = try await minh.post("access/trace", question)
            let traced = try answer.decoded(TraceAnswer.self)
            #expect(abs((traced.begins ?? 0) - 15) < 0.2)
            #expect(traced.findings.first?.grant == grant && traced.findings.first?.holder == "lan")
            // Of half a minute it is as good as certain, or certain: that depends on the signs.
            #expect(
                (traced.findings.first?.score ?? 0) > 4 && traced.findings.dropFirst().allSatisfy { !$0.isCertain },
                "\(traced)")
            #expect(
                try await minh.post("access/trace", TraceQuestion(recording: meeting.id, levels: [1])).status == 400)
            #expect(
                try await minh.post("access/trace", TraceQuestion(recording: "x", levels: curve.centibels)).status
                    == 404)
        }
    }

    @Test(.timeLimit(.minutes(4))) func whatIsTakenBackBreaksOffAndIsGone() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await SpokenFilm.recorded(portal)
            let lan = try await SignedIn(portal, "lan", [.agencyReader])
            let minh = try await SignedIn(portal, "minh", [.archivist])
            let grant = try await Self.granted(portal, meeting, to: "lan", .reading, 1_000..<5_000)
            _ = try await Self.made(grant, minh)
            let folder = portal.archive.supplyFolder(of: grant)
            // Longer than what buffers on the way hold.
            let size: UInt64 = 200 << 20
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/copy.mp4"))
            try file.truncate(atOffset: size)
            try file.close()

            var request = HTTPClientRequest(
                url: "https://127.0.0.1:\(portal.port)/api/v1/access/grants/\(grant)/film")
            request.headers.add(name: "Cookie", value: lan.cookie)
            let response = try await portal.client.execute(request, timeout: .seconds(60))
            #expect(response.status == .ok)
            var received: UInt64 = 0
            var isRevoked = false
            var isBroken = false
            do {
                for try await piece in response.body {
                    received += UInt64(piece.readableBytes)
                    guard !isRevoked else { continue }
                    isRevoked = true
                    let answer = try await minh.post("access/grants/\(grant)/revoke", AccessReason(reason: "cấp nhầm"))
                    #expect(answer.status == 200)
                }
            } catch { isBroken = true }
            #expect(isRevoked && isBroken && received < size, "\(received)")
            #expect(!FileManager.default.fileExists(atPath: folder))
            #expect(try await lan.get("access/grants/\(grant)/film").status == 403)
            let status = try await lan.get("access/grants/\(grant)").decoded(AccessGrantStatus.self)
            #expect(status.state == "revoked" && status.copy == nil)
        }
    }

    @Test(.timeLimit(.minutes(4))) func theCopyOfAGrantThatRunsOutIsRemovedAndOneThatIsLostIsMadeAgain() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await SpokenFilm.recorded(portal)
            let minh = try await SignedIn(portal, "minh", [.archivist])
            let lan = try await SignedIn(portal, "lan", [.agencyReader])
            let lasting = try await Self.granted(portal, meeting, to: "lan", .reading, 1_000..<4_000)
            _ = try await Self.made(lasting, minh)
            let folder = portal.archive.supplyFolder(of: lasting)
            try FileManager.default.removeItem(atPath: folder)
            #expect(try await lan.get("access/grants/\(lasting)/film").status == 409)
            portal.server.removeCopies()
            _ = try await Self.made(lasting, minh)

            let short = try await Self.granted(portal, meeting, to: "lan", .reading, 1_000..<3_000, for: 40)
            portal.server.removeCopies()
            _ = try await Self.made(short, minh)
            #expect(try await lan.get("access/grants/\(short)/film").status == 200)
            try await Self.eventually("the end of the grant") {
                try await lan.get("access/grants/\(short)/film").status == 403
            }
            portal.server.removeCopies()
            try await Self.eventually("the copy to go") {
                !FileManager.default.fileExists(atPath: portal.archive.supplyFolder(of: short))
            }
            #expect(FileManager.default.fileExists(atPath: folder))
        }
    }

    @Test func theNoticeSaysForWhomItIs() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await portal.sealed(masterBytes: 10)
            let number = try await Self.granted(portal, meeting, to: "lan", .reading, nil)
            let notice = SupplyDesk.notice(try await portal.archive.accessGrant(number))
            #expect(notice.hasPrefix("Bản cấp cho Sở Tư pháp — Người lan — số \(number), ngày "))
            #expect(notice.suffix(10).split(separator: "/").map(\.count) == [2, 2, 4])
        }
    }

    @Test func whatHappensAgainInHalfAnHourIsNotNew() {
        let recent = OnceInAWhile<Int>()
        let start = ContinuousClock.now
        #expect(recent.isNew(1, at: start) && !recent.isNew(1, at: start + .seconds(1799)))
        #expect(recent.isNew(2, at: start) && recent.isNew(1, at: start + .seconds(1800)))
        recent.forget(2)
        #expect(recent.isNew(2, at: start))
    }
}
