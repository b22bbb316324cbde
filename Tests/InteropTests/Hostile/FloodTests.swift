import Foundation
import Glibc
import InteropSupport
import Testing

/// Ten times more requests than the site takes: a meeting that runs loses nothing, and who is refused hears it at once.
@Suite(.serialized) struct FloodTests {
    /// Strangers flood from hundreds of addresses; what points had proved before counts.
    @Test(arguments: ["INVITE", "REGISTER"]) func aMeetingLosesNothingInAFlood(_ method: String) async throws {
        let rate = Weight.callsPerSecond
        try await TestSite.with({
            $0.limits = ", callsPerSecond: \(rate), registrationsPerSecond: \(rate)"
        }) { site in
            let daemon = site.daemon
            let meeting = try CountedMeeting(daemon, points: TestSite.points)
            try await meeting.settle()
            var known = RegisteringPoint(TestSite.points[2], number: 1, way: .tcp, at: Strangers.address(70_000))
            let stream = try await SIPStream(to: daemon.sipPort, overTLS: false, from: known.address)
            #expect(try await known.register(on: stream).status == 200)

            let before = try daemon.process.residentKilobytes()
            let addresses = (0..<400).map(Strangers.address)
            let flood = try SIPFlood(method, perSecond: rate * 10, from: addresses, to: daemon.sipPort)
            var honest: [Duration] = []
            let clock = ContinuousClock()
            let end = clock.now + .seconds(Weight.floodSeconds)
            while clock.now < end {
                let began = clock.now
                let response = try await known.register(on: stream)
                #expect(response.status == 200, "a point that proved itself hears \(response.status)")
                honest.append(clock.now - began)
                try await Task.sleep(for: .milliseconds(400))
            }
            let report = try await flood.stop()
            let after = try daemon.process.residentKilobytes()
            let count = try await meeting.finish()
            Figures.note(
                "\(method) flood, \(rate * 10)/s at a limit of \(rate)/s",
                [
                    "sent": report.sent, "answers": report.answers,
                    "503 within": "\(report.refusal(percentile: 50)) µs (99 %: \(report.refusal(percentile: 99)) µs)",
                    "proven point served within": "\(honest.max() ?? .zero)",
                    "pictures": "\(count.received)/\(count.sent)",
                    "sound": "\(count.soundReceived)/\(count.soundSent)", "missing": count.missing,
                    "longest gap of sound": "\(count.longestGapMilliseconds) ms",
                    "memory": "\(Figures.megabytes(before)) → \(Figures.megabytes(after))",
                ])
            #expect(report.sent > rate * 10 * Weight.floodSeconds / 2)
            #expect(Set(report.answers.keys) == [401, 503])
            #expect((report.answers[503] ?? 0) > report.sent / 2)
            #expect(report.answers.values.reduce(0, +) > report.sent * 9 / 10, "answers are lost")
            #expect(report.unexplained == 0)
            #expect(report.refusal(percentile: 50) < 200_000)
            #expect(after - before < 64 * 1_024)
            Self.expectNothingLost(count)
        }
    }

    /// A point that is known runs wild: it may not use up what is kept for all points.
    @Test func aPointThatFloodsDoesNotShutTheOthersOut() async throws {
        let rate = Weight.callsPerSecond
        try await TestSite.with({ $0.limits = ", callsPerSecond: \(rate), registrationsPerSecond: \(rate)" }) { site in
            let daemon = site.daemon
            let meeting = try CountedMeeting(daemon, points: TestSite.points)
            try await meeting.settle()
            var known = RegisteringPoint(TestSite.points[1], number: 1, way: .tcp, at: Strangers.address(70_000))
            let stream = try await SIPStream(to: daemon.sipPort, overTLS: false, from: known.address)
            #expect(try await known.register(on: stream).status == 200)
            var wild = RegisteringPoint(TestSite.points[2], number: 2, way: .tcp, at: Strangers.address(70_001))
            let wildStream = try await SIPStream(to: daemon.sipPort, overTLS: false, from: wild.address)
            #expect(try await wild.register(on: wildStream).status == 200)

            var refused = 0
            var sent = 0
            for _ in 0..<Weight.floodSeconds {
                // At once, so that however slow the machine is they are too many.
                let burst = (0..<rate * 20).map { _ in wild.request(asks: true) }
                try await wildStream.send(burst.joined())
                for _ in burst where await wildStream.response()?.status == 503 { refused += 1 }
                sent += burst.count
                let response = try await known.register(on: stream)
                #expect(response.status == 200, "another point hears \(response.status)")
            }
            let count = try await meeting.finish()
            Figures.note("a point's own flood", ["sent": sent, "refused": refused, "missing": count.missing])
            #expect(refused > sent / 4)
            Self.expectNothingLost(count)
        }
    }

    static func expectNothingLost(_ count: CountedMeeting.Count) {
        #expect(count.missing == 0, "\(count)")
        // What was on its way when counting began.
        #expect(abs(count.sent - count.received) <= 12, "\(count)")
        #expect(count.soundReceived > count.soundSent * 9 / 10, "\(count)")
    }
}
