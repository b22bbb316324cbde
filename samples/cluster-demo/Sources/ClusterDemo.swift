import Foundation
import InteropSupport
import PortalAPI

/// A meeting of twelve points over two bridges, of which one is killed in the middle: all on this machine, each part a real one in a network
/// namespace of its own. What is printed was heard and seen by the endpoints.
@main
struct ClusterDemo {
    /// Louder than this, in dBFS, counts as heard; what is said is at -12.
    static let audible = -35.0

    static func main() async {
        // Interrupted or not, what was started is stopped by its own id, and the network removed.
        let stage = Stage()
        for number in [SIGINT, SIGTERM] { signal(number, SIG_IGN) }
        let sources = [SIGINT, SIGTERM].map { DispatchSource.makeSignalSource(signal: $0) }
        for source in sources {
            source.setEventHandler {
                Task {
                    Screen.say("\ninterrupted; stopping what was started")
                    await stage.close()
                    exit(130)
                }
            }
            source.resume()
        }
        var status: Int32 = 1
        do {
            status = try await withDeadline(.seconds(540), "the demonstration") { try await run(stage) }
        } catch {
            Screen.failed("\(error)")
        }
        await stage.close()
        exit(status)
    }

    private static func run(_ stage: Stage) async throws -> Int32 {
        let folder = try RunningDaemon.binaries() + "/cluster-demo"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard FileManager.default.fileExists(atPath: Sample.folder + "/kamailio.cfg") else {
            throw ToolFailure("it is run in the project's folder, where samples/cluster lies")
        }
        Screen.headline("Causeway: one meeting, two bridges, one of them killed")
        let network = try Network()
        await stage.add(network)
        try await network.make()
        Screen.step("network namespaces at one switch: the edge, cau-1, cau-2, the database, twelve points")
        let site = try await Site(on: network, in: folder)
        await stage.add(site)

        let points = Seat.all.map {
            RunningDaemon.Point($0.id, $0.name, password: String(UInt64.random(in: 1 << 40 ... .max), radix: 36))
        }
        var bridges: [Bridge] = []
        for (name, host) in [("cau-1", Network.Host.one), ("cau-2", .two)] {
            let bridge = try await Bridge(name, at: host, of: site, points: points)
            bridges.append(bridge)
            await stage.add(bridge)
            Screen.step("\(name): causewayd at \(network.address(of: host)), with the database and the archive of both")
        }
        var play = Play(site: site, bridges: bridges)
        try await play.seat(points, stage)
        try await play.listen("Before")
        try await play.kill()
        try await play.listen("After")
        try await play.end()
        Screen.say()
        guard play.checks.failures.isEmpty else {
            Screen.failed("\(play.checks.failures.count) things are not as they are to be:")
            for failure in play.checks.failures { Screen.say("    " + failure) }
            return 1
        }
        Screen.passed("all is as it is to be")
        return 0
    }
}

/// What runs, and must not go on running.
actor Stage {
    private var network: Network?
    private var site: Site?
    private var bridges: [Bridge] = []
    private var endpoints: [Endpoint] = []

    func add(_ network: Network) { self.network = network }
    func add(_ site: Site) { self.site = site }
    func add(_ bridge: Bridge) { bridges.append(bridge) }
    func add(_ endpoint: Endpoint) { endpoints.append(endpoint) }

    func close() async {
        await withTaskGroup { group in
            for endpoint in endpoints { group.addTask { await endpoint.baresip.stop() } }
        }
        for bridge in bridges { await bridge.daemon.stop() }
        await site?.stop()
        await network?.remove()
        Database.removeFiles()
        (network, site, bridges, endpoints) = (nil, nil, [], [])
    }
}
