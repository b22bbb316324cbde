import Foundation
import InteropSupport
import Testing

/// Endpoints of somebody else's in a room: each sees the other's picture, whole and moving, and whoever speaks is seen.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct PictureTests {
    private static let films = [
        "testsrc2=size=352x288:rate=25", "mandelbrot=size=352x288:rate=25", "testsrc=size=352x288:rate=25",
    ]

    struct Line: Sendable, CustomTestStringConvertible {
        var codec: String
        var transport: Baresip.Transport
        var security = Baresip.MediaSecurity.sdesMandatory
        var testDescription: String { "\(codec) \(transport.rawValue) \(security)" }
    }

    static let lines =
        ["VP8", "H264"].flatMap { codec in Baresip.Transport.allCases.map { Line(codec: codec, transport: $0) } } + [
            Line(codec: "VP8", transport: .udp, security: .sdes), Line(codec: "VP8", transport: .tcp, security: .clear),
        ]

    @Test(arguments: lines)
    func eachSeesTheOther(_ line: Line) async throws {
        let codec = line.codec
        try await TestSite.with({ $0.allowsClearMedia = line.security != .sdesMandatory }) { site in
            var endpoints: [Baresip] = []
            for index in 0..<2 {
                let endpoint = try await site.endpoint(index, tone: 440, film: Self.films[index]) {
                    $0.videoCodecs = [codec]
                    $0.transport = line.transport
                    $0.security = line.security
                }
                try await endpoint.dial(site.daemon.address(over: line.transport))
                endpoints.append(endpoint)
            }
            let meeting = try await site.daemon.waitForMedia(of: 2, video: true)
            #expect(meeting.participants.allSatisfy { $0.video?.codec == codec })
            let gallery = try await FilmGallery(Self.films)
            for (index, endpoint) in endpoints.enumerated() {
                var seen: [Picture] = []
                for _ in 0..<4 {
                    let view = try await gallery.view(of: endpoint)
                    #expect(view.film == 1 - index, "\(endpoint.name) sees film \(view.film): \(view.likenesses)")
                    #expect(
                        view.likenesses[1 - index] > FilmGallery.whole,
                        "\(endpoint.name) sees it broken: \(view.likenesses)")
                    seen.append(view.picture)
                }
                #expect(
                    zip(seen, seen.dropFirst()).contains { $0.likeness(to: $1) < 0.9999 }, "the picture stands still")
            }
        }
    }

    @Test func theSpeakerIsSeenAndSeesTheOneBefore() async throws {
        try await TestSite.with { site in
            var endpoints: [Baresip] = []
            for index in 0..<3 {
                let endpoint = try await site.endpoint(
                    index, tone: [440, 1_000, 1_700][index], film: Self.films[index])
                try await endpoint.dial(site.daemon.address())
                if index > 0 { try await endpoint.toggleMute() }
                endpoints.append(endpoint)
            }
            _ = try await site.daemon.waitForMedia(of: 3, video: true)
            let gallery = try await FilmGallery(Self.films)
            // Who speaks, and whom each of the three then sees.
            var speaker = 0
            var before: Int?
            for next in [0, 1, 2, 0] {
                if next != speaker {
                    try await endpoints[speaker].toggleMute()
                    try await endpoints[next].toggleMute()
                    before = speaker
                    speaker = next
                }
                let (now, name) = (next, TestSite.points[next].id)
                try await eventually("\(name) to have the floor") {
                    guard let meeting = try await site.daemon.meetings().first else { return false }
                    return meeting.participants.filter(\.isSpeaking).map(\.point) == [name]
                }
                for index in 0..<3 {
                    let expected = index == now ? before : now
                    guard let expected else { continue }
                    try await gallery.wait(for: expected, in: endpoints[index], while: "\(name) speaks")
                }
            }
        }
    }

    @Test func endpointsOfTwoCodecsSeeTheirOwnKindAndHearEverybody() async throws {
        try await TestSite.with { site in
            let codecs = ["VP8", "H264", "VP8"]
            var endpoints: [Baresip] = []
            for index in 0..<3 {
                let endpoint = try await site.endpoint(
                    index, tone: [440, 1_000, 1_700][index], film: Self.films[index]
                ) {
                    $0.videoCodecs = [codecs[index]]
                }
                try await endpoint.dial(site.daemon.address())
                endpoints.append(endpoint)
            }
            try await eventually("media of 3 points") {
                try await site.daemon.meetings().first?.participants.count { ($0.audio?.packetsSent ?? 0) > 100 } == 3
            }
            let gallery = try await FilmGallery(Self.films)
            try await gallery.wait(for: 2, in: endpoints[0], while: "a point with another codec is there")
            try await gallery.wait(for: 0, in: endpoints[2], while: "a point with another codec is there")
            // What it could not decode is not sent to it.
            let alone = try #require(try await site.daemon.meetings().first?.participants.first { $0.point == "soyte" })
            #expect(alone.video?.packetsSent == 0)
            #expect((alone.video?.packetsReceived ?? 0) > 20)
        }
    }
}
