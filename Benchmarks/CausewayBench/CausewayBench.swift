import BenchSupport
import CBench
import Foundation
import SRTP

/// Measures the media plane on loopback: the bridge's worker on core 0, the load generator on core 1.
@main
struct CausewayBench {
    private static let generatorCore: Int32 = 1

    static func main() async {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            if options.wantsHelp { return print(Options.usage) }
            guard let bridge = SRTPEngineChoice(rawValue: options.engine) else {
                throw Options.Refused(description: "--engine takes auto, ipsec-mb, openssl or libsrtp2")
            }
            Machine.raiseDescriptorLimit()
            // Threads made from here on, the worker excepted, stay off the worker's core.
            if sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 { cb_pin(generatorCore) }
            try await measure(options, bridge)
        } catch {
            FileHandle.standardError.write(Data("causeway-bench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func measure(_ options: Options, _ bridge: SRTPEngineChoice) async throws {
        let engine = try SRTPEngine(.automatic)
        let disturbance = Disturbance()
        var report = Report(isJSON: options.writesJSON)
        report.note("processor", Machine.processorName)
        report.note("SRTP engine", try SRTPEngine(bridge).name)
        // First, while no freed memory waits to be used again.
        if options.parts.contains(.memory) {
            var table = Table(name: "memory", title: "Memory a leg", columns: MemoryBench.columns)
            table.rows.append(try await MemoryBench(engine: engine, bridge: bridge).row())
            report.add(table)
        }
        if options.parts.contains(.forwarding) {
            var table = Table(
                name: "forwarding", title: "Forwarding video, bursts of 8 packets of 1,100 bytes, one core",
                columns: ForwardingBench.columns)
            let bench = ForwardingBench(isQuick: options.isQuick, engine: engine, bridge: bridge)
            for shape in ForwardingBench.shapes {
                for suite in ForwardingBench.suites {
                    let name = "\(shape.name) \(ForwardingBench.name(of: suite))"
                    guard options.match.isEmpty || name.contains(options.match) else { continue }
                    report.progress(name)
                    table.rows.append(try await bench.row(shape, suite))
                }
            }
            report.add(table)
        }
        if options.parts.contains(.carrying) {
            var table = Table(
                name: "carrying", title: "What a bridge sends another, beside what it sends a viewer; one core",
                columns: CarryingBench.columns)
            let bench = CarryingBench(isQuick: options.isQuick, engine: engine, bridge: bridge)
            for shape in CarryingBench.shapes {
                report.progress("\(shape.rooms) × \(shape.name)")
                table.rows.append(try await bench.row(shape))
            }
            report.add(table)
        }
        if options.parts.contains(.mixing) {
            var table = Table(
                name: "mixing", title: "Mixed rooms of Opus points at 48 kHz, one core", columns: MixingBench.columns)
            let bench = try MixingBench(isQuick: options.isQuick, engine: engine, bridge: bridge)
            for shape in MixingBench.shapes {
                report.progress("\(shape.rooms) × \(shape.points) mixed points")
                table.rows.append(try await bench.row(shape))
            }
            report.add(table)
        }
        report.note("took, s", String(format: "%.0f", disturbance.seconds))
        let share = disturbance.share
        report.note("other load on the machine, % of a core", String(format: "%.0f", share * 100))
        if share > Machine.quietShare {
            report.note("beware", "other work disturbed this run: costs, rates and above all latencies came out worse")
        }
        try report.finish()
    }
}
