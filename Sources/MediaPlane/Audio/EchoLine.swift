/// What a leg said a while ago, for a leg that is to hear itself (a line check).
struct EchoLine: ~Copyable {
    let frames: Int
    private let samples: UnsafeMutablePointer<Int16>
    private var next = 0

    /// - Parameter frames: of 20 ms, by which it is late; at most 100.
    init(frames: Int) {
        self.frames = min(max(frames, 1), 100)
        samples = .allocate(capacity: self.frames * MixFrame.samples)
        samples.initialize(repeating: 0, count: self.frames * MixFrame.samples)
    }

    deinit { samples.deallocate() }

    /// The frame to be heard now, until the next `push`.
    var due: UnsafePointer<Int16> { UnsafePointer(samples + next * MixFrame.samples) }

    /// Takes what is said now, nil for silence, in place of what was due.
    mutating func push(_ frame: UnsafePointer<Int16>?) {
        let place = samples + next * MixFrame.samples
        if let frame {
            place.update(from: frame, count: MixFrame.samples)
        } else {
            place.update(repeating: 0, count: MixFrame.samples)
        }
        next = (next + 1) % frames
    }
}
