import ArgumentParser
import Doctor
import Foundation
import PortalAPI
import SiteConfiguration

/// Looks whether this machine is fit, and says what to do where it is not.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look whether this machine is fit to be the bridge, and say what to do.",
        discussion: """
            Run it as root: rules of the firewall and some files are shown to nobody else. Nothing is changed. Exit status 0 \
            when nothing is broken, warnings allowed; 1 when something is.
            """)

    @Option(help: ArgumentHelp("The daemon's configuration.", valueName: "file"))
    var config = "/etc/causeway/causeway.yaml"
    @Flag(help: "Print JSON instead of a list.")
    var json = false

    func run() async throws {
        let console = Console.current
        let settings: Configuration
        do { settings = try Configuration.load(path: config) } catch {
            throw CommandFailure.local("\(error)")
        }
        let patient = Examination(of: settings, daemon: await Self.daemon(settings.portal.socket))
        var findings: [Finding] = []
        await patient.run { finding in
            findings.append(finding)
            if !json { for line in Self.lines(finding) { console.line(line) } }
        }
        if json { try console.json(findings) }
        let bad = findings.count { $0.verdict == .bad }
        let warnings = findings.count { $0.verdict == .warning }
        if !json {
            console.line()
            console.line(
                bad + warnings == 0
                    ? "All good." : "\(bad) broken, \(warnings) \(warnings == 1 ? "warning" : "warnings").")
        }
        guard bad == 0 else { throw CommandFailure.verification("This machine is not fit as it is.") }
    }

    /// Nil where none answers.
    private static func daemon(_ socket: String) async -> Examination.Daemon? {
        guard var options = try? ConnectionOptions.parse([]) else { return nil }
        options.socket = socket
        guard
            let status = try? await PortalClient.with(options, { try await $0.get(SystemStatus.self, "status") })
        else { return nil }
        return Examination.Daemon(
            version: status.bridge.version,
            listeners: status.bridge.listeners.map { .init(transport: $0.transport, address: $0.address) },
            warnings: status.bridge.warnings.map(\.english))
    }

    static func lines(_ finding: Finding) -> [String] {
        let mark =
            switch finding.verdict {
            case .good: "✓"
            case .warning: "!"
            case .bad: "✗"
            case .skipped: "·"
            }
        let name = finding.name.padding(toLength: 15, withPad: " ", startingAt: 0)
        let said = DisplayWidth.harmless("\(mark) \(name) \(finding.says)")
        return [said] + (finding.advice.map { ["                  → " + DisplayWidth.harmless($0)] } ?? [])
    }
}
