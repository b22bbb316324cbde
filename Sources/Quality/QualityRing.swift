/// How a leg did at one moment: figures of the time since the moment before.
public struct QualitySample: Sendable, Equatable {
    /// Packets of sound lost, of a hundred, on the way from the point and to it; nil where nothing tells.
    public var lossUp: Double?
    public var lossDown: Double?
    public var jitterUpMilliseconds: Double?
    public var jitterDownMilliseconds: Double?
    public var roundTripMilliseconds: Double?
    /// The worse of both ways.
    public var opinionScore: Double?
    /// bit/s.
    public var bitrateUp = 0.0
    public var bitrateDown = 0.0
    /// Lines of the picture that comes.
    public var pictureHeight: Int?
    public var frameRate: Double?
    /// Times that the picture stood still since the moment before.
    public var freezes = 0
    public init() {}
}

/// The newest samples of a leg, so many at most.
public struct QualityRing: Sendable {
    public let capacity: Int
    private var stored: [QualitySample] = []
    private var next = 0

    public init(capacity: Int) { self.capacity = max(1, capacity) }

    public mutating func append(_ sample: QualitySample) {
        if stored.count < capacity {
            stored.append(sample)
        } else {
            stored[next] = sample
        }
        next = (next + 1) % capacity
    }

    /// The oldest first.
    public var samples: [QualitySample] {
        stored.count < capacity ? stored : Array(stored[next...] + stored[..<next])
    }

    public var latest: QualitySample? {
        stored.isEmpty ? nil : stored[(next + capacity - 1) % capacity]
    }
}
