import SiteConfiguration

/// Whether a machine is fit to be the bridge that its configuration describes: each check looks at one thing and never changes any.
public struct Examination: Sendable {
    /// What the daemon says of itself.
    public struct Daemon: Sendable {
        public var version: String
        /// Those of SIP and of the portal.
        public var listeners: [Socket]
        public var warnings: [String]

        public init(version: String, listeners: [Socket], warnings: [String]) {
            self.version = version
            self.listeners = listeners
            self.warnings = warnings
        }
    }

    /// Where something listens: `tls` at `0.0.0.0:5061`.
    public struct Socket: Hashable, Sendable {
        public var transport: String
        public var address: String
        public init(transport: String, address: String) {
            self.transport = transport
            self.address = address
        }
    }

    let configuration: Configuration
    /// Nil where it does not answer.
    let daemon: Daemon?
    /// Asked in place of the system's name servers; the address in host order.
    var nameServer: (address: UInt32, port: UInt16)?
    var units = InstalledUnits.ofMachine

    public init(of configuration: Configuration, daemon: Daemon?) {
        self.configuration = configuration
        self.daemon = daemon
    }

    /// Each in its turn, so that who waits sees how far it is.
    public func run(_ found: (Finding) -> Void) async {
        found(daemonFinding)
        for finding in listening() { found(finding) }
        found(await firewall())
        for finding in addresses() { found(finding) }
        for finding in names() { found(finding) }
        found(certificate())
        found(clock())
        for finding in disk() { found(finding) }
        for finding in kernel() { found(finding) }
        found(processor())
        found(mediaThreads())
        for finding in programs() { found(finding) }
        for finding in await unitPaths() { found(finding) }
    }

    private var daemonFinding: Finding {
        guard let daemon else {
            return Finding(
                "daemon", .bad, "it does not answer at \(configuration.portal.socket)",
                advice:
                    "systemctl status causewayd; journalctl -u causewayd -n 50; and ask as root or as one of the group causeway"
            )
        }
        guard daemon.warnings.isEmpty else {
            return Finding("daemon", .warning, "it warns: " + daemon.warnings.joined(separator: "; "))
        }
        return Finding("daemon", .good, "causewayd \(daemon.version) answers")
    }
}
