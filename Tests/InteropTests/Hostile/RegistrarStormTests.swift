import Foundation
import InteropSupport
import PortalAPI
import Testing

/// A registrar of thousands of points that is killed, stopped and started again while they register.
@Suite(.serialized) struct RegistrarStormTests {
    /// Starts the daemon again with the configuration, and so the ports, that it had.
    private func start(_ site: TestSite, _ number: Int) async throws -> ChildProcess {
        let process = try ChildProcess(
            RunningDaemon.binaries() + "/causewayd", ["--config", site.daemon.configurationPath],
            log: site.folder + "/again-\(number).log")
        try await eventually("causewayd to be ready again", within: .seconds(30)) {
            guard process.isRunning else { throw ToolFailure("causewayd ended: \(process.logText)") }
            return process.logText.contains("is ready")
        }
        return process
    }

    @Test func noBindingIsLostOverRestartsAndAStormIsServed() async throws {
        Strangers.raiseFileLimit()
        let count = Weight.points
        let points = (0..<count).map { RunningDaemon.Point("p\($0)", "Điểm cầu \($0)") }
        let others = (0..<40).map { RunningDaemon.Point("c\($0)", "Điểm cầu \($0)") }
        try await TestSite.with({ $0.points += points + others }) { site in
            let crowd = Crowd(points)
            try crowd.connect(to: site.daemon.sipPort)
            let limit = Duration.seconds(60)

            // Some come over TCP and TLS, all at once too.
            var connected: [RegisteringPoint] = []
            for (number, point) in others.enumerated() {
                let way = number % 2 == 0 ? RegisteringPoint.Way.tcp : .tls
                var own = RegisteringPoint(point, number: number, way: way, at: Strangers.address(80_000 + number))
                let stream = try await SIPStream(
                    to: way == .tls ? site.daemon.tlsPort : site.daemon.sipPort, overTLS: way == .tls, from: own.address
                )
                #expect(try await own.register(on: stream).status == 200)
                connected.append(own)
            }

            // Killed when half of them are registered; the others go on trying.
            var storm = Task { try await crowd.storm(within: limit) }
            try await eventually("half to be served", within: limit) { crowd.served.withLock { $0 } >= count / 2 }
            site.daemon.process.signal(SIGKILL)
            _ = try await site.daemon.process.wait(within: .seconds(5))
            var daemon = try await start(site, 1)
            let first = try await storm.value
            #expect(first.served == count && first.others.isEmpty, "\(first)")
            let kept = try await crowd.storm(asks: true, within: limit)
            #expect(kept.served == count && kept.lost == 0 && kept.others.isEmpty, "after SIGKILL: \(kept)")

            // Stopped in order in the middle of the next storm.
            storm = Task { try await crowd.storm(within: limit) }
            try await eventually("half to be served", within: limit) { crowd.served.withLock { $0 } >= count / 2 }
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait(within: .seconds(12)) == 0)
            daemon = try await start(site, 2)
            let second = try await storm.value
            #expect(second.served == count && second.others.isEmpty, "\(second)")
            let again = try await crowd.storm(asks: true, within: limit)
            #expect(again.served == count && again.lost == 0 && again.others.isEmpty, "after SIGTERM: \(again)")
            for index in connected.indices {
                let way = connected[index].way
                let stream = try await SIPStream(
                    to: way == .tls ? site.daemon.tlsPort : site.daemon.sipPort, overTLS: way == .tls,
                    from: connected[index].address)
                let response = try await connected[index].register(on: stream, asks: true)
                #expect(response.status == 200 && connected[index].isListed(in: response), "\(connected[index].user)")
            }

            // The power was gone everywhere: all come again at once, to a daemon that has just started.
            daemon.signal(SIGTERM)
            _ = try await daemon.wait(within: .seconds(12))
            daemon = try await start(site, 3)
            let before = try daemon.residentKilobytes()
            let last = try await crowd.storm(within: limit)
            let after = try daemon.residentKilobytes()
            Figures.note(
                "\(count) points register at once after a restart",
                [
                    "all served within": "\(last.duration)", "refused for a while": last.refused,
                    "sent again": last.retransmissions, "lost over SIGKILL": kept.lost, "over SIGTERM": again.lost,
                    "memory": "\(Figures.megabytes(before)) → \(Figures.megabytes(after))",
                ])
            #expect(last.served == count && last.lost == 0, "\(last)")
            #expect(last.duration < .seconds(30))
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait(within: .seconds(12)) == 0)
        }
    }
}
