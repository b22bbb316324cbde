import Codecs
import Dispatch
import Matroska
import Synchronization

/// The pictures of the access copy, encoded (VP9) on a thread of their own while the next ones are decoded and drawn.
///
/// `@unchecked Sendable`: `encoder` and `lastKeyframe` are used on `queue` alone, what both threads use is behind
/// `shared`, and a picture is either in `shared.free` or in the hands of one thread.
final class PictureTrack: @unchecked Sendable {
    static let number: UInt64 = 1
    /// So that a player finds its place quickly. The encoder is told of it, too: a keyframe that it expects takes two thirds of the
    /// octets of one that it is made to make, for it keeps to the quality of the pictures around it.
    private static let keyframeSeconds = 5
    private static let keyframeInterval = Int64(keyframeSeconds) * 1_000_000_000
    private static let picturesInFlight = 3
    private static let quality = 32

    let track: MatroskaTrack
    private let encoder: VPXEncoder
    private var lastKeyframe: Int64?
    private let queue = DispatchQueue(label: "composer.pictures")
    private let room = DispatchSemaphore(value: picturesInFlight)

    private struct Slot: @unchecked Sendable { let picture: I420Picture }
    private struct Shared {
        var free: [Slot] = []
        var inFlight: [Int64] = []
        var blocks: [MatroskaBlock] = []
        var failure: CodecError?
    }
    private let shared = Mutex(Shared())

    /// - Parameter threads: for encoding alone; others decode meanwhile.
    init(width: Int, height: Int, frameRate: Int, threads: Int) throws(CodecError) {
        track = MatroskaTrack(number: Self.number, codec: .vp9, width: width, height: height)
        encoder = try VPXEncoder(
            .vp9,
            VPXEncoderConfiguration(
                width: width, height: height, rate: .quality(Self.quality, ceiling: width * height * 2),
                effort: .realtime(speed: 8), keyframeInterval: frameRate * Self.keyframeSeconds,
                threads: threads))
        var slots: [Slot] = []
        for _ in 0..<Self.picturesInFlight {
            slots.append(Slot(picture: try I420Picture(width: width, height: height)))
        }
        shared.withLock { [slots] in $0.free = slots }
    }

    /// Has a copy of `canvas` encoded, as shown from `time` on; waits while too many are on their way. Times grow.
    func add(_ canvas: I420Picture, at time: Int64, duration: Int64) {
        room.wait()
        guard let slot = shared.withLock({ $0.free.popLast() }) else { return }
        slot.picture.draw(canvas.view, in: canvas.bounds)
        shared.withLock { $0.inFlight.append(time) }
        queue.async { [self] in
            encode(slot.picture, at: time, duration: duration)
            shared.withLock {
                $0.inFlight.removeAll { $0 == time }
                $0.free.append(slot)
            }
            room.signal()
        }
    }

    /// What is encoded by now, and the time of the oldest picture that is not.
    func take() throws(CodecError) -> (blocks: [MatroskaBlock], pendingFrom: Int64?) {
        let (blocks, pending, failure) = shared.withLock { shared in
            defer { shared.blocks = [] }
            return (shared.blocks, shared.inFlight.min(), shared.failure)
        }
        if let failure { throw failure }
        return (blocks, pending)
    }

    /// Waits for the last picture.
    func finish() throws(CodecError) -> [MatroskaBlock] {
        queue.sync {}
        return try take().blocks
    }

    private func encode(_ picture: I420Picture, at time: Int64, duration: Int64) {
        let isKey = lastKeyframe.map { time - $0 >= Self.keyframeInterval } ?? true
        if isKey { lastKeyframe = time }
        do throws(CodecError) {
            try encoder.encode(
                picture.view, timestampMicroseconds: time / 1_000, durationMicroseconds: duration / 1_000,
                forceKeyframe: isKey
            ) { encoded in
                let block = MatroskaBlock(
                    track: Self.number, timestampNanoseconds: encoded.timestampMicroseconds * 1_000,
                    isKeyframe: encoded.isKeyframe, data: Array(encoded.bytes))
                shared.withLock { $0.blocks.append(block) }
            }
        } catch {
            shared.withLock { $0.failure = error }
        }
    }
}
