import Foundation

/// How loud a sound is in the middle of a telephone's band (700 to 2,200 Hz), a hundred times a second: all that finding a
/// trace needs of it, and what every way of copying leaves as it is.
public struct LevelCurve: Sendable {
    public static let perSecond = 100
    static let quietest: Float = -100

    /// dBFS, each of 10 ms.
    public internal(set) var levels: [Float] = []

    private let samplesPerLevel: Int
    private var filters: [Biquad] = []
    private var sum = 0.0
    private var count = 0

    /// - Parameter sampleRate: of the sound that is going to be added, a multiple of 100 Hz.
    public init(sampleRate: Int) {
        let rate = max(8_000, sampleRate)
        samplesPerLevel = rate / Self.perSecond
        let (low, high) = (Biquad(.high, 700, rate: Double(rate)), Biquad(.low, 2_200, rate: Double(rate)))
        filters = [low, low, high, high]
    }

    /// As it was sent: hundredths of a decibel.
    public init(centibels: some Sequence<Int16>) {
        samplesPerLevel = 1
        levels = centibels.map { max(Self.quietest, Float($0) / 100) }
    }

    public var centibels: [Int16] { levels.map { Int16(max(Self.quietest, min(0, $0)) * 100) } }

    /// The next samples of one channel.
    public mutating func add(_ samples: UnsafeBufferPointer<Int16>) {
        for sample in samples {
            var value = Double(sample) / 32_768
            for index in filters.indices { value = filters[index].filter(value) }
            sum += value * value
            count += 1
            if count == samplesPerLevel {
                let power = sum / Double(count)
                levels.append(power > 1e-10 ? Float(10 * log10(power)) : Self.quietest)
                (sum, count) = (0, 0)
            }
        }
    }

    /// The level of ten of them together.
    func chip(from start: Int) -> Float {
        guard start >= 0, start + 10 <= levels.count else { return Self.quietest }
        let power = levels[start..<start + 10].reduce(Float(0)) { $0 + Float(pow(10, Double($1) / 10)) } / 10
        return power > 1e-10 ? Float(10 * log10(Double(power))) : Self.quietest
    }
}
