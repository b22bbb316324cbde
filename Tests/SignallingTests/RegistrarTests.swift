import SIP
import Testing

@testable import Signalling

@Suite struct RegistrarTests {
    private let start = ContinuousClock.now
    private let flow = Flow(id: 1, transport: .tls, remoteHost: "10.0.0.9", remotePort: 40000)

    private func origin(_ sequence: UInt32) -> Registrar.Origin {
        .init(callID: "c1", sequence: sequence, flow: flow, userAgent: nil)
    }

    private func change(_ contact: String, _ expires: UInt32? = nil) -> Registrar.Change {
        .init(contact: contact, expires: expires, quality: nil)
    }

    @Test func bindingsAreListedWithTheTimeTheyHaveLeft() {
        var registrar = Registrar(limits: .init())
        let made = registrar.handle(
            .change([change("sip:a@10.0.0.9", 600), change("sip:b@10.0.0.9")], expires: 300), of: "so1",
            from: origin(1), at: start)
        #expect(made == .bindings([("sip:a@10.0.0.9", 600), ("sip:b@10.0.0.9", 300)]))
        let later = registrar.handle(.query, of: "so1", from: origin(2), at: start.advanced(by: .seconds(310)))
        #expect(later == .bindings([("sip:a@10.0.0.9", 290)]))
        #expect(registrar.contacts(of: "so1", at: start.advanced(by: .seconds(600))).isEmpty)
    }

    @Test func longExpiriesAreCutAndShortOnesRefused() {
        var registrar = Registrar(limits: .init())
        #expect(
            registrar.handle(.change([change("sip:a@x", 999_999)], expires: nil), of: "p", from: origin(1), at: start)
                == .bindings([("sip:a@x", 7200)]))
        #expect(
            registrar.handle(.change([change("sip:a@x", 59)], expires: nil), of: "p", from: origin(2), at: start)
                == .tooBrief(minimum: 60))
        #expect(registrar.contacts(of: "p", at: start).count == 1)
    }

    @Test func zeroAndStarRemove() {
        var registrar = Registrar(limits: .init())
        _ = registrar.handle(
            .change([change("sip:a@x"), change("sip:b@x")], expires: nil), of: "p", from: origin(1), at: start)
        #expect(
            registrar.handle(.change([change("sip:a@x", 0)], expires: nil), of: "p", from: origin(2), at: start)
                == .bindings([("sip:b@x", 3600)]))
        #expect(registrar.handle(.removeAll, of: "p", from: origin(3), at: start) == .bindings([]))
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
        #expect(
            registrar.handle(.change([three[0]], expires: 60), of: "r", from: origin(1), at: later)
                == .bindings([("sip:a@x", 60)]))
    }
}
