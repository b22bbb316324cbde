extension Configuration {
    /// What the bridge says.
    public struct Announcements: Hashable, Sendable {
        /// `LANGUAGE/KEY.wav`; as installed where nothing is said.
        public var directory: String?
        /// Each announcement is made in these, one after the other.
        public var languages = ["vi"]
        public init() {}
    }

    /// How points have their line checked.
    public struct LineCheck: Hashable, Sendable {
        /// The part before `@` of what they dial.
        public var name = "kiemtra"
        public var alias = "check"
        /// For how long is measured.
        public var duration = Duration.seconds(20)
        /// How many at once.
        public var simultaneous = 20
        /// How many of a point are kept.
        public var keep = 20
        public var thresholds = Thresholds()
        public init() {}
    }

    /// From where on a line is good, and from where on it can be used.
    public struct Thresholds: Hashable, Sendable {
        public var loss = Bounds(good: 1, usable: 5)
        public var jitter = Bounds(good: 30, usable: 80)
        public var roundTrip = Bounds(good: 300, usable: 600)
        public var mos = Bounds(good: 3.8, usable: 3.1)
        public var rate = Bounds(good: 150, usable: 50)
        public var pictureHeight = Bounds(good: 240, usable: 144)
        public var frameRate = Bounds(good: 12, usable: 6)
        public init() {}
    }

    public struct Bounds: Hashable, Sendable {
        public var good: Double
        public var usable: Double
        public init(good: Double, usable: Double) {
            self.good = good
            self.usable = usable
        }
    }
}

extension Configuration.Announcements: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "directory", \.directory, .optional(.path),
                "Where announcements lie, as LANGUAGE/KEY.wav; those that came with the bridge where this is left out."),
            Key(
                "languages", \.languages, .list(of: .identifier, 0...4),
                "Each announcement is made in these, one after the other; empty keeps the bridge silent."),
        ]
    }
}

extension Configuration.LineCheck: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("name", \.name, .identifier, "What points dial before @ to have their line checked."),
            Key("alias", \.alias, .identifier, "The same under another name."),
            Key("duration", \.duration, .duration(.seconds(5)...(.seconds(120))), "For how long is measured."),
            Key("simultaneous", \.simultaneous, .integer(0...1000), "Checks at once; more hear 486. 0 offers none."),
            Key("keep", \.keep, .integer(1...1000), "Results that are kept of each point."),
            Key("thresholds", \.thresholds, .section, "Of each figure: good, and usable."),
        ]
    }
}

extension Configuration.Thresholds: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("loss", \.loss, .bounds(0...100, isMoreWorse: true), "Packets of sound lost, in per cent, each way."),
            Key("jitter", \.jitter, .bounds(0...10_000, isMoreWorse: true), "Jitter of sound in ms, each way."),
            Key("roundTrip", \.roundTrip, .bounds(0...60_000, isMoreWorse: true), "The round trip in ms."),
            Key("mos", \.mos, .bounds(1...4.5, isMoreWorse: false), "MOS of sound by the E-model (G.107), each way."),
            Key("rate", \.rate, .bounds(0...100_000, isMoreWorse: false), "Sent with a picture, in kbit/s."),
            Key("pictureHeight", \.pictureHeight, .bounds(0...4_320, isMoreWorse: false), "Lines of the picture."),
            Key("frameRate", \.frameRate, .bounds(0...120, isMoreWorse: false), "Pictures a second."),
        ]
    }
}

extension ValueKind where Value == Configuration.Bounds {
    /// Two numbers, the better first: `[1, 5]`.
    static func bounds(_ range: ClosedRange<Double>, isMoreWorse: Bool) -> ValueKind {
        let expects =
            "two numbers from \(number(range.lowerBound)) to \(number(range.upperBound)), good and usable, the "
            + (isMoreWorse ? "second no less" : "second no more")
        return ValueKind(
            expects: expects,
            read: { node, reader in
                let numbers = node.elements?.compactMap { $0.scalar.flatMap(Double.init) }.filter(range.contains)
                guard let numbers, numbers.count == 2, node.elements?.count == 2,
                    isMoreWorse ? numbers[0] <= numbers[1] : numbers[0] >= numbers[1]
                else {
                    reader.report("expected \(expects), found \(node.kind)", at: node)
                    return nil
                }
                return Configuration.Bounds(good: numbers[0], usable: numbers[1])
            }, write: { "[\(number($0.good)), \(number($0.usable))]" },
            shape: ValueShape(kind: .list(ValueShape(kind: .number)), bounds: 2...2))
    }

    private static func number(_ value: Double) -> String {
        value.rounded() == value ? "\(Int(value))" : "\(value)"
    }
}
