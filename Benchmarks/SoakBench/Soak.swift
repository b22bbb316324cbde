import BenchSupport
import Foundation
import InteropSupport
import PortalAPI

/// A day's life: meetings open and close, points join and leave at random, officers give orders, and faults come between. At the end each
/// recording is verified and decoded, and what was ordered is looked for in the journal. Ends with 1 where anything was found.
@main
struct Soak {
    static func main() async {
        do {
            let options = try SoakOptions(CommandLine.arguments.dropFirst())
            if options.wantsHelp { return print(SoakOptions.usage) }
            guard Tool.areInstalled("curl", "ffmpeg") else { throw ToolFailure("curl and ffmpeg are needed") }
            exit(try await run(options) ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("soak: \(error)\n".utf8))
            exit(2)
        }
    }

    private static func run(_ options: SoakOptions) async throws -> Bool {
        // Short, for baresip cuts long paths of what it dumps.
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "soak-" + String(UInt32.random(in: 0 ... .max), radix: 36)
        ).path
        let record = SoakRecord()
        record.say("seed \(options.seed), \(options.minutes) minutes")
        let site = try await SoakSite(in: folder, minutes: options.minutes, record: record)
        let outcome: Result<SoakJudges.Outcome, any Error>
        do { outcome = .success(try await live(options, site)) } catch { outcome = .failure(error) }
        await site.stop()
        if case .failure = outcome, let log = try? newestLog(in: folder) {
            record.say("the daemon said: \(log.suffix(3_000))")
        }
        if options.keeps { record.say("kept in \(folder)") }
        if !options.keeps {
            await site.remove()
            try? FileManager.default.removeItem(atPath: folder)
        }
        return try report(options, site, try outcome.get())
    }

    private static func newestLog(in folder: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("log-") }
        return try names.map { try String(contentsOfFile: folder + "/" + $0, encoding: .utf8) }.joined(separator: "\n")
    }

    /// Carries out the plan, and judges what came of it.
    private static func live(_ options: SoakOptions, _ site: SoakSite) async throws -> SoakJudges.Outcome {
        let faults = SoakFaults(site: site, seed: options.seed)
        let wanted = options.only.isEmpty ? SoakPlan.Fault.allCases : options.only
        for fault in wanted {
            if let obstacle = faults.obstacle(fault) {
                site.record.say("without the fault “\(fault.rawValue)”: \(obstacle)")
            }
        }
        let plan = SoakPlan(
            seed: options.seed, minutes: options.minutes, faults: wanted.filter { faults.obstacle($0) == nil })
        try await site.start()
        let judges = SoakJudges(site: site)
        let media = try RunningDaemon.binaries() + "/interop-media"
        try await SoakPoint.material(in: media)
        let points = (0..<SoakPlan.points).map { SoakPoint($0, site: site, media: media) }
        let living = points.map { point in Task { await point.run() } }
        let watch = Task {
            while !Task.isCancelled {
                try? await site.watchForCrash()
                await site.look()
                _ = try? await Task.sleep(for: .seconds(2))
            }
        }
        defer { watch.cancel() }
        var began = ContinuousClock.now
        var fault: Task<Void, any Error>?
        for entry in plan.entries {
            try await Task.sleep(until: began + .milliseconds(entry.atMilliseconds))
            switch entry.act {
            case .join(let point, _), .leave(let point, _): points[point].post(entry.act)
            case .end(let room): await end(SoakSite.rooms[room], site)
            case .order(let number): await order(number, site)
            case .fault(let kind):
                try await fault?.value
                fault = Task { try await faults.carryOut(kind) }
            case .night:
                // However long it takes until all is quiet: the next day begins after it.
                let dusk = ContinuousClock.now
                try await fault?.value
                await judges.night()
                site.record.count("nights")
                began += ContinuousClock.now - dusk
            }
        }
        for point in points { point.finish() }
        for life in living { await life.value }
        await judges.night()
        watch.cancel()
        site.record.say("the day is over; every recording is verified and decoded")
        return try await judges.judge()
    }

    private static func end(_ room: String, _ site: SoakSite) async {
        guard let daemon = site.daemon,
            let meeting = (try? await daemon.meetings())?.first(where: { $0.room == room })
        else { return }
        guard await site.causeway(["meetings", "end", meeting.id]).status == 0 else { return }
        site.record.count("meetings ended by order")
        if meeting.recording == .recording { site.record.ordered(.endMeeting, meeting.id) }
    }

    private static func order(_ number: Int, _ site: SoakSite) async {
        let unit = "dv\(number)"
        guard await site.causeway(["units", "add", unit, "--name", "Đơn vị \(number)"]).status == 0 else { return }
        site.record.count("units added by order")
        site.record.ordered(.addUnit, unit)
    }

    private static func report(_ options: SoakOptions, _ site: SoakSite, _ outcome: SoakJudges.Outcome) throws -> Bool {
        var report = Report(isJSON: options.writesJSON)
        let record = site.record
        report.note("seed", "\(options.seed)")
        report.note("minutes", "\(options.minutes)")
        report.note("processor", Machine.processorName)
        func rows(_ pairs: [(String, Double)]) -> [[Table.Cell]] {
            pairs.map { [.text($0.0), .number($0.1, decimals: 0)] }
        }
        var done = Table(name: "done", title: "What was done", columns: ["what", "times"])
        done.rows = rows(record.counts.sorted { $0.key < $1.key }.map { ($0.key, Double($0.value)) })
        report.add(done)
        var found = Table(name: "judged", title: "What was looked at", columns: ["what", "number"])
        found.rows = rows([
            ("recordings", Double(outcome.recordings)), ("recordings verified", Double(outcome.verified)),
            ("recordings decoded to their end", Double(outcome.decoded)), ("seconds recorded", outcome.seconds),
            ("calls that were let in, and stand in the events", Double(outcome.joinsFound)),
            ("orders that stand in journal or events", Double(outcome.ordersFound)),
        ])
        report.add(found)
        var memory = Table(
            name: "memory", title: "The daemon's memory, each process; growth after \(Int(SoakMemory.warmUp)) s",
            columns: [
                "seconds", "first MB", "last MB", "most MB", "in use MB", "of it the SIP ring", "held MB",
                "in use MB/h",
                "±", "held MB/h", "resident MB/h",
            ])
        memory.rows = site.memory.all.map { life in
            func cell(_ value: Double?) -> Table.Cell { value.map { .number($0, decimals: 1) } ?? .text("-") }
            return [
                .number(life.seconds, decimals: 0), .number(life.first, decimals: 0), .number(life.last, decimals: 0),
                .number(life.most, decimals: 0), cell(life.heap?.inUse), cell(life.heap?.ring), cell(life.heap?.held),
                cell(life.inUse?.megabytesAnHour), cell(life.inUse?.uncertainty), cell(life.held?.megabytesAnHour),
                cell(life.resident?.megabytesAnHour),
            ]
        }
        report.add(memory)
        var findings = Table(name: "findings", title: "What must not be", columns: ["finding"])
        findings.rows = record.findings.map { [.text($0)] }
        report.add(findings)
        report.note("findings", "\(record.findings.count)")
        try report.finish()
        return record.findings.isEmpty
    }
}
