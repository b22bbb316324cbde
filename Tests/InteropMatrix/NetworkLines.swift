import DTLS
import InteropSupport
import LossyLine

/// Endpoints with a network between them and the bridge: behind routers that translate addresses, on narrow lines, on the
/// move, cut off.
extension Line {
    static let networks: [Line] =
        [
            behind(.portRestricted, .udp, .sdesMandatory, "SDES AES_CM_80"),
            behind(.portRestricted, .tls, .dtls, "DTLS-SRTP"),
            behind(.portRestricted, .tls, .dtls, "DTLS-SRTP, ICE", checks: true),
            behind(.symmetric, .tls, .sdesMandatory, "SDES AES_CM_80"),
            behind(.symmetric, .udp, .dtls, "DTLS-SRTP"),
            behind(.symmetric, .tls, .dtls, "DTLS-SRTP, ICE", checks: true),
            linphoneBehind(.portRestricted), linphoneBehind(.symmetric), renewed, cutOff, narrow,
        ] + losses.map { lossy($0.name, $0.loss, atLeast: $0.least) }
        + [chromiumBehind(.portRestricted), chromiumBehind(.symmetric)]
        + losses.map { lossyChromium($0.name, $0.loss, atLeast: $0.ofBrowser) } + [narrowChromium]
        + [(KeyedPoint.Keys.sdes, false), (.sdes, true), (.handshake, false), (.handshake, true)].map {
            moving($0, checks: $1)
        }

    private static func behind(
        _ translation: Namespace.Translation, _ transport: Baresip.Transport, _ security: Baresip.MediaSecurity,
        _ keying: String, checks: Bool = false
    ) -> Line {
        line("baresip, \(name(translation))", transport, keying, "Opus", "baresip", 80) {
            try await Namespace(translation)
        } run: { sitting in
            let endpoint = try await sitting.distantBaresip {
                $0.transport = transport
                $0.security = security
                $0.checks = checks
            }
            try await sitting.rest(endpoint, over: transport)
        }
    }

    private static func linphoneBehind(_ translation: Namespace.Translation) -> Line {
        line("Linphone, \(name(translation))", .tls, "SDES AES_CM_80", "Opus", "linphonec", 85) {
            try await Namespace(translation)
        } run: { sitting in
            let endpoint = try await LinphoneEndpoint(.init(), at: sitting)
            sitting.keep(endpoint)
            try await sitting.rest(endpoint, over: .tls)
        }
    }

    /// What lines lose, and what share of a tone must be heard all the same: one packet alone is made good by the next,
    /// where its sender protects it. Chromium takes a tone for music, and protects less of it.
    private static let losses: [(name: String, loss: LineConditions.Loss, least: Double, ofBrowser: Double)] = [
        ("5 % lost", .random(0.05), 0.98, 0.95), ("20 % lost", .random(0.2), 0.9, 0.8),
        ("20 % lost in bursts", .bursts(0.2, length: 5), 0.75, 0.7),
    ]

    private static func lossy(_ name: String, _ loss: LineConditions.Loss, atLeast least: Double) -> Line {
        line("baresip, \(name)", .tls, "SDES AES_CM_80", "Opus", "baresip", 35) {
            try await Namespace(isLossy: true)
        } run: { sitting in
            let endpoint = try await sitting.distantBaresip { _ in }
            try await sitting.lose(loss, of: endpoint, atLeast: least)
        }
    }

    private static func chromiumBehind(_ translation: Namespace.Translation) -> Line {
        chromium(Self.name(translation)) {
            try await Namespace(translation)
        } run: { sitting in
            try await sitting.look(sitting.chromium())
        }
    }

    private static func lossyChromium(_ name: String, _ loss: LineConditions.Loss, atLeast least: Double) -> Line {
        chromium(name) {
            try await Namespace(isLossy: true)
        } run: { sitting in
            try await sitting.lose(loss, of: sitting.chromium(), atLeast: least)
        }
    }

    private static let narrowChromium = chromium("narrow") {
        try await Namespace()
    } run: { sitting in
        try await sitting.narrow(sitting.chromium())
    }

    private static func chromium(
        _ name: String, namespace: @escaping @Sendable () async throws -> Namespace,
        run: @escaping @Sendable (Sitting) async throws -> Void
    ) -> Line {
        Line(
            endpoint: "Chromium, \(name)", transport: "WSS", keying: "DTLS-SRTP, ICE", codec: "Opus, VP8",
            group: .networks, programs: ["chromium", "baresip", "ip", "nft", "tc", "sysctl", "sox", "ffmpeg"],
            needsSuperuser: true, seconds: 60,
            sitting: {
                let namespace = try await namespace()
                return try await Sitting(namespace: namespace) {
                    $0.silenceLimit = "30s"
                    $0.hasWebSocket = true
                    $0.portalAddress = namespace.near
                }
            }, run: run)
    }

    /// The router gets another address in the middle of the call.
    private static let renewed = line(
        "baresip, NAT renewed", .tls, "SDES AES_CM_80", "Opus", "baresip", 20
    ) {
        try await Namespace(.symmetric)
    } run: { sitting in
        let endpoint = try await sitting.distantBaresip { _ in }
        try await sitting.renew(endpoint, over: .tls)
    }

    private static let cutOff = line("baresip, cut off", .tls, "SDES AES_CM_80", "Opus", "baresip", 30) {
        try await Namespace()
    } run: { sitting in
        let endpoint = try await sitting.distantBaresip { _ in }
        try await sitting.cut(endpoint, over: .tls)
    }

    private static let narrow = line(
        "baresip, narrow", .tls, "SDES AES_CM_80", "Opus, VP8", "baresip", 60, "ffmpeg"
    ) {
        try await Namespace()
    } run: { sitting in
        try await sitting.narrow()
    }

    /// A point of our own with 70,000 packets behind it, so that the rollover counter of SRTP is not 0 any more.
    private static func moving(_ keys: KeyedPoint.Keys, checks: Bool) -> Line {
        let keying = (keys == .sdes ? "SDES AEAD_128" : "DTLS-SRTP") + (checks ? ", ICE" : "")
        return line("our own", .udp, keying, "PCMA", "ip", 50) {
            try await Namespace()
        } run: { sitting in
            try await sitting.move(keys, checks: checks)
        }
    }

    private static func name(_ translation: Namespace.Translation) -> String {
        translation == .portRestricted ? "NAT" : "symmetric NAT"
    }

    private static func line(
        _ endpoint: String, _ transport: Baresip.Transport, _ keying: String, _ codec: String, _ program: String,
        _ seconds: Double, _ others: String..., namespace: @escaping @Sendable () async throws -> Namespace,
        run: @escaping @Sendable (Sitting) async throws -> Void
    ) -> Line {
        Line(
            endpoint: endpoint, transport: transport.rawValue.uppercased(), keying: keying, codec: codec,
            group: .networks, programs: [program, "ip", "nft", "tc", "sysctl", "sox"] + others, needsSuperuser: true,
            seconds: seconds,
            // Longer than anybody is cut off.
            sitting: { try await Sitting(namespace: namespace()) { $0.silenceLimit = "30s" } }, run: run)
    }
}
