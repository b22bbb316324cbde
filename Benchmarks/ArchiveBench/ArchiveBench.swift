import AsyncHTTPClient
import BenchMeeting
import BenchSupport
import Foundation
import InteropSupport
import NIOSSL
import SRTP

/// Measures whether a meeting that records notices that archivists work: two hundred clients search, open and play while every packet of
/// the meeting's pictures is followed; and how soon their films begin.
@main
struct ArchiveBench {
    static let usage = """
        usage: archive-bench [--clients N] [--seconds N] [--meetings N] [--film-minutes N] [--json]
          --clients       archivists at once (200)
          --seconds       how long they work (60); the meeting alone is watched for a quarter of it before
          --meetings      in the archive (40)
          --film-minutes  of each film (20)
        """

    struct Options {
        var clients = 200
        var seconds = 60
        var meetings = 40
        var filmMinutes = 20
        var writesJSON = false
        var wantsHelp = false

        init(_ arguments: some Sequence<String>) throws {
            var arguments = arguments.makeIterator()
            func number() throws -> Int {
                guard let text = arguments.next(), let number = Int(text), (1...10_000).contains(number) else {
                    throw ToolFailure("a number from 1 to 10000 is wanted\n\(ArchiveBench.usage)")
                }
                return number
            }
            while let argument = arguments.next() {
                switch argument {
                case "--clients": clients = try number()
                case "--seconds": seconds = try number()
                case "--meetings": meetings = try number()
                case "--film-minutes": filmMinutes = try number()
                case "--json": writesJSON = true
                case "--help", "-h": wantsHelp = true
                default: throw ToolFailure("\(argument) is no option\n\(ArchiveBench.usage)")
                }
            }
        }
    }

    static func main() async {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "causeway-archive-\(UInt32.random(in: 0 ... .max))"
        ).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            if options.wantsHelp { return print(usage) }
            Machine.raiseDescriptorLimit()
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await measure(options, in: folder)
        } catch {
            FileHandle.standardError.write(Data("archive-bench: \(error)\n".utf8))
            try? FileManager.default.removeItem(atPath: folder)
            exit(1)
        }
    }

    private static func measure(_ options: Options, in folder: String) async throws {
        var report = Report(isJSON: options.writesJSON)
        report.note("processor", Machine.processorName)
        report.note(
            "load before",
            (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?
                .trimmingCharacters(in: .whitespacesAndNewlines) ?? "")
        report.progress("an archive")
        let site = try await ArchiveSite(
            in: folder, meetings: options.meetings, filmMinutes: options.filmMinutes, clients: options.clients)
        do {
            try await measure(options, site, &report)
            await site.daemon.stop()
        } catch {
            let said = site.daemon.log.suffix(1_500)
            await site.daemon.stop()
            throw ToolFailure("\(error)\n— the daemon said:\n\(said)")
        }
        try report.finish()
    }

    private static func measure(_ options: Options, _ site: ArchiveSite, _ report: inout Report) async throws {
        report.progress("\(options.clients) tokens")
        let tokens = try await site.makeTokens()
        let meeting = try WatchedMeeting(
            ArchiveSite.points, in: ArchiveSite.room, of: site.daemon, try SRTPEngine(.automatic),
            cpuNanoseconds: { site.cpuNanoseconds })
        // The clients need the rest of the machine.
        meeting.load.rests = true
        guard try await site.daemon.meetings().first?.recording == .recording else {
            throw ToolFailure("the meeting does not record")
        }
        var media = Table(
            name: "media", title: "The pictures of a meeting that records, 1→\(ArchiveSite.viewers)",
            columns: [
                "while", "packets/s", "lost", "lost by the generator", "p50 µs", "p99 µs", "p99.9 µs",
                "bridge, % of a core",
            ])
        report.progress("the meeting alone")
        media.rows.append(row("nobody asks", try watch(meeting, seconds: Double(max(3, options.seconds / 4)))))

        report.progress("\(options.clients) archivists")
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(site.daemon.authority)
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.clients
        let client = HTTPClient(configuration: configuration)
        let figures = Figures()
        let end = ContinuousClock.now + .seconds(options.seconds)
        let archivists = tokens.enumerated().map { number, token in
            Archivist(
                number: number, token: token, base: "https://127.0.0.1:\(site.daemon.httpsPort)",
                meetings: site.meetings, filmSize: site.filmSize, client: client, figures: figures)
        }
        let working = Task {
            await withDiscardingTaskGroup { group in
                for archivist in archivists { group.addTask { await archivist.run(until: end) } }
            }
        }
        let busy = try watch(meeting, seconds: Double(options.seconds))
        media.rows.append(row("\(options.clients) archivists work", busy))
        await working.value
        try await client.shutdown()
        report.add(media)

        var asked = Table(
            name: "archive", title: "What \(options.clients) archivists asked for, of \(options.meetings) meetings",
            columns: ["what", "number", "failed", "a second", "p50 ms", "p95 ms", "p99 ms", "MB/s"])
        let numbers = figures.take()
        for deed in Deed.allCases {
            let found = numbers[deed] ?? .init()
            let sorted = found.milliseconds.sorted()
            func percentile(_ share: Double) -> Table.Cell {
                sorted.isEmpty
                    ? .text("-")
                    : .number(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))], decimals: 1)
            }
            asked.rows.append([
                .text(deed.title), .number(Double(sorted.count), decimals: 0),
                .number(Double(found.failed), decimals: 0),
                .number(Double(sorted.count) / Double(options.seconds), decimals: 1), percentile(0.5), percentile(0.95),
                percentile(0.99), .number(Double(found.octets) / 1e6 / Double(options.seconds), decimals: 1),
            ])
        }
        report.add(asked)
        let recording = try await site.daemon.meetings().first?.recording
        report.note("the recording after it", recording == .recording ? "goes on" : "\(String(describing: recording))")
        report.note(
            "load after",
            (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?
                .trimmingCharacters(in: .whitespacesAndNewlines) ?? "")
        try meeting.hangUp()
    }

    private static func watch(_ meeting: WatchedMeeting, seconds: Double) throws -> StreamLoad.Run {
        try meeting.load.prime()
        return try meeting.load.run(
            packetsPerSecond: meeting.load.nominalRate, seconds: seconds, timesArrivals: true)
    }

    private static func row(_ name: String, _ run: StreamLoad.Run) -> [Table.Cell] {
        func percentile(_ share: Double) -> Table.Cell {
            run.microseconds(atShare: share).map { .number($0, decimals: 0) } ?? .text("-")
        }
        return [
            .text(name), .number(run.packetsPerSecond, decimals: 0), .number(Double(run.lost), decimals: 0),
            .number(Double(run.droppedByGenerator), decimals: 0), percentile(0.5), percentile(0.99),
            percentile(0.999), .number(run.relayLoad * 100, decimals: 1),
        ]
    }
}
