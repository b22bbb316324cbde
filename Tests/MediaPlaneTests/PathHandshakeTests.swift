import DTLS
import Glibc
import STUN
import Testing

@testable import MediaPlane

/// Who may shake hands on a path without ICE, in memory and by a clock of its own.
@Suite struct PathHandshakeTests {
    private static let described = address(1)
    private static func address(_ port: UInt16) -> TransportAddress { .init(ipv4: 0x0A00_0001, port: port) }

    /// Somebody who comes from an address.
    private struct Client {
        let address: TransportAddress
        let association: DTLSAssociation
        var isConnected = false

        init(at address: TransportAddress, _ identity: DTLSIdentity, knowing bridge: DTLSIdentity) throws {
            self.address = address
            association = try DTLSAssociation(
                DTLSContext(identity), role: .client, fingerprints: [bridge.fingerprint], wallClock: time(nil))
        }

        mutating func handle(_ event: DTLSEvent, _ now: ContinuousClock.Instant) -> [[UInt8]] {
            var datagrams: [[UInt8]] = []
            for action in association.handle(event, at: now) {
                switch action {
                case .send(let datagram): datagrams.append(datagram)
                case .connected: isConnected = true
                case .failed, .closed: break
                }
            }
            return datagrams
        }
    }

    /// The bridge's end, what came of it, and what it sent to whom.
    private struct Bridge {
        let identity: DTLSIdentity
        var handshake: PathHandshake
        var peers: [TransportAddress?] = []
        var failures: [DTLSFailure] = []
        var sent: [TransportAddress: [[UInt8]]] = [:]
        let now = ContinuousClock.now

        init(expecting peer: DTLSIdentity) throws {
            identity = try Self.identity()
            handshake = try PathHandshake(
                DTLSContext(identity), .init(role: .server, fingerprints: [peer.fingerprint]), at: described)
            note(handshake.start(at: now))
        }

        static func identity() throws -> DTLSIdentity {
            try DTLSIdentity(validFrom: time(nil) - 60, until: time(nil) + 60)
        }

        mutating func note(_ actions: [PathHandshake.Action]) {
            for action in actions {
                switch action {
                case .send(let datagram, let address): if let address { sent[address, default: []].append(datagram) }
                case .connected(_, _, let address): peers.append(address)
                case .failed(let failure): failures.append(failure)
                case .closed: break
                }
            }
        }

        /// Carries everything between the bridge and a client until neither says more.
        mutating func talk(with client: inout Client, beginning: Bool = true) {
            var outward = beginning ? client.handle(.start, now) : []
            for _ in 0..<20 {
                for datagram in outward { note(handshake.take(datagram, from: client.address, at: now)) }
                let inward = sent.removeValue(forKey: client.address) ?? []
                guard !inward.isEmpty else { return }
                outward = inward.flatMap { client.handle(.datagram($0), now) }
            }
        }
    }

    @Test(arguments: [1, 77]) func thePeerIsKnownByItsCertificateWhereverItComesFrom(port: UInt16) throws {
        let identity = try Bridge.identity()
        var bridge = try Bridge(expecting: identity)
        var client = try Client(at: Self.address(port), identity, knowing: bridge.identity)
        bridge.talk(with: &client)
        #expect(client.isConnected && bridge.peers == [client.address] && bridge.failures.isEmpty)
    }

    @Test func strangersNeitherTakeItsPlaceNorEndItsHandshake() throws {
        let identity = try Bridge.identity()
        var bridge = try Bridge(expecting: identity)
        for port in UInt16(100)..<120 {
            var stranger = try Client(at: Self.address(port), try Bridge.identity(), knowing: bridge.identity)
            bridge.talk(with: &stranger)
            #expect(!stranger.isConnected)
        }
        #expect(bridge.peers.isEmpty && bridge.failures.isEmpty)
        var client = try Client(at: Self.address(77), identity, knowing: bridge.identity)
        bridge.talk(with: &client)
        #expect(client.isConnected && bridge.peers == [client.address])
        // Whoever comes later is not even looked at.
        var late = try Client(at: Self.address(99), identity, knowing: bridge.identity)
        bridge.talk(with: &late)
        #expect(!late.isConnected && bridge.peers.count == 1 && bridge.sent[late.address] == nil)
    }

    /// An address can be made up, so that whoever has it would be flooded.
    @Test func nobodyIsSentMoreThanCameFromThereBeforeItAnswered() throws {
        let identity = try Bridge.identity()
        var bridge = try Bridge(expecting: identity)
        for port in [UInt16(1), 77] {
            var client = try Client(at: Self.address(port), identity, knowing: bridge.identity)
            let hello = client.handle(.start, bridge.now).flatMap { $0 }
            bridge.note(bridge.handshake.take(hello, from: client.address, at: bridge.now))
            let answer = try #require(bridge.sent[client.address]).joined()
            #expect(!answer.isEmpty && answer.count <= hello.count)
            // Nor is it repeated to somebody who does not answer.
            bridge.note(bridge.handshake.timeOut(at: bridge.now + .seconds(5)))
            #expect(bridge.sent[client.address]?.count == 1)
        }
    }

    @Test func thoseWhoAnsweredAreNotForgottenForThoseWhoDidNot() throws {
        let identity = try Bridge.identity()
        var bridge = try Bridge(expecting: identity)
        var client = try Client(at: Self.address(77), identity, knowing: bridge.identity)
        for datagram in client.handle(.start, bridge.now) {
            bridge.note(bridge.handshake.take(datagram, from: client.address, at: bridge.now))
        }
        let requests = bridge.sent.removeValue(forKey: client.address)
        let request = try #require(requests?.first)
        for datagram in client.handle(.datagram(request), bridge.now) {
            bridge.note(bridge.handshake.take(datagram, from: client.address, at: bridge.now))
        }
        for port in UInt16(100)..<200 {
            var stranger = try Client(at: Self.address(port), identity, knowing: bridge.identity)
            for datagram in stranger.handle(.start, bridge.now) {
                bridge.note(bridge.handshake.take(datagram, from: stranger.address, at: bridge.now))
            }
        }
        let answered = bridge.sent.removeValue(forKey: client.address)
        let flight = try #require(answered)
        for datagram in flight {
            for answer in client.handle(.datagram(datagram), bridge.now) {
                bridge.note(bridge.handshake.take(answer, from: client.address, at: bridge.now))
            }
        }
        #expect(bridge.peers == [client.address])
    }

    @Test func whoIsWhereItsDescriptionSaysAndNotWhoItSaysEndsItAtOnce() throws {
        var bridge = try Bridge(expecting: try Bridge.identity())
        var liar = try Client(at: Self.described, try Bridge.identity(), knowing: bridge.identity)
        bridge.talk(with: &liar)
        #expect(bridge.failures == [.fingerprintMismatch])
    }

    @Test func whoIsElsewhereAndNotWhoItSaysEndsItWhenTheTimeIsUp() throws {
        var bridge = try Bridge(expecting: try Bridge.identity())
        var liar = try Client(at: Self.address(77), try Bridge.identity(), knowing: bridge.identity)
        bridge.talk(with: &liar)
        #expect(bridge.failures.isEmpty)
        bridge.note(bridge.handshake.timeOut(at: bridge.now + .seconds(31)))
        #expect(bridge.failures == [.fingerprintMismatch])
    }

    @Test func whatIsNoBeginningMakesNobodyAStranger() throws {
        var bridge = try Bridge(expecting: try Bridge.identity())
        for length in [0, 1, 13, 14, 25, 26, 200, 1_500] {
            bridge.note(
                bridge.handshake.take([UInt8](repeating: 22, count: length), from: Self.address(77), at: bridge.now))
        }
        #expect(bridge.sent.isEmpty && bridge.failures.isEmpty)
    }
}
