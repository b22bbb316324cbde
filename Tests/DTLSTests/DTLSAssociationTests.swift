import SRTP
import Testing

@testable import DTLS

/// Two associations with each other.
@Suite struct DTLSAssociationTests {
    @Test(arguments: [SRTPSuite.aeadAES128GCM, .aeadAES256GCM, .aes128CMSHA1_80, .aes128CMSHA1_32])
    func bothGetTheSameKeys(_ suite: SRTPSuite) async throws {
        var pair = try Pair(clientConfiguration: .init(suites: [suite]))
        try await pair.connect()
        let client = try #require(pair.record(.client).keys.first)
        let server = try #require(pair.record(.server).keys.first)
        #expect(client.local.suite == suite && server.remote.suite == suite)
        #expect(client.local.keyAndSalt == server.remote.keyAndSalt)
        #expect(client.remote.keyAndSalt == server.local.keyAndSalt)
        #expect(client.local.keyAndSalt != client.remote.keyAndSalt)
        #expect(pair.client.deadline == nil && pair.server.deadline == nil)
    }

    @Test func theServersPreferenceDecides() async throws {
        var pair = try Pair(serverConfiguration: .init(suites: [.aes128CMSHA1_32, .aeadAES128GCM]))
        try await pair.connect()
        #expect(pair.record(.client).keys.first?.local.suite == .aes128CMSHA1_32)
    }

    @Test(arguments: 0..<24) func aBadNetworkOnlyDelaysIt(_ seed: UInt64) async throws {
        var pair = try Pair()
        pair.network = .init(
            loss: Int(seed % 4) * 12, repetition: 20, reordering: Int(seed % 3) * 25, random: SplitMix64(seed: seed))
        try await pair.connect()
        let client = try #require(pair.record(.client).keys.first)
        let server = try #require(pair.record(.server).keys.first)
        #expect(client.local.keyAndSalt == server.remote.keyAndSalt)
        #expect(client.remote.keyAndSalt == server.local.keyAndSalt)
        #expect(pair.record(.client).keys.count == 1 && pair.record(.server).keys.count == 1)
        #expect(!pair.record(.client).isOver && !pair.record(.server).isOver)
    }

    @Test(arguments: Pair.Side.allCases) func aWrongFingerprintIsRefused(_ side: Pair.Side) async throws {
        let wrong = [DTLSIdentity.made().fingerprint]
        var pair = try Pair(
            clientExpects: side == .client ? wrong : nil, serverExpects: side == .server ? wrong : nil)
        try await pair.connect()
        #expect(pair.record(side).failures == [.fingerprintMismatch])
        #expect(pair.record(side).keys.isEmpty)
        pair.deliver()
        // bad_certificate.
        #expect(pair.record(side.peer).failures == [.alert(42)])
        #expect(pair[side].handle(.start, at: .now).isEmpty && pair[side].deadline == nil)
    }

    @Test(arguments: Pair.Side.allCases) func aCertificateOutOfItsPeriodIsRefused(_ side: Pair.Side) async throws {
        let cases: [(DTLSIdentity, DTLSFailure, alert: UInt8)] = [
            (.made(validFrom: today - 2 * day, until: today - 1), .certificateExpired, 45),
            (.made(validFrom: today + 1, until: today + day), .certificateNotYetValid, 42),
        ]
        for (identity, failure, alert) in cases {
            var pair = try Pair(
                client: side == .server ? identity : .one, server: side == .client ? identity : .other)
            try await pair.connect()
            pair.deliver()
            #expect(pair.record(side).failures == [failure])
            #expect(pair.record(side.peer).failures == [.alert(alert)])
            #expect(pair.record(side).keys.isEmpty)
        }
    }

    @Test(arguments: DTLSFingerprint.Hash.allCases) func anyHashVouches(_ hash: DTLSFingerprint.Hash) async throws {
        let right = try #require(DTLSFingerprint(hash, of: DTLSIdentity.other.certificate))
        let unrelated = try #require(DTLSFingerprint(hash, of: DTLSIdentity.one.certificate))
        var pair = try Pair(clientExpects: [unrelated, right])
        try await pair.connect()
        #expect(pair.record(.client).keys.count == 1)
    }

    @Test func ofSeveralHashesTheStrongestCounts() async throws {
        let weak = try #require(DTLSFingerprint(.sha1, of: DTLSIdentity.other.certificate))
        let wrong = try #require(DTLSFingerprint(.sha512, of: DTLSIdentity.one.certificate))
        var pair = try Pair(clientExpects: [weak, wrong])
        try await pair.connect()
        #expect(pair.record(.client).failures == [.fingerprintMismatch])
    }

    @Test func withoutACommonSuiteNothingFlows() async throws {
        var pair = try Pair(
            clientConfiguration: .init(suites: [.aeadAES128GCM]),
            serverConfiguration: .init(suites: [.aes128CMSHA1_80]))
        try await pair.connect()
        pair.deliver()
        #expect(pair.record(.client).keys.isEmpty && pair.record(.server).keys.isEmpty)
        #expect([pair.record(.client), pair.record(.server)].contains { $0.failures == [.noCommonSuite] })
        #expect(throws: DTLSSetupError.noSuite) { try DTLSContext(.one, .init(suites: [.aes256CMSHA1_80])) }
    }

    @Test func aSilentPeerIsGivenUp() throws {
        let context = try DTLSContext(.one)
        for role in [DTLSRole.client, .server] {
            let association = try DTLSAssociation(
                context, role: role, fingerprints: [DTLSIdentity.other.fingerprint], wallClock: today)
            let start = ContinuousClock.now
            var record = Record()
            #expect(record.take(association.handle(.start, at: start)).isEmpty == (role == .server))
            let deadline = try #require(association.deadline)
            #expect(role == .client ? deadline <= start + .milliseconds(400) : deadline == start + .seconds(30))
            _ = record.take(association.handle(.timeout, at: start + .seconds(29)))
            #expect(!record.isOver)
            _ = record.take(association.handle(.timeout, at: start + .seconds(30)))
            #expect(record.failures == [.handshakeTimeout])
            #expect(association.deadline == nil)
        }
    }

    @Test func aFloodBeforeTheKeysIsNotEndured() throws {
        let association = try DTLSAssociation(
            DTLSContext(.one), role: .server, fingerprints: [DTLSIdentity.other.fingerprint], wallClock: today)
        var record = Record()
        _ = record.take(association.handle(.start, at: .now))
        for _ in 0..<DTLSAssociation.maximumHandshakeDatagrams {
            #expect(record.take(association.handle(.datagram([22, 254, 253, 0]), at: .now)).isEmpty)
        }
        #expect(!record.isOver)
        _ = record.take(association.handle(.datagram([22]), at: .now))
        #expect(record.failures == [.tooManyDatagrams])
    }

    @Test(arguments: Pair.Side.allCases) func aClosingReachesThePeer(_ side: Pair.Side) async throws {
        var pair = try Pair()
        try await pair.connect()
        pair.handle(.close, side)
        pair.deliver()
        for side in Pair.Side.allCases {
            #expect(pair.record(side).closings == 1 && pair.record(side).failures.isEmpty)
        }
    }

    @Test func closedBeforeTheKeysItIsSilent() throws {
        var pair = try Pair()
        pair.handle(.start, .client)
        pair.handle(.close, .client)
        pair.handle(.close, .server)
        #expect(pair.record(.client).closings == 1 && pair.record(.server).closings == 1)
        #expect(pair.sent.count == 1)
    }

    @Test func aLostLastFlightIsSentAgain() async throws {
        var pair = try Pair()
        for side in Pair.Side.allCases { pair.handle(.start, side) }
        pair.deliver()
        #expect(!pair.record(.client).keys.isEmpty)
        // The client's last flight comes again, as if the server's had been lost.
        let fromClient = pair.sent.filter { $0.from == .client }.map(\.octets)
        for octets in fromClient { pair.handle(.datagram(octets), .server) }
        pair.deliver()
        #expect(pair.record(.server).keys.count == 1 && !pair.record(.server).isOver)
    }

    @Test func whatADescriptionChangesDecidesWhetherItGoesOn() async throws {
        let one = DTLSIdentity.one.fingerprint
        let other = DTLSIdentity.other.fingerprint
        var pair = try Pair(clientExpects: [other, one])
        #expect(pair.client.continues(as: .client, fingerprints: [one, other]))
        #expect(!pair.client.continues(as: .client, fingerprints: [other]))
        #expect(!pair.client.continues(as: .server, fingerprints: [other, one]))
        try await pair.connect()
        #expect(pair.client.continues(as: .client, fingerprints: [other, one]))
        pair.handle(.close, .client)
        #expect(!pair.client.continues(as: .client, fingerprints: [other, one]))
    }

    @Test func forgedOctetsEndNothingThatIsConnected() async throws {
        var pair = try Pair()
        try await pair.connect()
        var random = SplitMix64(seed: 7)
        let old = pair.sent.map(\.octets)
        for _ in 0..<20_000 {
            var octets = old.randomElement(using: &random) ?? []
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                octets = (0..<Int.random(in: 0..<300, using: &random)).map { _ in .random(in: 0...255, using: &random) }
            case 1: break
            case 2: octets.removeLast(.random(in: 0...octets.count, using: &random))
            default:
                for _ in 0..<3 where !octets.isEmpty {
                    octets[.random(in: octets.indices, using: &random)] = .random(in: 0...255, using: &random)
                }
            }
            pair.handle(.datagram(octets), Pair.Side.allCases.randomElement(using: &random) ?? .client)
        }
        for side in Pair.Side.allCases {
            #expect(pair.record(side).failures.isEmpty && pair.record(side).closings == 0)
            #expect(pair.record(side).keys.count == 1)
        }
        pair.handle(.close, .client)
        pair.deliver()
        #expect(pair.record(.server).closings == 1)
    }

    @Test func anEncryptedRecordTooShortForItsCipherIsDropped() async throws {
        var pair = try Pair()
        try await pair.connect()
        for length in 0..<40 {
            let octets =
                [22, 254, 253, 0, 1, 0, 0, 0, 0, 9, 0, 0, UInt8(length)] + [UInt8](repeating: 7, count: length)
            for side in Pair.Side.allCases { pair.handle(.datagram(octets), side) }
        }
        for side in Pair.Side.allCases { #expect(!pair.record(side).isOver) }
        pair.handle(.close, .client)
        pair.deliver()
        #expect(pair.record(.server).closings == 1)
    }

    @Test(arguments: 0..<40) func randomOctetsAmongAHandshakeNeverTrap(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var pair = try Pair()
        for side in Pair.Side.allCases { pair.handle(.start, side) }
        for _ in 0..<60 {
            guard var octets = pair.sent.randomElement(using: &random)?.octets else { break }
            for _ in 0..<Int.random(in: 0...3, using: &random) where !octets.isEmpty {
                octets[.random(in: octets.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            pair.handle(.datagram(octets), Pair.Side.allCases.randomElement(using: &random) ?? .client)
        }
        pair.handle(.datagram([UInt8](repeating: 22, count: 10_000)), .client)
        pair.handle(.datagram([]), .client)
    }

    @Test func keysDoNotShowInDescriptions() async throws {
        var pair = try Pair()
        try await pair.connect()
        let keys = try #require(pair.record(.client).keys.first)
        let action = DTLSAction.connected(local: keys.local, remote: keys.remote)
        var dumped = ""
        dump(action, to: &dumped)
        for text in ["\(action)", String(reflecting: action), dumped] {
            #expect(text.contains("redacted") || !text.contains("keyAndSalt"))
            #expect(!text.contains(keys.local.keyAndSalt.map(String.init).joined(separator: ", ")))
        }
    }

    @Test func handshakesOfOneCore() throws {
        let client = try DTLSContext(.one)
        let server = try DTLSContext(.other)
        var handshakes = 0
        let start = ContinuousClock.now
        let limit = start + .seconds(1)
        while ContinuousClock.now < limit {
            let one = try DTLSAssociation(
                client, role: .client, fingerprints: [DTLSIdentity.other.fingerprint], wallClock: today)
            let other = try DTLSAssociation(
                server, role: .server, fingerprints: [DTLSIdentity.one.fingerprint], wallClock: today)
            var way: [(DTLSAssociation, [UInt8])] = []
            var connected = 0
            func take(_ actions: [DTLSAction], to peer: DTLSAssociation) {
                for action in actions {
                    if case .send(let octets) = action { way.append((peer, octets)) }
                    if case .connected = action { connected += 1 }
                }
            }
            take(other.handle(.start, at: .now), to: one)
            take(one.handle(.start, at: .now), to: other)
            while !way.isEmpty {
                let (target, octets) = way.removeFirst()
                take(target.handle(.datagram(octets), at: .now), to: target === one ? other : one)
            }
            #expect(connected == 2)
            handshakes += 1
        }
        let rate = Double(handshakes) / ((ContinuousClock.now - start) / .seconds(1))
        print("DTLS: \(Int(rate)) handshakes a second, both ends on one core")
    }
}
