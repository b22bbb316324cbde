import InteropSupport
import Testing

/// Two endpoints of somebody else's in a room: each hears the other at its pitch and level, never itself.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct ToneTests {
    struct Line: Sendable, CustomTestStringConvertible {
        var transport: Baresip.Transport
        var security: Baresip.MediaSecurity
        var codecs = ["opus/48000/2", "opus/48000/2"]
        var testDescription: String { "\(transport.rawValue) \(security) \(codecs.joined(separator: " with "))" }
    }

    static let lines =
        Baresip.Transport.allCases.flatMap { transport in
            Baresip.MediaSecurity.allCases.map { Line(transport: transport, security: $0) }
        } + [
            Line(transport: .tls, security: .sdesMandatory, codecs: ["opus/48000/2", "PCMA/8000/1"]),
            Line(transport: .tls, security: .sdesMandatory, codecs: ["G722/16000/1", "PCMU/8000/1"]),
        ]

    @Test(arguments: lines)
    func eachHearsTheOther(_ line: Line) async throws {
        try await TestSite.with({ $0.allowsClearMedia = line.security != .sdesMandatory }) { site in
            let tones = [440, 1_000]
            var endpoints: [Baresip] = []
            for index in 0..<2 {
                let endpoint = try await site.endpoint(index, tone: tones[index]) {
                    $0.transport = line.transport
                    $0.security = line.security
                    $0.audioCodecs = [line.codecs[index]]
                }
                try await endpoint.dial(site.daemon.address(over: line.transport))
                endpoints.append(endpoint)
            }
            _ = try await site.daemon.waitForMedia(of: 2, packets: 250)
            for endpoint in endpoints { try await endpoint.hangUp() }
            for endpoint in endpoints { try await endpoint.waitUntilHungUp() }
            for (index, endpoint) in endpoints.enumerated() {
                let heard = try await Sound(decoding: endpoint.heard()).slice(-2.5, 2)
                let other = heard.level(of: Double(tones[1 - index]))
                let own = heard.level(of: Double(tones[index]))
                #expect(abs(other - -12.04) < 3, "\(endpoint.name) hears the other at \(other) dBFS")
                #expect(own < -45, "\(endpoint.name) hears itself at \(own) dBFS")
            }
        }
    }
}
