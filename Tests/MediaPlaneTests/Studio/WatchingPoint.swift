import Codecs
import Congestion
import RTP
import SRTP

@testable import MediaPlane

/// A point that decodes what it is shown, and tells what its line carries (REMB).
final class WatchingPoint {
    let audio: TestEndpoint
    let video: TestEndpoint
    let slides: TestEndpoint?
    let seat: TestRoom.Seat
    let watcher: Watcher
    private let tone: ToneSource
    /// Bit/s.
    var estimate: UInt64

    init(
        in room: TestRoom, number: Int, _ codec: MediaCodec = .vp8, estimate: UInt64 = 6_000_000,
        hasSlides: Bool = false
    ) async throws {
        audio = try TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM)
        video = try TestEndpoint(
            codec, payloadType: UInt8(104 + number % 16), suite: .aeadAES128GCM, onTransportOf: audio)
        slides =
            hasSlides
            ? try TestEndpoint(.vp8, payloadType: 125, suite: .aeadAES128GCM, onTransportOf: audio) : nil
        // All its packets are one picture: nothing in it has to be put together from fragments.
        if codec == .h264 { video.picture = .h264BaselineSingle }
        tone = try ToneSource(number == 0 ? 440 : 1_000, .opus)
        self.estimate = estimate
        seat = try await room.join(audio: audio, video: video, slides: slides, estimates: true)
        watcher = try Watcher(video)
    }

    var leg: LegID { seat.reservation.id }
    var port: UInt16 { seat.reservation.audio.port }

    /// Once every 20 ms.
    func live(_ frame: Int, speaks: Bool = true) throws {
        if speaks { audio.send(try tone.frame(), advancing: 960, to: port) }
        if frame.isMultiple(of: 10) {
            audio.sendRTCP(to: port) {
                $0.receiverReport(ssrc: video.ssrc)
                $0.receiverEstimatedMaximumBitrate(
                    sender: video.ssrc, bitsPerSecond: estimate, sources: CollectionOfOne(video.ssrc))
            }
        }
        watcher.look()
    }
}
