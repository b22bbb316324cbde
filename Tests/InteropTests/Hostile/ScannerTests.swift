import Foundation
import InteropSupport
import Testing

/// sipvicious, as Debian has it and under a name that gives nothing away, and who guesses passwords.
@Suite(.serialized) struct ScannerTests {
    private static let hasTools = Tool.areInstalled("svmap", "svwar", "svcrack", "python3")
    private static let package = "/usr/share/sipvicious"

    /// Runs one of the tools; returns what it printed.
    private func scan(
        _ tool: String, _ arguments: [String], _ site: TestSite, disguised: Bool, within limit: Duration = .seconds(25)
    ) async throws -> String {
        let log = site.folder + "/\(tool)-\(disguised).log"
        var environment = ["HOME": site.folder, "PYTHONDONTWRITEBYTECODE": "1"]
        if disguised { environment["PYTHONPATH"] = site.folder + "/disguise" }
        let child = try ChildProcess(
            "/usr/bin/timeout",
            ["\(limit.components.seconds)"]
                + (disguised ? ["python3", "-c", "import sipvicious.\(tool) as t; t.main()"] : [tool]) + arguments,
            environment: environment, log: log)
        _ = try await child.wait(within: limit + .seconds(5))
        return child.logText
    }

    private func disguise(_ site: TestSite) async throws {
        try await Tool.run("cp", ["-r", Self.package, site.folder + "/disguise"])
        let helper = site.folder + "/disguise/sipvicious/libs/svhelper.py"
        let text = try String(contentsOfFile: helper, encoding: .utf8)
        #expect(text.contains("friendly-scanner"))
        try text.replacingOccurrences(of: "friendly-scanner", with: "Ekiga/4.0.1")
            .write(toFile: helper, atomically: true, encoding: .utf8)
    }

    private static func bans(_ log: String) -> [Substring] {
        log.split(whereSeparator: \.isNewline).filter { $0.contains("shut out for") }
    }

    @Test(.enabled(if: hasTools, "sipvicious is missing"), arguments: ["svmap", "svwar", "svcrack"], [false, true])
    func sipviciousFindsNothingAndIsShutOut(_ tool: String, disguised: Bool) async throws {
        let points = (0..<5).map { RunningDaemon.Point("\(1_100 + $0 * 100)", "Điểm cầu \($0)", password: "55\($0)5") }
        try await TestSite.with({ $0.points += points }) { site in
            let port = site.daemon.sipPort
            if disguised { try await disguise(site) }
            // A point behind the scanner's own address that proved itself before.
            let neighbour = Crowd([TestSite.points[1]], at: { _ in "127.0.0.1" })
            try neighbour.connect(to: port)
            #expect(try await neighbour.storm(within: .seconds(5)).served == 1)
            let arguments =
                switch tool {
                case "svmap": ["-p", "\(port)", "127.0.0.1"]
                case "svwar": ["--force", "-e1000-5999", "udp://127.0.0.1:\(port)"]
                default: ["-u", "1100", "-r", "5000-5999", "-p", "\(port)", "127.0.0.1"]
                }
            let output = try await scan(tool, arguments, site, disguised: disguised)
            for point in points {
                #expect(!output.contains("| \(point.id) "), "\(output)")
                #expect(!output.contains(point.password), "\(output)")
            }
            // Disguised, it gives up before it is a nuisance: svmap asks once, svwar finds that names that cannot exist are
            // challenged too, and svcrack does not know SHA-256.
            let bans = Self.bans(site.daemon.log)
            if disguised {
                #expect(bans.isEmpty)
            } else {
                #expect(bans.count == 1, "\(site.daemon.log.suffix(2_000))\n\(output.suffix(1_000))")
                #expect(bans.allSatisfy { $0.contains("127.0.0.1") }, "\(bans)")
                Figures.note(tool, ["log": bans.first.map(String.init) ?? ""])
            }
            let asked = try await neighbour.storm(asks: true, within: .seconds(5))
            #expect(asked.served == 1 && asked.lost == 0, "\(asked)")
        }
    }

    /// Names that exist and names that do not, wrong passwords for both: nothing tells them apart.
    @Test func namesThatExistLookLikeOthers() async throws {
        try await TestSite.with { site in
            struct Seen: Equatable {
                var status: Int
                var headers: [String]
            }
            let clock = ContinuousClock()
            func guess(_ user: String, _ number: Int) async throws -> (Seen, Seen, Duration) {
                var point = RegisteringPoint(
                    .init(user, ""), number: number, way: .tcp, at: Strangers.address(50_000 + number))
                let stream = try await SIPStream(to: site.daemon.sipPort, overTLS: false, from: point.address)
                func seen(_ response: QuickResponse?) -> Seen {
                    Seen(status: response?.status ?? 0, headers: response?.headerNames ?? [])
                }
                point.port = UInt16(clamping: stream.localPort)
                try await stream.send(point.request())
                let challenge = await stream.response()
                let began = clock.now
                try await stream.send(point.request(nonce: challenge?.nonce ?? "", password: "sai"))
                let answer = await stream.response()
                let took = clock.now - began
                await stream.close()
                return (seen(challenge), seen(answer), took)
            }
            var times: [Bool: [Duration]] = [:]
            var looks: [Bool: (Seen, Seen)] = [:]
            for number in 0..<16 {
                let exists = number % 2 == 0
                let (challenge, answer, took) = try await guess(exists ? "phuloc" : "khongco", number)
                times[exists, default: []].append(took)
                if let (firstChallenge, firstAnswer) = looks[exists] {
                    #expect(firstChallenge == challenge && firstAnswer == answer)
                }
                looks[exists] = (challenge, answer)
            }
            let (there, absent) = (try #require(looks[true]), try #require(looks[false]))
            #expect(there.0 == absent.0 && there.1 == absent.1, "\(there) \(absent)")
            #expect(there.1.status == 401)
            func median(_ exists: Bool) -> Duration { (times[exists] ?? []).sorted()[4] }
            let difference = median(true) - median(false)
            Figures.note(
                "a wrong password",
                ["point": "\(median(true))", "nobody": "\(median(false))", "difference": "\(difference)"])
            #expect(abs(difference / .milliseconds(1)) < 50)
        }
    }

    /// What svwar would do if it went on: it asks for one name after another, and is told the same of each.
    @Test func aSearchForNamesIsShutOut() async throws {
        try await TestSite.with { site in
            let address = Strangers.address(61_000)
            let flood = try SIPFlood("REGISTER", perSecond: 60, from: [address], to: site.daemon.sipPort)
            try await eventually("the ban", within: .seconds(30)) { !Self.bans(site.daemon.log).isEmpty }
            let report = try await flood.stop()
            let bans = Self.bans(site.daemon.log)
            #expect(
                bans.count == 1 && bans.allSatisfy { $0.contains(address) && $0.contains("never proves") }, "\(bans)")
            #expect(Set(report.answers.keys) == [401])
            Figures.note(
                "a search for names", ["asked": report.sent, "answered": report.answers, "log": bans.first ?? ""])
        }
    }

    /// A password is guessed slower and slower, and then not at all: one line in the log for each ban.
    @Test func guessersAreSlowedThenShutOutThenForgiven() async throws {
        try await TestSite.with({ $0.limits = ", ban: 10s" }) { site in
            let address = Strangers.address(60_000)
            var point = RegisteringPoint(TestSite.points[0], number: 1, way: .tls, at: address)
            var heard = 0
            let clock = ContinuousClock()
            let began = clock.now
            let stream = try await SIPStream(to: site.daemon.tlsPort, overTLS: true, from: address)
            point.port = UInt16(clamping: stream.localPort)
            try await stream.send(point.request())
            let nonce = try #require(await stream.response()?.nonce)
            for _ in 0..<20 {
                try? await stream.send(point.request(nonce: nonce, password: "sai"))
                guard stream.isOpen else { break }
            }
            while await stream.response(within: .seconds(6)) != nil { heard += 1 }
            let bans = Self.bans(site.daemon.log)
            #expect(bans.count == 1 && bans.allSatisfy { $0.contains(address) && $0.contains("guesses passwords") })
            #expect(heard <= 9, "\(heard) guesses were answered")
            // The connection goes, and none is taken from there, until the ban is over.
            try await eventually("the ban to end", within: .seconds(20)) {
                guard let again = try? await SIPStream(to: site.daemon.tlsPort, overTLS: true, from: address) else {
                    return false
                }
                // The name that was guessed at is refused for longer.
                var honest = RegisteringPoint(TestSite.points[1], number: 2, way: .tls, at: address)
                return (try? await honest.register(on: again, within: .seconds(2)))?.status == 200
            }
            #expect(clock.now - began >= .seconds(9))
        }
    }
}
