import BenchSupport
import Foundation
import InteropSupport

/// Says what 10, 100, 1,000 and 10,000 meetings at once need: a day of meetings is played through, and what was measured of one is
/// multiplied.
@main
struct ScaleModel {
    static let usage = """
        usage: scale-model [--seed N] [--meetings N] [--measure] [--json]
          --seed      of the day (1): the same gives the same
          --meetings  at once, in place of 10, 100, 1,000 and 10,000
          --measure   holds meetings with the real daemon for what no other benchmark measures, and says what they took
          --json      one JSON object instead of the tables
        """

    static func main() async {
        var seed: UInt64 = 1
        var sizes = ScaleReport.sizes
        var measures = false
        var writesJSON = false
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--seed":
                guard let number = arguments.popFirst().flatMap({ UInt64($0) }) else { return refuse() }
                seed = number
            case "--meetings":
                guard let number = arguments.popFirst().flatMap({ Double($0) }), (1...50_000).contains(number) else {
                    return refuse()
                }
                sizes = [number]
            case "--measure": measures = true
            case "--json": writesJSON = true
            case "--help", "-h": return print(usage)
            default: return refuse()
            }
        }
        var report = Report(isJSON: writesJSON)
        do {
            if measures {
                try await measure(&report)
            } else {
                let model = ScaleReport(day: ProvinceDay(), costs: Costs(), seed: seed)
                report.add(model.constants())
                report.add(model.closedForms())
                report.add(model.checks())
                report.add(model.needs(sizes))
                report.add(model.limits())
            }
            try report.finish()
        } catch {
            FileHandle.standardError.write(Data("scale-model: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func refuse() {
        FileHandle.standardError.write(Data((usage + "\n").utf8))
        exit(2)
    }

    private static func measure(_ report: inout Report) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "causeway-scale-\(UInt32.random(in: 0 ... .max))"
        ).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        Machine.raiseDescriptorLimit()
        report.note("processor", Machine.processorName)
        var recording = Table(
            name: "recording", title: "What recording costs: one source, one viewer",
            columns: [
                "packets/s", "CPU ns/packet, unrecorded", "recorded", "recording alone",
                "octets on disk for one of payload",
            ])
        for rate in [1_000.0, 2_000, 4_000] {
            report.progress("\(Int(rate)) packets a second, recorded")
            let run = try await RealMeetings.recording(rate: rate, seconds: 8, in: folder + "/r\(Int(rate))")
            recording.rows.append([
                .number(rate, decimals: 0), .number(run.unrecorded, decimals: 0), .number(run.recorded, decimals: 0),
                .number(run.recorded - run.unrecorded, decimals: 0), .number(run.octets, decimals: 3),
            ])
        }
        report.add(recording)
        var commits = Table(
            name: "commits", title: "Commits to the catalogue, from the first call to the seal",
            columns: ["points", "commits"])
        for points in [2, 12] {
            report.progress("a meeting of \(points)")
            let number = try await RealMeetings.commits(points: points, in: folder + "/c\(points)")
            commits.rows.append([.number(Double(points), decimals: 0), .number(Double(number), decimals: 0)])
        }
        report.add(commits)
    }
}
