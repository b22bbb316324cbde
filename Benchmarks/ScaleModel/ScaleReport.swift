import BenchSupport

/// The model's tables.
struct ScaleReport {
    let day: ProvinceDay
    let costs: Costs
    let seed: UInt64

    static let sizes = [10.0, 100, 1_000, 10_000]

    func needs(_ sizes: [Double]) -> Table {
        var table = Table(
            name: "needs", title: "What meetings at once need, at the busiest moment of the day",
            columns: [
                "meetings at once", "a day", "legs", "Gbit/s in", "Gbit/s out", "cores, sound", "pictures",
                "recording", "GiB of memory", "calls/s, a second", "a minute", "commits/s", "MB/s recorded",
                "cores, films", "TB a day", "bridges",
            ])
        for size in sizes {
            let simulation = DaySimulation(day, atOnce: size, costs: costs, seed: seed)
            let bridges = Bridges(capacity: .init()).needed(for: simulation)
            let films = simulation.filmCores(costs)
            let legs = simulation.legs.peak.level
            table.rows.append([
                .number(size, decimals: 0), .number(Double(simulation.meetings.count), decimals: 0),
                .number(legs, decimals: 0), .number(simulation.series(\.bitsIn).peak.level / 1e9, decimals: 2),
                .number(simulation.series(\.bitsOut).peak.level / 1e9, decimals: 2),
                .number(simulation.series(\.soundCores).peak.level, decimals: 1),
                .number(simulation.series(\.pictureCores).peak.level, decimals: 1),
                .number(simulation.series(\.recordingCores).peak.level, decimals: 1),
                .number(legs * costs.memory.value / 1_048_576, decimals: 1),
                .number(simulation.calls.most, decimals: 0), .number(simulation.calls.busiestMinute, decimals: 1),
                // Each bridge renews all of its rooms once a second.
                .number(simulation.commits.busiestMinute + Double(bridges), decimals: 1),
                .number(simulation.series(\.recordedOctets).peak.level / 1e6, decimals: 0),
                films.map { .number(Double($0), decimals: 0) } ?? .text("-"),
                .number((simulation.recordedOctets + simulation.filmOctets(costs)) / 1e12, decimals: 2),
                .number(Double(bridges), decimals: 0),
            ])
        }
        return table
    }

    func limits() -> Table {
        var table = Table(
            name: "limits", title: "Where each limit lies",
            columns: ["what", "has", "of which a meeting takes", "enough for meetings at once"])
        let size = 1_000.0
        let simulation = DaySimulation(day, atOnce: size, costs: costs, seed: seed)
        for limit in Limits.all {
            let each = limit.each(simulation, costs) / size
            table.rows.append([
                .text(limit.what), .text(limit.shown), .text(Limits.shown(each, limit.unit)),
                .number(limit.amount / each, decimals: 0),
            ])
        }
        return table
    }

    func checks() -> Table {
        var table = Table(
            name: "checks", title: "What the model says, and what was measured",
            columns: ["what", "unit", "model", "measured", "error %", "by"])
        for point in MeasuredPoint.all(costs) {
            table.rows.append([
                .text(point.what), .text(point.unit), .number(point.predicted, decimals: point.decimals),
                .number(point.measured, decimals: point.decimals), .number(point.error * 100, decimals: 0),
                .text(point.source),
            ])
        }
        return table
    }

    /// What is simulated, beside what is known of it.
    func closedForms() -> Table {
        var table = Table(
            name: "closed", title: "The simulation beside closed forms",
            columns: ["what", "simulated", "closed form", "error %"])
        let simulation = DaySimulation(day, atOnce: 1_000, costs: costs, seed: seed)
        func row(_ what: String, _ simulated: Double, _ known: Double, _ decimals: Int) {
            table.rows.append([
                .text(what), .number(simulated, decimals: decimals), .number(known, decimals: decimals),
                .number((simulated / known - 1) * 100, decimals: 1),
            ])
        }
        let count = Double(simulation.meetings.count)
        row("meetings a day (Poisson)", count, day.meetingsADay(atOnce: 1_000), 0)
        row("at the busiest moment (M_t/G/∞)", simulation.atOnce.peak.level, 1_000, 0)
        row(
            "mean length, minutes", simulation.meetings.reduce(0) { $0 + $1.length } / count / 60, day.meanLength / 60,
            1)
        let legs = simulation.meetings.reduce(0) { $0 + $1.demand.legs } / count
        row("points a meeting", legs, day.meanPoints, 2)
        row(
            "in the mean over the day (L = λW)", simulation.atOnce.sum / Double(LevelSeries.seconds),
            day.meetingsADay(atOnce: 1_000) * day.meanLength / Double(LevelSeries.seconds), 1)
        return table
    }

    func constants() -> Table {
        var table = Table(
            name: "costs", title: "What it stands on", columns: ["what", "value", "unit", "where it stands"])
        for figure in [
            costs.pairsPicture, costs.twentyPicture, costs.pairsSound, costs.twentySound, costs.roomOfTen,
            costs.roomOfFifty, costs.rendition, costs.galleryOfFour, costs.galleryOfTwentyFive, costs.filmOfFour,
            costs.filmThreads, costs.filmOctets, costs.memory, costs.call,
        ] {
            table.rows.append([
                .text(figure.name), .number(figure.value, decimals: figure.value < 10 ? 2 : 0), .text(figure.unit),
                .text(figure.source),
            ])
        }
        return table
    }
}
