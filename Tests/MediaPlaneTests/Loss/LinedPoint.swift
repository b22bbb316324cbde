import Codecs
import LossyLine
import RTP
import SRTP

@testable import MediaPlane

/// A point like a browser, sound and pictures on one transport, with a line of the tests between it and the bridge.
final class LinedPoint {
    static let rids = ["l", "m", "h"]

    let audio: TestEndpoint
    let video: TestEndpoint
    let line: LossyLine
    let seat: TestRoom.Seat
    private let tone: ToneSource

    /// - Parameters:
    ///   - numbers: it is told the number of each packet, and tells when it came.
    ///   - layers: its camera's picture comes in three sizes at once.
    ///   - isPlain: it asks for no single packets.
    init(
        in room: TestRoom, number: Int, numbers: Bool = false, layers: Bool = false, isPlain: Bool = false
    ) async throws {
        audio = try TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM)
        video = try TestEndpoint(
            .vp8, payloadType: UInt8(104 + number), suite: .aeadAES128GCM, onTransportOf: audio)
        if isPlain {
            video.feedback = [.pictureLossIndication]
        } else {
            video.retransmissionType = UInt8(114 + number)
        }
        var extensions = HeaderExtensionMap()
        if numbers { extensions[.transportSequence] = 5 }
        if layers { extensions[.streamIdentifier] = 7 }
        audio.extensions = extensions
        line = try LossyLine(endpoint: audio.rtpPort, seed: UInt64(number))
        audio.line = line
        tone = try ToneSource(number == 0 ? 440 : 1_000, .opus)
        seat = try await room.join(audio: audio, video: video, layers: layers ? Self.rids : [])
        line.connect(to: seat.reservation.audio.port)
    }

    deinit { line.end() }

    /// Where it sends to.
    var port: UInt16 { line.port }

    func speak() throws { audio.send(try tone.frame(), advancing: 960, to: port) }

    /// Nothing gets through, either way, or everything does again.
    func cut(_ isCut: Bool) {
        let conditions = LineConditions(loss: isCut ? .all : .none)
        line.set(up: conditions, down: conditions)
    }
}
