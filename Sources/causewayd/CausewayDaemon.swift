import ArgumentParser
import ChildProcesses
import Composer
import CoreMetrics
import Foundation
import Glibc
import Listening
import Logging
import Metering
import SiteConfiguration

/// The command `causewayd`.
@main
struct CausewayDaemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "causewayd",
        abstract: "Conference bridge and meeting archive.",
        discussion:
            "Runs in the foreground. SIGHUP reloads rooms, points and certificates; SIGTERM ends meetings in order.",
        version: Version.text)

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config = "/etc/causeway/causeway.yaml"

    @Flag(name: .customLong("check-config"), help: "Reads the configuration, says what is wrong with it, and ends.")
    var checksConfiguration = false

    @Flag(
        name: .customLong("import"),
        help:
            "Copies the database files of a single machine into the empty database of the cluster that the configuration names, and ends."
    )
    var imports = false

    @Flag(
        name: .customLong("welcome"),
        help: "Where nobody can administer yet, the log gets a link by which the first administrator sets a password.")
    var welcomes = false

    @Option(
        name: .customLong("jobs-socket"),
        help: ArgumentHelp(
            "Where causeway-jobs listens, which runs encoders and converters; without it they run beside the daemon.",
            valueName: "path"))
    var jobsSocket: String?

    static func main() async {
        // The same binary composes access copies and merges recordings, as its own child.
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "compose-job" { Glibc.exit(ComposeJob.run(arguments: Array(arguments.dropFirst()))) }
        if arguments.first == "merge-job" { Glibc.exit(MergeJob.run(arguments: Array(arguments.dropFirst()))) }
        await main(nil)
    }

    func run() async throws {
        let settings: Configuration
        do {
            settings = try Configuration.load(path: config)
        } catch {
            Self.fail("\(error)", status: 2)
        }
        if checksConfiguration {
            print(
                "\(config): good; \(settings.rooms.count) rooms, \(settings.points.count) points, \(settings.units.count) units"
            )
            return
        }
        if imports {
            do {
                for line in try ClusterImport(configuration: settings).run() { print(line) }
            } catch {
                Self.fail("nothing was imported: \(error)", status: 1)
            }
            return
        }
        let sockets = ListeningSockets(inherited: ServiceManager.takeSockets())
        signal(SIGPIPE, SIG_IGN)
        // A file at its size limit is an error of its writer, which ends that recording well, and no reason to die.
        signal(SIGXFSZ, SIG_IGN)
        umask(0o027)
        Self.raiseFileLimit()
        LineLogHandler.setLevel(Logger.Level(settings.log.level))
        LoggingSystem.bootstrap { LineLogHandler(label: $0, json: settings.log.format == .json) }
        if let jobsSocket {
            let logger = Logger(label: "causewayd")
            JobRunner.use(
                JobRunner(socket: jobsSocket) { reason in
                    logger.warning(
                        "encoders and converters run beside the daemon until causeway-jobs is there: \(reason)")
                })
        }
        let metrics = PrometheusRegistry()
        MetricsSystem.bootstrap(metrics)
        do {
            let daemon = try await Daemon(
                configuration: settings, path: config, sockets: sockets, metrics: metrics,
                logger: Logger(label: "causewayd"))
            try await daemon.run(welcoming: welcomes)
        } catch {
            Self.fail("causewayd cannot start: \(error)", status: 1)
        }
    }

    /// As many open files as the system lets the daemon have: a shell's usual 1,024 are fewer than its connections.
    private static func raiseFileLimit() {
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(files, &limit)
    }

    private static func fail(_ text: String, status: Int32) -> Never {
        LineLogHandler.write(text)
        Glibc.exit(status)
    }
}
