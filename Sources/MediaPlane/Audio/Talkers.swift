/// Whom a room hears in one tick: the loudest few of those who speak, so that a room's cost is bounded however many make
/// a noise. Whoever is heard already gives way only to one who is clearly louder.
struct Talkers: ~Copyable {
    typealias Leg = UnsafeMutablePointer<LegState>

    /// So many are mixed…
    static let mostHeard = 8
    /// …and so many decoded, to choose from.
    static let mostDecoded = 128
    /// Frames (200 ms) for which a leg beyond the loudest is decoded in vain before it makes room for another.
    private static let framesInVain = 10
    /// dB by which one who is not heard must be louder than one who is.
    private static let advantage: Float = 6

    private struct Place {
        var leg: Leg
        var loudness: Float
    }

    /// Loudest first.
    private let places: UnsafeMutablePointer<Place>
    private(set) var count = 0
    private var decoded = 0
    private var decodedBefore = 0
    private var woken = 0
    /// Of the room's legs, the one asked first: goes round, so that each gets its turn to be woken.
    private(set) var first = 0

    init() { places = .allocate(capacity: Self.mostHeard) }

    deinit { places.deallocate() }

    subscript(index: Int) -> Leg { places[index].leg }

    /// Whether there are legs that might not be woken for want of room.
    var othersWait: Bool { decodedBefore + woken >= Self.mostDecoded }
    /// Whether one more leg may be woken in this tick.
    var mayWake: Bool { !othersWait }

    /// Begins a tick of a room of so many legs.
    mutating func begin(legs: Int) {
        decodedBefore = decoded
        first = (first + Self.mostDecoded) % max(1, legs)
        count = 0
        decoded = 0
        woken = 0
    }

    mutating func noteDecoded(wasResting: Bool) {
        decoded += 1
        if wasResting { woken += 1 }
    }

    /// Proposes an audible leg.
    mutating func offer(_ leg: Leg, wasInMix: Bool) {
        let loudness = leg.pointee.activity.loudness + (wasInMix ? Self.advantage : 0)
        guard count < Self.mostHeard || loudness > places[Self.mostHeard - 1].loudness else {
            passOver(leg)
            return
        }
        if count == Self.mostHeard {
            passOver(places[count - 1].leg)
        } else {
            (places + count).initialize(to: Place(leg: leg, loudness: loudness))
            count += 1
        }
        var index = count - 1
        while index > 0, places[index - 1].loudness < loudness {
            places[index] = places[index - 1]
            index -= 1
        }
        places[index] = Place(leg: leg, loudness: loudness)
        leg.pointee.framesInVain = 0
    }

    /// A leg that speaks and is not among the loudest: where others wait to be decoded, it gives them its turn.
    private mutating func passOver(_ leg: Leg) {
        leg.pointee.framesInVain += 1
        guard othersWait, leg.pointee.framesInVain >= Self.framesInVain else { return }
        leg.pointee.framesInVain = 0
        leg.pointee.input.forceRest()
    }
}
