import DTLS
import Foundation
import InteropSupport
import RTP
import STUN
import Synchronization
import Testing

/// Media and handshakes of somebody who is not the peer, sent to a leg's port from an address of his own ("RTP bleed"):
/// nothing of it gets in, nothing gets out to him, and the call goes on.
@Suite(.serialized) struct ForgedMediaTests {
    /// How a leg is keyed and found.
    enum Way: String, CaseIterable, Sendable {
        case clear, clearFound, sdes, sdesFound, handshake, handshakeFound

        var setup: KeyedPoint.Setup {
            get throws {
                let keys: KeyedPoint.Keys =
                    switch self {
                    case .clear, .clearFound: .clear
                    case .sdes, .sdesFound: .sdes
                    case .handshake, .handshakeFound: .handshake
                    }
                return try KeyedPoint.Setup(keys, checks: rawValue.hasSuffix("Found"))
            }
        }
    }

    private static let tone = 440.0
    private static let witnessTone = 1_000.0

    /// A meeting of a witness and the point that is under attack.
    private static func with(
        _ setup: KeyedPoint.Setup, _ body: (TestSite, Witness, KeyedPoint) async throws -> Void
    ) async throws {
        try await TestSite.with({
            $0.clearListeners = [.udp]
            $0.rooms = ["{id: giaoban, title: Giao ban, linger: 1s}"]
        }) { site in
            let witness = try Witness(TestSite.points[1], of: site.daemon, speaking: witnessTone)
            let point = try KeyedPoint(TestSite.points[0], of: site.daemon, setup)
            try await body(site, witness, point)
            try point.hangUp()
            try witness.hangUp()
        }
    }

    private static func hearEachOther(_ witness: Witness, _ point: KeyedPoint) async throws {
        try await witness.wait(for: tone)
        try await eventually("the point to hear the witness") { point.level(of: witnessTone) > -18 }
    }

    /// Packets of the point that the bridge took for its own.
    private static func received(_ site: TestSite) async throws -> UInt64 {
        try await site.daemon.meetings().first?.participants.first { $0.point == TestSite.points[0].id }?.audio?
            .packetsReceived ?? 0
    }

    @Test(arguments: Way.allCases) func inACallNothingGetsInAndNothingGetsOut(_ way: Way) async throws {
        try await Self.with(try way.setup) { site, witness, point in
            try await Self.hearEachOther(witness, point)
            let forger = try Forger(against: point)
            var own: Sound?
            let heard = try await witness.line.recording {
                own = try await point.recording { try await forger.sendEverything(for: .seconds(2)) }
            }
            try await Self.hearEachOther(witness, point)
            #expect(heard.level(of: Forger.tone) < -50)
            // A machine with other work has its pauses, too.
            #expect(heard.longestGap(of: Self.tone) < 0.2)
            #expect((own?.longestGap(of: Self.witnessTone) ?? 1) < 0.2)
            forger.expectNoMedia()
            let (received, sent) = (try await Self.received(site), point.progress.packetsSent)
            #expect(received <= sent, "the bridge took \(received) packets for those of a point that sent \(sent)")
            #expect(point.progress.failure == nil && point.progress.handshakes <= 1)
            Figures.note(
                "forged media in a call, \(way)",
                [
                    "datagrams": forger.sent, "longest gap ms": Int(heard.longestGap(of: Self.tone) * 1_000),
                    "answered octets of sent": "\(forger.octetsReceived)/\(forger.octetsSent)",
                ])
        }
    }

    /// Those with keys, or found by checks: a stranger who comes first is nobody.
    @Test(arguments: Way.allCases.filter { $0 != .clear })
    func beforeThePeerSpeaksNothingGetsInAndNothingGetsOut(_ way: Way) async throws {
        var setup = try way.setup
        setup.waits = true
        try await Self.with(setup) { site, witness, point in
            try await witness.wait(for: Self.tone, audible: false)
            let forger = try Forger(against: point)
            let heard = try await witness.line.recording { try await forger.sendEverything(for: .seconds(1)) }
            #expect(heard.level(of: Forger.tone) < -50)
            forger.expectNoMedia()
            let received = try await Self.received(site)
            #expect(received == 0)
            point.begin()
            try await Self.hearEachOther(witness, point)
            try await forger.sendEverything(for: .milliseconds(500))
            forger.expectNoMedia()
            try await Self.hearEachOther(witness, point)
            #expect(point.progress.failure == nil)
        }
    }

    /// In the clear there is nothing to know the peer by but its address. Whoever sends first is taken for it, for it may be
    /// behind a NAT; but the address of its description is always heard, and then nobody else.
    @Test func inTheClearTheDescribedAddressPutsOutWhoeverCameFirst() async throws {
        var setup = try Way.clear.setup
        setup.waits = true
        try await Self.with(setup) { _, witness, point in
            let forger = try Forger(against: point)
            let before = try await witness.line.recording { try await forger.sendEverything(for: .seconds(1)) }
            #expect(before.level(of: Forger.tone) > -30)
            point.begin()
            try await Self.hearEachOther(witness, point)
            _ = forger.receive()
            let heard = try await witness.line.recording { try await forger.sendEverything(for: .seconds(1)) }
            #expect(heard.level(of: Forger.tone) < -50)
            forger.expectNoMedia()
        }
    }

    /// One behind a NAT, whose description names an address that is not seen.
    @Test func inTheClearTheFirstToSendKeepsItsPlace() async throws {
        var setup = try Way.clear.setup
        setup.described = "127.99.99.99"
        try await Self.with(setup) { _, witness, point in
            try await Self.hearEachOther(witness, point)
            let forger = try Forger(against: point)
            let heard = try await witness.line.recording { try await forger.sendEverything(for: .seconds(1)) }
            #expect(heard.level(of: Forger.tone) < -50 && heard.longestGap(of: Self.tone) < 0.2)
            forger.expectNoMedia()
        }
    }

    /// A flood of checks without the password, of handshakes that nobody means, and of noise, each from many ports.
    @Test(arguments: [Way.sdesFound, .handshake, .handshakeFound])
    func floodsAreNotMultipliedAndStopNobody(_ way: Way) async throws {
        var setup = try way.setup
        setup.waits = true
        try await Self.with(setup) { _, witness, point in
            let crowd = try (0..<50).map { try Forger(against: point, at: Strangers.address($0)) }
            let flood = Task {
                while !Task.isCancelled {
                    for forger in crowd { forger.flood() }
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            // It begins while they are at it.
            try await Task.sleep(for: .milliseconds(300))
            point.begin()
            do { try await Self.hearEachOther(witness, point) } catch {
                flood.cancel()
                throw error
            }
            let heard = try await witness.line.recording { try await Task.sleep(for: .seconds(2)) }
            flood.cancel()
            _ = try? await flood.value
            #expect(heard.longestGap(of: Self.tone) < 0.2)
            var totals = (sent: 0, octets: 0, answers: 0)
            for forger in crowd {
                forger.expectNoMedia()
                totals.sent += forger.sent
                totals.octets += forger.octetsSent
                totals.answers += forger.octetsReceived
            }
            #expect(totals.sent > 10_000 && totals.answers <= totals.octets)
            Figures.note(
                "flood on a leg's port, \(way)",
                [
                    "datagrams": totals.sent, "longest gap ms": Int(heard.longestGap(of: Self.tone) * 1_000),
                    "answered octets of sent": "\(totals.answers)/\(totals.octets)",
                ])
        }
    }
}

/// Somebody at an address of his own who wants to be taken for a point.
private final class Forger: Sendable {
    static let tone = 2_000.0

    private struct State {
        var sent = 0
        var octetsSent = 0
        var octetsReceived = 0
        var received: [[UInt8]] = []
        var sequence: UInt16 = .random(in: 0 ... .max)
        var timestamp: UInt32 = 0
    }

    private let socket: UDPSocket
    private let point: KeyedPoint
    private let state = Mutex(State())
    private let hello: [UInt8]

    init(against point: KeyedPoint, at address: String = "127.16.7.7") throws {
        self.point = point
        socket = try UDPSocket(at: address)
        let identity = try DTLSIdentity(validFrom: time(nil) - 60, until: time(nil) + 3_600)
        let association = try DTLSAssociation(
            DTLSContext(identity), role: .client, fingerprints: [identity.fingerprint], wallClock: time(nil))
        var hello: [UInt8] = []
        for case .send(let datagram) in association.handle(.start, at: .now) { hello = datagram }
        self.hello = hello
    }

    var sent: Int { state.withLock { $0.sent } }
    var octetsSent: Int { state.withLock { $0.octetsSent } }
    var octetsReceived: Int { state.withLock { $0.octetsReceived } }

    private func send(_ datagram: [UInt8]) {
        socket.send(datagram, to: point.host, point.bridgePort)
        state.withLock {
            $0.sent += 1
            $0.octetsSent += datagram.count
        }
    }

    /// What came since it was asked last.
    func receive() -> [[UInt8]] {
        let datagrams = socket.receiveAll()
        state.withLock { $0.octetsReceived += datagrams.reduce(0) { $0 + $1.count } }
        return datagrams
    }

    /// Refusals of checks, and requests to prove an address, may come; no more than was sent, and no media.
    func expectNoMedia(_ location: SourceLocation = #_sourceLocation) {
        for datagram in receive() {
            let kind = datagram.withUnsafeBytes { PacketKind(of: $0) }
            #expect(kind != .rtp && kind != .rtcp, "\(datagram.count) octets of media came", sourceLocation: location)
            if kind == .dtls {
                // A HelloVerifyRequest.
                #expect(datagram.count > 13 && datagram[13] == 3, sourceLocation: location)
            }
        }
        #expect(octetsReceived <= octetsSent, sourceLocation: location)
    }

    /// All that could be taken for the peer's, 50 times a second.
    func sendEverything(for duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            send(sound(ssrc: point.ssrc))
            send(sound(ssrc: .random(in: 1 ... .max)))
            // What the peer itself sent.
            let copy = point.progress.lastSent
            if !copy.isEmpty { send(copy) }
            for packet in reports(ssrc: point.ssrc) { send(packet) }
            send(check())
            send(hello)
            for record in records() { send(record) }
            send((0..<100).map { _ in .random(in: 0 ... .max) })
            try await Task.sleep(for: .milliseconds(20))
        }
        // What is answered is on its way.
        try await Task.sleep(for: .milliseconds(200))
    }

    /// The shortest that might be answered by more.
    func flood() {
        send(check())
        send(bareCheck)
        send(hello)
        send(records()[0])
    }

    private func sound(ssrc: UInt32) -> [UInt8] {
        var packet = [UInt8](repeating: 0, count: 172)
        state.withLock { state in
            packet.withUnsafeMutableBytes {
                guard let base = $0.baseAddress else { return }
                RTPHeaderWriter.write(
                    base, payloadType: 8, marker: false, sequenceNumber: state.sequence, timestamp: state.timestamp,
                    ssrc: ssrc)
            }
            state.sequence &+= 1
            state.timestamp &+= 160
        }
        // A square wave of 2,000 Hz in A-law, loud.
        for index in 0..<160 { packet[12 + index] = index % 4 < 2 ? 0xAA : 0x2A }
        return packet
    }

    /// A sender report, a goodbye, and a request for a keyframe.
    private func reports(ssrc: UInt32) -> [[UInt8]] {
        let source = (0..<4).map { UInt8(truncatingIfNeeded: ssrc >> (24 - 8 * UInt32($0))) }
        return [
            [0x80, 200, 0, 6] + source + [UInt8](repeating: 1, count: 20),
            [0x80, 201, 0, 1] + source + [0x81, 203, 0, 1] + source,
            [0x80, 201, 0, 1] + source + [0x81, 206, 0, 2] + source + source,
        ]
    }

    private func check() -> [UInt8] {
        var room = [UInt8](repeating: 0, count: 256)
        let count = room.withUnsafeMutableBytes { room in
            var writer = STUNPacketWriter(
                into: room, .request, transactionID: .init(first: 1, rest: .random(in: 0 ... .max)))
            let name = Array("abcdefgh:ijklmnop".utf8)
            writer.add(.username, name.span.bytes)
            writer.addWord(.priority, 1)
            writer.addDoubleWord(.iceControlling, 1)
            writer.addFlag(.useCandidate)
            writer.addMessageIntegrity(HMACSHA1Key(password: Array("0123456789012345678901".utf8)))
            writer.addFingerprint()
            return writer.count
        }
        return Array(room[..<count])
    }

    private var bareCheck: [UInt8] {
        [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42] + (0..<12).map { _ in .random(in: 0 ... .max) }
    }

    /// Alerts, in the clear and as if encrypted, and a part of a handshake.
    private func records() -> [[UInt8]] {
        [
            [21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40],
            [21, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 26] + [UInt8](repeating: 7, count: 26),
            [23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 10, 0, 40] + [UInt8](repeating: 7, count: 40),
            [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 11, 0, 13, 14, 0, 0, 1, 0, 9, 0, 0, 0, 0, 0, 1, 0],
        ]
    }
}
