import Foundation
import Glibc
import InteropSupport
import PortalAPI
import Synchronization

/// The site of a soak: a daemon that is started again on what it left, rooms that are all recorded, and what faults need.
final class SoakSite: Sendable {
    static let rooms = ["giaoban", "thuongtruc", "phongchong"]
    static let points = (0..<SoakPlan.points).map { RunningDaemon.Point("diem\($0)", "Điểm cầu số \($0)") }

    let folder: String
    /// What may not be had on every machine.
    let line: SoakLine?
    let disk: SoakDisk?
    let clock: SoakClock?
    let record: SoakRecord
    let memory = SoakMemory()

    private struct State {
        var daemon: RunningDaemon?
        /// Its end is meant.
        var mayEnd = false
    }
    private let state = Mutex(State())

    init(in folder: String, minutes: Double, record: SoakRecord) async throws {
        self.folder = folder
        self.record = record
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        line = await SoakLine()
        disk = await SoakDisk(at: folder + "/disk", megabytes: 192 + Int(minutes * 16))
        clock = try await SoakClock(in: folder)
    }

    /// The running daemon; nil while it is away.
    var daemon: RunningDaemon? { state.withLock { $0.mayEnd ? nil : $0.daemon } }

    func start() async throws {
        var setup = RunningDaemon.Setup(points: Self.points)
        setup.rooms = Self.rooms.map {
            "{id: \($0), title: \"Cuộc họp \($0)\", linger: 2s, "
                + "recording: {order: standing, orderedBy: Chánh Văn phòng, document: 12/QĐ-VP}}"
        }
        setup.address = line?.near ?? "127.0.0.1"
        setup.silenceLimit = "6s"
        setup.accessCopySize = "320x180"
        if disk != nil { setup.archive = folder + "/disk/archive" }
        setup.environment = clock?.environment ?? [:]
        let began = ContinuousClock.now
        let daemon = try await RunningDaemon(setup, in: folder)
        record.count("starts of the daemon")
        record.say("the daemon is there after \(Int((ContinuousClock.now - began) / .milliseconds(1))) ms")
        memory.beginLife()
        state.withLock { $0 = State(daemon: daemon) }
    }

    /// SIGKILL.
    func kill() async throws {
        let daemon = state.withLock { state in
            state.mayEnd = true
            return state.daemon
        }
        record.killed()
        daemon?.process.signal(SIGKILL)
        _ = try await daemon?.process.wait(within: .seconds(10))
    }

    /// SIGTERM: the daemon has to end in order.
    func stop() async {
        let daemon = state.withLock { state in
            state.mayEnd = true
            return state.daemon
        }
        guard let daemon else { return }
        daemon.process.signal(SIGTERM)
        let status = try? await daemon.process.wait(within: .seconds(60))
        if status != 0 {
            record.find("SIGTERM ended the daemon with \(status.map { "\($0)" } ?? "nothing within 60 s")")
        }
        await daemon.stop()
    }

    /// A daemon that ended by itself is a finding; it is started again, so that the rest of the day is seen too.
    func watchForCrash() async throws {
        guard let daemon, !daemon.process.isRunning else { return }
        guard state.withLock({ !$0.mayEnd }) else { return }
        let status = (try? await daemon.process.wait(within: .seconds(2))).map { "\($0)" } ?? "?"
        record.find("the daemon ended by itself with \(status): \(daemon.log.suffix(2_000))")
        record.killed()
        try await start()
    }

    /// `causeway`, which says no where it cannot be asked.
    func causeway(_ arguments: [String]) async -> (status: Int32, output: String) {
        guard let daemon else { return (-1, "the daemon is away") }
        return (try? await daemon.causeway(arguments)) ?? (-1, "causeway did not end")
    }

    /// Looks at the daemon as an operator does.
    func look() async {
        guard let daemon else { return }
        if let kilobytes = try? daemon.process.residentKilobytes(), kilobytes > 0 {
            let seconds = (ContinuousClock.now - record.began) / .seconds(1)
            memory.add(.init(seconds: seconds, megabytes: Double(kilobytes) / 1_024, heap: await heap(daemon)))
        }
        guard let meetings = try? await daemon.meetings() else { return }
        for meeting in meetings where meeting.recording == .recording {
            let packets = meeting.participants.reduce(UInt64(0)) { $0 + ($1.audio?.packetsReceived ?? 0) }
            record.saw(meeting.id, in: meeting.room, packets: packets)
        }
    }

    /// As the daemon says itself.
    private func heap(_ daemon: RunningDaemon) async -> SoakMemory.Heap? {
        let scrape = try? await Tool.run(
            "curl", ["-sSf", "-m", "2", "--unix-socket", daemon.socketPath, "http://localhost/metrics"])
        let values = (scrape ?? "").split(separator: "\n").reduce(into: [Substring: Double]()) { values, line in
            let words = line.split(separator: " ")
            if words.count == 2, let value = Double(words[1]) { values[words[0]] = value }
        }
        guard let inUse = values["causeway_heap_in_use_bytes"], let held = values["causeway_heap_held_bytes"],
            let ring = values["causeway_sip_trace_bytes"], let legs = values["causeway_legs"],
            let meetings = values["causeway_meetings"]
        else { return nil }
        return .init(inUse: inUse / 1e6, held: held / 1e6, ring: ring / 1e6, legs: legs, meetings: meetings)
    }

    func remove() async {
        await line?.remove()
        await disk?.remove()
    }
}
