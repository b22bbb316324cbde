import Archive
import CLinux
import Foundation
import Glibc
import MediaPlane
import Metering
import PortalAPI
import Signalling

/// What Prometheus is told: what was counted as it happened, and how everything stands when it asks.
struct Monitoring: Sendable {
    let registry: PrometheusRegistry
    let host: BridgeHost
    let media: MediaPlane
    let archive: Archive
    let signalling: Signalling
    let audit: AuditStanding
    let started = Date()

    func text() async -> String {
        PrometheusText.write(
            registry.families + (await bridge()) + (await packets()) + (await calls()) + (await store()) + process())
    }

    private func bridge() async -> [MetricFamily] {
        let status = await host.status()
        return [
            MetricFamily(
                "causeway_build_info", .gauge, "The version that runs.", [.init(1, [("version", status.version)])]),
            MetricFamily("causeway_meetings", .gauge, "Meetings in progress.", Double(status.liveMeetings)),
            MetricFamily("causeway_legs", .gauge, "Points in meetings.", Double(status.participants)),
            MetricFamily(
                "causeway_points_configured", .gauge, "Points with an account.", Double(status.pointsConfigured)),
            MetricFamily(
                "causeway_points_registered", .gauge, "Points that are registered.", Double(status.pointsRegistered)),
            MetricFamily(
                "causeway_recorders_stopped", .gauge,
                "Recorders of meetings in progress that ended before their time.", Double(await host.stoppedRecorders())
            ),
            MetricFamily(
                "causeway_audit_broken", .gauge, "1 where the audit log is not whole.", audit.isBroken ? 1 : 0),
            MetricFamily(
                "causeway_audit_unsigned", .gauge, "1 where the audit log's end could not be signed.",
                audit.isUnsigned ? 1 : 0),
            MetricFamily(
                "causeway_warnings", .gauge, "What an operator should look at now.", Double(status.warnings.count)),
        ]
    }

    /// Of the legs that are there now; a leg that goes takes its counts along, which is why these are gauges.
    private func packets() async -> [MetricFamily] {
        var received = MetricFamily("causeway_leg_packets_received", .gauge, "RTP packets from the points in a room.")
        var sent = MetricFamily("causeway_leg_packets_sent", .gauge, "RTP packets to the points in a room.")
        var lost = MetricFamily(
            "causeway_leg_packets_lost", .gauge, "RTP packets lost on the way from the points in a room.")
        var jitter = MetricFamily(
            "causeway_leg_jitter_seconds", .gauge,
            "The largest jitter of what comes from the points in a room (RFC 3550).")
        var points = MetricFamily("causeway_room_legs", .gauge, "Points in a room.")
        var recorderLag = MetricFamily(
            "causeway_recorder_lag_seconds", .gauge,
            "For how long packets have been waiting for the recorder of a room, the slower one of two.")
        recorderLag.samples = await host.recorderLags().map { .init($0.seconds, [("room", $0.room)]) }
        for meeting in await host.meetings() {
            for (kind, path) in [("audio", \LiveParticipant.audio), ("video", \.video), ("slides", \.slides)] {
                let streams = meeting.participants.compactMap { $0[keyPath: path] }
                guard !streams.isEmpty else { continue }
                let labels = [(name: "room", value: meeting.room), (name: "kind", value: kind)]
                received.samples.append(.init(streams.reduce(0) { $0 + Double($1.packetsReceived) }, labels))
                sent.samples.append(.init(streams.reduce(0) { $0 + Double($1.packetsSent) }, labels))
                lost.samples.append(.init(streams.reduce(0) { $0 + Double($1.packetsLost) }, labels))
                jitter.samples.append(.init((streams.map(\.jitterMilliseconds).max() ?? 0) / 1_000, labels))
            }
            points.samples.append(.init(Double(meeting.participants.count), [("room", meeting.room)]))
        }
        let workers = await media.workerStatistics()
        let latency = workers.reduce(LatencyHistogram()) { $0 + $1.latency }
        return [
            received, sent, lost, jitter, points,
            MetricFamily(
                "causeway_forwarding_seconds", histogram: LatencyHistogram.bounds, counts: latency.counts,
                sum: latency.seconds,
                "How long packets stay in the bridge, from their reading to the sending of what comes of them."),
            MetricFamily(
                "causeway_ring_overflows_total", .counter,
                "What did not fit into a ring: packets to another worker (fan-out) or to the studio (film), pictures from it.",
                [
                    ("fan-out", \WorkerStatistics.fanOutOverflows), ("film", \.filmOverflows),
                    ("picture", \.pictureOverflows),
                ]
                .map { ring, count in
                    .init(Double(workers.reduce(0) { $0 &+ $1[keyPath: count] }), [("ring", ring)])
                }),
            recorderLag,
            MetricFamily("causeway_media_workers", .gauge, "Threads that forward media.", Double(workers.count)),
            MetricFamily(
                "causeway_media_ticks_late_total", .counter, "Frames of sound (20 ms) that were mixed late.",
                Double(workers.reduce(0) { $0 &+ $1.lateTicks })),
            MetricFamily(
                "causeway_media_ticks_skipped_total", .counter, "Frames of sound (20 ms) that were never mixed.",
                Double(workers.reduce(0) { $0 &+ $1.skippedTicks })),
        ]
    }

    private func calls() async -> [MetricFamily] {
        let counts = await signalling.defenceCounts
        return [
            MetricFamily(
                "causeway_sip_trace_bytes", .gauge, "What the SIP messages take that are kept for traces.",
                Double(await signalling.tracedOctets)),
            MetricFamily(
                "causeway_sip_offences_total", .counter, "What peers did that they should not, by kind.",
                [
                    ("challenged", counts.challenges), ("malformed", counts.malformed),
                    ("wrong-password", counts.wrongPasswords),
                    ("scanner", counts.scanners),
                ].map { .init(Double($0.1), [("kind", $0.0)]) }),
            MetricFamily(
                "causeway_sip_bans_total", .counter, "Addresses that were shut out for a time.", Double(counts.bans)),
        ]
    }

    private func store() async -> [MetricFamily] {
        var families: [MetricFamily] = []
        if let counts = try? await archive.meetingCounts() {
            families.append(
                MetricFamily(
                    "causeway_recordings", .gauge, "Meetings in the archive, by state.",
                    counts.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                        .init(Double($0.value), [("state", $0.key.rawValue)])
                    }))
        }
        if let jobs = try? await archive.activeJobs() {
            let states = Dictionary(grouping: jobs) { "\($0.state)" }
            families.append(
                MetricFamily(
                    "causeway_jobs", .gauge, "Work on packages that waits or runs.",
                    states.sorted { $0.key < $1.key }.map { .init(Double($0.value.count), [("state", $0.key)]) }))
        }
        if let disk = try? archive.diskSpace() {
            families += [
                MetricFamily(
                    "causeway_archive_free_bytes", .gauge, "Room on the archive's disk.", Double(disk.freeBytes)),
                MetricFamily("causeway_archive_size_bytes", .gauge, "The archive's disk.", Double(disk.totalBytes)),
            ]
        }
        return families
    }

    /// By the names that Prometheus' own clients use.
    private func process() -> [MetricFamily] {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        var families = [
            MetricFamily(
                "process_cpu_seconds_total", .counter, "User and system time.",
                seconds(usage.ru_utime) + seconds(usage.ru_stime)),
            MetricFamily(
                "process_start_time_seconds", .gauge, "Since the epoch.", started.timeIntervalSince1970),
        ]
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        if let pages, pages.count > 1, let resident = Double(pages[1]) {
            families.append(
                MetricFamily(
                    "process_resident_memory_bytes", .gauge, "Memory that is in use.",
                    resident * Double(sysconf(Int32(_SC_PAGESIZE)))))
        }
        let heap = cl_heap()
        families += [
            MetricFamily(
                "causeway_heap_in_use_bytes", .gauge, "Memory of malloc's that the daemon has.", Double(heap.in_use)),
            MetricFamily(
                "causeway_heap_held_bytes", .gauge, "Memory that malloc has of the kernel's, in use or kept.",
                Double(heap.held)),
        ]
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            families.append(MetricFamily("process_open_fds", .gauge, "Open files.", Double(files.count)))
        }
        return families
    }
}
