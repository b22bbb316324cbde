/// How an Opus encoder is to prepare for losses (RFC 6716 §2.1.7, RFC 7587 §3.1.3).
public struct OpusProtection: Sendable, Equatable {
    /// What the encoder is told to expect, in percent.
    public var lossPercentage: UInt8 = 0
    /// Each packet carries a coarser copy of the one before.
    public var inBandRedundancy = false
    /// Silence may be left out. Not where much is lost: the first packet after a silence is the one that hurts.
    public var mayPause = true

    public init() {}
}

/// From the losses that a listener reports to the encoder's settings: more at once, less only after a while, and in few steps,
/// since a change of them costs the encoder its footing.
public struct OpusLossSteering: Sendable {
    static let rise = 0.5
    static let fall = 0.08
    static let redundantFrom = 0.02
    static let plainBelow = 0.01
    static let noPauseFrom = 0.08
    static let pauseBelow = 0.04
    static let steps: InlineArray<7, UInt8> = [0, 3, 5, 10, 15, 20, 30]

    public private(set) var protection = OpusProtection()
    /// Smoothed, 0...1.
    public private(set) var loss = 0.0

    public init() {}

    /// A report came, or a second of feedback is full: `loss` is of the packets since the one before, 0...1. Returns the
    /// settings when they change.
    public mutating func report(loss seen: Double) -> OpusProtection? {
        guard seen.isFinite else { return nil }
        let seen = min(max(seen, 0), 1)
        loss += (seen - loss) * (seen > loss ? Self.rise : Self.fall)
        var next = protection
        next.lossPercentage = percentage()
        if loss >= Self.redundantFrom { next.inBandRedundancy = true }
        if loss < Self.plainBelow { next.inBandRedundancy = false }
        if loss >= Self.noPauseFrom { next.mayPause = false }
        if loss < Self.pauseBelow { next.mayPause = true }
        guard next != protection else { return nil }
        protection = next
        return next
    }

    /// The step at or above the loss; down only when the loss is well below the next lower one.
    private func percentage() -> UInt8 {
        let percent = loss * 100
        var chosen = Self.steps[Self.steps.count - 1]
        for index in 0..<Self.steps.count where Double(Self.steps[index]) >= percent - 0.5 {
            chosen = Self.steps[index]
            break
        }
        if chosen < protection.lossPercentage, percent > Double(chosen) * 0.8 + 0.2, chosen > 0 {
            return protection.lossPercentage
        }
        return chosen
    }
}
