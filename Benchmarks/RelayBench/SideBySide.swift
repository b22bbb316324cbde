import BenchSupport
import Glibc
import SRTP

/// Compares systems under one load: each runs in a process of its own on the relay's core, all of a shape at once, and
/// they are measured in turn.
struct SideBySide {
    static let relayCore: Int32 = 0
    static let suites: [SRTPSuite?] = [nil, .aes128CMSHA1_80, .aeadAES128GCM]
    static let columns = [
        "shape", "security", "system", "CPU ns/packet", "× floor", "× rtpengine", "lost", "loss-free/s", "p50 µs",
        "p99 µs", "p99.9 µs", "KiB/leg",
    ]

    static func name(_ suite: SRTPSuite?) -> String { suite?.sdesName ?? "RTP in the clear" }

    let isQuick: Bool
    /// How long each turn of a system lasts, where that is asked for.
    let seconds: Double?
    let engine: SRTPEngine

    /// A system and what was measured of it.
    private final class Candidate {
        let system: System
        let relay: any Relay
        let load: StreamLoad
        let kibibytesPerLeg: Double
        var runs: [StreamLoad.Run] = []
        var limit: RateLimit?
        /// Why it is measured no more.
        private(set) var failure: String?

        init(_ system: System, _ shape: RelayShape, _ suite: SRTPSuite?, _ engine: SRTPEngine) throws {
            self.system = system
            relay = try system.launch(core: SideBySide.relayCore)
            let process = relay.process
            load = try StreamLoad(
                rooms: shape.rooms, viewers: shape.viewers, shape.media, suite, engine, sampling: 10,
                relayCPU: { process.cpuNanoseconds })
            let before = Machine.residentBytes(of: process.pid)
            try relay.connect(load, suite)
            try load.prime()
            if suite != nil { try Self.makeSureThatForgeriesStop(load, system) }
            try load.prime()
            _ = try load.run(packetsPerSecond: load.nominalRate, seconds: 1.5)
            kibibytesPerLeg = Double(Machine.residentBytes(of: process.pid) - before) / 1_024 / Double(load.legs)
        }

        /// A relay that lets packets with broken tags through does no cryptography, and cannot be compared.
        private static func makeSureThatForgeriesStop(_ load: StreamLoad, _ system: System) throws {
            for room in load.rooms { for sink in room.sinks { sink.reset() } }
            for _ in 0..<3 {
                for room in load.rooms { try room.source.sendFrame(breaksTags: true, span: 20_000_000) }
                load.drain(for: 20_000_000)
            }
            guard load.delivered == 0 else {
                throw LoadError.wrongContent("\(system.name) passes packets on whose authentication tags are broken")
            }
        }

        func measure(seconds: Double) {
            attempt {
                try load.prime()
                runs.append(
                    try load.run(packetsPerSecond: load.nominalRate, seconds: seconds, timesArrivals: true))
            }
        }

        func findLimit() {
            attempt {
                limit = try RateLimit.find(load, nanosecondsPerPacket: cost, probes: 10, seconds: 0.4)
            }
        }

        /// What failed once is not tried again.
        private func attempt(_ body: () throws -> Void) {
            guard failure == nil else { return }
            do { try body() } catch { failure = "\(error)" }
        }

        func median(_ value: (StreamLoad.Run) -> Double) -> Double {
            let sorted = runs.map(value).sorted()
            return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
        }

        var cost: Double { median(\.nanosecondsPerPacket) }
    }

    /// The rows of one shape with one kind of security; a system that cannot run or misbehaves has a row that says so.
    func rows(_ shape: RelayShape, _ suite: SRTPSuite?, _ systems: [System]) throws -> [[Table.Cell]] {
        var candidates: [Candidate] = []
        var excuses: [(System, String)] = []
        for system in systems where system.isMeasured(with: suite) {
            if system == .rtpengine, !Programs.isInstalled(RtpengineRelay.program) {
                excuses.append((system, "skipped: not installed"))
                continue
            }
            do {
                candidates.append(try Candidate(system, shape, suite, engine))
            } catch {
                excuses.append((system, "\(error)"))
            }
        }
        for turn in 0..<(isQuick ? 3 : 5) {
            for index in candidates.indices {
                candidates[(index + turn) % candidates.count].measure(seconds: seconds ?? (isQuick ? 0.7 : 1))
            }
        }
        if !isQuick { for candidate in candidates { candidate.findLimit() } }
        for candidate in candidates {
            if let failure = candidate.failure { excuses.append((candidate.system, failure)) }
        }
        candidates.removeAll { $0.failure != nil }
        let floor = candidates.first { $0.system == .floor }?.cost
        let rtpengine = candidates.first { $0.system == .rtpengine }?.cost
        let measured = candidates.map { row(shape, suite, $0, floor, rtpengine) }
        return measured
            + excuses.map { system, excuse in
                [.text(shape.name), .text(Self.name(suite)), .text("\(system.name): \(excuse)")]
                    + Array(repeating: .text("-"), count: Self.columns.count - 3)
            }
    }

    private func row(
        _ shape: RelayShape, _ suite: SRTPSuite?, _ candidate: Candidate, _ floor: Double?, _ rtpengine: Double?
    ) -> [Table.Cell] {
        func ratio(_ other: Double?) -> Table.Cell {
            other.map { .number(candidate.cost / $0, decimals: 2) } ?? .text("-")
        }
        func percentile(_ share: Double) -> Table.Cell {
            .number(candidate.median { $0.microseconds(atShare: share) ?? .nan }, decimals: 0)
        }
        var limit = Table.Cell.text("-")
        if let found = candidate.limit {
            let rate = Table.Cell.number(found.rate, decimals: 0).shown
            limit = .text((found.obstacle == .generator ? "≥ " : "") + rate)
        }
        return [
            .text(shape.name), .text(Self.name(suite)), .text(candidate.system.name),
            .number(candidate.cost, decimals: 0), ratio(floor), ratio(rtpengine),
            .number(candidate.runs.reduce(0) { $0 + Double($1.lost) }, decimals: 0), limit,
            percentile(0.5), percentile(0.99), percentile(0.999), .number(candidate.kibibytesPerLeg, decimals: 0),
        ]
    }
}
