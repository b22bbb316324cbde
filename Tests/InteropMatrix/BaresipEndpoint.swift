import InteropSupport

/// baresip, driven by its control connection.
struct BaresipEndpoint: Endpoint {
    let baresip: Baresip
    let media: String
    let registers: Bool

    func dial(_ uri: String) async throws { try await baresip.dial(uri) }

    func hangUp() async throws {
        try await baresip.hangUp()
        try await baresip.waitUntilHungUp()
    }

    func heard() async throws -> Sound { try Sound(growing: baresip.heard()) }

    func hold() async throws { try await baresip.command("hold") }
    func resume() async throws { try await baresip.command("resume") }

    func press(_ key: Character, _ way: KeyWay) async throws {
        switch way {
        case .event: try await baresip.command("sndcode", "\(key)")
        case .info: throw Beyond("one way an account; see the line with INFO")
        case .inBand:
            let path = try await TestMedia.keyTone(key, in: media)
            try await baresip.command("ausrc", "aufile,\(path)")
        }
    }

    func transfer(to uri: String) async throws { try await baresip.command("transfer", uri) }

    var said: String { String(baresip.process.logText.suffix(1_500)) }
    func stop() async { await baresip.stop() }
}

extension Line {
    static let baresip: [Line] = {
        let transports = Baresip.Transport.allCases
        let names: [(Baresip.MediaSecurity, String)] = [
            (.clear, "clear"), (.sdes, "SDES optional"), (.sdesMandatory, "SDES AES_CM_80"),
        ]
        var lines = transports.flatMap { transport in
            names.map { baresip(transport, $0.0, $0.1, "opus/48000/2", "Opus") }
        }
        for (codec, name) in [("G722/16000/1", "G.722"), ("PCMA/8000/1", "PCMA"), ("PCMU/8000/1", "PCMU")] {
            lines.append(baresip(.tls, .sdesMandatory, "SDES AES_CM_80", codec, name))
        }
        lines += [
            baresip(.tls, .dtls, "DTLS-SRTP", "opus/48000/2", "Opus"),
            baresip(.tls, .dtls, "DTLS-SRTP, ICE", "opus/48000/2", "Opus", checks: true),
            baresip(.tls, .sdesMandatory, "SDES, ICE", "opus/48000/2", "Opus", checks: true),
        ]
        return lines
    }()

    private static func baresip(
        _ transport: Baresip.Transport, _ security: Baresip.MediaSecurity, _ keying: String, _ codec: String,
        _ name: String, checks: Bool = false
    ) -> Line {
        Line(
            endpoint: "baresip", transport: transport.rawValue.uppercased(), keying: keying, codec: name,
            programs: ["baresip", "sox"], seconds: 25,
            sitting: { try await Sitting { if security == .clear { $0.clearListeners.insert(transport) } } }
        ) { sitting in
            let endpoint = try await sitting.baresip {
                $0.transport = transport
                $0.security = security
                $0.checks = checks
                $0.audioCodecs = [codec]
                guard security == .sdesMandatory else { return }
                $0.registrationInterval = 60
                $0.extraAccount =
                    "outbound=\"\(sitting.daemon.registrar(over: transport));transport=\(transport.rawValue)\""
            }
            try await sitting.walk(
                endpoint, to: sitting.daemon.address(of: Sitting.room, over: transport),
                other: sitting.daemon.address(of: Sitting.otherRoom, over: transport))
        }
    }
}

extension Sitting {
    /// A baresip of the point under test.
    func baresip(
        as point: RunningDaemon.Point = Sitting.points[0], _ change: (inout Baresip.Setup) -> Void = { _ in }
    ) async throws -> BaresipEndpoint {
        var setup = Baresip.Setup(
            username: point.id, password: point.password, sound: try await TestMedia.tone(Self.tone, in: media))
        setup.certificateAuthority = daemon.authority
        change(&setup)
        let baresip = try await Baresip(setup, in: folder + "/b" + String(UInt16.random(in: 0 ... .max), radix: 36))
        let endpoint = BaresipEndpoint(
            baresip: baresip, media: media, registers: setup.registrationInterval > 0)
        keep(endpoint)
        return endpoint
    }
}
