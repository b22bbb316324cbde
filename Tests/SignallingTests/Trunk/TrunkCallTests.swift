import Logging
import MediaPlane
import SDP
import SIP
import Testing

@testable import Signalling

/// Calls to other bridges: in virtual time, and between two bridges over real sockets.
@Suite(.timeLimit(.minutes(1))) struct TrunkCallTests {
    private static let account = TrunkAccount(bridge: "hai", secret: "bi-mat-cua-cac-cau")
    private static let subject = TrunkSubject(
        course: .toHome, bridge: "hai", origin: "hai", participant: 17, point: "xã 1")

    private static func stream(_ codecs: [PayloadMapping], receives: Bool = true, event: UInt8? = nil)
        -> StreamParameters
    {
        StreamParameters(
            receivable: codecs, sending: codecs.first, telephoneEvent: event,
            remoteRTP: .init(host: "127.0.0.1", port: 9), remoteRTCP: .init(host: "127.0.0.1", port: 9),
            multiplexesRTCP: true, receives: receives, security: .clear)
    }

    private static let sound = stream(
        [.init(payloadType: 8, codec: .pcma), .init(payloadType: 110, codec: .opus)], event: 101)
    private static let camera = stream([
        .init(
            payloadType: 97, codec: .h264, formatParameters: "profile-level-id=42e01f;packetization-mode=1",
            picture: .h264Baseline)
    ])
    private static let slides = stream([.init(payloadType: 98, codec: .vp8)])

    // MARK: In virtual time

    /// A bridge that calls another, over one connection.
    private struct Bridge {
        var caller = Caller(
            flow: Flow(listener: 0, connection: 4, transport: .tcp, remoteHost: "192.0.2.9", remotePort: 5060),
            trunk: TrunkCallTests.account)
        let id: CallID

        init() throws {
            let id = caller.core.newCallID()
            self.id = id
            let call = TrunkCall(
                id: id, subject: TrunkCallTests.subject, room: "giaoban",
                target: try URI(parsing: "sip:giaoban@192.0.2.9;transport=tcp"), leg: LegID(rawValue: 1),
                streams: CarriedStreams(of: LegParameters(audio: TrunkCallTests.sound, video: nil)))
            caller.core.project(call, offering: Array("v=0\r\n".utf8), at: caller.now)
            caller.take(caller.core.takeActions())
            let ways = caller.events.compactMap { if case .findWay(let errand, _) = $0 { errand } else { nil } }
            caller.core.reached(try #require(ways.first), on: caller.flow, at: caller.now)
            caller.take(caller.core.takeActions())
        }

        mutating func answer(_ request: SIPRequest, _ status: UInt16, headers: String = "", body: String = "") {
            let text = """
                SIP/2.0 \(status) Answer
                Via: \(request.vias[0])
                From: \(request.from)
                To: \(request.to)\(request.to.tag == nil ? ";tag=h1" : "")
                Call-ID: \(request.callID)
                CSeq: \(request.cseq)
                Contact: <sip:giaoban@192.0.2.9;transport=tcp>
                Allow: INVITE, ACK, BYE, INFO, MESSAGE, UPDATE
                \(headers)Content-Length: \(body.utf8.count)

                \(body)
                """
            caller.take(
                caller.core.receive(Array(text.replacing("\n", with: "\r\n").utf8), on: caller.flow, at: caller.now))
        }

        var requests: [SIPRequest] { caller.requests }
        mutating func up() throws {
            let type = "Content-Type: application/sdp\n"
            answer(try #require(requests.last), 200, headers: type, body: "v=0")
        }
    }

    @Test func aBridgeProvesThatItKnowsTheSecretToWhomItCalls() throws {
        var bridge = try Bridge()
        let invite = try #require(bridge.requests.last)
        #expect(invite.method == .invite && invite.headers[.authorization] == nil)
        #expect(TrunkSubject(invite.headers) == Self.subject)
        #expect(invite.from.uri.user == "causeway-trunk")
        bridge.answer(
            invite, 401,
            headers: "WWW-Authenticate: Digest realm=\"causeway.test\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256\n")
        let again = try #require(bridge.requests.last { $0.method == .invite })
        #expect(again.headers[.authorization]?.contains("username=\"causeway-trunk\"") == true)
        #expect(!bridge.caller.sent.contains { "\($0)".contains(Self.account.secret) })
        try bridge.up()
        let answered = bridge.caller.events.compactMap {
            if case .callAnswered(let call, _, _) = $0 { call } else { nil }
        }
        #expect(answered.map(\.trunk) == [Self.subject])
    }

    /// The account is for the bridge that was meant.
    @Test func itProvesNothingElsewhere() throws {
        var moved = try Bridge()
        moved.answer(try #require(moved.requests.last), 302)
        #expect(moved.requests.count { $0.method == .invite } == 1)
        #expect(moved.caller.ends.count == 1)
        var other = try Bridge()
        other.answer(
            try #require(other.requests.last), 401,
            headers: "WWW-Authenticate: Digest realm=\"elsewhere\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256\n")
        #expect(other.requests.count { $0.method == .invite } == 1)
    }

    @Test func whatIsSaidGoesInTheCallAndAChangeIsOffered() throws {
        var bridge = try Bridge()
        bridge.caller.core.inform(bridge.id, InfoTrunk.package, "too soon", at: bridge.caller.now)
        try bridge.up()
        bridge.caller.core.inform(bridge.id, InfoTrunk.package, "key\nkey 5", at: bridge.caller.now)
        bridge.caller.core.reoffer(bridge.id, description: Array("v=0\r\ns=2\r\n".utf8), at: bridge.caller.now)
        bridge.caller.take(bridge.caller.core.takeActions())
        let info = try #require(bridge.requests.first { $0.method == .info })
        #expect(info.headers[.infoPackage] == "causeway-trunk" && info.body == Array("key\nkey 5".utf8))
        bridge.answer(info, 200)
        let change = try #require(bridge.requests.last { $0.method == .invite })
        #expect(change.to.tag == "h1" && change.body == Array("v=0\r\ns=2\r\n".utf8))
        let acks = bridge.requests.count { $0.method == .ack }
        bridge.answer(change, 200, headers: "Content-Type: application/sdp\n", body: "v=0 new")
        #expect(bridge.requests.count { $0.method == .ack } == acks + 1)
        let answers = bridge.caller.events.compactMap { event -> String? in
            if case .changeAnswered(_, let answer?) = event { String(decoding: answer, as: UTF8.self) } else { nil }
        }
        #expect(answers == ["v=0 new"])
        // One that the other does not take ends the call: another is made.
        bridge.caller.core.reoffer(bridge.id, description: Array("v=0\r\ns=3\r\n".utf8), at: bridge.caller.now)
        bridge.caller.take(bridge.caller.core.takeActions())
        bridge.answer(try #require(bridge.requests.last { $0.method == .invite }), 488)
        #expect(bridge.requests.last?.method == .bye)
        #expect(bridge.caller.ends.count == 1)
    }

    // MARK: Over real sockets

    private final class Site: Sendable {
        let thread = ControlThread()
        let host: FakeHost
        let legs = FakeLegs()
        let signalling: Signalling

        init(_ name: String, _ decide: @escaping @Sendable (PointCall) async -> CallAdmission) async throws {
            host = FakeHost(decide: decide)
            var configuration = SignallingConfiguration(
                listeners: [SIPListener(.tcp, host: "127.0.0.1", port: 0, allowsClearMedia: true)],
                domain: "causeway.test")
            configuration.trunk = TrunkAccount(bridge: name, secret: "bi-mat-cua-cac-cau")
            signalling = try Signalling(
                configuration: configuration, host: host, legs: legs, on: thread, logger: Logger(label: name))
            try await signalling.start()
        }

        var address: SIPURI {
            get throws {
                var uri = SIPURI(host: "127.0.0.1", port: try #require(signalling.addresses.first).port)
                uri.parameters["transport"] = "tcp"
                return uri
            }
        }

        /// The parameters with which a leg runs, the latest.
        func running() -> LegParameters? {
            legs.events.compactMap { event -> LegParameters? in
                switch event {
                case .started(_, let parameters), .updated(_, let parameters): parameters
                default: nil
                }
            }.last
        }

        func waitUntil(_ isSo: @Sendable (LegParameters) -> Bool) async throws -> LegParameters {
            let end = ContinuousClock.now + .seconds(10)
            while ContinuousClock.now < end {
                if let running = running(), isSo(running) { return running }
                try await Task.sleep(for: .milliseconds(5))
            }
            throw ToolFailed(what: "it runs with \(String(describing: running()))")
        }

        func stop() async {
            await signalling.stop()
            await thread.stop()
        }
    }

    @Test func streamsGoOneWayUnderKeysInTheCodecsOfThePointAndSlidesFollow() async throws {
        let home = try await Site("mot") { call in
            call.trunk == Self.subject ? .admit(.init(rawValue: 1)) : .refuse(code: 403, reason: "?")
        }
        let branch = try await Site("hai") { _ in .admit(.init(rawValue: 7)) }
        var point = LegParameters(audio: Self.sound, video: Self.camera)
        let call = await branch.signalling.project(
            Self.subject, to: try home.address, room: "giaoban", beside: .init(rawValue: 7),
            carrying: LegID(rawValue: 42), CarriedStreams(of: point))
        let far = try await home.waitUntil { $0.video != nil }
        #expect(far.audio?.receives == true && far.audio?.sends == false)
        #expect(far.audio?.receivable.map(\.codec) == [.opus, .pcma], "in the order of the far side's choice")
        #expect(Set(far.audio?.receivable.map(\.payloadType) ?? []) == [8, 110])
        #expect(far.audio?.telephoneEvent == 101)
        #expect(far.video?.receivable.map(\.codec) == [.h264] && far.video?.sends == false && far.slides == nil)
        #expect(far.video?.retransmissions.isEmpty == false && far.video?.feedback.contains(.genericNACK) == true)
        guard case .sdes? = far.audio?.security, case .sdes? = far.video?.security else {
            throw ToolFailed(what: "media between bridges is in the clear")
        }
        let near = try await branch.waitUntil { $0.video != nil }
        #expect(near.carried == LegID(rawValue: 42))
        #expect(near.audio?.sends == true && near.audio?.receives == false)

        point.slides = Self.slides
        await branch.signalling.carry(CarriedStreams(of: point), in: try #require(call))
        let withSlides = try await home.waitUntil { $0.slides != nil }
        #expect(withSlides.slides?.receives == true && withSlides.slides?.receivable.map(\.codec) == [.vp8])
        #expect(try await branch.waitUntil { $0.slides != nil }.carried == LegID(rawValue: 42))
        // The point holds its camera back.
        point.video?.receives = false
        await branch.signalling.carry(CarriedStreams(of: point), in: try #require(call))
        _ = try await home.waitUntil { $0.video?.receives == false }
        await branch.stop()
        await home.stop()
    }
}
