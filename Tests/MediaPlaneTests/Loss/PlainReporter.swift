import RTP

@testable import MediaPlane

/// A viewer that tells of its line no more than most telephones do: a receiver report every five seconds, and that its picture
/// broke, twice a second until a keyframe came.
final class PlainReporter {
    private static let framesBetweenReports = 250
    private static let framesBetweenComplaints = 25

    private let point: LinedPoint
    private var seen = 0
    private var newest: UInt16?
    private var isBroken = false
    private var complainedAt = -1_000

    init(_ point: LinedPoint) { self.point = point }

    /// Takes in what came up to a frame of 20 ms.
    func look(_ frame: Int) {
        for packet in point.video.received[seen...] {
            let number = packet.info.sequenceNumber
            if let newest, Int16(bitPattern: number &- newest) != 1 { isBroken = true }
            newest = number
            if packet.payload.withUnsafeBytes({ VP8FrameHeader.beginsKeyframe($0) }) { isBroken = false }
        }
        seen = point.video.received.count
        if frame % Self.framesBetweenReports == Self.framesBetweenReports - 1 {
            point.audio.report(to: point.port)
            point.video.report(to: point.port)
        }
        guard isBroken, frame - complainedAt >= Self.framesBetweenComplaints, let media = point.video.reception?.ssrc
        else { return }
        complainedAt = frame
        point.audio.sendRTCP(to: point.port) {
            $0.receiverReport(ssrc: point.video.ssrc)
            $0.request(.pictureLossIndication, sender: point.video.ssrc, media: media)
        }
    }
}
