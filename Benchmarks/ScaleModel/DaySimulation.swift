import BenchSupport
import Foundation

/// A day, meeting by meeting and call by call; the same seed gives the same day.
struct DaySimulation {
    struct Meeting {
        var room: UInt64
        /// Seconds since midnight: when its room opens, when it starts, and when it ends.
        var opens: Double
        var starts: Double
        var ends: Double
        var demand: Demand
        var isRecorded: Bool
        /// Processor seconds of its film.
        var film: Double
        var length: Double { ends - starts }
    }

    private(set) var meetings: [Meeting] = []
    private(set) var atOnce = LevelSeries()
    private(set) var legs = LevelSeries()
    private(set) var calls = EventSeries()
    private(set) var commits = EventSeries()
    private(set) var joins = 0

    init(_ day: ProvinceDay, atOnce count: Double, costs: Costs, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let total = day.slots.reduce(0) { $0 + $1.weight }
        let meetingsADay = day.meetingsADay(atOnce: count)
        for slot in day.slots {
            let number = ProvinceDay.poisson(meetingsADay * slot.weight / total, using: &random)
            for _ in 0..<number { hold(day, at: slot.hour * 3_600, costs, &random) }
        }
        meetings.sort { ($0.ends, $0.room) < ($1.ends, $1.room) }
    }

    private mutating func hold(_ day: ProvinceDay, at start: Double, _ costs: Costs, _ random: inout SeededRandom) {
        let shape = MeetingShape.random(day, using: &random)
        let end = min(Double(LevelSeries.seconds), start + day.length(using: &random))
        let isCalled = Double.random(in: 0..<1, using: &random) < day.calledShare
        var opens = start
        for _ in 0..<shape.points {
            var joins = start
            if isCalled {
                joins += Double.random(in: 0..<day.callingSeconds, using: &random)
            } else {
                // Exponential, and not before the room is open.
                let unit = Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random)
                joins -= min(day.opensBefore, -day.meanEarliness * log(unit))
            }
            opens = min(opens, joins)
            legs.add(1, from: joins, until: end)
            call(at: joins)
            commits.add(Recording.commitsAPoint, at: joins)
            // Calls that are lost come back at once: the leg's moment without one is not counted.
            let again = ProvinceDay.poisson(day.callsAgainAnHour * (end - joins) / 3_600, using: &random)
            for _ in 0..<again {
                let moment = Double.random(in: joins..<max(joins + 1, end), using: &random)
                call(at: moment)
                commits.add(Recording.commitsAPoint, at: moment)
            }
            commits.add(Recording.commitsAPoint, at: end)
        }
        atOnce.add(1, from: start, until: end)
        commits.add(Recording.commitsAMeeting, at: start)
        meetings.append(
            Meeting(
                room: random.next(), opens: opens, starts: start, ends: end, demand: shape.demand(costs),
                isRecorded: shape.isRecorded, film: (end - start) * costs.film(tiles: shape.tiles)))
    }

    private mutating func call(at second: Double) {
        joins += 1
        calls.add(at: second)
    }

    /// One of a meeting's demands, over the day.
    func series(_ part: (Demand) -> Double) -> LevelSeries {
        var series = LevelSeries()
        for meeting in meetings { series.add(part(meeting.demand), from: meeting.opens, until: meeting.ends) }
        return series
    }

    /// Films, as they are wanted, each made by so many cores at once.
    func films(_ costs: Costs, cores: Int) -> [ServerQueue.Job] {
        let speed = Double(cores) * costs.filmThreads.value / 2
        return meetings.filter(\.isRecorded).map { ServerQueue.Job(arrival: $0.ends, service: $0.film / speed) }
    }

    /// The fewest cores by which nineteen of twenty films are there in time.
    func filmCores(_ costs: Costs) -> Int? {
        let jobs = films(costs, cores: Limits.coresAFilm)
        return ServerQueue.servers(jobs, share: 0.95, within: Limits.filmWithin, most: max(1, jobs.count))
            .map { $0 * Limits.coresAFilm }
    }

    /// Octets a day.
    var recordedOctets: Double { meetings.reduce(0) { $0 + $1.demand.recordedOctets * ($1.ends - $1.starts) } }
    func filmOctets(_ costs: Costs) -> Double {
        meetings.reduce(0) { $0 + ($1.isRecorded ? $1.length * costs.filmOctets.value : 0) }
    }
}
