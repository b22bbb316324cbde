import Foundation
import SDP
import Testing

@testable import SIP

/// The messages of RFC 5118, each judged as the RFC judges it. `Vectors/rfc5118` has them under the RFC's names; their
/// Content-Length is that of the body, which it is not in the RFC.
struct IPv6TortureTests {
    private static func octets(_ name: String) throws -> [UInt8] {
        let file = try #require(Bundle.module.url(forResource: "Vectors/rfc5118/\(name)", withExtension: "dat"))
        return Array(try Data(contentsOf: file))
    }

    private func request(_ name: String) throws -> SIPRequest {
        guard case .request(let request) = try SIPMessage(parsing: Self.octets(name)) else {
            throw SIPSyntaxError("not a request")
        }
        return request
    }

    private static let valid: [(String, SIPMethod, host: String, port: UInt16?)] = [
        ("ipv6-good", .register, "2001:db8::10", nil),
        ("port-ambiguous", .register, "2001:db8::10:5070", nil),
        ("port-unambiguous", .register, "2001:db8::10", 5070),
        ("via-received-param-with-delim", .bye, "2001:db8::10", nil),
        ("via-received-param-no-delim", .options, "2001:db8::10", nil),
        ("ipv6-in-sdp", .invite, "2001:db8::10", nil),
        ("mult-ip-in-header", .bye, "host.example.net", nil),
        ("mult-ip-in-sdp", .invite, "2001:db8::10", nil),
        ("ipv4-mapped-ipv6", .invite, "example.com", nil),
        ("ipv6-bug-abnf-3-colons", .options, "2001:db8::192.0.2.1", nil),
        ("ipv6-correct-abnf-2-colons", .options, "2001:db8::192.0.2.1", nil),
    ]

    @Test(arguments: valid)
    func validOnesAreUnderstood(name: String, method: SIPMethod, host: String, port: UInt16?) throws {
        let request = try request(name)
        #expect(request.method == method)
        #expect(request.uri.sip?.host == host)
        #expect(request.uri.sip?.port == port)
        #expect(try SIPMessage(parsing: request.serialized()) == .request(request))
    }

    /// §4.2: without brackets nobody can tell where the address ends.
    @Test func anAddressWithoutBracketsIsRefused() throws {
        let error = #expect(throws: SIPParseError.self) { try SIPMessage(parsing: Self.octets("ipv6-bad")) }
        #expect(error?.status == 400)
        let answer = try #require(error?.response(tag: "t"))
        #expect(Samples.text(answer).contains("Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\n"))
    }

    /// §4.5: read with and without brackets, written without.
    @Test(arguments: ["via-received-param-with-delim", "via-received-param-no-delim"])
    func receivedIsAnAddressWithoutBrackets(name: String) throws {
        var via = try #require(try request(name).vias.first)
        #expect(via.host == "2001:db8::9:1" && via.port == nil)
        #expect(via.received == "2001:db8::9:255")
        via.received = via.received
        #expect(via.description.contains(";received=2001:db8::9:255;"))
    }

    /// §4.7.
    @Test func bothFamiliesStandInOneVia() throws {
        let vias = try request("mult-ip-in-header").vias
        #expect(vias.map(\.host) == ["2001:db8::9:1", "192.0.2.1", "2001:db8::9:255"])
        #expect(vias.map(\.port) == [6050, nil, nil])
        #expect(vias.map(\.transport) == ["UDP", "UDP", "TCP"])
        #expect(vias.map(\.received) == [nil, nil, "192.0.2.200"])
    }

    /// §4.6.
    @Test func descriptionsHoldAddressesWithoutBrackets() throws {
        let request = try request("ipv6-in-sdp")
        #expect(request.contact?.uri.host == "2001:db8::20")
        let session = try SessionDescription(parsing: request.sessionDescription ?? [])
        #expect(session.origin.address == SDPConnection(isIPv6: true, address: "2001:db8::20"))
        #expect(session.connection == SDPConnection(isIPv6: true, address: "2001:db8::20"))
        #expect(session.media.map(\.port) == [6000, 6024])
        #expect(try SessionDescription(parsing: session.serialized) == session)
    }

    /// §4.8.
    @Test func eachMediumHasItsOwnFamily() throws {
        let session = try SessionDescription(parsing: try request("mult-ip-in-sdp").body)
        #expect(session.connection == nil)
        #expect(session.origin.address == SDPConnection(isIPv6: false, address: "host.example.com"))
        #expect(
            session.media.map(\.connection) == [
                SDPConnection(isIPv6: false, address: "192.0.2.1"), SDPConnection(isIPv6: true, address: "2001:db8::1"),
            ])
    }

    /// §4.9.
    @Test func mappedAddressesAreUnderstood() throws {
        let request = try request("ipv4-mapped-ipv6")
        #expect(request.vias.map(\.host) == ["::ffff:192.0.2.10", "::ffff:192.0.2.2"])
        #expect(request.vias.map(\.port) == [19_823, nil])
        #expect(request.contact?.uri.description == "sip:ted@[::ffff:192.0.2.2]")
        let session = try SessionDescription(parsing: request.body)
        #expect(session.connection == SDPConnection(isIPv6: true, address: "::ffff:192.0.2.2"))
    }

    /// §4.10: the grammar of RFC 3261 makes three colons where two are meant. Nowhere else are they let through as two.
    @Test func theThirdColonMeansNothing() throws {
        let faulty = try request("ipv6-bug-abnf-3-colons")
        let correct = try request("ipv6-correct-abnf-2-colons")
        #expect(faulty == correct)
        #expect(faulty.uri.description == "sip:user@[2001:db8::192.0.2.1]")
        #expect(try URI(parsing: "sip:[2001:db8:::1]").host == "2001:db8:::1")
    }

    /// What a receiver adds to a Via, and where it answers to, over IPv6 (RFC 3261 §18.2, RFC 3581 §4).
    @Test(
        arguments: [
            (";rport", "[2001:db8::9:1]:5070", "2001:db8::9:1", ";received=2001:db8::9:1", 49_152),
            (";rport", "pc33.example.vn:5070", "2001:db8::9:1", ";received=2001:db8::9:1", 49_152),
            ("", "[2001:db8::9:1]:5070", "2001:db8::9:1", "", 5070),
            ("", "[2001:DB8::9:1]", "2001:db8::9:1", "", 5060),
            ("", "[fe80::1]:5070", "2001:db8::9:1", ";received=2001:db8::9:1", 5070),
        ] as [(String, String, String, String, UInt16)])
    func answersGoBackOverIPv6(
        flag: String, sentBy: String, source: String, received: String, port: UInt16
    ) throws {
        let flow = Flow(id: 1, transport: .udp, remoteHost: source, remotePort: 49_152)
        var layer = TransactionLayer(random: Samples.random)
        let octets = Samples.message(
            "OPTIONS sip:[2001:db8::1] SIP/2.0", "Via: SIP/2.0/UDP \(sentBy);branch=z9hG4bK1\(flag)",
            "From: <sip:a@[2001:db8::9:1]>;tag=1", "To: <sip:[2001:db8::1]>", "Call-ID: c", "CSeq: 1 OPTIONS",
            "Record-Route: <sip:[2001:db8::5]:5060;lr>", "Content-Length: 0")
        let (id, request) = try #require(layer.receive(octets, on: flow, at: Samples.epoch).arrived.first)
        let actions = layer.respond(request.response(200, tag: "b"), to: id, at: Samples.epoch)
        let via = try #require(actions.sentResponses.first?.vias.first)
        #expect(received.isEmpty || via.description.contains(received))
        #expect((via.received != nil) == !received.isEmpty)
        #expect(via.rport == (flag.isEmpty ? nil : 49_152))
        let route = try #require(actions.sentFlows.first)
        #expect(route.remoteHost == source && route.remotePort == port)
        #expect(actions.sentResponses.first?.headers[.recordRoute] == "<sip:[2001:db8::5]:5060;lr>")
    }

    /// Requests of this side name themselves and their routes in brackets.
    @Test func requestsGoOutOverIPv6() throws {
        let flow = Flow(id: 1, transport: .tcp, remoteHost: "2001:db8::9", remotePort: 5060)
        var invite = try Samples.request(
            headers: .init([
                .init(.contact, "<sip:alice@[2001:db8::9]:5070;transport=tcp>"),
                .init(.recordRoute, "<sip:[2001:db8::5];lr>, <sip:[2001:db8::6]:5080;lr>"),
            ]))
        invite.to.tag = nil
        var dialog = try Dialog(answering: invite, with: invite.response(200, tag: "b"), over: .tcp)
        var layer = TransactionLayer(random: Samples.random)
        let sent = try layer.send(
            dialog.request(.bye), on: flow, sentBy: SentBy(host: "2001:db8::1", port: 5060), at: Samples.epoch)
        let bye = try #require(sent.actions.sentRequests.first)
        #expect(bye.uri.description == "sip:alice@[2001:db8::9]:5070;transport=tcp")
        #expect(bye.vias.first?.description.hasPrefix("SIP/2.0/TCP [2001:db8::1]:5060;branch=") == true)
        #expect(bye.headers.values(.route) == ["<sip:[2001:db8::5];lr>", "<sip:[2001:db8::6]:5080;lr>"])
        #expect(flow.description == "tcp [2001:db8::9]:5060")
    }
}
