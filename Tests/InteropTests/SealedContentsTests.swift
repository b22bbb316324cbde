import Foundation
import InteropSupport
import PortalAPI
import Testing

/// What goes into packages of meetings that were held, and what does not.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct SealedContentsTests {
    @Test func papersAndWhatDecodingShowedAreUnderTheSeal() async throws {
        try await TestSite.with { site in
            let added = try await site.daemon.causeway([
                "schedule", "add", "--room", "giaoban", "--title", "Giao ban", "--at", "now", "--convener", "Chủ tịch",
                "--document", "1/GM", "--document-date", "2026-01-20", "--field", "y tế", "--chair", "Ông A",
                "--chair-point", "phuloc", "--points", "phuloc", "soyte", "--rehearsal", "0", "--retention-class",
                "20N",
                "--json",
            ])
            let convened = try PortalJSON.decode(MeetingDetail.self, from: Data(added.output.utf8)).meeting
            let file = site.folder + "/Tờ trình.pdf"
            for version in ["một", "hai"] {
                try Data("%PDF-1.7 tờ trình \(version)".utf8).write(to: URL(fileURLWithPath: file))
                let attached = try await site.daemon.causeway(["schedule", "attach", convened.id, file])
                #expect(attached.status == 0, "\(attached.output)")
            }
            try await eventually("the conference to hear of it", within: .seconds(15)) {
                site.daemon.log.contains("rehearsal and meeting in room giaoban may begin")
            }
            let endpoint = try await site.endpoint(0, tone: 440)
            try await endpoint.dial(site.daemon.address())
            // Nothing is recorded of it before that is ordered, and so it is not waited for as others are.
            try await eventually("the point to be in", within: .seconds(20)) {
                try await site.daemon.meetings().first?.participants.isEmpty == false
            }
            let meeting = try #require(try await site.daemon.meetings().first)
            let opened = try await site.daemon.causeway(["meetings", "open", meeting.id])
            #expect(opened.status == 0, "\(opened.output)")
            // Refused where the room's standing order has begun it already.
            _ = try await site.daemon.causeway(["meetings", "record", "start", meeting.id, "--reason", "biên bản"])
            try await eventually("it to be recorded", within: .seconds(10)) {
                try await site.daemon.control(of: meeting.id).recording == "running"
            }
            try await Task.sleep(for: .seconds(3))
            #expect(try await site.daemon.causeway(["meetings", "end", meeting.id]).status == 0)
            let package = try #require(try await site.daemon.waitUntilSealed(meeting.id).directory)
            #expect(
                FileManager.default.contents(atPath: package + "/data/papers/001-to-trinh-v2.pdf")
                    == Data("%PDF-1.7 tờ trình hai".utf8))
            let core = try String(contentsOfFile: package + "/metadata/dc.xml", encoding: .utf8)
            #expect(core.contains("Chủ tịch") && core.contains("1/GM ngày 20/01/2026"), "\(core)")
            // What made it, each with its version, as it is on this machine.
            let premis = try String(contentsOfFile: package + "/metadata/premis.xml", encoding: .utf8)
            for program in ["Causeway", "WeasyPrint", "pandoc", "libvpx", "libopus", "openh264"] {
                let named = try Regex("<premis:agentName>\(program)</[^@]*?<premis:agentVersion>[0-9]+[.][0-9.]+<")
                #expect(premis.contains(named), "\(program)\n\(premis)")
            }
            #expect(premis.contains("bắt đầu ghi") && premis.contains("giải mã toàn bộ bản gốc"))
            #expect(premis.contains("<premis:eventOutcome>success<"))
            let list = try String(contentsOfFile: package + "/data/papers/papers.json", encoding: .utf8)
            #expect(list.contains("Tờ trình.pdf") && list.contains("001-to-trinh.pdf"))
            struct Decoding: Decodable {
                struct Track: Decodable {
                    var point: String
                    var blocks: Int
                    var refused: Int
                }
                var tracks: [Track]
            }
            let decoding = try JSONDecoder().decode(
                Decoding.self,
                from: try #require(FileManager.default.contents(atPath: package + "/data/reports/decoding.json")))
            #expect(decoding.tracks.first?.point == "phuloc" && decoding.tracks.allSatisfy { $0.refused == 0 })
            #expect(decoding.tracks.first?.blocks ?? 0 > 50)
            let events = try site.daemon.events(of: meeting.id).filter { $0["event"] == "master-decoded" }
            #expect(events.first?["point"] == "phuloc" && events.first?["refused"] == "0", "\(events)")
            let report = try String(contentsOfFile: package + "/data/reports/report.json", encoding: .utf8)
            #expect(report.contains("\"refused\""))
            #expect(try await site.daemon.causeway(["recordings", "verify", meeting.id]).status == 0)
            let retention = try await site.daemon.recording(meeting.id).retention
            #expect(retention?.retentionClass.code == "20N", "\(String(describing: retention))")

            // What is brought after the meeting was sealed is found too.
            let late = site.folder + "/Phụ lục.txt"
            try Data("Phụ lục về đường ống cấp nước".utf8).write(to: URL(fileURLWithPath: late))
            #expect(try await site.daemon.causeway(["schedule", "attach", convened.id, late]).status == 0)
            try await eventually("the late paper to be found", within: .seconds(30)) {
                try await site.daemon.causeway(["search", "\"ống cấp nước\""]).output.contains("Giao ban")
            }
        }
    }

    /// - Parameter hears: whether the child can take SIGTERM; one that is stopped cannot.
    @Test(arguments: [true, false]) func aDaemonThatEndsTakesItsComposingChildWithIt(hears: Bool) async throws {
        try await TestSite.with { site in
            let endpoint = try await site.endpoint(0, tone: 440)
            try await endpoint.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 1)
            let package = try #require(try await site.daemon.recording(meeting.id).directory)
            try await Task.sleep(for: .seconds(8))
            #expect(try await site.daemon.causeway(["meetings", "end", meeting.id]).status == 0)
            let child = try await composingChild(of: site.daemon.process.processIdentifier)
            if !hears { kill(child, SIGSTOP) }
            let began = ContinuousClock.now
            site.daemon.process.signal(SIGTERM)
            #expect(try await site.daemon.process.wait(within: .seconds(12)) == 0)
            #expect(ContinuousClock.now - began < .seconds(8))
            #expect(kill(child, 0) == -1 && errno == ESRCH)
            let files = try FileManager.default.contentsOfDirectory(atPath: package + "/data")
            #expect(!files.contains { $0.hasSuffix(".part") }, "\(files)")
            #expect(hears || !files.contains("access.webm"), "\(files)")
            try await site.restart()
            _ = try await site.daemon.waitUntilSealed(meeting.id)
            #expect(FileManager.default.fileExists(atPath: package + "/data/access.webm"))
        }
    }

    private func composingChild(of daemon: Int32) async throws -> Int32 {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon)/task")) ?? []
            let children = threads.compactMap {
                try? String(contentsOfFile: "/proc/\(daemon)/task/\($0)/children", encoding: .utf8)
            }
            for text in children.flatMap({ $0.split(separator: " ") }) {
                guard let pid = Int32(text),
                    let line = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8),
                    line.contains("compose-job")
                else { continue }
                return pid
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw ToolFailure("nothing is composed")
    }
}
