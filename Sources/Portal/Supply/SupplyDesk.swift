import Archive
import Dossier
import Foundation
import LogSubjects
import Logging
import PortalAPI
import Trace
import Vietnamese

/// Has the copies made that grants are for, one at a time, and takes them away when their grants are over.
///
/// A copy waits as a job in the catalogue, which outlives the daemon; what is begun when the daemon stops is begun again. It
/// lies in `supply/NUMBER/` of the archive, where nothing else is.
actor SupplyDesk {
    /// What is looked for in a grant's folder: a film, or what a meeting without pictures has.
    private static let names = [
        ("copy.mp4", "video/mp4"), ("copy.wav", "audio/wav"), ("copy.mp3", "audio/mpeg"), ("copy.aac", "audio/aac"),
    ]
    /// Between looks for what is due or over.
    private static let pause = Duration.seconds(30)

    /// A copy that is there.
    struct Copy: Sendable {
        var path: String
        var mime: String
        var bytes: Int64
    }

    nonisolated let gate = SupplyGate()
    private let archive: Archive
    private let configuration: PackageConfiguration
    private let holders: GrantHolders
    private let logger: SubjectLogger
    private nonisolated let wakes: AsyncStream<Void>
    private nonisolated let waking: AsyncStream<Void>.Continuation
    private var making: (grant: Int64, task: Task<Void, Never>)?

    init(archive: Archive, holders: GrantHolders, configuration: PackageConfiguration, logger: Logger) {
        self.archive = archive
        self.holders = holders
        self.configuration = configuration
        self.logger = SubjectLogger(logger)
        (wakes, waking) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Something was granted, or is over.
    nonisolated func wake() { waking.yield() }
    nonisolated func stop() { waking.finish() }

    /// A grant was taken back: what is on its way to somebody breaks off, and the copy goes.
    func revoked(_ grant: Int64) {
        gate.close(grant)
        if making?.grant == grant { making?.task.cancel() } else { remove(grant) }
    }

    /// Takes back the grants of people, agencies and tokens that are no more.
    func revokeOfWhomIsNoMore() async throws {
        for grant in try await archive.lastingGrants() {
            guard let reason = try await holders.reasonToRevoke(grant) else { continue }
            do {
                _ = try await archive.revokeAccess(grant.number, reason: reason, by: GrantHolders.officer)
            } catch ArchiveError.access(.revoked) { continue }
            revoked(grant.number)
            try await holders.note(grant)
            logger.notice("grant \(grant.number) is revoked: its holder is no more")
        }
    }

    nonisolated func copy(of grant: Int64) -> Copy? {
        for (name, mime) in Self.names {
            let path = "\(archive.supplyFolder(of: grant))/\(name)"
            var status = stat()
            if lstat(path, &status) == 0 { return Copy(path: path, mime: mime, bytes: Int64(status.st_size)) }
        }
        return nil
    }

    /// Puts a package beside the copy that it was made of; refused where the grant is over by now, and with it the copy is gone.
    func keep(_ package: String, of grant: Int64) async throws {
        guard try await archive.mayHaveCopy(grant), copy(of: grant) != nil else {
            throw Refusal(AccessFault.notInForce)
        }
        guard rename(package, archive.disseminationPath(of: grant)) == 0 else { throw Refusal(AccessFault.notInForce) }
    }

    /// Works until it is stopped, and then waits for the child that it stopped.
    func run() async {
        let ticking = Task { [waking] in
            while !Task.isCancelled {
                waking.yield()
                try? await Task.sleep(for: Self.pause)
            }
        }
        for await _ in wakes {
            do {
                try await revokeOfWhomIsNoMore()
                try await tidy()
                try await begin()
            } catch {
                logger.error("copies for supply: \(error)")
            }
        }
        ticking.cancel()
        making?.task.cancel()
        await making?.task.value
    }

    // MARK: Taking away

    /// Removes what nobody may have any more, and has made again what is gone.
    private func tidy() async throws {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: archive.supplyDirectory)) ?? []
        for folder in folders {
            guard let grant = Int64(folder), making?.grant != grant else { continue }
            if try await !archive.mayHaveCopy(grant) {
                remove(grant)
                logger.info("the copy of grant \(grant) is removed")
            }
        }
        for grant in try await archive.grantsWithCopies() where copy(of: grant) == nil {
            try await archive.remakeCopy(of: grant)
        }
    }

    private func remove(_ grant: Int64) {
        let folder = archive.supplyFolder(of: grant)
        do { try FileManager.default.removeItem(atPath: folder) } catch CocoaError.fileNoSuchFile {} catch {
            logger.error("\(folder) cannot be removed: \(error)")
        }
    }

    // MARK: Making

    private func begin() async throws {
        guard making == nil, let job = try await archive.claimNextJob([.supply]) else { return }
        guard let number = job.grantID else { return }
        making = (
            number,
            Task {
                await self.make(job, number)
                self.making = nil
                self.wake()
            }
        )
    }

    private func make(_ job: JobRecord, _ number: Int64) async {
        do {
            guard try await archive.mayHaveCopy(number) else { return try await archive.dropCopyJobs(of: number) }
            try await make(try await archive.accessGrant(number), job)
            try await archive.finishJob(job.id)
            logger.about(job: job.id).notice("the copy of grant \(number) is made")
        } catch is CancellationError {
            await putBack(job)
        } catch SupplyCopy.Failure.cancelled {
            await putBack(job)
        } catch {
            logger.about(job: job.id).error("the copy of grant \(number) is not made: \(error)")
            do { try await archive.failJob(job.id, error: "\(error)") } catch ArchiveError.unknownJob {} catch {
                logger.error("job \(job: job.id) of grant \(number): \(error)")
            }
        }
        // It may have been taken back meanwhile.
        if (try? await archive.mayHaveCopy(number)) == false { remove(number) }
    }

    private func putBack(_ job: JobRecord) async {
        do { try await archive.releaseJob(job.id) } catch ArchiveError.unknownJob {} catch {
            logger.error("job \(job: job.id): \(error)")
        }
    }

    private func make(_ grant: AccessGrant, _ job: JobRecord) async throws {
        guard let path = configuration.profile else { throw ProfileFault.unreadable(path: "dossier-profile.json") }
        let profile = try DossierProfile.load(path, corrections: configuration.corrections)
        guard let meeting = try await archive.find(grant.meetingID) else {
            throw ArchiveError.unknownMeeting(grant.meetingID)
        }
        let sealed = try await SealedFiles(archive, of: meeting, SealedFiles.isComposed)
        defer { sealed.close() }
        let source = try await sealed.composed().path
        let folder = archive.supplyFolder(of: grant.number)
        remove(grant.number)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let marking = CopyMarking(
            span: grant.span, notice: Self.notice(grant),
            signs: TraceSequence(key: try archive.traceKey(), copy: UInt64(clamping: grant.number)))
        let (steps, telling) = AsyncStream.makeStream(
            of: SupplyCopy.Progress.self, bufferingPolicy: .bufferingNewest(1))
        async let told: Void = {
            for await step in steps {
                try? await archive.updateJob(
                    job.id, progress: step.done, remainingSeconds: step.remaining.map { $0 / .seconds(1) })
            }
        }()
        defer { telling.finish() }
        _ = try await SupplyCopy(profile.supply).make(from: source, in: folder, named: "copy", marking: marking) {
            telling.yield($0)
        }
        telling.finish()
        await told
    }

    static func notice(_ grant: AccessGrant) -> String {
        let day = IndochinaTime.day(grant.grantedAt).split(separator: "-").reversed().joined(separator: "/")
        let whose = [grant.holder.agency, grant.holder.name].filter { !$0.isEmpty }.joined(separator: " — ")
        return "Bản cấp cho \(whose) — số \(grant.number), ngày \(day)"
    }
}

extension Archive {
    /// What of a recording copies are made of: what people see, or the master where there is no such film.
    ///
    /// Close the package when it is not used any more.
    func watchable(_ meeting: MeetingRecord) async throws(ArchiveError) -> (package: OpenedPackage, path: String)? {
        let names = Set(try await files(of: meeting).map(\.path))
        let paths = paths(of: meeting)
        let path = [paths.accessCopy, paths.master].first { path in
            names.contains(String(path.dropFirst(paths.directory.count + 1)))
        }
        guard let path else { return nil }
        let name = String(path.dropFirst(paths.directory.count + 1))
        let package = try await open(meeting) { $0 == name }
        return (package, package.paths.directory + "/" + name)
    }
}
