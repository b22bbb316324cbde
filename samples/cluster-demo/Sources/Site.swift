import Foundation
import InteropSupport

/// What stands in the network: the database, two bridges, the edge. The storage is a folder that both bridges have.
final class Site: Sendable {
    static let domain = "causeway.test"
    static let room = "giaoban"

    let network: Network
    let database: Database
    let edge: Kamailio
    let certificates: Certificates
    let folder: String

    init(on network: Network, in folder: String) async throws {
        self.network = network
        self.folder = folder
        let machines: [Network.Host] = [.edge, .one, .two, .database]
        certificates = try await Certificates(
            for: machines.map { network.address(of: $0) }, domain: Self.domain, in: folder + "/certificates")
        func secret() -> String { (0..<24).map { _ in String(format: "%02x", UInt8.random(in: 0...255)) }.joined() }
        let password = secret()
        for (name, text) in [("database", password), ("trunk", secret())] {
            let path = "\(folder)/\(name).secret"
            try (text + "\n").write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
        Screen.step("PostgreSQL, with the role, the database and the rules of samples/cluster")
        database = try await Database(on: network, certificates: certificates, password: password)
        Screen.step("Kamailio, by samples/cluster/kamailio.cfg")
        do { edge = try await Self.edge(network, certificates, folder + "/edge") } catch {
            await database.stop()
            throw error
        }
    }

    private static func edge(_ network: Network, _ certificates: Certificates, _ folder: String) async throws
        -> Kamailio
    {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var bridges = try Sample.text("dispatcher.list")
        for (host, address) in [(Network.Host.one, "192.0.2.21:5060"), (.two, "192.0.2.22:5060")] {
            bridges = bridges.replacingOccurrences(of: address, with: "\(network.address(of: host)):\(Bridge.sipPort)")
        }
        try bridges.write(toFile: folder + "/dispatcher.list", atomically: true, encoding: .utf8)
        try Sample.text("tls.cfg")
            .replacingOccurrences(of: "/etc/kamailio/edge.pem", with: certificates.chain)
            .replacingOccurrences(of: "/etc/kamailio/edge.key", with: certificates.key)
            .replacingOccurrences(of: "/etc/kamailio/bridges-ca.pem", with: certificates.authority)
            .write(toFile: folder + "/tls.cfg", atomically: true, encoding: .utf8)
        return try await Kamailio(
            configuration: FileManager.default.currentDirectoryPath + "/" + Sample.folder + "/kamailio.cfg",
            definitions: ["EDGE=\(network.address(of: .edge))", "WITH_TLS", "FOLDER=\"\(folder)\""], in: folder,
            namespace: network.name(of: .edge))
    }

    /// The archive that both bridges have.
    var storage: String { folder + "/storage" }

    func stop() async {
        await edge.stop()
        await database.stop()
    }
}

/// A bridge in its namespace.
struct Bridge: Sendable {
    static let ports: UInt16 = 5061
    /// `RunningDaemon` gives TCP and UDP the port two above that of TLS.
    static let sipPort: UInt16 = 5063
    let name: String
    let host: Network.Host
    let daemon: RunningDaemon

    init(_ name: String, at host: Network.Host, of site: Site, points: [RunningDaemon.Point]) async throws {
        self.name = name
        self.host = host
        let address = site.network.address(of: host)
        var setup = RunningDaemon.Setup(points: points)
        setup.address = address
        setup.ports = Self.ports
        setup.namespace = site.network.name(of: host)
        setup.archive = site.storage
        setup.accessCopySize = "640x360"
        // A point that is lost is called back.
        setup.rooms = [
            "{id: \(Site.room), title: Giao ban tuần, linger: 30s, callBack: true, "
                + "recording: {order: standing, orderedBy: Chánh Văn phòng, document: 12/QĐ-VP}}"
        ]
        setup.certificateKeys = ", chain: \(site.certificates.chain), key: \(site.certificates.key)"
        setup.limits = ", connectionsPerAddress: 100"
        setup.sections = """
            cluster:
              name: \(name)
              database: \(site.database.conninfo(trusting: site.certificates.authority))
              passwordFile: \(site.folder)/database.secret
              control: {address: \(address), port: 5070}
              trunk: sip:\(address):\(Self.ports);transport=tls
              trunkSecretFile: \(site.folder)/trunk.secret
            """
        daemon = try await RunningDaemon(setup, in: site.folder + "/" + name)
    }

    /// Who is in the room here, by its meeting; nobody where the bridge is gone or has none.
    /// - Parameter heard: only those whose sound comes in.
    func present(heard: Bool = false) async -> Set<String> {
        guard daemon.process.isRunning, let meetings = try? await daemon.meetings() else { return [] }
        let participants = meetings.filter { $0.room == Site.room }.flatMap(\.participants)
        return Set(participants.filter { !heard || ($0.audio?.packetsReceived ?? 0) > 10 }.map(\.point))
    }
}
