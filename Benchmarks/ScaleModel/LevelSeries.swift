/// A level over a day, second by second: what is there from one second on until another.
struct LevelSeries {
    static let seconds = 86_400
    /// The change at each second; what lasts beyond the day ends with it.
    private var changes = [Double](repeating: 0, count: seconds + 1)

    mutating func add(_ amount: Double, from start: Double, until end: Double) {
        let first = Self.second(start)
        let last = Self.second(end)
        guard last > first else { return }
        changes[first] += amount
        changes[last] -= amount
    }

    private static func second(_ time: Double) -> Int { min(seconds, max(0, Int(time.rounded(.down)))) }

    var levels: [Double] {
        var level = 0.0
        return changes.dropLast().map {
            level += $0
            return level
        }
    }

    /// The most there is at once, and when.
    var peak: (level: Double, second: Int) {
        var level = 0.0
        var found = (level: 0.0, second: 0)
        for (second, change) in changes.dropLast().enumerated() {
            level += change
            if level > found.level { found = (level, second) }
        }
        return found
    }

    /// The level summed over the day's seconds.
    var sum: Double {
        var level = 0.0
        return changes.dropLast().reduce(0) {
            level += $1
            return $0 + level
        }
    }
}

/// How often something happens, second by second of a day.
struct EventSeries {
    private(set) var counts = [Double](repeating: 0, count: LevelSeries.seconds)

    mutating func add(_ amount: Double = 1, at time: Double) {
        let second = Int(time.rounded(.down))
        guard counts.indices.contains(second) else { return }
        counts[second] += amount
    }

    var total: Double { counts.reduce(0, +) }
    /// The most in one second.
    var most: Double { counts.max() ?? 0 }
    /// The most in a minute (any sixty seconds that follow each other), a second.
    var busiestMinute: Double {
        guard counts.count >= 60 else { return 0 }
        var sum = counts[..<60].reduce(0, +)
        var most = sum
        for second in 60..<counts.count {
            sum += counts[second] - counts[second - 60]
            most = max(most, sum)
        }
        return most / 60
    }
}
