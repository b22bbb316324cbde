import InteropSupport
import PortalAPI

/// Two endpoints with pictures: each sees the other's, whole and moving.
extension Line {
    static let pictures: [Line] = [
        pictures(.tls, .sdesMandatory, "SDES AES_CM_80", "VP8"),
        pictures(.tls, .sdesMandatory, "SDES AES_CM_80", "H264"),
        pictures(.udp, .clear, "clear", "VP8"), pictures(.tcp, .sdes, "SDES optional", "H264"),
    ]

    private static func pictures(
        _ transport: Baresip.Transport, _ security: Baresip.MediaSecurity, _ keying: String, _ codec: String
    ) -> Line {
        Line(
            endpoint: "baresip", transport: transport.rawValue.uppercased(), keying: keying, codec: codec,
            programs: ["baresip", "sox", "ffmpeg"], seconds: 22,
            sitting: { try await Sitting { if security == .clear { $0.clearListeners.insert(transport) } } }
        ) { sitting in
            try await sitting.pictures(codec, over: transport) {
                $0.transport = transport
                $0.security = security
                $0.videoCodecs = [codec]
            }
        }
    }
}

extension Sitting {
    fileprivate func pictures(
        _ codec: String, over transport: Baresip.Transport, _ change: (inout Baresip.Setup) -> Void
    ) async throws {
        var endpoints: [BaresipEndpoint] = []
        var films: [[Picture]] = []
        for (index, source) in Self.films.enumerated() {
            let film = try await TestMedia.film(source, source: source, in: media)
            films.append(try await Picture.all(in: film))
            endpoints.append(
                try await baresip(as: Self.points[index]) {
                    change(&$0)
                    $0.film = film
                })
        }
        await probe(.call) {
            let took = try await stopwatch {
                for endpoint in endpoints { try await endpoint.dial(daemon.address(of: Self.room, over: transport)) }
            }
            let meeting = try await daemon.waitForMedia(of: 2, video: true)
            guard meeting.participants.allSatisfy({ $0.video?.codec == codec }) else {
                throw ToolFailure("not everybody shows \(codec)")
            }
            return "\(took) s"
        }
        await probe(.picture) {
            var worst = 1.0
            for (index, endpoint) in endpoints.enumerated() {
                worst = min(worst, try await likeness(endpoint, sees: films[1 - index], not: films[index]))
            }
            return decimal(worst, places: 2)
        }
        for endpoint in endpoints { try? await endpoint.hangUp() }
        beyond(
            .register, .tone, .hold, .oldHold, .portZero, .event, .info, .inBand, .transfer, .reoffer, .lateOffer,
            .options, .refresh, because: "see the lines with sound")
    }

    /// How like what an endpoint sees is to the other's film, at worst of three looks.
    private func likeness(_ endpoint: BaresipEndpoint, sees film: [Picture], not own: [Picture]) async throws -> Double
    {
        var seen: [Picture] = []
        for _ in 0..<3 {
            guard let path = try await endpoint.baresip.snapshot(),
                let picture = try await Picture.all(in: path).first
            else { throw ToolFailure("\(endpoint.baresip.name) shows no picture") }
            seen.append(picture)
        }
        let worst = seen.map { $0.likeness(to: film) }.min() ?? 0
        guard worst > 0.9 else { throw ToolFailure("\(endpoint.baresip.name) sees a broken picture: \(worst)") }
        guard seen.allSatisfy({ $0.likeness(to: own) < $0.likeness(to: film) }) else {
            throw ToolFailure("\(endpoint.baresip.name) sees itself")
        }
        guard zip(seen, seen.dropFirst()).contains(where: { $0.likeness(to: $1) < 0.9999 }) else {
            throw ToolFailure("the picture stands still")
        }
        return worst
    }
}
