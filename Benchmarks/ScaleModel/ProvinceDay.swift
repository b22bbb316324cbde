import BenchSupport
import Foundation

/// A day of a province's meetings: assumptions, each with what speaks for it. There is no published count of such meetings; whoever has one changes
/// it here.
struct ProvinceDay {
    /// Of whom a meeting is, by the levels that the rules name: a decision of the province, of its agencies, of a commune.
    struct Kind: Sendable {
        var name: String
        /// Of all meetings.
        var share: Double
        /// Points, from the least to the most, each number as likely.
        var points: ClosedRange<Int>
    }

    /// What a point comes with, by the kinds of devices for which the rules want guides (room, PC, tablet, telephone).
    struct Device: Sendable {
        var name: String
        var share: Double
        /// Of its picture, bits a second; 0 has none.
        var picture: Double
    }

    /// A start: meetings are convened for the half hour.
    struct Slot: Sendable {
        /// Hours since midnight.
        var hour: Double
        var weight: Double
    }

    // Communes are the lowest level since 1/7/2025: some 40 in the province whose decision it is, of some 150 agencies and communes in all
    // (config/province.yaml). Small meetings are the most by far; those of all communes, and of all points, are the weekly and monthly ones.
    var kinds = [
        Kind(name: "of an agency, or a commune with its villages", share: 0.55, points: 2...8),
        Kind(name: "of several agencies", share: 0.30, points: 9...25),
        Kind(name: "of the province with its communes", share: 0.13, points: 40...60),
        Kind(name: "of all points", share: 0.02, points: 100...150),
    ]
    // 1,500 kbit/s is what the archive's rules want of film at least; the others are what a PC's and a telephone's encoder do by themselves.
    var devices = [
        Device(name: "room system, 720p", share: 0.45, picture: 1_500_000),
        Device(name: "PC or browser", share: 0.35, picture: 800_000),
        Device(name: "tablet or telephone on 4G", share: 0.15, picture: 300_000),
        Device(name: "plain telephone", share: 0.05, picture: 0),
    ]
    // Office hours of the province, 7:30 to 11:30 and 13:30 to 17:00; briefings are at eight. Some in the evening, as when a storm comes.
    var slots = [
        Slot(hour: 7.5, weight: 3), Slot(hour: 8, weight: 10), Slot(hour: 8.5, weight: 4), Slot(hour: 9, weight: 6),
        Slot(hour: 9.5, weight: 2), Slot(hour: 10, weight: 3), Slot(hour: 10.5, weight: 1), Slot(hour: 13.5, weight: 4),
        Slot(hour: 14, weight: 8), Slot(hour: 14.5, weight: 3), Slot(hour: 15, weight: 4), Slot(hour: 15.5, weight: 2),
        Slot(hour: 16, weight: 1), Slot(hour: 19.5, weight: 0.5),
    ]
    /// Seconds: half of the meetings last longer, lognormal, between the two limits.
    var medianLength = 80.0 * 60
    var lengthSpread = 0.5
    var lengthLimits = 15.0 * 60...240.0 * 60
    /// Of meetings, those for which there is an order to record: it takes the chair's decision.
    var recordedShare = 0.7
    /// Of meetings, those in which somebody presents, for half of their time.
    var slidesShare = 0.5
    var slidesBits = 300_000.0
    /// Of meetings, those to which the Office calls all points at once, with the ten seconds that this takes. To others they come by themselves, in the
    /// half hour for which the room is open before (`schedule.rehearsalMinutes`): the later the more, eight minutes before in the mean.
    var calledShare = 0.2
    var callingSeconds = 10.0
    var meanEarliness = 8.0 * 60
    var opensBefore = 30.0 * 60
    /// Of points on 4G and on the Internet, how often a call is lost and made again, an hour.
    var callsAgainAnHour = 0.2

    /// Of a length beyond `seconds`.
    func survival(_ seconds: Double) -> Double {
        if seconds < lengthLimits.lowerBound { return 1 }
        if seconds >= lengthLimits.upperBound { return 0 }
        return Queueing.normalTail(log(seconds / medianLength) / lengthSpread)
    }

    /// The mean length in seconds: the integral of `survival`, by steps of a second.
    var meanLength: Double { (0..<Int(lengthLimits.upperBound)).reduce(0) { $0 + survival(Double($1) + 0.5) } }

    var meanPoints: Double {
        kinds.reduce(0) { $0 + $1.share * Double($1.points.lowerBound + $1.points.upperBound) / 2 }
    }

    /// How many meetings there are in the mean at a moment (seconds since midnight), of one a day: M_t/G/∞, whose number has a Poisson distribution
    /// with this mean.
    func meanAtOnce(_ second: Double) -> Double {
        let total = slots.reduce(0) { $0 + $1.weight }
        return slots.reduce(0) { sum, slot in
            let age = second - slot.hour * 3_600
            return age < 0 ? sum : sum + slot.weight / total * survival(age)
        }
    }

    /// Meetings a day by which there are `count` at once in the busiest minute, in the mean.
    func meetingsADay(atOnce count: Double) -> Double {
        let most = (0..<1_440).map { meanAtOnce(Double($0) * 60) }.max() ?? 1
        return count / most
    }

    func length(using random: inout SeededRandom) -> Double {
        // Box and Muller.
        let one = Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random)
        let other = Double.random(in: 0..<1, using: &random)
        let normal = (-2 * log(one)).squareRoot() * cos(2 * .pi * other)
        let length = medianLength * exp(lengthSpread * normal)
        return min(lengthLimits.upperBound, max(lengthLimits.lowerBound, length))
    }

    /// How many there are, where `mean` are expected: Poisson, by Knuth's product.
    static func poisson(_ mean: Double, using random: inout SeededRandom) -> Int {
        guard mean > 0 else { return 0 }
        var left = mean
        var count = 0
        while left > 0 {
            // In pieces, so that the product does not vanish.
            let piece = min(left, 500)
            left -= piece
            let limit = exp(-piece)
            var product = Double.random(in: 0..<1, using: &random)
            while product > limit {
                count += 1
                product *= Double.random(in: 0..<1, using: &random)
            }
        }
        return count
    }

    static func pick<Value>(
        _ values: [Value], by share: (Value) -> Double, using random: inout SeededRandom
    ) -> Value {
        var left = Double.random(in: 0..<values.reduce(0) { $0 + share($1) }, using: &random)
        for value in values {
            left -= share(value)
            if left < 0 { return value }
        }
        return values[values.count - 1]
    }
}
