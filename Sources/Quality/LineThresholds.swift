/// From where on a line is good, and from where on it can be used at all.
public struct LineThresholds: Sendable, Hashable {
    /// Two bounds of one figure.
    public struct Bounds: Sendable, Hashable {
        public var good: Double
        public var usable: Double
        public init(good: Double, usable: Double) {
            self.good = good
            self.usable = usable
        }

        /// Where more is worse.
        func grade(atMost value: Double) -> LineGrade { value <= good ? .good : value <= usable ? .usable : .notFit }
        /// Where less is worse.
        func grade(atLeast value: Double) -> LineGrade { value >= good ? .good : value >= usable ? .usable : .notFit }
    }

    /// Packets lost, of a hundred, each way.
    public var lossPercent = Bounds(good: 1, usable: 5)
    public var jitterMilliseconds = Bounds(good: 30, usable: 80)
    public var roundTripMilliseconds = Bounds(good: 300, usable: 600)
    /// MOS, each way.
    public var opinionScore = Bounds(good: 3.8, usable: 3.1)
    /// What the point sends with a picture, in kbit/s.
    public var kilobits = Bounds(good: 150, usable: 50)
    /// Lines of the picture.
    public var pictureHeight = Bounds(good: 240, usable: 144)
    /// Pictures a second.
    public var frameRate = Bounds(good: 12, usable: 6)

    public init() {}
}

/// How a line stands; the worst last.
public enum LineGrade: String, Sendable, Codable, CaseIterable, Comparable {
    case good
    case usable
    case notFit

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    public static func < (left: LineGrade, right: LineGrade) -> Bool { left.order < right.order }
}
