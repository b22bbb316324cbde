import Foundation
import SIP
import Synchronization
import Testing

@testable import Signalling

/// Lookups through the system's resolver, with dnsmasq as the name server.
struct SystemResolverTests {
    static let hasDNSMasq = NameServer.path != nil

    private let zone = [
        "naptr-record=example.test,10,50,s,SIPS+D2T,,_sips._tcp.example.test",
        "naptr-record=example.test,20,50,s,SIP+D2U,,_sip._udp.example.test",
        "srv-host=_sips._tcp.example.test,localhost,5061,10,0",
        "srv-host=_sips._tcp.example.test,localhost,5071,20,0",
        "srv-host=_sip._udp.example.test,localhost,5070,0,5",
        "srv-host=_sip._udp.nothing.test",
        "cname=alias.test,example.test",
    ]

    private static let zeros: @Sendable (Int) -> [UInt8] = { [UInt8](repeating: 0, count: $0) }

    @Test(.enabled(if: hasDNSMasq)) func recordsAreReadAsTheServerHasThem() async throws {
        let server = try await NameServer(zone)
        let resolver = SystemResolver(settings: server.settings)
        guard case .naptr(let rules) = await resolver.lookUp(.naptr("example.test")) else {
            Issue.record("no NAPTR")
            return
        }
        #expect(
            rules.sorted { $0.order < $1.order } == [
                .init(
                    order: 10, preference: 50, flags: "s", service: "SIPS+D2T", replacement: "_sips._tcp.example.test"),
                .init(
                    order: 20, preference: 50, flags: "s", service: "SIP+D2U", replacement: "_sip._udp.example.test"),
            ])
        guard case .srv(let records) = await resolver.lookUp(.srv("_sips._tcp.example.test")) else {
            Issue.record("no SRV")
            return
        }
        #expect(Set(records.map(\.port)) == [5061, 5071] && records.allSatisfy { $0.target == "localhost" })
        guard case .srv(let denial) = await resolver.lookUp(.srv("_sip._udp.nothing.test")) else {
            Issue.record("no SRV")
            return
        }
        #expect(denial.map(\.target) == [""])
        #expect(await resolver.lookUp(.srv("_sip._tcp.example.test")) == .nothing)
        #expect(await resolver.lookUp(.srv("_sip._tcp.unknown.test")) == .nothing)
    }

    @Test(.enabled(if: hasDNSMasq)) func aURIIsLocatedThroughTheWholeChain() async throws {
        let server = try await NameServer(zone)
        let resolver = SystemResolver(settings: server.settings)
        var settings = ServerLocator.Settings()
        settings.usesIPv6 = false
        settings.patience = .seconds(60)
        let located = try await resolver.locate(
            try URI(parsing: "sip:a@example.test"), settings: settings, random: Self.zeros)
        #expect(located.map(\.description) == ["tls 127.0.0.1:5061", "tls 127.0.0.1:5071"])
        #expect(Set(located.map(\.serverName)) == ["example.test"])
        let udp = try await resolver.locate(
            try URI(parsing: "sip:a@example.test;transport=udp"), settings: settings, random: Self.zeros)
        #expect(udp.map(\.description) == ["udp 127.0.0.1:5070"])
        await #expect(throws: LocationFailure.noServer) {
            try await resolver.locate(
                try URI(parsing: "sip:a@nothing.test;transport=udp"), settings: settings, random: Self.zeros)
        }
    }

    @Test(.enabled(if: hasDNSMasq)) func whatIsKnownIsNotAskedAgain() async throws {
        var server: NameServer? = try await NameServer(zone)
        let settings = try #require(server).settings
        let resolver = SystemResolver(settings: settings)
        let query = DNSQuery.srv("_sip._udp.example.test")
        let first = await resolver.lookUp(query)
        server?.stop()
        server = nil
        #expect(await resolver.lookUp(query) == first)
    }

    @Test(.enabled(if: hasDNSMasq)) func manyQuestionsAtOnceAreAllAnswered() async throws {
        let server = try await NameServer(zone)
        let resolver = SystemResolver(settings: server.settings)
        let answers = await withTaskGroup(of: DNSAnswer.self) { group in
            for number in 0..<100 {
                group.addTask { await resolver.lookUp(.srv("_sip\(number % 50)._udp.unknown.test")) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 100 && answers.allSatisfy { $0 == .nothing })
    }

    @Test func withoutAServerALookupFailsInTimeAndTooManyFailAtOnce() async throws {
        // A port that was free a moment ago: nobody answers there.
        var settings = SystemResolver.Settings(nameServer: (0x7F00_0001, try NameServer.freePort()))
        settings.timeout = .seconds(1)
        settings.tries = 1
        settings.mostAtOnce = 1
        settings.mostWaiting = 1
        let resolver = SystemResolver(settings: settings)
        let answers = await withTaskGroup(of: DNSAnswer.self) { group in
            for number in 0..<8 { group.addTask { await resolver.lookUp(.srv("_sip\(number)._udp.example.test")) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == [DNSAnswer](repeating: .failed, count: 8))
    }

    @Test func hostsOfTheSystemAreFound() async throws {
        let resolver = SystemResolver()
        guard case .addresses(let addresses) = await resolver.lookUp(.addresses("localhost")) else {
            Issue.record("localhost is unknown")
            return
        }
        #expect(addresses.contains("127.0.0.1") || addresses.contains("::1"))
    }

    @Test func whatIsNoNameIsNotAsked() async throws {
        let resolver = SystemResolver(settings: .init(nameServer: (0x7F00_0001, 1)))
        for name in ["", "a b", "é.test", String(repeating: "a", count: 300), "a\u{0}b"] {
            #expect(await resolver.lookUp(.srv(name)) == .nothing)
            #expect(await resolver.lookUp(.addresses(name)) == .nothing)
        }
    }
}

/// A dnsmasq of one test's own.
final class NameServer {
    static let path = ["/usr/sbin/dnsmasq", "/usr/bin/dnsmasq"].first(
        where: FileManager.default.isExecutableFile(atPath:))

    let settings: SystemResolver.Settings
    private let process = Process()

    init(_ lines: [String]) async throws {
        let port = try Self.freePort()
        var settings = SystemResolver.Settings(nameServer: (0x7F00_0001, port))
        // A busy machine is slow to answer.
        settings.timeout = .seconds(10)
        self.settings = settings
        process.executableURL = URL(fileURLWithPath: Self.path ?? "")
        process.arguments =
            [
                "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=",
                "--listen-address=127.0.0.1", "--bind-interfaces", "--port=\(port)", "--local=/test/",
                "--user=", "--local-ttl=60",
            ] + lines.map { "--\($0)" }
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        // It is there when it answers.
        var probe = settings
        probe.timeout = .seconds(1)
        let deadline = ContinuousClock.now + .seconds(60)
        var attempt = 0
        while ContinuousClock.now < deadline {
            attempt += 1
            if await SystemResolver(settings: probe).lookUp(.srv("_ready\(attempt).test")) != .failed { return }
            guard process.isRunning else { throw ToolFailed(what: "dnsmasq ended") }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ToolFailed(what: "dnsmasq does not answer")
    }

    func stop() {
        // It inherits a mask that may block SIGTERM.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    deinit { stop() }

    /// A UDP port on loopback that nobody has now.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) == 0 ? getsockname(descriptor, raw, &length) : -1
            }
        }
        guard status == 0 else { throw ToolFailed(what: "no port is free") }
        return UInt16(bigEndian: address.sin_port)
    }
}
