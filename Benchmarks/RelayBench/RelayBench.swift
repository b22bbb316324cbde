import BenchSupport
import CBench
import Foundation
import SRTP

/// Measures what relaying costs on loopback: Causeway's media plane, what a user would pick instead, and the floor that
/// no relay on these system calls goes below. The relays run on core 0, the load generator on core 1.
@main
struct RelayBench {
    private static let generatorCore: Int32 = 1

    static func main() async {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            Machine.raiseDescriptorLimit()
            if arguments.first == CausewayServer.flag { return try await CausewayServer.run(arguments) }
            let options = try RelayOptions(arguments)
            if options.wantsHelp { return print(RelayOptions.usage) }
            guard sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 else {
                throw RelayOptions.Refused(description: "one core for the relay and another for the load are needed")
            }
            cb_pin(generatorCore)
            Machine.goFirst()
            if options.floods { try flood(options) } else { try compare(options) }
        } catch {
            FileHandle.standardError.write(Data("relay-bench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func compare(_ options: RelayOptions) throws {
        let disturbance = Disturbance()
        var report = Report(isJSON: options.writesJSON)
        report.note("processor", Machine.processorName)
        let bench = SideBySide(
            isQuick: options.isQuick, seconds: options.seconds, engine: try SRTPEngine(.automatic))
        let systems = System.allCases.filter { options.wants($0.rawValue, of: .systems) }
        var table = Table(
            name: "relay", title: "Relaying on one core, side by side", columns: SideBySide.columns)
        for shape in RelayShape.all where options.wants(shape.name, of: .shapes) {
            for suite in SideBySide.suites where options.wants(SideBySide.name(suite), of: .security) {
                report.progress("\(shape.name), \(SideBySide.name(suite))")
                table.rows += try bench.rows(shape, suite, systems)
            }
        }
        report.add(table)
        report.note(
            "shapes",
            "audio: 160 bytes 50 times a second; video: bursts of 8 packets of 1,100 bytes 25 times a second. Causeway "
                + "mixes sound and forwards video: it carries the small packets on its video path, as forwarding them costs"
        )
        try finish(&report, disturbance)
    }

    private static func flood(_ options: RelayOptions) throws {
        let disturbance = Disturbance()
        var report = Report(isJSON: options.writesJSON)
        report.note("processor", Machine.processorName)
        let bench = FloodBench(isQuick: options.isQuick, engine: try SRTPEngine(.automatic))
        var table = Table(
            name: "flood", title: "10 rooms 1→20 of video, and forged packets at the port of one room's source",
            columns: FloodBench.columns)
        for suite in SideBySide.suites where suite != nil && options.wants(SideBySide.name(suite), of: .security) {
            for system in FloodBench.systems where options.wants(system.rawValue, of: .systems) {
                report.progress("a flood, \(system.name), \(SideBySide.name(suite))")
                table.rows.append(try bench.row(system, suite))
            }
        }
        report.add(table)
        try finish(&report, disturbance)
    }

    private static func finish(_ report: inout Report, _ disturbance: Disturbance) throws {
        report.note("took, s", String(format: "%.0f", disturbance.seconds))
        report.note("other load on the machine, % of a core", String(format: "%.0f", disturbance.share * 100))
        if disturbance.share > Machine.quietShare {
            report.note("beware", "other work disturbed this run: costs, rates and above all latencies came out worse")
        }
        try report.finish()
    }
}
