import Archive
import Documents
import Foundation
import Matroska
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

/// Watching recordings: the time line, one point's streams, and who saw what.
@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct ViewingRoutesTests {
    private static let id = "20261124-093000-giaoban-k3f9"
    private static let opened = Date(timeIntervalSince1970: 1_795_487_400)
    private var base: String { "/api/v1/recordings/\(Self.id)" }

    /// A sealed meeting of 20 s: two points, of which the second came late, spoke, and lost a second of sound.
    private func meeting(
        _ portal: PortalHarness, sitting: String? = nil, confidentiality: String? = nil
    ) async throws -> MeetingRecord {
        let (archive, at) = (portal.archive, Self.opened)
        let meeting = try await archive.openMeeting(
            NewMeeting(
                id: Self.id, room: "giaoban", title: "Họp giao ban", sitting: sitting,
                confidentiality: confidentiality, openedAt: at))
        func event(_ second: Double, _ name: String, _ fields: [String: String] = [:]) throws {
            try archive.append(
                EventRecord(
                    at: at + second, masterMilliseconds: Int64(second * 1000), name: name, fields: fields), to: meeting)
        }
        for (second, point, name) in [(0.0, "so-tc", "Sở Tài chính"), (4, "so-yt", "Sở Y tế")] {
            try await archive.writeRoll([
                RollEntry(meeting: meeting.id, point: point, at: at + second, .joined(name: name, unit: name))
            ])
        }
        try event(0, "joined", ["participant": "1", "point": "so-tc", "name": "Sở Tài chính"])
        try event(2, "speaker", ["participant": "1", "point": "so-tc"])
        try event(4, "joined", ["participant": "2", "point": "so-yt", "name": "Sở Y tế"])
        try event(8, "word-given", ["point": "so-yt"])
        try event(9, "speaker", ["participant": "2", "point": "so-yt"])
        try event(14, "recording-paused")
        try event(15, "recording-resumed")
        try event(16, "word-ended", ["point": "so-yt"])
        try event(16, "speaker")
        try event(18, "left", ["participant": "2", "point": "so-yt", "reason": "hung-up"])
        let paths = archive.paths(of: meeting)
        let writer = try MatroskaWriter(
            try FileSink(creating: paths.master), info: MatroskaInfo(),
            tracks: [
                MatroskaTrack(
                    number: 1, codec: .opus, codecPrivate: MatroskaTrack.opusHead(channels: 1, preSkip: 312),
                    tags: ["POINT": "so-tc"]),
                MatroskaTrack(
                    number: 2, codec: .opus, codecPrivate: MatroskaTrack.opusHead(channels: 1, preSkip: 312),
                    tags: ["POINT": "so-yt"]),
            ], trackRegionSize: 4096)
        for frame in 0..<1000 {
            for track: UInt64 in [1, 2] where track == 1 || frame >= 200 {
                try writer.write(
                    MatroskaBlock(
                        track: track, timestampNanoseconds: Int64(frame) * 20_000_000, isKeyframe: true,
                        data: [0xF8, UInt8(track)]), durationNanoseconds: 20_000_000)
            }
        }
        try writer.finish()
        try PortalHarness.bytes(5_000).write(to: URL(fileURLWithPath: paths.accessCopy))
        let files = [
            "gaps.json": """
            {"durationMilliseconds": 20000, "packetsWithoutRoom": 0, "streams": [
              {"stream": 0, "tracks": [1], "point": "so-tc", "name": "Sở Tài chính", "kind": "audio",
               "missingMilliseconds": {}, "gaps": []},
              {"stream": 1, "tracks": [2], "point": "so-yt", "name": "Sở Y tế", "kind": "audio",
               "missingMilliseconds": {"lost": 1000, "away": 4000},
               "gaps": [{"from": 0, "to": 4000, "cause": "away"}, {"from": 10000, "to": 11000, "cause": "lost"}]},
              {"stream": 2, "tracks": [], "point": "so-yt", "name": "Sở Y tế", "kind": "video",
               "missingMilliseconds": {}, "gaps": []}]}
            """,
            "thumbnails.vtt": """
            WEBVTT

            00:00:00.000 --> 00:00:02.000
            thumbnails/sheet-0001.webp#xywh=0,0,160,90

            00:00:02.000 --> 00:00:20.000
            thumbnails/sheet-0001.webp#xywh=160,0,160,90
            """,
            "thumbnails/sheet-0001.webp": "RIFF",
            "waveform.json": #"{"version":2,"bits":8,"length":3,"data":[-3,4,-128,127,0,0]}"#,
        ]
        for (name, text) in files { try archive.add(Data(text.utf8), as: name, to: meeting) }
        try await archive.closeMeeting(meeting.id, at: at + 20, durationMilliseconds: 20_000)
        return try await archive.seal(meeting.id)
    }

    @Test func theTimeLineTellsWhoSpokeWhenAndWhatIsMissing() async throws {
        try await PortalHarness.run { portal in
            _ = try await meeting(portal)
            let answer = try await portal.ask("\(base)/timeline", .https(token: PortalHarness.archivistToken))
            #expect(answer.status == 200)
            let line = try answer.decoded(RecordingTimeline.self)
            #expect(line.durationMilliseconds == 20_000 && line.viewable == .init(from: 0, to: 20_000))
            #expect(line.lanes.map(\.point) == ["so-tc", "so-yt"])
            #expect(line.lanes[0].spoke == [.init(from: 2000, to: 9000)])
            #expect(line.lanes[1].spoke == [.init(from: 9000, to: 16_000)])
            #expect(line.lanes[1].present == [.init(from: 4000, to: 18_000)])
            #expect(line.lanes[1].streams == ["audio"])
            #expect(line.lanes[1].gaps == [.init(kind: "audio", cause: "lost", from: 10_000, to: 11_000)])
            #expect(line.pauses == [.init(from: 14_000, to: 15_000)])
            let given = try #require(line.chapters.first { $0.isGiven })
            #expect(given.point == "so-yt" && given.from == 8000 && given.to == 16_000)
            #expect(line.thumbnails.map(\.from) == [0, 2000])
            #expect(line.thumbnails.last?.file == "data/thumbnails/sheet-0001.webp" && line.thumbnails.last?.x == 160)
            #expect(line.loudness == [4, 127, 0])
            #expect(line.film == "data/access.webm" && line.poster == nil)
        }
    }

    @Test func onePointIsStreamedAloneFromWhereItIsAsked() async throws {
        try await PortalHarness.run { portal in
            _ = try await meeting(portal)
            let token = PortalHarness.Way.https(token: PortalHarness.archivistToken)
            let answer = try await portal.ask("\(base)/points/so-yt/stream?from=12.5&to=14", token)
            #expect(answer.status == 200 && answer.headers["content-type"] == "video/webm")
            #expect(answer.headers["accept-ranges"] == "none")
            let path = portal.root + "/excerpt.webm"
            try answer.body.write(to: URL(fileURLWithPath: path))
            let reader = try MatroskaReader(path: path)
            var blocks: [MatroskaBlock] = []
            while let block = try reader.nextBlock() { blocks.append(block) }
            #expect(blocks.count == 75 && blocks.allSatisfy { $0.data == [0xF8, 2] })
            for (path, status) in [
                ("points/nobody/stream", 404), ("points/so-yt/stream?from=30", 416),
                ("points/so-yt/stream?from=-1", 400), ("points/so-yt/stream?from=nan", 400),
                ("points/so-yt/stream?from=1e300", 400), ("points/so-yt/stream?from=5&to=5", 416),
                ("points/..%2F..%2Fso-yt/stream", 404), ("film/stream?from=1", 409),
            ] {
                let refused = try await portal.ask("\(base)/\(path)", token)
                #expect(refused.status == status, "\(path): \(refused.status)")
            }
        }
    }

    @Test func eachViewAndDownloadIsInTheJournalOnce() async throws {
        try await PortalHarness.run { portal in
            _ = try await meeting(portal)
            let token = PortalHarness.Way.https(token: PortalHarness.archivistToken)
            for _ in 0..<3 { _ = try await portal.ask("\(base)/timeline", token) }
            for start in [0, 1000, 2000] {
                let played = try await portal.ask(
                    "\(base)/files/access.webm", token,
                    headers: ["Range": "bytes=\(start)-", "Sec-Fetch-Dest": "video"])
                #expect(played.status == 206)
            }
            _ = try await portal.ask("\(base)/points/so-tc/stream?from=1", token)
            _ = try await portal.ask("\(base)/files/gaps.json", token)
            _ = try await portal.ask("\(base)/files/gaps.json", token)
            let watched = try await portal.ask(
                "\(base)/viewings", token, method: "POST", body: #"{"source": "film", "from": 1000, "to": 90000}"#)
            #expect(watched.status == 204)
            for body in [#"{"source": "film", "from": 90000, "to": 91000}"#, #"{"source": "film"}"#] {
                let refused = try await portal.ask("\(base)/viewings", token, method: "POST", body: body)
                #expect((400..<500).contains(refused.status), "\(body)")
            }
            let lines = try await portal.office.journal(limit: 50).reversed().map { "\($0.action): \($0.subject)" }
            #expect(
                lines.filter { $0.contains(Self.id) } == [
                    "open recording: \(Self.id)", "play recording: \(Self.id) data/access.webm",
                    "play recording: \(Self.id) so-tc", "fetch file: \(Self.id) data/gaps.json",
                    "fetch file: \(Self.id) data/gaps.json", "watch recording: \(Self.id) film 0:00:01–0:00:20",
                ])
        }
    }

    @Test func onlyWhoMayReadRecordingsWatches() async throws {
        try await PortalHarness.run { portal in
            _ = try await meeting(portal)
            for role in Role.allCases {
                let way = PortalHarness.Way.https(token: PortalHarness.token(of: role))
                let mayWatch = role == .archivist || role == .administrator
                for path in ["timeline", "points/so-yt/stream?from=19"] {
                    let answer = try await portal.ask("\(base)/\(path)", way)
                    #expect(answer.status == (mayWatch ? 200 : 403), "\(role) \(path)")
                }
            }
        }
    }

    @Test func theJournalDoesNotTellOfASecretRecording() async throws {
        try await PortalHarness.run { portal in
            let secret = try await meeting(portal, confidentiality: "secret")
            try await portal.office.note("open recording", of: secret.id, by: "Quản trị")
            let answer = try await portal.ask("/api/v1/journal", .https(token: PortalHarness.token(of: .auditor)))
            let lines = try answer.decoded([OfficeStore.JournalLine].self)
            #expect(lines.contains { $0.action == "open recording" && $0.subject == "—" })
            #expect(!String(decoding: answer.body, as: UTF8.self).contains(secret.id))
        }
    }

    @Test func aPartOfARecordingIsAllThatIsShown() async throws {
        try await PortalHarness.run { portal in
            var right = ViewingRight(meeting: try await meeting(portal))
            #expect(try right.admitted(from: 0, to: nil) == 0..<20_000)
            right.span = 5_000..<10_000
            #expect(try right.admitted(from: 0, to: nil) == 5_000..<10_000)
            #expect(try right.admitted(from: 7_000, to: 60_000) == 7_000..<10_000)
            #expect(throws: Refusal.self) { try right.admitted(from: 10_000, to: nil) }
            #expect(throws: Refusal.self) { try right.requireWhole() }
            let desk = TimelineDesk(
                archive: portal.archive, office: portal.office, reports: ReportDesk(archive: portal.archive))
            let line = try await desk.timeline(right)
            #expect(line.film == nil && line.thumbnails.isEmpty && line.loudness.isEmpty)
            #expect(line.lanes.flatMap(\.spoke).allSatisfy { $0.from >= 5_000 && $0.to <= 10_000 })
            #expect(line.chapters.allSatisfy { $0.from >= 5_000 && $0.to <= 10_000 } && line.pauses.isEmpty)
        }
    }
}

@Suite struct TimelineMakerTests {
    @Test func theWordIsGivenForTheNextItemAtWhichThePointSpeaks() {
        let maker = TimelineMaker(length: 60_000, viewable: 0..<60_000, events: [])
        func chapter(_ point: String, _ from: Int64, isGiven: Bool = true) -> RecordingTimeline.Chapter {
            .init(point: point, name: point, unit: nil, isGiven: isGiven, from: from, to: from + 1000)
        }
        let agenda = maker.agenda(
            [
                .init(title: "1", speaker: "A", point: "a"), .init(title: "2", speaker: "B", point: "b"),
                .init(title: "3", speaker: "A", point: "a"), .init(title: "4", speaker: "", point: nil),
            ], [chapter("b", 100, isGiven: false), chapter("a", 500), chapter("a", 900), chapter("a", 1500)])
        #expect(agenda.map(\.from) == [500, nil, 900, nil])
    }

    @Test func whatIsNoThumbnailIsPassedOver() {
        let text = "WEBVTT\n\nx --> y\na#xywh=1,2,3,4\n\n00:00:01.000 --> 00:00:02.000\na#xywh=1,2,3\nb#xywh=1,2,3,4\n"
        #expect(ThumbnailTrack.pictures(in: text) { $0 }.map(\.file) == ["b"])
        #expect(LoudnessCurve(data: []).parts == [] && LoudnessCurve(data: [5]).parts == [])
        #expect(LoudnessCurve(data: Array(repeating: -9, count: 5_000)).parts.count == 1_000)
    }
}
