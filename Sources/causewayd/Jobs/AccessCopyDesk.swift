import Archive
import Foundation
import LogSubjects
import Portal
import SiteConfiguration
import Synchronization

/// Has access copies composed, one child process a job, and seals each package when its copy is there.
actor AccessCopyDesk {
    private let archive: Archive
    private let recording: Configuration.Recording
    private let reports: ReportDesk
    private let onSealed: @Sendable (String) async -> Void
    private let papers: PaperDesk
    private let retention: RetentionDesk
    private let logger: SubjectLogger
    private let program: String
    private var running: [Int64: Task<Void, Never>] = [:]
    /// Completes packages, one after another.
    private var completing: Task<Void, Never>?
    private var isStopping = false

    init(
        archive: Archive, recording: Configuration.Recording, reports: ReportDesk, papers: PaperDesk,
        retention: RetentionDesk, logger: SubjectLogger, onSealed: @escaping @Sendable (String) async -> Void
    ) {
        self.archive = archive
        self.reports = reports
        self.papers = papers
        self.retention = retention
        self.recording = recording
        self.logger = logger
        self.onSealed = onSealed
        program = OwnProgram.path
    }

    /// A meeting is over: its copy is wanted, or only its seal where there is no master. Returns at once. What is not
    /// begun when the daemon stops, recovery completes when it starts again.
    func complete(_ meeting: String) {
        let before = completing
        completing = Task {
            await before?.value
            await prepare(meeting)
        }
    }

    private func prepare(_ meeting: String) async {
        guard !isStopping else { return }
        do {
            try await Persistence().run(while: { await !self.isStopping }) { try await self.hand(over: meeting) }
        } catch {
            logger.error("package of \(meeting: meeting): \(error)")
        }
        await work()
    }

    private func hand(over meeting: String) async throws {
        let details = try await archive.details(of: meeting)
        guard details.meeting.state != .sealed else { return }
        let paths = archive.paths(of: details.meeting)
        if FileManager.default.fileExists(atPath: paths.master),
            // Of a recording into which nobody sent anything there is nothing to show.
            details.meeting.durationMilliseconds != 0, !FileManager.default.fileExists(atPath: paths.accessCopy)
        {
            _ = try await archive.enqueue(.compose, for: meeting)
        } else {
            try await seal(meeting)
        }
    }

    /// Takes up what waits, as far as there are places.
    func work() async {
        while !isStopping, running.count < max(1, recording.accessCopy.jobs) {
            let job: JobRecord?
            do { job = try await archive.claimNextJob() } catch {
                logger.error("jobs: \(error)")
                again(at: Date() + 5)
                return
            }
            guard let job else { return }
            running[job.id] = Task { [self] in
                await compose(job)
                running[job.id] = nil
                if !isStopping { await work() }
            }
        }
    }

    private var cores: [String] {
        recording.accessCopy.cores > 0 ? ["--cores", "\(recording.accessCopy.cores)"] : []
    }

    /// Stops what runs, which goes on when the daemon starts again, and waits for packages that are being sealed: they
    /// read the stores that are closed next.
    func stop() async {
        isStopping = true
        await completing?.value
        for task in running.values { task.cancel() }
        for task in running.values { await task.value }
    }

    /// Papers and the report go in first; a package is not left open for want of them.
    private func seal(_ meeting: String) async throws {
        do { try await papers.keep(meeting) } catch {
            logger.warning(
                "the papers of \(meeting: meeting) are not all in its package: \(error)")
        }
        do { try await reports.keep(meeting) } catch {
            logger.warning(
                "the report of \(meeting: meeting) is not whole in its package: \(error)")
        }
        do { try await retention.classify(meeting) } catch {
            logger.warning("the retention class of \(meeting: meeting) is the standard one: \(error)")
        }
        var isRestricted = true
        do { isRestricted = try await retention.isRestricted(meeting) } catch {
            logger.warning("\(meeting: meeting) is sealed as a restricted one, for its level is not known: \(error)")
        }
        try await archive.seal(meeting, isRestricted: isRestricted)
        logger.info("package of \(meeting: meeting) is sealed")
        await onSealed(meeting)
        do { try await archive.stampSeals() } catch { logger.error("time stamp of \(meeting: meeting): \(error)") }
    }

    private func compose(_ job: JobRecord) async {
        let logger = logger.about(meeting: job.meetingID, job: job.id)
        do {
            let meeting = try await archive.details(of: job.meetingID).meeting
            let paths = archive.paths(of: meeting)
            try await archive.setState(job.meetingID, to: .composing)
            let archive = archive
            let outcome = await ChildJob.run(
                program,
                [
                    "compose-job", "--master", paths.master, "--output", paths.accessCopy, "--width",
                    "\(recording.accessCopy.size.width)", "--height", "\(recording.accessCopy.size.height)",
                    "--frame-rate",
                    "\(recording.accessCopy.frameRate)", "--title", meeting.title, "--work", paths.work,
                ] + cores
            ) { line in
                try? await archive.updateJob(
                    job.id, progress: line.progress ?? 0, kept: line.kept, remainingSeconds: line.remainingSeconds,
                    rate: line.rate)
            }
            switch outcome {
            case .finished(let decoding):
                try await DecodingRecord(decoding: decoding).enter(archive, meeting, at: Date())
                try await archive.finishJob(job.id)
                logger.info("the access copy of \(meeting: job.meetingID) is composed")
                try await seal(job.meetingID)
            case .cancelled:
                try await archive.releaseJob(job.id)
            case .failed(let reason):
                logger.error(
                    "the access copy of \(meeting: job.meetingID) failed: \(reason)")
                let left = try await archive.failJob(job.id, error: reason)
                if left.state == .failed {
                    try await archive.addNote(job.meetingID, .fault, "the access copy could not be composed: \(reason)")
                    // The master is what counts: the package is sealed without the copy, and with what can be said of the master.
                    await decode(meeting)
                    guard !isStopping else { return }
                    try await seal(job.meetingID)
                } else {
                    again(at: left.notBefore)
                }
            }
        } catch {
            logger.error("job \(job: job.id) of \(meeting: job.meetingID): \(error)")
            // Where only something could not be written, the work is done again once it can be.
            guard (error as? ArchiveError)?.mayPass == true else { return }
            let archive = archive
            _ = try? await Persistence().run(while: { await !self.isStopping }) { try await archive.releaseJob(job.id) }
            complete(job.meetingID)
        }
    }

    /// Nobody else may come with work before an attempt is due.
    private func again(at time: Date) {
        let pause = min(3_600, max(1, time.timeIntervalSinceNow + 1))
        Task {
            _ = try? await Task.sleep(for: .seconds(pause))
            await work()
        }
    }

    /// Has a master decoded of which no copy could be made. Where that fails too, nothing is noted but that.
    private func decode(_ meeting: MeetingRecord) async {
        let outcome = await ChildJob.run(program, ["compose-job", "--master", archive.paths(of: meeting).master]) { _ in
        }
        do {
            switch outcome {
            case .finished(let decoding):
                try await DecodingRecord(decoding: decoding).enter(archive, meeting, at: Date())
            case .cancelled: break
            case .failed(let reason):
                try await archive.addNote(meeting.id, .fault, "the master could not be decoded: \(reason)")
            }
        } catch {
            logger.error("decoding of \(meeting: meeting.id): \(error)")
        }
    }
}
