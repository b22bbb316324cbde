import Foundation
import InteropSupport
import PortalAPI

/// What is looked at when all is over. Each finding goes to the record.
struct SoakJudges: Sendable {
    let site: SoakSite
    private var record: SoakRecord { site.record }

    struct Outcome {
        var recordings = 0
        var verified = 0
        var decoded = 0
        var seconds = 0.0
        var joinsFound = 0
        var ordersFound = 0
    }

    /// No room may hold a meeting once all have gone.
    func night() async {
        guard let daemon = site.daemon else { return }
        let end = ContinuousClock.now + .seconds(30)
        while true {
            let meetings = try? await daemon.meetings()
            if meetings?.isEmpty == true { break }
            // Who was in a meeting when the daemon was killed is called four times, a minute each where nobody answers and nobody
            // refuses; the room is kept meanwhile. The operator does not wait for that.
            for meeting in meetings ?? [] where meeting.participants.isEmpty && isCalling(since: record.kills.last) {
                _ = await site.causeway(["meetings", "end", meeting.id])
            }
            guard ContinuousClock.now < end else {
                let stuck = (meetings ?? []).map { "\($0.room): \($0.participants.map(\.point))" }
                record.find("rooms are stuck, though all have left: \(stuck)")
                break
            }
            try? await Task.sleep(for: .seconds(1))
        }
        await site.look()
    }

    /// Whether points may still be called that were in meetings when the daemon was killed.
    private func isCalling(since kill: ContinuousClock.Instant?) -> Bool {
        kill.map { $0.duration(to: .now) < .seconds(4 * 60 + 70) } ?? false
    }

    func judge() async throws -> Outcome {
        var outcome = Outcome()
        let recordings = try await settled()
        outcome.recordings = recordings.count
        var joined: [String: Int] = [:]
        var ended: Set<String> = []
        for summary in recordings {
            guard let daemon = site.daemon else { break }
            let detail = try await daemon.recording(summary.id)
            guard summary.state == "sealed" else {
                record.find(
                    "\(summary.id) is \(summary.state): \(detail.jobs.compactMap(\.error)) \(detail.notes.map(\.text))")
                continue
            }
            outcome.seconds += Double(summary.durationMilliseconds ?? 0) / 1_000
            if await isVerified(summary.id) { outcome.verified += 1 }
            if let directory = detail.directory {
                if await plays(summary, directory) { outcome.decoded += 1 }
                for (name, fields) in try events(in: directory) {
                    if name == "joined", let point = fields["point"] {
                        joined["\(point)@\(summary.room)", default: 0] += 1
                    }
                    if name == "closed", fields["by"] != nil { ended.insert(summary.id) }
                }
            } else {
                record.find("\(summary.id) has no package")
            }
            length(of: summary, detail.notes.map(\.text))
        }
        let known = Set(recordings.map(\.id))
        for (meeting, seen) in record.seen where !known.contains(meeting) && seen.packets > 50 {
            record.find("\(meeting) was recorded, and there is no recording of it")
        }
        outcome.joinsFound = judgeJoins(joined)
        outcome.ordersFound = try await judgeOrders(ended, recordings)
        // Over kills, a full disk and a database that was held the chain of the journal has no broken link.
        let audit = await site.causeway(["audit", "verify"])
        if audit.status != 0 { record.find("the audit log is not whole: \(audit.output.suffix(600))") }
        for life in site.memory.all {
            if let fault = SoakMemory.fault(of: life) { record.find(fault) }
        }
        return outcome
    }

    /// All recordings, once nothing is worked on any more.
    private func settled() async throws -> [RecordingSummary] {
        let end = ContinuousClock.now + .seconds(300) + .seconds(record.seen.count * 10)
        while true {
            let recordings = try await list()
            let busy = recordings.filter { !["sealed", "failed", "destroyed"].contains($0.state) }
            if busy.isEmpty { return recordings }
            guard ContinuousClock.now < end else {
                record.find("these are never finished: \(busy.map { "\($0.id) \($0.state)" })")
                return recordings
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func list() async throws -> [RecordingSummary] {
        var all: [RecordingSummary] = []
        var after: [String] = []
        while true {
            let answer = await site.causeway(["recordings", "list", "--json", "--limit", "500"] + after)
            guard answer.status == 0 else { throw ToolFailure("the recordings cannot be listed: \(answer.output)") }
            let page = try PortalJSON.decode(RecordingPage.self, from: Data(answer.output.utf8))
            all += page.recordings
            guard let next = page.next else { return all }
            after = ["--after", next]
        }
    }

    private func isVerified(_ id: String) async -> Bool {
        let answer = await site.causeway(["recordings", "verify", id])
        if answer.status != 0 { record.find("\(id) is not as it was sealed: \(answer.output.suffix(600))") }
        return answer.status == 0
    }

    /// Master and access copy, to their ends, by a decoder of somebody else's.
    private func plays(_ summary: RecordingSummary, _ directory: String) async -> Bool {
        // Begun while not an octet was free: a head and nothing in it. Its notes say so, or its length is found wrong.
        guard summary.durationMilliseconds ?? 0 > 0 else { return true }
        for name in ["master.mkv", "access.webm"] {
            let path = directory + "/data/" + name
            // A meeting in which nobody said anything has none to play.
            guard FileManager.default.fileExists(atPath: path) else {
                guard (record.seen[summary.id]?.packets ?? 0) > 50 else { continue }
                record.find("\(summary.id) has no \(name)")
                return false
            }
            do {
                let said = try await Tool.run(
                    "ffmpeg",
                    [
                        "-nostdin", "-v", "error", "-i", path, "-map", "0", "-fps_mode", "passthrough",
                        "-enc_time_base",
                        "-1", "-f", "null", "-",
                    ],
                    standardError: true, within: .seconds(600))
                // Times of a millisecond that two pictures share are no fault of what is decoded: the muxer to nowhere wants them apart.
                let faults = said.split(separator: "\n").filter {
                    !$0.contains("non monotonically increasing dts to muxer") && !$0.contains("Last message repeated")
                }
                guard faults.isEmpty else { throw ToolFailure(String(said.prefix(400))) }
            } catch {
                record.find("\(summary.id): \(name) does not play: \(error)")
                return false
            }
        }
        return true
    }

    /// It is as long as the meeting was seen to be recorded, unless its notes say why not.
    private func length(of summary: RecordingSummary, _ notes: [String]) {
        guard let seen = record.seen[summary.id] else { return }
        let seconds = (seen.last - seen.first) / .seconds(1)
        let recorded = Double(summary.durationMilliseconds ?? 0) / 1_000
        // A meeting that opens while a database is held waits for it, five seconds at most.
        guard seen.packets > 50, recorded < seconds - 9, notes.isEmpty else { return }
        record.find("\(summary.id) is \(recorded) s long, and was seen for \(seconds) s; nothing says why")
    }

    private func events(in directory: String) throws -> [(name: String, fields: [String: String])] {
        let path = directory + "/data/events.jsonl"
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            let fields = object.compactMapValues { $0 as? String }
            return (fields["event"] ?? "", fields)
        }
    }

    /// Who was let in stands in the events, but for those of the last moments before a SIGKILL.
    private func judgeJoins(_ joined: [String: Int]) -> Int {
        let kills = record.kills
        var expected: [String: Int] = [:]
        for join in record.joins
        where !kills.contains(where: { (Duration.zero..<(.seconds(2))).contains($0 - join.at) }) {
            expected["\(join.point)@\(join.room)", default: 0] += 1
        }
        var found = 0
        for (who, count) in expected.sorted(by: { $0.key < $1.key }) {
            found += min(count, joined[who] ?? 0)
            if joined[who] ?? 0 < count {
                record.find("\(who) was let in \(count) times, and the events have \(joined[who] ?? 0)")
            }
        }
        return found
    }

    /// What was ordered stands in the journal and in the meeting's events.
    private func judgeOrders(_ ended: Set<String>, _ recordings: [RecordingSummary]) async throws -> Int {
        let journal = try await journal()
        var found = 0
        for order in record.orders {
            let isThere =
                switch order.kind {
                case .addUnit: journal.contains { $0.subject.contains(order.subject) }
                case .endMeeting: ended.contains(order.subject)
                }
            if isThere {
                found += 1
            } else {
                record.find("an order is written down nowhere: \(order.kind) \(order.subject)")
            }
        }
        for summary in recordings where record.seen[summary.id] != nil {
            guard journal.contains(where: { $0.action == "begin recording" && $0.subject.hasPrefix(summary.id) }) else {
                record.find("the journal does not say that \(summary.id) was recorded")
                continue
            }
        }
        return found
    }

    private struct JournalLine: Decodable {
        var number: Int64
        var action: String
        var subject: String
    }

    private func journal() async throws -> [JournalLine] {
        guard let daemon = site.daemon else { return [] }
        var lines: [JournalLine] = []
        while true {
            let before = lines.last.map { "?before=\($0.number)" } ?? ""
            let text = try await Tool.run(
                "curl",
                ["-sSf", "--unix-socket", daemon.socketPath, "http://localhost/api/v1/journal\(before)"])
            let page = try JSONDecoder().decode([JournalLine].self, from: Data(text.utf8))
            if page.isEmpty { return lines }
            lines += page
        }
    }
}
