/// A leg's place on its worker. Places lie side by side, so that a tick walks them and touches no leg for which nothing
/// is due: of two hundred who watch, the state of each would be fetched fifty times a second to find that out.
struct LegSlot {
    let leg: UnsafeMutablePointer<LegState>
    var duties: Duties = []
    /// When the next report of one of its streams is due, on the monotonic clock; never before it starts.
    var reportAt = UInt64.max

    /// What a tick may have to do for a leg. Each is set where the need arises, and taken back by the tick that finds
    /// none.
    struct Duties: OptionSet {
        let rawValue: UInt8

        /// Its sound socket is emptied each tick, or gave something since the last one.
        static let sound = Self(rawValue: 1 << 0)
        /// Pictures lack packets.
        static let losses = Self(rawValue: 1 << 1)
        /// A transport tells and is told of single packets, each tick.
        static let transport = Self(rawValue: 1 << 2)
        /// What the line carries is estimated.
        static let line = Self(rawValue: 1 << 3)
        /// It has sent pictures, whose rates are measured.
        static let rates = Self(rawValue: 1 << 4)
        /// It was sent packets again, and may ask for more in the next tenth of a second.
        static let repeats = Self(rawValue: 1 << 5)
        /// Pictures wait for their turn on its line.
        static let pacing = Self(rawValue: 1 << 6)

        /// What cannot wait for a tenth of a second.
        static let ofEachTick: Self = [.sound, .losses, .transport, .pacing]
    }
}
