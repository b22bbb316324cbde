import DTLS
import InteropSupport

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
        ]
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
