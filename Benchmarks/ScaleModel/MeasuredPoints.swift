/// What was measured, beside what the model says of the same; nothing of it went into the model's constants.
struct MeasuredPoint {
    var what: String
    var unit: String
    var predicted: Double
    var measured: Double
    var decimals: Int
    var source: String

    var error: Double { measured == 0 ? 0 : predicted / measured - 1 }

    static func all(_ costs: Costs) -> [MeasuredPoint] {
        func room(_ points: Double) -> Double { costs.mixing.room + costs.mixing.point * points }
        func forwarded(_ cost: (coming: Double, leaving: Double), _ viewers: Double) -> Double {
            cost.coming / viewers + cost.leaving
        }
        let (picture, sound) = (costs.picture, costs.sound)
        // One source of 8 packets 25 times a second, and twenty who look on.
        let watched = (200 * picture.coming + 4_000 * picture.leaving) / 1e7
        // Who only listens is sent fifty packets a second, which are encoded once for all.
        let listening = 1_800 * Wire.soundPackets * sound.leaving / 1e7
        return [
            MeasuredPoint(
                what: "a packet of pictures, 1→200", unit: "ns", predicted: forwarded(picture, 200), measured: 1_498,
                decimals: 0, source: "relay-bench, the same run"),
            MeasuredPoint(
                what: "a packet of sound, 1→200", unit: "ns", predicted: forwarded(sound, 200), measured: 4_444,
                decimals: 0, source: "relay-bench, the same run"),
            MeasuredPoint(
                what: "a mixed room of 100", unit: "ms/s", predicted: room(100), measured: 109, decimals: 0,
                source: "causeway-bench"),
            MeasuredPoint(
                what: "ten mixed rooms of 50", unit: "% of a core", predicted: room(50) * 10 / 10, measured: 67.9,
                decimals: 1, source: "causeway-bench"),
            MeasuredPoint(
                what: "the daemon with a meeting 1→20", unit: "% of a core", predicted: watched, measured: 0.9,
                decimals: 1,
                source: "calls-bench, at rest"),
            MeasuredPoint(
                what: "and 1,800 who listen", unit: "% of a core", predicted: watched + listening, measured: 33.7,
                decimals: 1, source: "calls-bench, at rest"),
            MeasuredPoint(
                what: "and 100 calls a second", unit: "% of a core",
                predicted: watched + listening + 100 * costs.call.value / 10, measured: 51.4, decimals: 1,
                source: "calls-bench, at rest"),
        ]
    }
}
