import LossyLine
import RTP
import SRTP
import Testing

@testable import MediaPlane

/// What one bridge sends another of one of its points: a leg that carries here, and a leg there that only receives.
struct Trunk {
    static let opus = PayloadMapping(payloadType: 111, codec: .opus)
    static let muLaw = PayloadMapping(payloadType: 0, codec: .pcmu)
    static let vp8 = PayloadMapping(payloadType: 120, codec: .vp8)

    let carrier: LegReservation
    let mirror: LegReservation
    private let near: TestRoom
    private let far: TestRoom
    private var here: LegParameters

    /// - Parameters:
    ///   - sound: what the far bridge agreed to.
    ///   - line: what lies between the bridges on the pictures' way.
    init(
        carrying leg: LegID, from near: TestRoom, to far: TestRoom, sound: [PayloadMapping] = [opus, muLaw],
        suite: SRTPSuite? = .aeadAES128GCM, hasSlides: Bool = false, line: LossyLine? = nil
    ) async throws {
        (self.near, self.far) = (near, far)
        var carrier = try near.plane.reserveLeg(in: near.room)
        var mirror = try far.plane.reserveLeg(in: far.room)
        if hasSlides {
            carrier.slides = try near.plane.reserveSlides(for: carrier.id)
            mirror.slides = try far.plane.reserveSlides(for: mirror.id)
        }
        line?.connect(to: mirror.video!.port)
        let audio = Self.ends(sound, carrier.audio, mirror.audio, suite)
        let video = Self.ends([Self.vp8], carrier.video!, mirror.video!, suite, line)
        let slides = carrier.slides.flatMap { here in
            mirror.slides.map { Self.ends([Self.vp8], here.address, $0.address, suite) }
        }
        here = LegParameters(audio: audio.near, video: video.near, slides: slides?.near)
        here.carried = leg
        try await far.plane.startLeg(
            mirror.id, LegParameters(audio: audio.far, video: video.far, slides: slides?.far))
        try await near.plane.startLeg(carrier.id, here)
        (self.carrier, self.mirror) = (carrier, mirror)
    }

    /// Carries another leg from now on, or, for nil, none.
    mutating func carry(_ leg: LegID?) async throws {
        here.carried = leg
        try await near.plane.startLeg(carrier.id, here)
    }

    /// What came of it at the far bridge, and what left here.
    var received: LegStatistics {
        get async throws {
            let all = await far.plane.statistics(of: far.room)
            return try #require(all.first { $0.leg == mirror.id })
        }
    }
    var sent: LegStatistics {
        get async throws {
            let all = await near.plane.statistics(of: near.room)
            return try #require(all.first { $0.leg == carrier.id })
        }
    }

    private static func ends(
        _ mappings: [PayloadMapping], _ here: MediaAddress, _ there: MediaAddress, _ suite: SRTPSuite?,
        _ line: LossyLine? = nil
    ) -> (near: StreamParameters, far: StreamParameters) {
        var random = SystemRandomNumberGenerator()
        let keys = suite.map {
            (SRTPMasterKey.random(for: $0, using: &random), SRTPMasterKey.random(for: $0, using: &random))
        }
        func end(_ peer: MediaAddress, _ rtp: UInt16, _ keys: (SRTPMasterKey, SRTPMasterKey)?) -> StreamParameters {
            var parameters = StreamParameters(
                receivable: mappings, sending: mappings.first,
                telephoneEvent: mappings.contains { $0.codec.isVideo } ? nil : 110,
                remoteRTP: .init(host: peer.host, port: rtp), remoteRTCP: .init(host: peer.host, port: peer.port + 1),
                multiplexesRTCP: false,
                security: keys.map { .sdes(suite: $0.0.suite, local: $0.0, remote: $0.1) } ?? .clear,
                feedback: [.pictureLossIndication, .genericNACK])
            parameters.alternatives = Array(mappings.dropFirst())
            parameters.sendingTelephoneEvent = parameters.telephoneEvent
            if mappings.contains(where: { $0.codec.isVideo }) {
                parameters.retransmissions = [RetransmissionMapping(payloadType: 121, original: 120)]
                parameters.sendingRetransmissions = parameters.retransmissions
            }
            return parameters
        }
        // Its own end says that it receives, as a careless description would: nothing is to come of that.
        let near = end(there, line?.port ?? there.port, keys)
        var far = end(here, line?.farPort ?? here.port, keys.map { ($0.1, $0.0) })
        far.sends = false
        return (near, far)
    }
}

/// What a room's recording would have.
struct Recorded {
    struct Packet {
        var codec: MediaCodec
        var info: RTPPacketInfo
        var payload: [UInt8]
    }
    var packets: [UInt16: [Packet]] = [:]
    /// What sender reports said: the NTP time of a timestamp.
    var reports: [UInt16: [(ntp: NTPTime, timestamp: UInt32)]] = [:]

    init(_ tap: TapRing) {
        tap.drain { entry, bytes in
            switch entry.kind {
            case .packet:
                guard let info = try? RTPPacketInfo(parsing: bytes), let codec = MediaCodec(rawValue: entry.codec)
                else { return }
                packets[entry.track, default: []].append(
                    Packet(codec: codec, info: info, payload: Array(info.payload(of: bytes))))
            case .senderReport:
                reports[entry.track, default: []].append((NTPTime(rawValue: entry.ntpTimestamp), entry.rtpTimestamp))
            case .end: break
            }
        }
    }

    func payloads(_ track: UInt16) -> [[UInt8]] { packets[track, default: []].map(\.payload) }
}
