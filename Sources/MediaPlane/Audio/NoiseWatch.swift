/// Finds steady loud sound that is no speech: speech comes in syllables, and its level moves by far more than this in two
/// seconds. Fed with the level of each frame.
struct NoiseWatch {
    /// Levels are averaged over so many frames (100 ms)…
    private static let framesInSlice = 5
    /// …and looked at over so many of these (2 s).
    private static let slicesInWindow = 20
    /// dB by which steady sound moves at most, and from which level (dBov) on it disturbs.
    private static let mostSpread: Float = 8
    private static let loudEnough: Float = -50
    /// Windows after which it is told (6 s), and after which it is over.
    private static let windowsToTell = 3
    private static let windowsToEnd = 2

    private(set) var isRaised = false
    private var frames = 0
    private var sum: Float = 0
    private var slices = 0
    private var least: Float = 0
    private var most: Float = -127
    private var total: Float = 0
    private var run = 0

    /// Takes 20 ms of this level in dBov. Returns the level where the noise begins or, nil inside, where it is over.
    mutating func take(_ level: Float) -> (isRaised: Bool, level: Float)? {
        sum += level
        frames += 1
        guard frames == Self.framesInSlice else { return nil }
        let slice = sum / Float(Self.framesInSlice)
        (frames, sum) = (0, 0)
        least = min(least, slice)
        most = max(most, slice)
        total += slice
        slices += 1
        guard slices == Self.slicesInWindow else { return nil }
        let mean = total / Float(slices)
        let isNoise = most - least < Self.mostSpread && mean > Self.loudEnough
        (slices, total, least, most) = (0, 0, 0, -127)
        run = isNoise != isRaised ? run + 1 : 0
        guard run >= (isRaised ? Self.windowsToEnd : Self.windowsToTell) else { return nil }
        run = 0
        isRaised.toggle()
        return (isRaised, mean)
    }
}
