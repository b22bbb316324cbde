import Archive
import Documents
import Dossier
import Foundation
import Hummingbird
import NIOCore
import NIOPosix
import PortalAPI
import Synchronization

/// Makes packages of sealed recordings, one at a time.
final class PackageDesk: Sendable {
    /// In octets.
    private static let longestReport = 256 << 20

    let archive: Archive
    let configuration: PackageConfiguration
    let renderer: DocumentRenderer
    let discretion: Discretion
    private let isBusy = Mutex(false)

    init(
        archive: Archive, configuration: PackageConfiguration, renderer: DocumentRenderer, discretion: Discretion
    ) {
        self.archive = archive
        self.configuration = configuration
        self.renderer = renderer
        self.discretion = discretion
    }

    /// Answers with lines: progress, and at the end the outcome or why there is none. Ends its work where the client goes.
    func response(
        to order: PackageOrder, recording id: String, by visitor: Visitor
    ) async throws -> Response {
        guard let meeting = try await archive.find(id) else { throw ArchiveError.unknownMeeting(id) }
        try meeting.refuseDestroyed()
        guard meeting.state == .sealed else {
            throw ArchiveError.wrongState(meeting: id, state: meeting.state, asked: "packaged before it is sealed")
        }
        // The daemon's account writes where the network has nothing to say.
        if order.to != nil, !visitor.isLocal {
            throw Refusal(
                .forbidden, "Where a package is put is said on the machine itself alone.",
                hint: "Leave it out: packages are put beside the archive.")
        }
        if let to = order.to, !to.hasPrefix("/") {
            throw Refusal(.badRequest, "The directory is not absolute.", hint: "Begin it with /.")
        }
        let name = visitor.person?.name ?? visitor.name
        return try response(to: { progress in
            try await self.make(order, meeting, by: name, progress: progress)
        })
    }

    typealias Report = @Sendable (PackageLine.Progress) -> Void

    /// Answers with the lines of some work, which is this desk's only one.
    func response(to work: @escaping @Sendable (@escaping Report) async throws -> PackageOutcome) throws -> Response {
        // Whether it is this one's turn is decided when the answer begins: a client that is gone by then takes none.
        guard !isBusy.withLock({ $0 }) else { throw Self.busy }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson"],
            body: ResponseBody { writer in
                for await line in self.lines(of: work) {
                    var data = try PortalJSON.encode(line)
                    data.append(UInt8(ascii: "\n"))
                    try await writer.write(ByteBuffer(bytes: data))
                }
                try await writer.finish(nil)
            })
    }

    private func lines(
        of work: @escaping @Sendable (@escaping Report) async throws -> PackageOutcome
    ) -> AsyncStream<PackageLine> {
        // Of progress that a slow client does not take, only the newest is worth keeping.
        AsyncStream(bufferingPolicy: .bufferingNewest(4)) { continuation in
            let task = Task {
                let isMine = self.isBusy.withLock { isBusy in
                    defer { isBusy = true }
                    return !isBusy
                }
                guard isMine else {
                    continuation.yield(PackageLine(failure: Self.busy.body))
                    return continuation.finish()
                }
                do {
                    let outcome = try await work { continuation.yield(PackageLine(progress: $0)) }
                    continuation.yield(PackageLine(outcome: outcome))
                } catch {
                    continuation.yield(PackageLine(failure: Self.failure(error)))
                }
                self.isBusy.withLock { $0 = false }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// What it was held as counts, and what the schedule made of it since where that is more.
    func isStateSecret(_ meeting: MeetingRecord) async throws -> Bool {
        if meeting.isStateSecret { return true }
        return try await discretion.isStateSecret(meeting)
    }

    private static var busy: Refusal {
        Refusal(.serviceUnavailable, "Another package is being made.", hint: "Ask again when it is done.")
    }

    private static func failure(_ error: any Error) -> APIError {
        switch error {
        case let error as ArchiveError: Refusal(error).body
        case let refusal as Refusal: refusal.body
        case let error as ProfileFault:
            APIError(error: "\(error)", hint: "Mend the site's profile: docs/packages.md.")
        case let error as DossierFault:
            APIError(error: "\(error)", hint: "Nothing was left. docs/packages.md says what the profile can correct.")
        default: APIError(error: "\(error)", hint: "Nothing was left.")
        }
    }

    private func make(
        _ order: PackageOrder, _ meeting: MeetingRecord, by name: String,
        progress: @escaping Report
    ) async throws -> PackageOutcome {
        let (profile, schemas) = try rules()
        let kind = PackageKind(order.kind)
        let sealed = try await SealedFiles(archive, of: meeting) { path in
            SealedFiles.isDescription(path) || SealedFiles.isComposed(path)
                || kind == .archival && path.hasSuffix("master.mkv")
        }
        defer { sealed.close() }
        _ = try await sealed.checked(sealed.paths.events)
        let events = (try? archive.events(of: meeting)) ?? []
        var background = await configuration.background(meeting)
        background.papers = try await sealed.papers(orElse: background.papers)
        var dossier = try await dossier(of: meeting, kind, profile, background, events, by: name)
        let own = archive.outgoingFolder(of: meeting.id)
        let target = order.to ?? own
        let scratch = "\(own)/.supply-\(UUID().uuidString)"
        defer {
            try? FileManager.default.removeItem(atPath: scratch)
            // Where nothing came of it.
            rmdir(own)
        }
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        let recordings = Recordings(
            sealed: sealed, meeting: meeting, profile: profile, background: background,
            recordedAt: events.recordingBegan ?? meeting.openedAt)
        if kind == .archival {
            dossier.takeHistory(events, of: sealed)
            dossier.sortEvents()
            dossier.recordings = try await recordings.asSealed()
        } else {
            try await recordings.addSupplyCopy(to: &dossier, in: scratch) { step in
                progress(
                    PackageLine.Progress(
                        stage: .film, done: step.done,
                        remainingSeconds: step.remaining.map { Int($0.components.seconds) }))
            }
        }
        addReport(to: &dossier, meeting, sealed, profile)
        try await addSpeeches(to: &dossier, meeting, sealed, events, background, profile, in: scratch)
        let package = try await write(dossier, kind, to: target, profile, schemas, progress)
        // Destroyed meanwhile: what was made of it since goes, too.
        do { try await archive.details(of: meeting.id).meeting.refuseDestroyed() } catch {
            try? FileManager.default.removeItem(atPath: package.directory)
            throw error
        }
        return PackageOutcome(
            recording: meeting.id, kind: order.kind == .sip ? .sip : .aip, objectID: package.objectID,
            directory: package.directory,
            files: package.files, bytes: package.octets)
    }

    /// Read anew for each package, so that a correction counts at once.
    func rules() throws -> (DossierProfile, SchemaLibrary) {
        guard let path = configuration.profile else { throw ProfileFault.unreadable(path: "dossier-profile.json") }
        return (
            try DossierProfile.load(path, corrections: configuration.corrections),
            try SchemaLibrary(folder: configuration.schemas)
        )
    }

    /// What is said of a meeting, with its seal.
    func dossier(
        of meeting: MeetingRecord, _ kind: PackageKind, _ profile: DossierProfile,
        _ background: PackageConfiguration.Background, _ events: [EventRecord], by name: String
    ) async throws -> Dossier {
        var dossier = try Dossier(
            meeting, kind, profile, background, isStateSecret: try await isStateSecret(meeting),
            began: events.opening, version: configuration.version, by: name, at: Date())
        dossier.insuranceCopy = try await archive.hasSecondCopy(of: meeting.id).map { $0 ? .made : .notMade }
        // The site's own figure stands for those that nobody gave a class.
        if meeting.retentionClass != nil || profile.site.retentionYears == nil {
            switch try await archive.retention(of: meeting.id).retentionClass.term {
            case .permanent: dossier.retention = .permanent
            case .years(let years): dossier.retention = .years(years)
            }
        }
        dossier.takeSeal(of: meeting, in: archive.paths(of: meeting).directory)
        return dossier
    }

    /// The report as it was sealed.
    private func addReport(
        to dossier: inout Dossier, _ meeting: MeetingRecord, _ sealed: SealedFiles, _ profile: DossierProfile
    ) {
        for name in ["report.json", "report.pdf"] {
            guard let file = sealed.file(sealed.paths.report(name)) else { continue }
            dossier.papers.append(
                DossierPaper(
                    file: file,
                    subject: "Báo cáo cuộc họp: \(meeting.title)\(name.hasSuffix(".json") ? " (dữ liệu)" : "")",
                    issuedAt: file.createdAt, issuedBy: profile.site.agencyName, typeMeaning: "report",
                    isBornDigital: true))
        }
    }

    /// Slips of the speeches that the sealed report has. The first recording is the one that they say their places of.
    private func addSpeeches(
        to dossier: inout Dossier, _ meeting: MeetingRecord, _ sealed: SealedFiles, _ events: [EventRecord],
        _ background: PackageConfiguration.Background, _ profile: DossierProfile, in scratch: String
    ) async throws {
        let path = sealed.paths.report("report.json")
        guard let data = try await sealed.contents(of: path, limit: Self.longestReport),
            let report = try? MeetingReport(json: data)
        else { return }
        let slips = SpeechSlips(
            report: report, events: events, subjects: background.subjects,
            agency: profile.site.agencyName, recordingCode: dossier.fileCode + ".1")
        // As many as a package has room for.
        let most = max(0, Dossier.mostFiles - dossier.recordings.count - dossier.papers.count)
        if let omission = slips.omission(most: most) {
            dossier.note = [dossier.note, omission].compactMap { $0 }.joined(separator: " ")
        }
        let now = dossier.createdAt
        dossier.papers += try await NIOSingletons.posixBlockingThreadPool.runIfActive {
            try slips.write(to: scratch, at: now, most: most)
        }
    }

    /// On a thread that may block; a cancelled task ends it at its next piece.
    func write(
        _ dossier: Dossier, _ kind: PackageKind, to target: String, _ profile: DossierProfile,
        _ schemas: SchemaLibrary, _ progress: @escaping @Sendable (PackageLine.Progress) -> Void
    ) async throws -> EmittedPackage {
        let isCancelled = Mutex(false)
        return try await withTaskCancellationHandler {
            try await NIOSingletons.posixBlockingThreadPool.runIfActive {
                let begun = ContinuousClock.now
                return try dossier.write(
                    kind, to: target, under: profile, schemas, isCancelled: { isCancelled.withLock { $0 } }
                ) { done, total in
                    let spent = begun.duration(to: .now) / .seconds(1)
                    progress(
                        PackageLine.Progress(
                            stage: .package, done: total > 0 ? Double(done) / Double(total) : 1,
                            remainingSeconds: done > 0
                                ? Int(min(spent * Double(total - done) / Double(done), 1e7)) : nil))
                }
            }
        } onCancel: {
            isCancelled.withLock { $0 = true }
        }
    }
}

extension PackageKind {
    init(_ kind: PackageOrder.Kind) {
        self =
            switch kind {
            case .sip: .submission
            case .aip: .archival
            }
    }
}
