import Foundation
import InteropSupport
import Matroska
import PortalAPI
import Testing

/// That each point was told that it is recorded, and when; and that the record's times are the master's.
@Suite(
    .serialized,
    .enabled(
        if: Tool.areInstalled("baresip", "sox", "ffmpeg", "espeak-ng"), "baresip, sox, ffmpeg or espeak-ng is missing"))
struct RecordingNoticeTests {
    private struct Line {
        var name: String
        var at: Date
        /// Milliseconds of the master; nil where nothing was recorded then.
        var master: Int64?
        var fields: [String: String]
    }

    /// `events.jsonl` of the only meeting.
    private static func lines(_ site: TestSite, _ meeting: String) throws -> [Line] {
        let package = try #require(
            (FileManager.default.enumerator(atPath: site.daemon.archive)?.compactMap { $0 as? String } ?? [])
                .first { $0.hasSuffix("/data/events.jsonl") })
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return try String(contentsOfFile: site.daemon.archive + "/" + package, encoding: .utf8).split(separator: "\n")
            .map {
                let line = try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
                return Line(
                    name: try #require(line["event"] as? String),
                    at: try style.parse(try #require(line["at"] as? String)),
                    master: (line["master"] as? NSNumber)?.int64Value, fields: line.compactMapValues { $0 as? String })
            }
    }

    private static func told(_ site: TestSite, _ meeting: String, _ point: String) throws -> [Line] {
        try lines(site, meeting).filter { $0.name == "told-of-recording" && $0.fields["point"] == point }
    }

    /// Seconds of a WAV file of 16 bits.
    private static func seconds(of path: String) throws -> Double {
        let data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        try #require(data.count > 44)
        func number(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(data[offset + $1]) << (8 * $1) } }
        return Double(data.count - 44) / Double(number(28))
    }

    @Test func aPointIsToldOnceItHeardTheNoticeToItsEndAndOneThatLeavesBeforeIsNot() async throws {
        let spoken = try await SpokenAnnouncements.folder(in: TestSite.media)
        let length = try Self.seconds(of: spoken + "/vi/recording-on.wav")
        try #require(length > 1)
        try await TestSite.with({
            $0.languages = ["vi"]
            $0.announcements = spoken
        }) { site in
            let (stays, leaves) = (TestSite.points[0].id, TestSite.points[1].id)
            let first = try await site.endpoint(0, tone: 440)
            try await first.dial(site.daemon.address())
            try await eventually("the meeting", within: .seconds(20)) { try await !site.daemon.meetings().isEmpty }
            let meeting = try #require(try await site.daemon.meetings().first).id
            try await eventually("the first to be told", within: .seconds(20)) {
                try !Self.told(site, meeting, stays).isEmpty
            }
            // One that has hung up before the notice is over was not told by it.
            let second = try await site.endpoint(1, tone: 900)
            try await second.dial(site.daemon.address())
            try await second.hangUp()
            try await eventually("the second to be gone", within: .seconds(20)) {
                try Self.lines(site, meeting).contains { $0.name == "left" && $0.fields["point"] == leaves }
            }
            let left = try #require(
                try Self.lines(site, meeting).last { $0.name == "left" && $0.fields["point"] == leaves })
            // When it comes back and stays it is.
            try await second.dial(site.daemon.address())
            try await eventually("the second to be told", within: .seconds(20)) {
                try !Self.told(site, meeting, leaves).isEmpty
            }
            #expect(try await site.daemon.causeway(["meetings", "end", meeting]).status == 0)
            let sealed = try await site.daemon.waitUntilSealed(meeting)
            let lines = try Self.lines(site, meeting)
            for point in [stays, leaves] {
                let joined = try #require(lines.last { $0.name == "joined" && $0.fields["point"] == point })
                let told = try #require(Self.told(site, meeting, point).only)
                #expect(told.fields["by"] == "voice" && told.fields["participant"] == joined.fields["participant"])
                let since = told.at.timeIntervalSince(joined.at)
                #expect(since > length - 0.1 && since < length + 10, "\(point): \(since) s of \(length)")
                #expect(told.at > left.at || point == stays)
            }
            let directory = try #require(sealed.directory)
            let report = try String(contentsOfFile: directory + "/data/reports/report.json", encoding: .utf8)
            #expect(report.components(separatedBy: "\"voice\"").count == 3, "\(report)")

            // All times of the record are of one clock and one zero, which is the master's.
            let begun = try #require(lines.first { $0.name == "recording-started" })
            let zero = begun.at.addingTimeInterval(-Double(try #require(begun.master)) / 1000)
            // That says of the whole how long it is, when it is over.
            let timed = lines.filter { $0.master != nil && $0.at >= begun.at && $0.name != "stream-recorded" }
            #expect(timed.count > 5)
            for line in timed {
                let distance = line.at.timeIntervalSince(zero) - Double(line.master ?? 0) / 1000
                #expect(abs(distance) < 0.15, "\(line.name): \(distance) s")
            }
            let reader = try MatroskaReader(path: directory + "/data/master.mkv")
            let tracks = reader.tracks.filter { !$0.codec.isVideo && $0.tags["POINT"] == leaves }
            var sounds: [Int64] = []
            while let block = try reader.nextBlock() {
                if tracks.contains(where: { $0.number == block.track }) {
                    sounds.append(block.timestampNanoseconds / 1_000_000)
                }
            }
            // What the second said when it came back stands at and after its coming, and up to the end, and nothing between.
            let back = try #require(lines.last { $0.name == "joined" && $0.fields["point"] == leaves }?.master)
            let away = try #require(left.master)
            let first2 = try #require(sounds.first { $0 > away + 500 })
            #expect(first2 >= back - 100 && first2 <= back + 1_500, "sound at \(first2) ms, joined at \(back) ms")
            #expect(!sounds.contains { $0 > away + 500 && $0 < back - 100 })
        }
    }

    /// Where nothing is said and nothing shown nobody is said to have been told, and the log complains.
    @Test func nobodyIsSaidToHaveBeenToldWhoWasNot() async throws {
        try await TestSite.with { site in
            let endpoint = try await site.endpoint(0, tone: 440)
            try await endpoint.dial(site.daemon.address())
            let name = TestSite.points[0].id
            try await eventually("the log to say so", within: .seconds(20)) {
                site.daemon.log.contains("is recorded in") && site.daemon.log.contains("and was told by nothing")
            }
            let meeting = try #require(try await site.daemon.meetings().first).id
            #expect(try Self.told(site, meeting, name).isEmpty)
        }
    }
}

extension Array {
    /// The only element; nil where there are none, or more.
    fileprivate var only: Element? { count == 1 ? self[0] : nil }
}
