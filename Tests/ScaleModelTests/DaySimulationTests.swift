import BenchSupport
import Foundation
import InteropSupport
import Testing

@testable import scale_model

@Suite struct DaySimulationTests {
    private static let day = ProvinceDay()
    private static func simulation(_ count: Double, seed: UInt64 = 3) -> DaySimulation {
        DaySimulation(day, atOnce: count, costs: Costs(), seed: seed)
    }

    @Test func theSameSeedGivesTheSameDay() {
        let (one, same, other) = (Self.simulation(20), Self.simulation(20), Self.simulation(20, seed: 4))
        #expect(one.meetings.map(\.ends) == same.meetings.map(\.ends))
        #expect(one.calls.counts == same.calls.counts)
        #expect(one.meetings.map(\.ends) != other.meetings.map(\.ends))
    }

    /// M_t/G/∞: the number at any moment has a Poisson distribution about the integral of arrivals that have not ended.
    @Test func thereAreAsManyMeetingsAsTheIntegralSays() {
        let count = 2_000.0
        let levels = Self.simulation(count).atOnce.levels
        let scale = Self.day.meetingsADay(atOnce: count)
        for hour in stride(from: 7.6, to: 20.0, by: 0.35) {
            let mean = scale * Self.day.meanAtOnce(hour * 3_600)
            let deviations = (levels[Int(hour * 3_600)] - mean) / max(1, mean).squareRoot()
            #expect(abs(deviations) < 4.5, "at \(hour): \(levels[Int(hour * 3_600)]) and not \(mean)")
        }
    }

    /// Little: in the mean over the day there are as many as come in a mean length.
    @Test func littlesLawHolds() {
        let simulation = Self.simulation(1_000)
        let lengths = simulation.meetings.reduce(0) { $0 + $1.length }
        // Seconds are whole: each meeting's two ends are off by less than one.
        #expect(abs(simulation.atOnce.sum - lengths) <= Double(simulation.meetings.count))
        let expected = Self.day.meetingsADay(atOnce: 1_000) * Self.day.meanLength
        #expect(abs(simulation.atOnce.sum / expected - 1) < 0.05)
        #expect(abs(lengths / Double(simulation.meetings.count) / Self.day.meanLength - 1) < 0.03)
    }

    @Test func theShareThatLastsLongerIsTheIntegralOfLengths() {
        var random = SeededRandom(seed: 11)
        let lengths = (0..<40_000).map { _ in Self.day.length(using: &random) }
        for minutes in [20.0, 45, 80, 120, 200] {
            let longer = Double(lengths.count { $0 > minutes * 60 }) / Double(lengths.count)
            #expect(abs(longer - Self.day.survival(minutes * 60)) < 0.01)
        }
    }

    @Test func poissonNumbersHaveTheirMeanAndSpread() {
        var random = SeededRandom(seed: 12)
        for mean in [0.3, 7.0, 1_300] {
            let numbers = (0..<2_000).map { _ in Double(ProvinceDay.poisson(mean, using: &random)) }
            let found = numbers.reduce(0, +) / 2_000
            let spread = numbers.reduce(0) { $0 + ($1 - found) * ($1 - found) } / 2_000
            #expect(abs(found - mean) < 5 * (mean / 2_000).squareRoot())
            #expect(abs(spread / mean - 1) < 0.2)
        }
    }

    @Test func sharesAreOfOne() {
        #expect(abs(Self.day.kinds.reduce(0) { $0 + $1.share } - 1) < 1e-9)
        #expect(abs(Self.day.devices.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    }

    @Test func aLevelIsWhatIsThere() {
        var random = SeededRandom(seed: 13)
        var series = LevelSeries()
        var spans: [(Double, Double, Double)] = []
        for _ in 0..<100 {
            let start = Double.random(in: -500..<90_000, using: &random)
            let span = (
                Double(Int.random(in: 1...9, using: &random)), start, start + .random(in: 0..<9_000, using: &random)
            )
            spans.append(span)
            series.add(span.0, from: span.1, until: span.2)
        }
        let levels = series.levels
        for second in stride(from: 0, to: LevelSeries.seconds, by: 977) {
            let expected = spans.reduce(0) { sum, span in
                let first = max(0, span.1.rounded(.down))
                return Double(second) >= first && Double(second) < span.2.rounded(.down) ? sum + span.0 : sum
            }
            #expect(levels[second] == expected)
        }
        #expect(series.peak.level == levels.max())
        #expect(series.sum == levels.reduce(0, +))
    }

    @Test func theBusiestMinuteIsAnySixtySeconds() {
        var events = EventSeries()
        for second in 0..<90 { events.add(at: 1_000 + Double(second)) }
        events.add(30, at: 1_030.5)
        events.add(5, at: -1)
        events.add(5, at: 90_000)
        #expect(events.most == 31)
        #expect(events.busiestMinute == 1.5)
        #expect(events.total == 120)
    }

    @Test func aMeetingAsksForWhatItsPointsSend() {
        let costs = Costs()
        var shape = MeetingShape(
            cameras: [880_000, 440_000], telephones: 1, narrow: 0, isRecorded: false, slides: 0)
        let demand = shape.demand(costs)
        #expect(demand.legs == 3)
        // 100 and 50 packets of pictures a second in, 100 to each of two, and sound both ways.
        #expect(abs(demand.packetsIn - (150 + 150)) < 1e-9)
        #expect(abs(demand.packetsOut - (200 + 150)) < 1e-9)
        #expect(abs(demand.bitsIn - 8 * (150 * 1_174.0 + 150 * 154)) < 1e-6)
        #expect(abs(demand.pictureCores - (150 * costs.picture.coming + 200 * costs.picture.leaving) / 1e9) < 1e-12)
        #expect(demand.recordingCores == 0 && demand.recordedOctets == 0)
        shape.isRecorded = true
        #expect(abs(shape.demand(costs).recordedOctets - Recording.octets * (1_320_000 / 8 + 150 * 80)) < 1e-6)
        // A room without sound is not mixed.
        shape.isMixed = false
        #expect(shape.demand(costs).soundCores == 0)
    }

    @Test func costsComeBackFromTheirParts() {
        let costs = Costs()
        #expect(abs(costs.picture.coming + costs.picture.leaving - costs.pairsPicture.value) < 1e-9)
        let twentieth = costs.picture.coming * 0.05
        #expect(abs(twentieth + costs.picture.leaving - costs.twentyPicture.value) < 1e-9)
        #expect(abs(costs.mixing.room + 50 * costs.mixing.point - costs.roomOfFifty.value) < 1e-9)
        #expect(costs.film(tiles: 4) == costs.filmOfFour.value)
        #expect(costs.film(tiles: 400) == costs.film(tiles: 25))
        #expect(costs.film(tiles: 9) > costs.film(tiles: 4))
    }

    @Test func noBridgeIsAskedForMoreThanItHas() {
        let simulation = Self.simulation(300)
        let bridges = Bridges(capacity: .init())
        let needed = bridges.needed(for: simulation)
        #expect(needed > 1)
        #expect(bridges.worst(of: simulation, bridges: needed) <= 1)
        // Fewer than all together ask for are too few.
        let whole = bridges.worst(of: simulation, bridges: 1)
        #expect(Double(needed) >= whole.rounded(.up))
        #expect(bridges.worst(of: simulation, bridges: max(1, Int(whole) - 1)) > 1)
    }
}

/// Commits counted in a log that SQLite itself wrote.
@Suite struct WriteAheadLogTests {
    @Test(.enabled(if: Tool.areInstalled("python3"), "python3 is missing"))
    func commitsAreCounted() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("wal-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // The last connection to close takes the log away: it is copied before.
        let script = """
            import sqlite3, shutil
            base = sqlite3.connect('\(folder)/a.db', isolation_level=None)
            base.execute('PRAGMA journal_mode=WAL')
            base.execute('CREATE TABLE t (x)')
            for i in range(11):
                base.execute('BEGIN')
                for k in range(300): base.execute('INSERT INTO t VALUES (?)', ('x' * 200,))
                base.execute('COMMIT')
            base.execute('BEGIN'); base.execute('INSERT INTO t VALUES (1)'); base.execute('ROLLBACK')
            shutil.copy('\(folder)/a.db-wal', '\(folder)/copy-wal')
            """
        try await Tool.run("python3", ["-c", script], standardError: true)
        let log = [UInt8](try #require(FileManager.default.contents(atPath: folder + "/copy-wal")))
        #expect(WriteAheadLog.commits(of: log) == 12)
        // What is broken off in the middle of a frame has one less; what is no log has none.
        #expect(WriteAheadLog.commits(of: Array(log.dropLast())) == 11)
        #expect(WriteAheadLog.commits(of: []) == 0)
        #expect(WriteAheadLog.commits(of: [UInt8](repeating: 255, count: 4_096)) == 0)
    }
}
