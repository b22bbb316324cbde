import Foundation

/// A filter of the second order, as in R. Bristow-Johnson's *Cookbook formulae for audio EQ biquad filter coefficients*.
struct Biquad {
    enum Pass { case low, high }

    private let (b0, b1, b2, a1, a2): (Double, Double, Double, Double, Double)
    private var (x1, x2, y1, y2) = (0.0, 0.0, 0.0, 0.0)

    /// Without overshoot (Q = 1/√2).
    init(_ pass: Pass, _ hertz: Double, rate: Double) {
        let angle = 2 * Double.pi * min(hertz, rate * 0.49) / rate
        let alpha = sin(angle) / 2.0.squareRoot()
        let edge = pass == .low ? 1 - cos(angle) : -(1 + cos(angle))
        let norm = 1 + alpha
        (b0, b1, b2) = (abs(edge) / 2 / norm, edge / norm, abs(edge) / 2 / norm)
        (a1, a2) = (-2 * cos(angle) / norm, (1 - alpha) / norm)
    }

    mutating func filter(_ x: Double) -> Double {
        let y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
        (x2, x1, y2, y1) = (x1, x, y1, y)
        return y
    }
}
