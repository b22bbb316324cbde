import BenchSupport
import Foundation
import InteropSupport
import SDP
import SRTP

/// A meeting with pictures that goes on while others ask something of the bridge: every packet is followed, a part is decrypted and timed.
package final class WatchedMeeting {
    package let load: StreamLoad
    private var calls: [SIPCaller] = []
    /// Where RTCP goes, which nobody reads.
    private let reports: Peer
    private static let suite = SRTPSuite.aeadAES128GCM

    /// Calls with all points: the first sends, the others look on.
    /// - Parameter cpuNanoseconds: CPU time that the bridge has used.
    package init(
        _ points: [RunningDaemon.Point], in room: String, of daemon: RunningDaemon, _ engine: SRTPEngine,
        cpuNanoseconds: @escaping () -> UInt64
    ) throws {
        reports = try Peer(nil, engine)
        load = try StreamLoad(
            rooms: 1, viewers: points.count - 1, .video, Self.suite, engine, sampling: 2, relayCPU: cpuNanoseconds)
        var points = points.makeIterator()
        func join(_ peer: Peer, _ direction: String) throws -> UInt16 {
            guard let point = points.next(), case .sdes(let suite, _, let own) = peer.security else {
                throw ToolFailure("too few points")
            }
            let offer = """
                v=0
                o=- 1 1 IN IP4 127.0.0.1
                s=-
                c=IN IP4 127.0.0.1
                t=0 0
                m=video \(peer.port) RTP/SAVP \(MediaShape.payloadType)
                a=rtpmap:\(MediaShape.payloadType) VP8/90000
                a=rtcp:\(reports.port)
                a=crypto:1 \(suite.sdesName) inline:\(Data(own.keyAndSalt).base64EncodedString())
                a=\(direction)

                """
            let call = try SIPCaller(point, room: room, port: daemon.sipPort, offer: offer)
            calls.append(call)
            guard let media = try SessionDescription(parsing: call.answer).media.first, media.port > 0,
                let crypto = media.cryptos.first
            else {
                throw ToolFailure("the bridge refused the picture: \(String(decoding: call.answer, as: UTF8.self))")
            }
            try peer.receive(with: SRTPMasterKey(suite: suite, keyAndSalt: crypto.keyAndSalt))
            return UInt16(media.port)
        }
        for each in load.rooms {
            each.source.aim(at: try join(each.source.peer, "sendonly"))
            for sink in each.sinks { _ = try join(sink.peer, "recvonly") }
        }
        try load.prime()
    }

    package func hangUp() throws { for call in calls { try call.hangUp() } }
}
