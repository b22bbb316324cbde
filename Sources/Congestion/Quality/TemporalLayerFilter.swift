import RTP

/// Lets temporal layers of a VP8 stream pass up to a limit (RFC 7741 §4.2). Down it goes with the next picture; up one layer
/// at a time, where a picture of the layer above refers to none of the layer that was left out (the Y bit), or with a
/// keyframe. What does not pass is to be told to `StreamRewriter.omit`, so that numbers and picture ids close over it; layer 0
/// always passes, and so TL0PICIDX goes on by itself.
///
///     guard filter.passes(descriptor, timestamp: …, beginsKeyframe: …) else { rewriter.omit(…); return }
///     let numbers = rewriter.rewrite(…)
public struct TemporalLayerFilter: Sendable {
    public static let allLayers: UInt8 = 3

    /// The highest layer that shall pass.
    public var wanted: UInt8 = Self.allLayers
    /// The highest layer that passes.
    public private(set) var limit: UInt8 = Self.allLayers
    /// Of the newest picture, and whether it passes: all of its packets do or none.
    private var picture: (timestamp: UInt32, passes: Bool)?

    public init() {}

    /// Another source begins, with a keyframe.
    public mutating func restart() {
        picture = nil
        limit = wanted
    }

    public mutating func passes(
        _ descriptor: VP8PayloadDescriptor?, timestamp: UInt32, beginsKeyframe: Bool
    ) -> Bool {
        let layer = descriptor?.temporalLayer ?? 0
        if let picture {
            if timestamp == picture.timestamp { return picture.passes }
            // Late: what was left out before stays out, for `StreamRewriter` remembers it.
            if Int32(bitPattern: timestamp &- picture.timestamp) < 0 { return layer <= limit }
        }
        if beginsKeyframe {
            limit = wanted
        } else if wanted < limit {
            limit = wanted
        } else if wanted > limit, layer == limit + 1, descriptor?.layerSync == true {
            limit = layer
        }
        let passes = layer <= limit
        picture = (timestamp, passes)
        return passes
    }
}
