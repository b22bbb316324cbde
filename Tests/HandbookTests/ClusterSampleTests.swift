import Foundation
import InteropSupport
import PortalAPI
import PostgresServer
import Testing

/// The edge of a cluster, by the real Kamailio, before real daemons.
@Suite(.serialized) struct ClusterSampleTests {
    private static let sample = Handbook.root.appendingPathComponent("samples/cluster").path

    private static func text(_ name: String) throws -> String {
        try String(contentsOfFile: sample + "/" + name, encoding: .utf8)
    }

    @Test(.enabled(if: Tool.areInstalled("kamailio"), "kamailio is missing"), arguments: [false, true])
    func kamailioTakesTheEdgeOfACluster(withTLS: Bool) async throws {
        let said = try await Tool.run(
            "kamailio",
            ["-c", "-f", Self.sample + "/kamailio.cfg", "-A", "FOLDER=\"\(Self.sample)\""]
                + (withTLS ? ["-A", "WITH_TLS"] : []), standardError: true)
        #expect(said.contains("config file ok"), "\(said)")
    }

    /// Two bridges and the edge, all as their samples have them but for addresses and ports.
    private static func withCluster(
        _ body: ([RunningDaemon], _ edge: Kamailio, _ port: UInt16, _ folder: String) async throws -> Void
    ) async throws {
        try await HandbookSite.with(bridge) { first in
            try await HandbookSite.with(bridge) { second in
                let folder = first.folder + "/edge"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                var bridges = try text("dispatcher.list")
                for (daemon, address) in [(first, "192.0.2.21:5060"), (second, "192.0.2.22:5060")] {
                    #expect(bridges.contains(address))
                    bridges = bridges.replacingOccurrences(of: address, with: "127.0.0.1:\(daemon.sipPort)")
                }
                try bridges.write(toFile: folder + "/dispatcher.list", atomically: true, encoding: .utf8)
                let certificates = first.folder + "/certificates"
                let tls = try text("tls.cfg")
                    .replacingOccurrences(of: "/etc/kamailio/edge.pem", with: certificates + "/server.pem")
                    .replacingOccurrences(of: "/etc/kamailio/edge.key", with: certificates + "/server.key")
                    .replacingOccurrences(of: "/etc/kamailio/bridges-ca.pem", with: first.authority)
                try tls.write(toFile: folder + "/tls.cfg", atomically: true, encoding: .utf8)
                let port = try FreePorts.run(of: 2)
                let edge = try await Kamailio(
                    configuration: sample + "/kamailio.cfg",
                    definitions: ["PORT=\(port)", "TLS_PORT=\(port + 1)", "FOLDER=\"\(folder)\"", "WITH_TLS"],
                    in: folder)
                do { try await body([first, second], edge, port, folder) } catch {
                    let said = edge.log.suffix(2_000)
                    await edge.stop()
                    throw ToolFailure("\(error)\n— the edge said:\n\(said)")
                }
                await edge.stop()
            }
        }
    }

    private static let rooms = ["giaoban", "thuongky", "phongchong", "ngansach"]

    private static func bridge(_ setup: inout RunningDaemon.Setup, _ folder: String) {
        setup.rooms = rooms.map { "{id: \($0), title: \($0), linger: 1s}" }
        setup.workers = 1
    }

    private static func endpoint(
        _ index: Int, at port: UInt16, over transport: Baresip.Transport, trusting authority: String, in folder: String
    ) async throws -> Baresip {
        let point = HandbookSite.points[index]
        let tone = folder + "/tone.wav"
        if !FileManager.default.fileExists(atPath: tone) {
            try await Tool.run(
                "sox", ["-n", "-r", "48000", "-c", "1", "-b", "16", tone, "synth", "60", "sine", "440", "vol", "0.25"])
        }
        var setup = Baresip.Setup(username: point.id, password: point.password, sound: tone)
        setup.domain = "causeway.test"
        setup.transport = transport
        setup.certificateAuthority = authority
        setup.extraAccount =
            "outbound=\"sip:127.0.0.1:\(transport == .tls ? port + 1 : port);transport=\(transport.rawValue)\""
        return try await Baresip(setup, in: folder + "/point-\(index)")
    }

    /// Which of the daemons has a meeting of so many, once media goes both ways.
    private static func home(
        of room: String, points: Int, among daemons: [RunningDaemon]
    ) async throws -> Int {
        final class Found: @unchecked Sendable {
            // Written by one polling task, read after it ended.
            var index = 0
        }
        let found = Found()
        try await eventually("a bridge to have \(points) points in \(room)") {
            for (index, daemon) in daemons.enumerated() where daemon.process.isRunning {
                let meeting = try await daemon.meetings().first { $0.room == room }
                let participants: [LiveParticipant] = meeting?.participants ?? []
                if participants.count(where: { ($0.audio?.packetsReceived ?? 0) > 20 }) == points {
                    found.index = index
                    return true
                }
            }
            return false
        }
        return found.index
    }

    @Test(.enabled(if: Tool.areInstalled("kamailio", "baresip", "sox"), "kamailio, baresip or sox is missing"))
    func aRoomGoesToOneBridgeAndToTheNextWhereThatIsGone() async throws {
        try await Self.withCluster { daemons, _, port, folder in
            // One over UDP, one over TLS: both get to the same bridge.
            let one = try await Self.endpoint(0, at: port, over: .udp, trusting: daemons[0].authority, in: folder)
            let other = try await Self.endpoint(1, at: port, over: .tls, trusting: daemons[0].authority, in: folder)
            try await one.dial("sip:giaoban@causeway.test")
            try await other.dial("sip:giaoban@causeway.test")
            let home = try await Self.home(of: "giaoban", points: 2, among: daemons)
            #expect(try await daemons[1 - home].meetings().isEmpty)
            try await other.hangUp()
            try await other.waitUntilHungUp()
            // Not all rooms go there.
            var away: String?
            for room in Self.rooms.dropFirst() where away == nil {
                try await other.dial("sip:\(room)@causeway.test")
                if try await Self.home(of: room, points: 1, among: daemons) != home {
                    away = room
                } else {
                    try await other.hangUp()
                    try await other.waitUntilHungUp()
                }
            }
            #expect(away != nil, "all rooms went to one bridge")
            // The bridge of the first is killed. Whoever dials its room comes to the other, whose own calls go on.
            daemons[home].process.signal(SIGKILL)
            _ = try await daemons[home].process.wait(within: .seconds(5))
            let third = try await Self.endpoint(2, at: port, over: .udp, trusting: daemons[0].authority, in: folder)
            let began = ContinuousClock.now
            try await third.dial("sip:giaoban@causeway.test")
            #expect(ContinuousClock.now - began < .seconds(5))
            #expect(try await Self.home(of: "giaoban", points: 1, among: daemons) == 1 - home)
            // A BYE is the affair of the bridge that has the call.
            try await other.hangUp()
            if let away {
                try await eventually("the BYE to reach the bridge") {
                    try await daemons[1 - home].meetings().first { $0.room == away }?.participants.isEmpty ?? true
                }
            }
            for endpoint in [one, other, third] { await endpoint.stop() }
        }
    }

    /// The role and the database are made as the sample says, and each line that says who may ask is one that PostgreSQL understands.
    @Test(.enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
    func postgreSQLTakesTheDatabase() async throws {
        let server = try PostgresServer()
        // The server of tests has an administrator of the sample's name.
        let sql = try Self.text("causeway.sql").components(separatedBy: "\n").filter { !$0.hasPrefix("--") }
            .joined(separator: "\n").replacingOccurrences(of: "causeway", with: "mau")
        for statement in sql.components(separatedBy: ";") where !statement.allSatisfy(\.isWhitespace) {
            try server.psql(statement, server.conninfo())
        }
        let own = server.conninfo("mau").replacingOccurrences(of: "user=causeway", with: "user=mau")
        try server.psql("CREATE TABLE t (x TEXT PRIMARY KEY)", own)
        #expect(
            try server.psql(
                "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'mau'", own)
                == "C.UTF-8|UTF8")
        #expect(
            try server.psql("SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'mau'", own)
                == "f|f|f")
        let path = server.folder + "/data/pg_hba.conf"
        let before = try String(contentsOfFile: path, encoding: .utf8)
        // It is looked at where it lies; that it would be obeyed takes a word of its own.
        try Self.text("pg_hba.conf").write(toFile: path, atomically: false, encoding: .utf8)
        let rules = try server.psql(
            "SELECT type, auth_method, error FROM pg_hba_file_rules ORDER BY line_number", server.conninfo()
        )
        // The server of tests is asked by its socket alone.
        .replacingOccurrences(of: "hostssl record cannot match because SSL is disabled", with: "")
        try before.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(rules == "local|peer|\nhostssl|scram-sha-256|\nhostssl|scram-sha-256|")
        try server.stop()
    }
}
