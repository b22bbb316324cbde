import Foundation
import Glibc
import InteropSupport
import Testing

/// Thousands of connections that never get anywhere, from many addresses: points still get in, and the connections go.
@Suite(.serialized) struct SlowConnectionTests {
    @Test func slowConnectionsGiveWayToPoints() async throws {
        Strangers.raiseFileLimit()
        let count = Weight.connections
        let limit = count / 2
        try await TestSite.with({
            $0.limits = ", connections: \(limit), connectionsPerAddress: 100"
        }) { site in
            let daemon = site.daemon
            let meeting = try CountedMeeting(daemon, points: TestSite.points)
            try await meeting.settle()
            // One that proved itself before, and has been quiet since.
            var settled = RegisteringPoint(TestSite.points[1], number: 1, way: .tls, at: "127.0.0.1")
            let settledStream = try await SIPStream(to: daemon.tlsPort, overTLS: true)
            #expect(try await settled.register(on: settledStream).status == 200)
            let before = try daemon.process.residentKilobytes()

            let manners: [(SlowConnections.Manner, UInt16)] = [
                (.handshake, daemon.tlsPort), (.request, daemon.sipPort), (.lineEnds, daemon.sipPort),
                (.silent, daemon.tlsPort),
            ]
            let crowds = manners.map { ($0.0, SlowConnections($0.0), $0.1) }
            let clock = ContinuousClock()
            let began = clock.now
            var entry: [Duration] = []
            func enter(_ number: Int) async throws {
                let start = clock.now
                var point = RegisteringPoint(
                    TestSite.points[2], number: number, way: .tls, at: Strangers.address(90_000 + number))
                let stream = try await SIPStream(to: daemon.tlsPort, overTLS: true, from: point.address)
                #expect(try await point.register(on: stream, asks: true, within: .seconds(10)).status == 200)
                entry.append(clock.now - start)
                await stream.close()
            }
            for (index, (_, crowd, port)) in crowds.enumerated() {
                try await crowd.open(count / crowds.count, each: 20, first: index * 10_000, to: port)
                _ = crowd.trickle()
                try await enter(index)
            }
            let opened = clock.now - began
            let full = try daemon.process.residentKilobytes()
            try await eventually("the oldest to give way") { crowds.map { $0.1.trickle() }.reduce(0, +) <= limit }
            // Those that began something have 15 s for it.
            var round = 10
            while clock.now < began + opened + .seconds(20) {
                let left = crowds.filter { $0.0 == .handshake || $0.0 == .request }.map { $0.1.trickle() }.reduce(0, +)
                _ = crowds.map { $0.1.trickle() }
                if left == 0 { break }
                try await enter(round)
                round += 1
                try await Task.sleep(for: .milliseconds(500))
            }
            for (manner, crowd, _) in crowds where manner == .handshake || manner == .request {
                #expect(crowd.trickle() == 0, "connections of the manner \(manner) still stand")
            }
            #expect(try await settled.register(on: settledStream).status == 200)
            let counted = try await meeting.finish()
            let slowest = entry.max() ?? .zero
            Figures.note(
                "\(count) slow connections, \(limit) allowed",
                [
                    "opened within": "\(opened)", "points that entered": entry.count, "slowest entry": "\(slowest)",
                    "pictures": "\(counted.received)/\(counted.sent)", "missing": counted.missing,
                    "memory": "\(Figures.megabytes(before)) → \(Figures.megabytes(full))",
                    "per connection": "\((full - before) / max(1, limit)) kB",
                ])
            #expect(full - before < 64 * 1_024 + limit * 100)
            #expect(slowest < .seconds(8))
            FloodTests.expectNothingLost(counted)
        }
    }

    /// An attacker behind a point's own address: its connections give way to the point's too.
    @Test func aNeighbourBehindTheSameAddressKeepsNobodyOut() async throws {
        try await TestSite.with({ $0.limits = ", connections: 1000, connectionsPerAddress: 50" }) { site in
            let crowd = SlowConnections(.silent)
            try await crowd.open(200, each: 200, first: 7, to: site.daemon.sipPort)
            var point = RegisteringPoint(TestSite.points[2], number: 1, way: .tcp, at: Strangers.address(7))
            let stream = try await SIPStream(to: site.daemon.sipPort, overTLS: false, from: point.address)
            #expect(try await point.register(on: stream).status == 200)
            #expect(crowd.trickle() < 50)
            try await crowd.open(200, each: 200, first: 7, to: site.daemon.sipPort)
            #expect(try await point.register(on: stream).status == 200, "who proved itself stays")
        }
    }
}
