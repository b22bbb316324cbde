/// What a receiver can be sent of one source, with its rates.
public struct PictureOffer: Sendable {
    public static let mostLayers = 4

    /// Bit/s of each simulcast layer at its full frame rate, the smallest picture first, as measured over a second or so; 0 for
    /// one that is not sent now.
    public var layers = InlineArray<4, UInt64>(repeating: 0)
    /// Temporal layers in each of them, 1...3; 1 where they cannot be told apart.
    public var temporalLayers: UInt8 = 1
    /// Bit/s of the smaller picture that is composed once for all who need it; 0 where there is none.
    public var rendition: UInt64 = 0
    /// Bit/s of what is served first: the sound, with what FEC and headers take, and pictures that matter more.
    public var sound: UInt64

    public init(sound: UInt64) { self.sound = sound }

    /// What a choice costs, in bit/s, without the sound.
    public func rate(of choice: PictureChoice) -> UInt64 {
        switch choice {
        case .none: return 0
        case .rendition: return rendition
        case .layer(let layer, let temporal):
            guard layer < Self.mostLayers else { return 0 }
            let percent = Self.percent(upTo: temporal, of: min(max(temporalLayers, 1), 3))
            return layers[Int(layer)] / 100 * percent + layers[Int(layer)] % 100 * percent / 100
        }
    }

    /// Percent of a layer's rate that temporal layers up to `limit` make up, as encoders commonly divide it
    /// (libvpx's defaults: 40/20/40 and 60/40).
    static func percent(upTo limit: UInt8, of count: UInt8) -> UInt64 {
        switch (count, limit) {
        case (3, 0): 40
        case (3, 1): 60
        case (2, 0): 60
        default: 100
        }
    }
}

/// What a receiver is sent.
public enum PictureChoice: Sendable, Equatable {
    /// A simulcast layer, and of it the temporal layers 0...`temporal`.
    case layer(UInt8, temporal: UInt8)
    /// The smaller picture that others get too.
    case rendition
    /// Sound only.
    case none
}

/// The choices that an offer leaves, the best first, each costing less than the one before.
struct PictureRungs {
    struct Rung {
        var choice: PictureChoice
        /// Bit/s, without the sound.
        var rate: UInt64
    }

    static let capacity = 16
    private var rungs = InlineArray<16, Rung>(repeating: Rung(choice: .none, rate: 0))
    private(set) var count = 0

    init(_ offer: PictureOffer) {
        let temporalLayers = min(max(offer.temporalLayers, 1), 3)
        for layer in stride(from: PictureOffer.mostLayers - 1, through: 0, by: -1) where offer.layers[layer] > 0 {
            for temporal in stride(from: temporalLayers - 1, through: 0, by: -1) {
                let choice = PictureChoice.layer(UInt8(layer), temporal: temporal)
                add(Rung(choice: choice, rate: offer.rate(of: choice)))
            }
        }
        if offer.rendition > 0 { add(Rung(choice: .rendition, rate: offer.rendition)) }
        add(Rung(choice: .none, rate: 0))
    }

    subscript(index: Int) -> Rung { rungs[index] }

    func index(of choice: PictureChoice) -> Int? {
        for index in 0..<count where rungs[index].choice == choice { return index }
        return nil
    }

    /// The best that costs no more than `rate`; the last costs nothing.
    func best(within rate: Double) -> Int {
        for index in 0..<count where Double(rungs[index].rate) <= rate { return index }
        return count - 1
    }

    /// A smaller picture at its full frame rate is better than a larger one that stutters at the same cost.
    private mutating func add(_ rung: Rung) {
        while count > 0, rungs[count - 1].rate <= rung.rate, case .layer(_, let temporal) = rungs[count - 1].choice,
            case .layer(_, let new) = rung.choice, temporal < new
        {
            count -= 1
        }
        guard count == 0 || rungs[count - 1].rate > rung.rate, count < Self.capacity else { return }
        rungs[count] = rung
        count += 1
    }
}
