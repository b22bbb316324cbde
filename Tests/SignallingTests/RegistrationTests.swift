import SIP
import Testing

@testable import Signalling

/// REGISTER through the user agent core, in virtual time.
@Suite struct RegistrationTests {
    private static let device =
        "<sip:so1@192.0.2.7:5070>;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\""

    private func register(
        _ caller: inout Caller, _ number: Int, _ contact: String?, headers: String = ""
    ) throws -> SIPResponse? {
        caller.say("REGISTER", number, user: "so1", contact: contact)
        let authorization = try caller.authorization("REGISTER", user: "so1")
        let before = caller.responses.count
        caller.say("REGISTER", number + 1, headers: authorization + headers, user: "so1", contact: contact)
        return caller.responses.count > before ? caller.responses.last : nil
    }

    /// The bindings that were last to be kept; says that they are.
    private func keep(_ caller: inout Caller) throws -> [Binding] {
        let wanted = caller.events.compactMap { event in
            if case .keepBindings(let bindings, "so1", let id) = event { (bindings, id) } else { nil }
        }
        let (bindings, id) = try #require(wanted.last)
        if let id {
            caller.core.registrationKept(id, at: caller.now)
            caller.take(caller.core.takeActions())
        }
        return bindings
    }

    @Test func aRegistrationIsAnsweredWhenItIsKept() throws {
        var caller = Caller()
        #expect(try register(&caller, 1, "<sip:so1@192.0.2.7:5070>;expires=600") == nil)
        #expect(try keep(&caller).map(\.uri.description) == ["sip:so1@192.0.2.7:5070"])
        let answer = try #require(caller.responses.last)
        #expect(answer.status == 200)
        #expect(answer.headers[.contact] == "<sip:so1@192.0.2.7:5070>;expires=600")
        #expect(caller.core.heldRegistrations.isEmpty)
    }

    @Test func aFlowIsToldTheTimerOfItsKeepAlives() throws {
        var caller = Caller()
        _ = try register(&caller, 1, Self.device + ";reg-id=1", headers: "Supported: outbound, path\n")
        let kept = try keep(&caller)
        #expect(kept.first?.key == .flow(instance: "<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>", number: 1))
        let answer = try #require(caller.responses.last)
        #expect(answer.headers[.require] == "outbound")
        #expect(answer.headers[.flowTimer] == "120")
        #expect(answer.headers[.contact]?.contains("reg-id=1") == true)
        #expect(caller.core.isInUse(caller.flow))
        caller.take(caller.core.flowFailed(caller.flow, at: caller.now))
        #expect(try keep(&caller).isEmpty)
    }

    /// RFC 5626 §6: a proxy between that keeps no flow makes the flow worthless.
    @Test func aFlowThroughAProxyNeedsItsPathToSayOb() throws {
        for (path, status) in [("<sip:edge.test;lr>", 439), ("<sip:token@edge.test;lr;ob>", 200)] as [(String, UInt16)]
        {
            var caller = Caller()
            let answer = try register(
                &caller, 1, Self.device + ";reg-id=1",
                headers: "Via: SIP/2.0/UDP 10.0.0.7;branch=z9hG4bKinner\nSupported: outbound, path\nPath: \(path)\n")
            if status == 439 {
                #expect(answer?.status == 439)
            } else {
                #expect(try keep(&caller).first?.path == [path])
                #expect(caller.responses.last?.headers[.path] == path)
            }
        }
    }

    @Test func aDeviceThatAsksGetsItsGRUUs() throws {
        var caller = Caller()
        _ = try register(&caller, 1, Self.device, headers: "Supported: gruu\n")
        _ = try keep(&caller)
        let first = try #require(try caller.responses.last?.headers.addresses(.contact).first)
        #expect(
            first.parameters["pub-gruu"] == "sip:so1@causeway.test;gr=urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF")
        let temporary = try #require(first.parameters["temp-gruu"])
        #expect(temporary.hasPrefix("sip:tgruu.") && temporary.hasSuffix("@causeway.test;gr"))
        #expect(!temporary.contains("so1"), "a temporary one hides whose it is (RFC 5627 §3.1.2)")
        _ = try register(&caller, 3, Self.device, headers: "Supported: gruu\n")
        #expect(try keep(&caller).first?.temporaryGRUUs.count == 2, "the former one still holds")
        _ = try register(&caller, 5, Self.device)
        _ = try keep(&caller)
        #expect(caller.responses.last?.headers[.contact]?.contains("gruu") == false)
    }

    @Test func whatCannotBeMeantIsRefused() throws {
        let cases = [
            (Self.device + ";reg-id=0", 400), (Self.device + ";reg-id=x", 400),
            (Self.device + ";reg-id=1, " + Self.device + ";reg-id=2", 400),
            ("<sip:so1@192.0.2.7>;+sip.instance=\"urn:uuid:1\"", 400), ("<tel:+84234>", 400),
            ("<sip:so1@192.0.2.7>;expires=5", 423),
        ]
        for (contact, status) in cases {
            var caller = Caller()
            let answer = try register(&caller, 1, contact, headers: "Supported: outbound\n")
            #expect(answer.map { Int($0.status) } == status, "\(contact)")
            #expect(caller.core.registrar.bindings.isEmpty)
        }
    }

    @Test func registrationsOutliveTheRun() throws {
        var caller = Caller()
        _ = try register(&caller, 1, Self.device + ";expires=600", headers: "Supported: gruu\n")
        let bindings = try keep(&caller)
        let kept = bindings.map { RegisteredContact($0, of: "so1", at: caller.now, wall: 1_000_000) }
        var next = Caller()
        next.core.restore(
            kept, listeners: [SIPListener(.udp, host: "192.0.2.1", port: 5060)], at: next.now, wall: 1_100_000)
        let restored = try #require(next.core.registrar.contacts(of: "so1", at: next.now).first)
        #expect(restored.expires == next.now + .seconds(500))
        #expect(restored.flow == caller.flow)
        #expect(restored.temporaryGRUUs == bindings.first?.temporaryGRUUs)
        // What ran out in the meantime is gone; so is a connection.
        var later = Caller()
        later.core.restore(kept, listeners: [], at: later.now, wall: 1_600_001)
        #expect(later.core.registrar.bindings.isEmpty)
        later.core.restore(kept, listeners: [], at: later.now, wall: 1_100_000)
        #expect(later.core.registrar.contacts(of: "so1", at: later.now).map(\.flow) == [nil])
    }
}
