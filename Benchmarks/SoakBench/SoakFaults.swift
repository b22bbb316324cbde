import Foundation
import InteropSupport

/// Faults, each carried out from its beginning until what made it is gone.
struct SoakFaults: Sendable {
    let site: SoakSite
    let seed: UInt64

    /// How long the daemon waits for a database at most, and a little more.
    private static let lock = 7
    private static let archiveHeldBy = """
        import sqlite3, sys, time
        held = []
        for path in sys.argv[2:]:
            connection = sqlite3.connect(path, isolation_level=None, timeout=20)
            connection.execute('BEGIN EXCLUSIVE')
            held.append(connection)
        print('held', flush=True)
        time.sleep(float(sys.argv[1]))
        for connection in held: connection.rollback()
        """

    /// Why this kind cannot be had here; nil where it can.
    func obstacle(_ fault: SoakPlan.Fault) -> String? {
        switch fault {
        case .disk: site.disk == nil ? "nothing may be mounted here" : nil
        case .clock: site.clock == nil ? "there is no C compiler" : nil
        case .network: site.line == nil ? "no network namespace can be had" : nil
        case .database: Tool.find("python3") == nil ? "python3 is not installed" : nil
        case .certificate: Tool.find("openssl") == nil ? "openssl is not installed" : nil
        case .killed, .flood: nil
        }
    }

    func carryOut(_ fault: SoakPlan.Fault) async throws {
        guard let daemon = site.daemon else { return }
        site.record.say("fault: \(fault.rawValue)")
        site.record.beginFault()
        defer {
            site.record.endFault()
            site.record.say("fault over: \(fault.rawValue)")
        }
        switch fault {
        case .killed:
            try await site.kill()
            try await site.start()
        case .disk:
            try site.disk?.fill()
            try await Task.sleep(for: .seconds(6))
            site.disk?.empty()
        case .clock:
            try site.clock?.step(toSeconds: 3_600)
            try await Task.sleep(for: .seconds(5))
            try site.clock?.step(toSeconds: -1_800)
            try await Task.sleep(for: .seconds(3))
        case .database:
            guard let python = Tool.find("python3") else { return }
            let archive = (site.disk?.path).map { $0 + "/archive" } ?? daemon.archive
            let holder = try ChildProcess(
                python,
                [
                    "-c", Self.archiveHeldBy, "\(Self.lock)", archive + "/catalogue.sqlite", archive + "/office.sqlite",
                ], log: site.folder + "/holder")
            guard try await holder.wait(within: .seconds(60)) == 0 else {
                throw ToolFailure("the databases could not be held: \(holder.logText.suffix(400))")
            }
        case .network:
            try await site.line?.cut(true)
            try await Task.sleep(for: .seconds(8))
            try await site.line?.cut(false)
        case .certificate: try await replaceCertificate(daemon)
        case .flood: try await BadTraffic(seed: seed, to: daemon).run(for: .seconds(5), site.record)
        }
        site.record.count("fault: \(fault.rawValue)")
    }

    private func replaceCertificate(_ daemon: RunningDaemon) async throws {
        let path = site.folder + "/certificates/server.pem"
        func shown() async throws -> String {
            try await Tool.run(
                "sh",
                [
                    "-c",
                    "openssl s_client -connect \(daemon.host):\(daemon.tlsPort) </dev/null 2>/dev/null | openssl x509 -noout -fingerprint",
                ])
        }
        func reload(_ answer: String) async throws {
            let said = daemon.log.components(separatedBy: answer).count
            daemon.process.signal(SIGHUP)
            try await eventually("“\(answer)” in the log", within: .seconds(60)) {
                daemon.log.components(separatedBy: answer).count > said
            }
        }
        let old = try await shown()
        try "no certificate".write(toFile: path, atomically: true, encoding: .utf8)
        try await reload("the configuration stays as it was")
        if try await shown() != old { site.record.find("a certificate that is none changed the one that is shown") }
        try FileManager.default.removeItem(atPath: path)
        try await reload("reloaded")
        if try await shown() == old { site.record.find("the new certificate is not shown") }
    }
}
