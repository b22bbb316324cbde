import BenchSupport
import CBench
import Foundation
import InteropSupport
import SRTP

/// Measures what calls cost with SIPp. First a whole call's CPU time, the daemon alone on core 0, SIPp and the load
/// generator on core 1; then whether a running meeting notices that others come and go, the daemon on every core.
@main
struct CallsBench {
    static func main() async {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "causeway-calls-\(UInt32.random(in: 0 ... .max))"
        ).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            let options = try CallsOptions(CommandLine.arguments.dropFirst())
            if options.wantsHelp { return print(CallsOptions.usage) }
            guard sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 else {
                throw ToolFailure("one core for the bridge and another for those who call are needed")
            }
            guard Tool.areInstalled("sipp", "taskset") else { throw ToolFailure("SIPp and taskset are needed") }
            Machine.raiseDescriptorLimit()
            cb_pin(Int32(CallsSite.callersCore))
            try await measure(options, in: folder)
        } catch {
            FileHandle.standardError.write(Data("calls-bench: \(error)\n".utf8))
            try? FileManager.default.removeItem(atPath: folder)
            exit(1)
        }
    }

    private static func measure(_ options: CallsOptions, in folder: String) async throws {
        var report = Report(isJSON: options.writesJSON)
        report.note("processor", Machine.processorName)
        if options.only != "load" {
            try await withSite(in: folder + "/cost", isOnOneCore: true) { site in
                try await measureCost(options, site, &report)
            }
        }
        if options.only != "cost" {
            report.progress("a running meeting")
            try await withSite(in: folder + "/load", isOnOneCore: false) { site in
                let load = CallLoad(isQuick: options.isQuick, site: site, engine: try SRTPEngine(.automatic))
                for table in try await load.tables() { report.add(table) }
            }
        }
        try report.finish()
    }

    private static func withSite(
        in folder: String, isOnOneCore: Bool, _ body: (CallsSite) async throws -> Void
    ) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let site = try await CallsSite(in: folder, isOnOneCore: isOnOneCore)
        do {
            try await body(site)
            await site.daemon.stop()
        } catch {
            let said = site.daemon.log.suffix(1_000)
            await site.daemon.stop()
            throw ToolFailure("\(error)\n— the daemon said:\n\(said)")
        }
    }

    private static func measureCost(
        _ options: CallsOptions, _ site: CallsSite, _ report: inout Report
    ) async throws {
        var cost = Table(
            name: "cost", title: "A whole call, 100 of them a second into 10 meetings", columns: CallCost.columns)
        for kind in try CallCost.kinds(site, beside: options.beside) {
            report.progress("calls, \(kind.name)")
            cost.rows.append(try await CallCost(isQuick: options.isQuick, site: site).row(kind))
        }
        report.add(cost)
    }
}
