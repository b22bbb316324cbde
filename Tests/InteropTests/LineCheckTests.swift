import Foundation
import InteropSupport
import LossyLine
import PortalAPI
import Quality
import SDP
import Testing

/// Points dial `kiemtra`, are told what to do, hear and see themselves, and are told how their line is.
@Suite(
    .serialized,
    .enabled(
        if: Tool.areInstalled("baresip", "sox", "ffmpeg", "espeak-ng"), "baresip, sox, ffmpeg or espeak-ng is missing"))
struct LineCheckTests {
    static func checks(_ site: TestSite, of point: String? = nil) async throws -> [LineCheck] {
        let answer = try await site.daemon.causeway(["checks"] + (point.map { [$0] } ?? []) + ["--json"])
        guard answer.status == 0 else { throw ToolFailure(answer.output) }
        return try PortalJSON.decode([LineCheck].self, from: Data(answer.output.utf8))
    }

    @Test func baresipHearsItselfAndItsLineIsGood() async throws {
        let spoken = try await SpokenAnnouncements.folder(in: TestSite.media)
        try await TestSite.with({
            $0.languages = ["vi"]
            $0.announcements = spoken
            // How many pictures an endpoint makes on a busy machine says nothing of the line.
            $0.lineCheck = "duration: 8s, thresholds: {frameRate: [2, 1], rate: [20, 10]}"
        }) { site in
            let point = TestSite.points[0].id
            let clock = DateFormatter()
            clock.locale = Locale(identifier: "en_US_POSIX")
            clock.timeZone = TimeZone(identifier: "Asia/Ho_Chi_Minh")
            clock.dateFormat = "yyyy-MM-dd HH:mm"
            let soon = clock.string(from: Date().addingTimeInterval(3 * 3600))
            let scheduled = try await site.daemon.causeway([
                "schedule", "add", "--room", "giaoban", "--title", "Giao ban tuần", "--at", soon, "--convener",
                "Chủ tịch UBND tỉnh", "--document", "120/GM-UBND", "--document-date", "2026-01-20", "--field", "y tế",
                "--chair", "Nguyễn Văn A", "--points", point, "--json",
            ])
            #expect(scheduled.status == 0, "\(scheduled.output)")
            let endpoint = try await site.endpoint(0, tone: 440, film: "testsrc2")
            try await endpoint.dial(site.daemon.address(of: "kiemtra"))
            #expect(try await site.daemon.meetings().isEmpty, "a check is no meeting")
            // The bridge hangs up once it has said the verdict.
            try await endpoint.waitUntilHungUp(within: .seconds(60))
            let heard = try await Sound(decoding: endpoint.heard())
            let levels = stride(from: 0, to: heard.duration - 2, by: 0.5).map { heard.slice($0, 2).level(of: 440) }
            let loudest = levels.max() ?? -160
            #expect(abs(loudest - -12.04) < 3, "it hears its own tone at \(loudest) dBFS")
            // The prompt is there before the echo, and the verdict after it: sound that is not the tone.
            let tone = heard.slice(heard.duration / 2 - 1, 1)
            #expect(heard.slice(1, 4).rms > -35)
            #expect(heard.duration > 15, "prompt, echo and verdict last \(heard.duration) s; at \(tone.rms) dBFS")

            let check = try #require(try await Self.checks(site, of: TestSite.points[0].id).first)
            #expect(check.grade == .good, "\(check.findings)")
            #expect(check.findings == [])
            #expect(check.passes == .init(sound: true, picture: true, line: true))
            // And the sitting to come knows of it: its gate is green by what was measured.
            let items = try PortalJSON.decode(
                [ScheduleItem].self,
                from: Data(try await site.daemon.causeway(["schedule", "list", "--json"]).output.utf8))
            #expect(items.first?.isGreen == true, "\(items)")
            #expect(check.name == TestSite.points[0].name)
            #expect(check.measured.soundCodec == "opus")
            #expect(check.measured.keying.method == .sdes)
            #expect(check.measured.keying.suite?.isEmpty == false)
            #expect((check.measured.up.lossPercent ?? 100) < 1)
            #expect(check.measured.picture.map { [$0.width, $0.height] } == [352, 288])
            #expect((2...30).contains(check.measured.picture?.frameRate ?? 0))
            #expect((check.measured.up.opinionScore ?? 0) > 4)
            #expect((30_000...2_000_000).contains(check.measured.up.bitrate))
            #expect(site.daemon.log.contains("the line of \(TestSite.points[0].id): good"))
            let table = try await site.daemon.causeway(["checks"]).output
            #expect(table.contains("352x288") && table.contains("good"))
            // Only whoever was told the check's name reads it without a token.
            let told = try await Tool.run(
                "curl", ["-sk", "https://127.0.0.1:\(site.daemon.httpsPort)/join/checks/\(check.id)"])
            #expect(try PortalJSON.decode(LineCheck.self, from: Data(told.utf8)) == check)
        }
    }

    /// Through a line of the tests, which loses a fifth both ways.
    @Test(arguments: [(0.0, LineGrade.good), (0.2, .notFit)])
    func aFifthOfLossIsNotFit(_ loss: Double, _ grade: LineGrade) async throws {
        try await TestSite.with({
            $0.clearListeners = [.udp]
            $0.lineCheck = "duration: 6s"
        }) { site in
            let line = try ToneLine(speaking: [440])
            defer { line.end() }
            let call = try SIPCaller(
                TestSite.points[1], room: "check", port: site.daemon.sipPort, at: site.daemon.host,
                offer: Witness.description(line, at: site.daemon.host))
            let port = try SessionDescription(parsing: call.answer).media.first { $0.kind == "audio" }?.port
            let conditions = LineConditions(loss: .random(loss))
            let between = try LossyLine(
                to: try #require(port), endpoint: line.port, up: conditions, down: conditions, seed: 7)
            defer { between.end() }
            line.send(to: between.port)
            try await eventually("its own tone to be heard", within: .seconds(15)) { line.level(of: 440) > -24 }
            try await eventually("a verdict", within: .seconds(30)) {
                try await !Self.checks(site, of: TestSite.points[1].id).isEmpty
            }
            let check = try #require(try await Self.checks(site).first)
            let lost = check.measured.up.lossPercent ?? -1
            #expect(abs(lost - loss * 100) < 7, "\(lost) % lost")
            #expect(check.passes.line == (grade == .good))
            // Media in the clear is never good.
            #expect(check.grade == max(grade, .usable))
            #expect(check.findings.contains { $0.fault == .clear })
            #expect(check.findings.contains { $0.fault == .lossUp } == (loss > 0))
            #expect(check.measured.soundCodec == "PCMA")
        }
    }

    /// A fifth lost is more than any line may lose: after two looks of 5 s an alarm rings, and it ends once the line is well.
    @Test func aBadLineInAMeetingRaisesAnAlarmOnceAndItEnds() async throws {
        try await TestSite.with({ $0.clearListeners = [.udp] }) { site in
            let first = try Witness(TestSite.points[0], of: site.daemon, speaking: 440)
            let line = try ToneLine(speaking: [1_000])
            defer { line.end() }
            let call = try SIPCaller(
                TestSite.points[1], room: "giaoban", port: site.daemon.sipPort, at: site.daemon.host,
                offer: Witness.description(line, at: site.daemon.host))
            let port = try SessionDescription(parsing: call.answer).media.first { $0.kind == "audio" }?.port
            let between = try LossyLine(
                to: try #require(port), endpoint: line.port, up: LineConditions(loss: .random(0.2)), seed: 5)
            defer { between.end() }
            line.send(to: between.port)
            let point = TestSite.points[1].id
            try await eventually("the alarm", within: .seconds(40)) {
                site.daemon.log.contains("the line of \(point) is bad: lossUp")
            }
            let meeting = try #require(try await site.daemon.meetings().first)
            let live = meeting.participants.first { $0.point == point }?.quality
            #expect(live?.alarms.contains(.lossUp) == true)
            #expect((live?.lossUpPercent ?? 0) > 5)
            let json = try await Tool.run(
                "curl",
                [
                    "-s", "--unix-socket", site.daemon.socketPath,
                    "http://causeway/api/v1/meetings/\(meeting.id)/quality",
                ])
            let quality = try PortalJSON.decode(MeetingQuality.self, from: Data(json.utf8))
            let series = try #require(quality.points.first { $0.point == point })
            #expect(series.lossUp.count >= 2 && series.mos.count == series.lossUp.count)
            let well = try #require(quality.points.first { $0.point == TestSite.points[0].id })
            #expect(well.alarms == [] && well.lossUp.allSatisfy { ($0 ?? 0) < 1 })
            between.set(up: .clear)
            try await eventually("the end of the alarm", within: .seconds(60)) {
                site.daemon.log.contains("the line of \(point) is well again: lossUp")
            }
            #expect(site.daemon.log.components(separatedBy: "the line of \(point) is bad: lossUp").count == 2)
            try first.hangUp()
        }
    }

    @Test func onlySoManyAreCheckedAtOnceAndACheckThatIsBrokenOffIsNone() async throws {
        try await TestSite.with({ $0.lineCheck = "duration: 60s, simultaneous: 1" }) { site in
            let first = try await site.endpoint(0, tone: 440)
            let second = try await site.endpoint(1, tone: 440)
            try await first.dial(site.daemon.address(of: "kiemtra"))
            await #expect(throws: Baresip.CallRefused.self) {
                try await second.dial(site.daemon.address(of: "kiemtra"))
            }
            try await first.hangUp()
            try await first.waitUntilHungUp()
            // There is room again.
            try await eventually("the first to be gone") {
                do { try await second.dial(site.daemon.address(of: "check")) } catch { return false }
                return true
            }
            try await second.hangUp()
            try await second.waitUntilHungUp()
            #expect(try await Self.checks(site).isEmpty)
        }
    }

    @Test func whoeverJoinsARecordedMeetingIsToldSo() async throws {
        let spoken = try await SpokenAnnouncements.folder(in: TestSite.media)
        try await TestSite.with({
            $0.languages = ["vi", "en"]
            $0.announcements = spoken
            $0.rooms.append("{id: kinhoach, title: Không ghi, linger: 1s}")
        }) { site in
            for (room, isTold) in [("giaoban", true), ("kinhoach", false)] {
                let endpoint = try await site.endpoint(isTold ? 0 : 1, tone: 440)
                try await endpoint.dial(site.daemon.address(of: room))
                _ = try await site.daemon.waitForMedia(of: 1, packets: 250)
                try await endpoint.hangUp()
                try await endpoint.waitUntilHungUp()
                let heard = try await Sound(decoding: endpoint.heard())
                let rms = heard.slice(0.5, 3).rms
                #expect(isTold == (rms > -35), "\(room): \(rms) dBFS")
                try await eventually("the meeting to end") { try await site.daemon.meetings().isEmpty }
            }
        }
    }
}
