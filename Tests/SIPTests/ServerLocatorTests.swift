import Testing

@testable import SIP

/// RFC 3263 §4.1, §4.2: from a URI to servers.
struct ServerLocatorTests {
    /// What a search ends with, and what it asked.
    struct Outcome: Equatable {
        var targets: [String] = []
        var failure: LocationFailure?
        var asked: [DNSQuery] = []
    }

    private func locate(
        _ uri: String, in zone: Zone, settings: ServerLocator.Settings = .init(),
        random: @escaping @Sendable (Int) -> [UInt8] = { [UInt8](repeating: 0, count: $0) }
    ) throws -> Outcome {
        var locator = ServerLocator(try URI(parsing: uri), settings: settings, random: random)
        var outcome = Outcome()
        var waiting = locator.handle(.start, at: Samples.epoch)
        while !waiting.isEmpty {
            switch waiting.removeFirst() {
            case .lookUp(let query):
                outcome.asked.append(query)
                waiting += locator.handle(.answer(query, zone.answer(query)), at: Samples.epoch)
            case .located(let targets):
                outcome.targets = targets.map(\.description)
            case .failed(let failure):
                outcome.failure = failure
            }
        }
        #expect(locator.deadline == nil)
        return outcome
    }

    private let example: Zone = {
        var zone = Zone()
        // RFC 3263 §4.1's own, with one more rule that must not be looked at.
        zone.naptr["example.com"] = [
            .init(order: 50, preference: 50, flags: "s", service: "SIPS+D2T", replacement: "_sips._tcp.example.com."),
            .init(order: 90, preference: 50, flags: "s", service: "SIP+D2T", replacement: "_sip._tcp.example.com"),
            .init(order: 100, preference: 50, flags: "s", service: "SIP+D2U", replacement: "_sip._udp.example.com"),
        ]
        zone.srv["_sips._tcp.example.com"] = [.init(priority: 0, weight: 1, port: 5061, target: "server1.example.com.")]
        zone.srv["_sip._tcp.example.com"] = [
            .init(priority: 0, weight: 1, port: 5060, target: "server1.example.com"),
            .init(priority: 1, weight: 1, port: 5060, target: "server2.example.com"),
        ]
        zone.srv["_sip._udp.example.com"] = [.init(priority: 0, weight: 0, port: 5070, target: "server2.example.com")]
        zone.hosts["server1.example.com"] = ["192.0.2.1", "2001:db8::1"]
        zone.hosts["server2.example.com"] = ["192.0.2.2"]
        zone.hosts["plain.example.com"] = ["192.0.2.3"]
        return zone
    }()

    @Test(arguments: [
        // Addresses and ports need no search.
        ("sip:a@192.0.2.9", ["udp 192.0.2.9:5060"]),
        ("sips:a@192.0.2.9", ["tls 192.0.2.9:5061"]),
        ("sip:a@192.0.2.9:5080;transport=TCP", ["tcp 192.0.2.9:5080"]),
        ("sip:a@[2001:db8::9]", ["udp [2001:db8::9]:5060"]),
        ("sip:a@[2001:db8::9]:5066;transport=tls", ["tls [2001:db8::9]:5066"]),
        ("sips:a@[2001:db8::9];transport=tcp", ["tls [2001:db8::9]:5061"]),
        ("sip:a@example.com;maddr=192.0.2.77", ["udp 192.0.2.77:5060"]),
        ("sip:a@example.com;maddr=[2001:db8::7];transport=tcp", ["tcp [2001:db8::7]:5060"]),
        // A name with a port: addresses only.
        ("sip:a@server1.example.com:5099", ["udp 192.0.2.1:5099", "udp [2001:db8::1]:5099"]),
        ("sips:a@server2.example.com:5099", ["tls 192.0.2.2:5099"]),
        ("sip:a@server2.example.com:5099;transport=tcp", ["tcp 192.0.2.2:5099"]),
        // NAPTR decides, the lowest order that is spoken.
        ("sip:a@EXAMPLE.com", ["tls 192.0.2.1:5061", "tls [2001:db8::1]:5061"]),
        ("sips:a@example.com", ["tls 192.0.2.1:5061", "tls [2001:db8::1]:5061"]),
        ("sip:a@elsewhere.vn;maddr=example.com", ["tls 192.0.2.1:5061", "tls [2001:db8::1]:5061"]),
        // A transport is asked for: SRV of that.
        (
            "sip:a@example.com;transport=tcp",
            ["tcp 192.0.2.1:5060", "tcp [2001:db8::1]:5060", "tcp 192.0.2.2:5060"]
        ),
        ("sip:a@example.com;transport=udp", ["udp 192.0.2.2:5070"]),
        ("sip:a@example.com;transport=tls", ["tls 192.0.2.1:5061", "tls [2001:db8::1]:5061"]),
        // Nothing but an address.
        ("sip:a@plain.example.com", ["udp 192.0.2.3:5060"]),
        ("sips:a@plain.example.com", ["tls 192.0.2.3:5061"]),
        ("sip:a@plain.example.com;transport=tcp", ["tcp 192.0.2.3:5060"]),
    ])
    func urisLeadToServers(uri: String, targets: [String]) throws {
        #expect(try locate(uri, in: example).targets == targets)
    }

    @Test(arguments: [
        ("tel:+84241234", LocationFailure.notSIP), ("mailto:a@example.com", .notSIP),
        ("sip:a@example.com;transport=sctp", .transport("sctp")),
        ("sips:a@example.com;transport=udp", .transport("udp")),
        ("sip:a@example.com;transport=ws", .transport("ws")), ("sip:a@nowhere.vn", .noServer),
        ("sip:a@nowhere.vn:5060", .noServer),
    ])
    func whatLeadsNowhereSaysWhy(uri: String, failure: LocationFailure) throws {
        #expect(try locate(uri, in: example).failure == failure)
    }

    @Test func addressesAreNotLookedUp() throws {
        #expect(try locate("sip:a@192.0.2.9", in: example).asked == [])
        #expect(try locate("sip:a@plain.example.com:5060", in: example).asked == [.addresses("plain.example.com")])
    }

    @Test func withoutNAPTRAllTransportsAreAskedForInTheOrderOfTheSettings() throws {
        var zone = example
        zone.naptr = [:]
        let outcome = try locate("sip:a@example.com", in: zone)
        #expect(
            outcome.asked.prefix(4) == [
                .naptr("example.com"), .srv("_sip._udp.example.com"), .srv("_sip._tcp.example.com"),
                .srv("_sips._tcp.example.com"),
            ])
        #expect(outcome.targets.map { String($0.prefix(3)) } == ["udp", "tcp", "tcp", "tcp", "tls", "tls"])
        var settings = ServerLocator.Settings()
        settings.transports = [.tls, .udp]
        #expect(try locate("sip:a@example.com", in: zone, settings: settings).targets.first == "tls 192.0.2.1:5061")
        #expect(
            try locate("sips:a@example.com", in: zone).asked == [
                .naptr("example.com"), .srv("_sips._tcp.example.com"), .addresses("server1.example.com"),
            ])
    }

    @Test func rulesThatAreNotSpokenAreSkipped() throws {
        var settings = ServerLocator.Settings()
        settings.transports = [.udp]
        #expect(try locate("sip:a@example.com", in: example, settings: settings).targets == ["udp 192.0.2.2:5070"])
        var zone = example
        zone.naptr["example.com"] = [
            .init(order: 1, preference: 1, flags: "u", service: "E2U+sip", replacement: ""),
            .init(order: 2, preference: 1, flags: "", service: "SIP+D2T", replacement: "_sip._tcp.example.com"),
            .init(order: 3, preference: 9, flags: "S", service: "sip+d2u", replacement: "_sip._udp.example.com"),
            .init(order: 3, preference: 2, flags: "s", service: "SIP+D2T", replacement: "_sip._tcp.example.com"),
        ]
        let targets = try locate("sip:a@example.com", in: zone).targets
        #expect(targets.map { String($0.prefix(3)) } == ["tcp", "tcp", "tcp", "udp"])
    }

    @Test func aSecureURIFindsOnlySecureServers() throws {
        var zone = example
        zone.naptr["example.com"]?.removeFirst()
        zone.srv["_sips._tcp.example.com"] = nil
        zone.hosts["example.com"] = ["192.0.2.4"]
        #expect(try locate("sips:a@example.com", in: zone).targets == ["tls 192.0.2.4:5061"])
        var settings = ServerLocator.Settings()
        settings.transports = [.udp, .tcp]
        #expect(try locate("sips:a@example.com", in: zone, settings: settings).failure == .transport(""))
    }

    @Test func theCertificateMustBeForTheURIsHost() throws {
        var locator = ServerLocator(try Samples.uri("sips:a@Example.COM"), random: { [UInt8](repeating: 0, count: $0) })
        var waiting = locator.handle(.start, at: Samples.epoch)
        var names: Set<String> = []
        while !waiting.isEmpty {
            switch waiting.removeFirst() {
            case .lookUp(let query):
                waiting += locator.handle(.answer(query, example.answer(query)), at: Samples.epoch)
            case .located(let targets): names = Set(targets.map(\.serverName))
            case .failed: break
            }
        }
        #expect(names == ["example.com"])
    }

    @Test func aDomainThatSaysItHasNoServiceIsBelieved() throws {
        var zone = Zone()
        zone.srv["_sip._udp.none.vn"] = [.init(priority: 0, weight: 0, port: 0, target: ".")]
        zone.hosts["none.vn"] = ["192.0.2.5"]
        #expect(try locate("sip:a@none.vn", in: zone).failure == .noServer)
    }

    @Test func familiesThatAreNotUsedAreLeftOut() throws {
        var settings = ServerLocator.Settings()
        settings.usesIPv6 = false
        #expect(try locate("sip:a@example.com", in: example, settings: settings).targets == ["tls 192.0.2.1:5061"])
        settings.usesIPv6 = true
        settings.usesIPv4 = false
        #expect(try locate("sip:a@example.com", in: example, settings: settings).targets == ["tls [2001:db8::1]:5061"])
        #expect(try locate("sip:a@192.0.2.1", in: example, settings: settings).failure == .noServer)
    }

    @Test func aFailedLookupIsNotTheSameAsNoServer() throws {
        var zone = example
        zone.failing = [.addresses("plain.example.com")]
        #expect(try locate("sip:a@plain.example.com", in: zone).failure == .lookupFailed)
        // A name server that does not know NAPTR does no harm.
        zone.failing = [.naptr("plain.example.com"), .srv("_sip._udp.plain.example.com")]
        #expect(try locate("sip:a@plain.example.com", in: zone).targets == ["udp 192.0.2.3:5060"])
    }

    @Test func whenTheTimeIsUpWhatIsKnownMustDo() throws {
        var locator = ServerLocator(
            try Samples.uri("sip:a@example.com;transport=tcp"), random: { [UInt8](repeating: 0, count: $0) })
        let srv = DNSQuery.srv("_sip._tcp.example.com")
        let first = locator.handle(.start, at: Samples.epoch)
        #expect(first == [.lookUp(srv)])
        let second = locator.handle(.answer(srv, example.answer(srv)), at: Samples.epoch)
        #expect(second == [.lookUp(.addresses("server1.example.com")), .lookUp(.addresses("server2.example.com"))])
        let third = locator.handle(
            .answer(.addresses("server2.example.com"), .addresses(["192.0.2.2"])), at: Samples.epoch)
        #expect(third.isEmpty)
        #expect(locator.deadline == Samples.after(.seconds(12)))
        let early = locator.handle(.timer, at: Samples.after(.seconds(11)))
        #expect(early.isEmpty)
        let end = locator.handle(.timer, at: Samples.after(.seconds(12)))
        #expect(
            end == [
                .located([.init(transport: .tcp, address: "192.0.2.2", port: 5060, serverName: "example.com")])
            ])
        let after = locator.handle(
            .answer(.addresses("server1.example.com"), .addresses(["192.0.2.1"])), at: Samples.epoch)
        #expect(after.isEmpty)
    }

    @Test func whatAZoneMakesItDoIsBounded() throws {
        var zone = Zone()
        let many = (0..<500 as Range<UInt16>).map { number in
            SRVRecord(priority: number, weight: 0, port: 5060, target: "h\(number).example.com")
        }
        zone.srv["_sip._udp.example.com"] = many
        for record in many { zone.hosts[record.target] = (0..<200).map { "10.\(record.priority).0.\($0)" } }
        let outcome = try locate("sip:a@example.com", in: zone)
        #expect(outcome.targets.count == 32 && outcome.asked.count <= 4 + 32)
        zone.naptr["example.com"] = (0..<500 as Range<UInt16>).map { number in
            NAPTRRecord(order: 1, preference: number, flags: "s", service: "SIP+D2U", replacement: "r\(number).vn")
        }
        #expect(try locate("sip:a@example.com", in: zone).asked.count <= 1 + 16 + 1)
    }

    @Test(arguments: 0..<64 as Range<UInt64>)
    func whateverTheZoneSaysTheSearchEnds(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var zone = Zone()
        let names = ["example.com", "a.vn", "", ".", "x..y", "_sip._udp.example.com", "192.0.2.1", "::1"]
        func name() -> String { names.randomElement(using: &random) ?? "" }
        for key in ["example.com", "_sip._udp.example.com", "_sip._tcp.example.com", "a.vn"] {
            zone.naptr[key] = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                NAPTRRecord(
                    order: .random(in: 0..<3, using: &random), preference: .random(in: 0..<3, using: &random),
                    flags: ["s", "", "u"].randomElement(using: &random) ?? "",
                    service: ["SIP+D2U", "SIPS+D2T", "x"].randomElement(using: &random) ?? "", replacement: name())
            }
            zone.srv[key] = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                SRVRecord(
                    priority: .random(in: 0..<3, using: &random), weight: .random(in: 0...65_535, using: &random),
                    port: .random(in: 0...65_535, using: &random), target: name())
            }
            zone.hosts[key] = (0..<Int.random(in: 0..<3, using: &random)).map { _ in name() }
        }
        let outcome = try locate("sip:a@example.com", in: zone, random: Samples.random)
        #expect(outcome.targets.isEmpty == (outcome.failure != nil))
    }
}

/// RFC 2782: which server first.
struct SRVOrderTests {
    private func record(_ priority: UInt16, _ weight: UInt16, _ target: String) -> SRVRecord {
        SRVRecord(priority: priority, weight: weight, port: 5060, target: target)
    }

    @Test func lowerPrioritiesComeFirstWhateverTheirWeight() {
        let ordered = SRVRecord.ordered([record(2, 100, "c"), record(0, 0, "a"), record(1, 50, "b")]) { $0 }
        #expect(ordered.map(\.target) == ["a", "b", "c"])
    }

    @Test func weightsShareTheClients() {
        var random = SplitMix64(seed: 7)
        var first: [String: Int] = [:]
        let records = [record(0, 10, "small"), record(0, 30, "big"), record(0, 0, "rare")]
        for _ in 0..<8000 {
            let ordered = SRVRecord.ordered(records) { UInt32.random(in: 0...$0, using: &random) }
            #expect(Set(ordered.map(\.target)) == ["small", "big", "rare"])
            first[ordered[0].target, default: 0] += 1
        }
        // 30 and 10 of 41 draws; a weight of zero has the one draw of zero.
        #expect((5600...6100).contains(first["big"] ?? 0), "\(first)")
        #expect((1750...2150).contains(first["small"] ?? 0), "\(first)")
        #expect((100...320).contains(first["rare"] ?? 0), "\(first)")
    }
}

/// RFC 3263 §4.3: from one server to the next.
struct ServerFailoverTests {
    private func target(_ number: Int) -> SIPTarget {
        SIPTarget(transport: .tcp, address: "192.0.2.\(number)", port: 5060, serverName: "example.com")
    }

    @Test func serversAreTakenInOrderEachOnce() {
        var failover = ServerFailover([target(1), target(2)])
        #expect(failover.current == target(1))
        let second = failover.next()
        #expect(second == target(2) && failover.current == target(2))
        let none = failover.next()
        #expect(none == nil && failover.current == nil)
        #expect(ServerFailover([]).current == nil)
    }

    @Test func only503IsNoAnswer() throws {
        let request = try Samples.request()
        #expect(ServerFailover.Cause(request.response(500, tag: "b")) == nil)
        #expect(ServerFailover.Cause(request.response(486, tag: "b")) == nil)
        var response = request.response(503, tag: "b")
        #expect(ServerFailover.Cause(response) == .unavailable(retryAfter: nil))
        response.headers[.retryAfter] = "120 (in a while);duration=3600"
        #expect(ServerFailover.Cause(response) == .unavailable(retryAfter: .seconds(120)))
        response.headers[.retryAfter] = "999999999999999999999"
        #expect(ServerFailover.Cause(response) == .unavailable(retryAfter: nil))
    }

    @Test func serversThatFailedLatelyGoLast() {
        var unavailable = UnavailableServers(most: 2, pause: .seconds(30))
        let targets = [target(1), target(2), target(3)]
        unavailable.note(target(1), .timedOut, at: Samples.epoch)
        unavailable.note(target(2), .unavailable(retryAfter: .seconds(120)), at: Samples.epoch)
        unavailable.note(target(3), .transportFailed, at: Samples.epoch)
        #expect(unavailable.count == 2, "no more are remembered than may be")
        #expect(unavailable.ordered(targets, at: Samples.epoch) == [target(3), target(1), target(2)])
        let later = Samples.after(.seconds(31))
        #expect(unavailable.ordered(targets, at: later) == [target(1), target(3), target(2)])
        unavailable.clear(target(2))
        #expect(unavailable.ordered(targets, at: later) == targets)
    }
}

/// What a name server would say.
struct Zone {
    var naptr: [String: [NAPTRRecord]] = [:]
    var srv: [String: [SRVRecord]] = [:]
    var hosts: [String: [String]] = [:]
    var failing: Set<DNSQuery> = []

    func answer(_ query: DNSQuery) -> DNSAnswer {
        if failing.contains(query) { return .failed }
        return switch query {
        case .naptr(let name): naptr[name].map { .naptr($0) } ?? .nothing
        case .srv(let name): srv[name].map { .srv($0) } ?? .nothing
        case .addresses(let name): hosts[name].map { .addresses($0) } ?? .nothing
        }
    }
}
