import SIP
import Testing

@testable import Signalling

@Suite struct RegistrarTests {
    private let start = ContinuousClock.now
    private let flow = Flow(id: 1, transport: .tls, remoteHost: "10.0.0.9", remotePort: 40000)

    private func origin(_ sequence: UInt32) -> Registrar.Origin {
        .init(callID: "c1", sequence: sequence, flow: flow, userAgent: nil)
    }

    private func uri(_ text: String) -> URI {
        (try? URI(parsing: text)) ?? .other(scheme: "malformed", text)
    }

    private func change(_ contact: String, _ expires: UInt32? = nil) -> Registrar.Change {
        .init(uri: uri(contact), expires: expires)
    }

    /// Contacts with the seconds that they have left; nil for a refusal.
    private func listed(_ outcome: Registrar.Outcome, at now: ContinuousClock.Instant) -> [String: UInt32]? {
        guard case .bindings(let bindings, _) = outcome else { return nil }
        return Dictionary(bindings.map { ($0.uri.description, ($0.expires - now).wholeSeconds) }) { first, _ in first }
    }

    @Test func bindingsAreListedWithTheTimeTheyHaveLeft() {
        var registrar = Registrar(limits: .init())
        let made = registrar.handle(
            .change([change("sip:a@10.0.0.9", 600), change("sip:b@10.0.0.9")], expires: 300), of: "so1",
            from: origin(1), at: start)
        #expect(listed(made, at: start) == ["sip:a@10.0.0.9": 600, "sip:b@10.0.0.9": 300])
        let then = start.advanced(by: .seconds(310))
        #expect(
            listed(registrar.handle(.query, of: "so1", from: origin(2), at: then), at: then) == ["sip:a@10.0.0.9": 290])
        #expect(registrar.contacts(of: "so1", at: start.advanced(by: .seconds(600))).isEmpty)
    }

    @Test func longExpiriesAreCutAndShortOnesRefused() {
        var registrar = Registrar(limits: .init())
        let long = registrar.handle(
            .change([change("sip:a@x", 999_999)], expires: nil), of: "p", from: origin(1), at: start)
        #expect(listed(long, at: start) == ["sip:a@x": 7200])
        #expect(
            registrar.handle(.change([change("sip:a@x", 59)], expires: nil), of: "p", from: origin(2), at: start)
                == .tooBrief(minimum: 60))
        #expect(registrar.contacts(of: "p", at: start).count == 1)
    }

    @Test func zeroAndStarRemove() {
        var registrar = Registrar(limits: .init())
        _ = registrar.handle(
            .change([change("sip:a@x"), change("sip:b@x")], expires: nil), of: "p", from: origin(1), at: start)
        let one = registrar.handle(.change([change("sip:a@x", 0)], expires: nil), of: "p", from: origin(2), at: start)
        #expect(listed(one, at: start) == ["sip:b@x": 3600])
        #expect(registrar.handle(.removeAll, of: "p", from: origin(3), at: start) == .bindings([], areChanged: true))
        #expect(registrar.bindings.isEmpty)
    }

    @Test func anOlderRequestOfTheSameCallChangesNothing() {
        var registrar = Registrar(limits: .init())
        _ = registrar.handle(.change([change("sip:a@x", 600)], expires: nil), of: "p", from: origin(5), at: start)
        #expect(
            registrar.handle(.change([change("sip:a@x", 0)], expires: nil), of: "p", from: origin(4), at: start)
                == .outOfOrder)
        #expect(registrar.handle(.removeAll, of: "p", from: origin(5), at: start) == .outOfOrder)
        #expect(registrar.contacts(of: "p", at: start).count == 1)
    }

    @Test func bindingsAndPointsAreBounded() {
        var limits = RegistrarLimits()
        limits.bindingsPerPoint = 2
        limits.points = 2
        var registrar = Registrar(limits: limits)
        let three = ["sip:a@x", "sip:b@x", "sip:c@x"].map { change($0) }
        #expect(registrar.handle(.change(three, expires: nil), of: "p", from: origin(1), at: start) == .tooMany)
        #expect(registrar.contacts(of: "p", at: start).isEmpty, "all or nothing")
        for point in ["p", "q"] {
            _ = registrar.handle(.change([three[0]], expires: 60), of: point, from: origin(1), at: start)
        }
        #expect(registrar.handle(.change([three[0]], expires: 60), of: "r", from: origin(1), at: start) == .full)
        let later = start.advanced(by: .seconds(61))
        let room = registrar.handle(.change([three[0]], expires: 60), of: "r", from: origin(1), at: later)
        #expect(listed(room, at: later) == ["sip:a@x": 60])
    }

    // MARK: Flows (RFC 5626)

    private func flow(_ number: UInt32, _ contact: String, _ expires: UInt32? = nil) -> Registrar.Change {
        .init(uri: uri(contact), expires: expires, instance: "<urn:uuid:1>", flowNumber: number)
    }

    @Test func aDeviceKeepsSeveralFlowsAndRenewsEachWhateverItsContact() {
        var registrar = Registrar(limits: .init())
        _ = registrar.handle(.change([flow(1, "sip:a@x")], expires: nil), of: "p", from: origin(1), at: start)
        _ = registrar.handle(.change([flow(2, "sip:a@x")], expires: nil), of: "p", from: origin(2), at: start)
        #expect(registrar.contacts(of: "p", at: start).count == 2)
        _ = registrar.handle(.change([flow(1, "sip:a@y")], expires: nil), of: "p", from: origin(3), at: start)
        #expect(registrar.contacts(of: "p", at: start).map(\.uri.description) == ["sip:a@y", "sip:a@x"])
    }

    @Test func aFlowGoesWithItsConnectionAndAContactStays() {
        var registrar = Registrar(limits: .init())
        _ = registrar.handle(.change([flow(1, "sip:a@x")], expires: nil), of: "p", from: origin(1), at: start)
        _ = registrar.handle(.change([change("sip:q@x")], expires: nil), of: "q", from: origin(1), at: start)
        #expect(registrar.isInUse(flow))
        #expect(Set(registrar.flowFailed(flow)) == ["p", "q"])
        #expect(registrar.contacts(of: "p", at: start).isEmpty)
        #expect(registrar.contacts(of: "q", at: start).map(\.flow) == [nil])
        #expect(!registrar.isInUse(flow))
        #expect(registrar.flowFailed(flow).isEmpty)
    }

    @Test func aRestartedDeviceReplacesTheContactThatItLeftBehind() {
        var registrar = Registrar(limits: .init())
        for (sequence, contact) in [(1, "sip:a@10.0.0.1:4001"), (2, "sip:a@10.0.0.1:4002")] as [(UInt32, String)] {
            let change = Registrar.Change(uri: uri(contact), instance: "<urn:uuid:7>")
            _ = registrar.handle(.change([change], expires: nil), of: "p", from: origin(sequence), at: start)
        }
        #expect(registrar.contacts(of: "p", at: start).map(\.uri.description) == ["sip:a@10.0.0.1:4002"])
    }

    /// Whatever registers, leaves and breaks: what the registrar says of flows is what its bindings say.
    @Test(arguments: 0..<20) func flowsAndBindingsAgree(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var limits = RegistrarLimits()
        limits.bindingsPerPoint = 3
        limits.points = 6
        var registrar = Registrar(limits: limits)
        var now = start
        let flows = (0..<4).map { Flow(id: UInt64($0), transport: .tls, remoteHost: "h", remotePort: 1) }
        for step in 0..<400 {
            let point = "p\(Int.random(in: 0..<8, using: &random))"
            let origin = Registrar.Origin(
                callID: "c", sequence: UInt32(step), flow: flows.randomElement(using: &random) ?? flow)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: now += .seconds(Int.random(in: 0...100, using: &random))
            case 1: _ = registrar.flowFailed(flows.randomElement(using: &random) ?? flow)
            case 2: _ = registrar.handle(.removeAll, of: point, from: origin, at: now)
            case 3...5:
                let change = change(
                    "sip:c\(Int.random(in: 0..<4, using: &random))@x", Bool.random(using: &random) ? 0 : 90)
                _ = registrar.handle(.change([change], expires: nil), of: point, from: origin, at: now)
            default:
                let change = flow(.random(in: 1...3, using: &random), "sip:a@x", Bool.random(using: &random) ? 0 : 90)
                _ = registrar.handle(.change([change], expires: nil), of: point, from: origin, at: now)
            }
            let all = registrar.bindings.values.joined()
            for flow in flows { #expect(registrar.isInUse(flow) == all.contains { $0.flow == flow }) }
            #expect(registrar.bindings.values.allSatisfy { (1...3).contains($0.count) })
            #expect(registrar.bindings.count <= 6)
        }
    }
}
