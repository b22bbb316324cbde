import DTLS
import Foundation
import InteropSupport
import Testing

/// Keys by DTLS, through the whole daemon: whose certificate is taken, and what a re-offer makes of an association.
@Suite(.serialized) struct HandshakeTests {
    private static let tone = 440.0
    private static let witnessTone = 1_000.0

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
            try witness.hangUp()
        }
    }

    private static func hearEachOther(_ witness: Witness, _ point: KeyedPoint) async throws {
        try await witness.wait(for: tone)
        try await eventually("the point to hear the witness") { point.level(of: witnessTone) > -18 }
    }

    enum Certificate: String, CaseIterable, Sendable {
        case another, expired, notYetValid

        static func identity(from begin: Int, to end: Int) throws -> DTLSIdentity {
            try DTLSIdentity(validFrom: time(nil) + begin, until: time(nil) + end)
        }

        func setup(_ role: DTLSRole, checks: Bool) throws -> KeyedPoint.Setup {
            let (begin, end) =
                switch self {
                case .another: (-60, 3_600)
                case .expired: (-7_200, -3_600)
                case .notYetValid: (3_600, 7_200)
                }
            var setup = try KeyedPoint.Setup(.handshake, checks: checks, identity: Self.identity(from: begin, to: end))
            if self == .another { setup.vouched = try Self.identity(from: -60, to: 60).fingerprint }
            setup.role = role
            return setup
        }

        var reason: String {
            switch self {
            case .another: "the peer's certificate does not have the fingerprint of its description"
            case .expired: "the peer's certificate has expired"
            case .notYetValid: "the peer's certificate is not valid yet"
            }
        }
    }

    @Test(arguments: Certificate.allCases, [DTLSRole.client, .server])
    func whoseCertificateIsNotGoodIsHungUp(_ certificate: Certificate, role: DTLSRole) async throws {
        for checks in [false, true] {
            try await Self.with(try certificate.setup(role, checks: checks)) { site, witness, point in
                let began = ContinuousClock.now
                let request = try point.call.nextRequest(within: .seconds(10))
                #expect(request?.method == .bye)
                #expect(ContinuousClock.now - began < .seconds(5))
                #expect(
                    site.daemon.log.contains("has no keys for its media, and is hung up: \(certificate.reason)"))
                #expect(point.progress.packetsSent == 0 && witness.line.level(of: Self.tone) < -45)
                point.fallSilent()
            }
        }
    }

    @Test(arguments: [DTLSRole.client, .server])
    func anICERestartWithTheSameFingerprintKeepsTheKeys(role: DTLSRole) async throws {
        var setup = try KeyedPoint.Setup(.handshake, checks: true)
        setup.role = role
        try await Self.with(setup) { site, witness, point in
            try await Self.hearEachOther(witness, point)
            let answered = point.progress.checksAnswered
            var own: Sound?
            let heard = try await witness.line.recording {
                own = try await point.recording {
                    try await Task.sleep(for: .milliseconds(500))
                    try point.offer(restartsICE: true)
                    try await eventually("a check by the new password") { point.progress.checksAnswered > answered }
                    try await Task.sleep(for: .seconds(1))
                }
            }
            #expect(point.progress.handshakes == 1 && point.progress.failure == nil)
            #expect(heard.longestGap(of: Self.tone) < 0.2)
            #expect((own?.longestGap(of: Self.witnessTone) ?? 1) < 0.2)
            // On it goes, from elsewhere too.
            try point.move(to: "127.16.9.9")
            try await Task.sleep(for: .milliseconds(500))
            try await Self.hearEachOther(witness, point)
            #expect(point.progress.handshakes == 1)
            try point.hangUp()
        }
    }

    @Test(arguments: [false, true]) func whoeverChangesRoleOrCertificateBeginsANewAssociation(checks: Bool) async throws
    {
        try await Self.with(try KeyedPoint.Setup(.handshake, checks: checks)) { site, witness, point in
            try await Self.hearEachOther(witness, point)
            let changes: [(inout KeyedPoint.Setup) throws -> Void] = [
                { $0.role = .server }, { $0.role = .client },
                { $0.identity = try Certificate.identity(from: -60, to: 3_600) },
            ]
            for (index, change) in changes.enumerated() {
                var setup = point.setupNow
                try change(&setup)
                let changed = setup
                try point.offer(beginsHandshake: true) { $0 = changed }
                try await eventually("handshake \(index + 2)") { point.progress.handshakes == index + 2 }
                try await Self.hearEachOther(witness, point)
                #expect(point.progress.failure == nil)
            }
            try point.hangUp()
        }
    }

    /// Hold and back again by the same certificate.
    @Test func aReofferThatChangesNothingShakesNoHands() async throws {
        try await Self.with(try KeyedPoint.Setup(.handshake)) { site, witness, point in
            try await Self.hearEachOther(witness, point)
            let heard = try await witness.line.recording {
                for _ in 0..<3 { try point.offer() }
                try await Task.sleep(for: .milliseconds(500))
            }
            #expect(point.progress.handshakes == 1 && heard.longestGap(of: Self.tone) < 0.2)
            try point.hangUp()
        }
    }
}
