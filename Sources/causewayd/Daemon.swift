import Announcements
import Archive
import Certificates
import Cluster
import Conference
import ConferenceInfo
import Foundation
import Listening
import LogSubjects
import Logging
import MediaPlane
import Metering
import Office
import OfficeStore
import Papers
import Portal
import SIP
import Search
import ServiceLifecycle
import Signalling
import SiteConfiguration
import UnixSignals

/// The daemon: every part made and tied together, started in order, reloaded, and stopped in the opposite order.
actor Daemon {
    private let path: String
    private let sockets: ListeningSockets
    private var configuration: Configuration
    private let logger: SubjectLogger
    /// For parts that speak of nothing in particular.
    private let plain: Logger
    private let archive: Archive
    private let office: OfficeStore
    private let pen: JournalPen
    private let media: MediaPlane
    private let thread = ControlThread()
    private let host: BridgeHost
    private let signalling: Signalling
    private let portal: PortalServer
    private let desk: AccessCopyDesk
    private let reports: ReportDesk
    private let search: SearchIndex
    private let indexer: SearchIndexer
    private let second: SecondLocationWatch
    private let keeper: MeetingKeeper
    /// Where this bridge is one of several.
    private let cluster: ClusterMember?
    private let fence: MeetingFence
    private let standing = AuditStanding()

    /// Makes every part; throws with one line when one cannot be.
    init(
        configuration: Configuration, path: String, sockets: ListeningSockets, metrics: PrometheusRegistry,
        logger plain: Logger
    ) async throws {
        self.configuration = configuration
        self.path = path
        self.sockets = sockets
        let logger = SubjectLogger(plain)
        self.logger = logger
        self.plain = plain
        let certificate = try Self.certificate(configuration)
        if certificate.origin == .founded, let authority = certificate.authority {
            logger.notice("made a site CA; points trust the bridge once they have \(authority)")
        }
        cluster = try await ClusterMember(configuration.cluster, logger: plain)
        let fence = MeetingFence(cluster)
        self.fence = fence
        archive = try Archive(
            root: configuration.archive.directory, cluster: ArchiveCluster(configuration),
            sealing: try SealingSettings(configuration.archive),
            fixity: FixitySettings(
                interval: configuration.archive.fixity.interval,
                octetsPerSecond: configuration.archive.fixity.rate * 1_000_000),
            second: try SecondLocation(configuration.archive.secondLocation),
            retention: try configuration.retentionTable(),
            encryption: try EncryptionSettings(configuration.archive))
        archive.setFence { meeting, db in try fence.check(meeting, db) }
        archive.encryptionStanding.tell(logger)
        office = try OfficeStore(
            at: OfficePlace(configuration), fixed: configuration.registerEntries, realm: configuration.sip.domain)
        let pen = JournalPen(office: office, logger: logger)
        self.pen = pen
        office.rehearsalMinutes = configuration.schedule.rehearsalMinutes
        office.scanPapers(with: configuration.papers.clamd.map { VirusScanner(socket: $0) })
        archive.setPaperKeeper(OfficePaperKeeper(archive: archive, office: office))
        media = try MediaPlane(MediaPlaneConfiguration(configuration.media))
        let announcements = Self.announcements(configuration.announcements, logger)
        let check = LineCheckSettings(configuration)
        let checks = LineCheckDesk(
            settings: check, media: media, announcements: announcements,
            store: LineCheckStore(
                folder: configuration.archive.directory + "/line-checks", keep: configuration.lineCheck.keep,
                logger: logger),
            thread: thread, logger: logger,
            onResult: { [book = RehearsalBook(office: office, logger: logger)] check in
                Task { await book.enter(check) }
            })
        reports = ReportDesk(archive: archive, configuration: ReportConfiguration(configuration, office))
        // Each of several bridges has an index of its own.
        let own = configuration.cluster.name.map { "-\($0)" } ?? ""
        search = try SearchIndex(path: configuration.archive.directory + "/search\(own).sqlite")
        let indexer = SearchIndexer(archive: archive, office: office, reports: reports, index: search, logger: logger)
        self.indexer = indexer
        let second = SecondLocationWatch(
            archive: archive, databases: [office.place.copied], logger: logger)
        self.second = second
        let desk = AccessCopyDesk(
            archive: archive, recording: configuration.recording, reports: reports,
            papers: PaperDesk(archive: archive, office: office),
            retention: RetentionDesk(archive: archive, office: office), logger: logger,
            onSealed: { meeting in
                pen.write("seal recording", of: meeting, meeting: meeting)
                second.wake()
                await indexer.enter(meeting)
            })
        self.desk = desk
        keeper = MeetingKeeper(archive: configuration.archive.directory, fence: fence, logger: logger)
        host = BridgeHost(
            register: try Conference.Register(office, configuration), domain: configuration.sip.domain,
            accounts: try Accounts(configuration, office), care: configuration.roomCare, media: media,
            archive: archive, thread: thread,
            invitations: try .ensure(at: configuration.certificates.directory + "/invitations.key"),
            announcements: announcements, desk: checks, thresholds: check.thresholds,
            second: configuration.recording.second, keeper: keeper, cluster: cluster, fence: fence,
            trunks: TrunkDesk(cluster) ?? TrunkDesk(configuration.trunks), audit: standing, logger: logger,
            journal: { line in
                let written = pen.write(line.action, of: line.subject, by: line.by, meeting: line.meeting)
                if line.isAwaited { await written?.value }
            },
            onComplete: { meeting in Task { await desk.complete(meeting) } })
        signalling = try Signalling(
            configuration: SignallingConfiguration(configuration, certificate: certificate), host: host,
            legs: MediaLegs(media: media), registrations: KeptRegistrations(archive: archive), on: thread,
            logger: plain)
        var portalConfiguration = PortalConfiguration(
            configuration, certificate: certificate, office: office, reports: reports)
        portalConfiguration.search = search
        if configuration.sip.traceOctets > 0 {
            portalConfiguration.tracing = SiteTracing(signalling: signalling, host: host)
        }
        let monitoring = Monitoring(
            registry: metrics, host: host, media: media, archive: archive, signalling: signalling, audit: standing)
        portalConfiguration.metrics = .init(contentType: PrometheusText.contentType) { await monitoring.text() }
        portal = try PortalServer(
            configuration: portalConfiguration, archive: archive, office: office, bridge: host, sockets: sockets,
            logger: plain)
    }

    /// What can be said; a file that cannot be played is named, and the others are.
    private static func announcements(
        _ settings: Configuration.Announcements, _ logger: SubjectLogger
    ) -> AnnouncementCatalogue {
        guard !settings.languages.isEmpty else { return .empty }
        guard let folder = settings.directory ?? AnnouncementCatalogue.find() else {
            logger.warning("there are no announcements: points are told nothing; see announcements.directory")
            return .empty
        }
        let (catalogue, faults) = AnnouncementCatalogue.load(folder: folder, languages: settings.languages)
        for fault in faults { logger.warning("announcement \(fault)") }
        let missing = catalogue.missing(of: AnnouncementKey.all)
        if !missing.isEmpty { logger.warning("no announcements: \(missing.joined(separator: ", "))") }
        return catalogue
    }

    /// Of several bridges each has its own: two do not write one file of SQLite over a network.
    private static func certificate(_ configuration: Configuration) throws -> CertificatePaths {
        if let chain = configuration.certificates.chain, let key = configuration.certificates.key {
            return try SiteCertificate.examine(chain: chain, key: key, now: Date())
        }
        return try SiteCertificate.ensure(
            directory: configuration.certificates.directory, names: configuration.certificateNames, now: Date())
    }

    /// Runs until SIGTERM or SIGINT, and returns when every meeting has ended in order.
    /// - Parameter welcoming: where nobody can administer yet, the log has a link for the first administrator.
    func run(welcoming: Bool) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        try await archive.removeLeftClear()
        let host = host
        let events = thread.begin { await host.run() }
        await host.attach(SignallingCalls(signalling: signalling))
        let recovery = Recovery(
            archive: archive, second: configuration.recording.second, keeper: keeper,
            resumeWithin: configuration.schedule.resumeWithin, logger: logger)
        // Of several bridges each goes on with meetings as it comes to have their rooms.
        let goingOn = cluster == nil ? try await recovery.resumable() : []
        let refused = await host.resume(goingOn)
        let resumed = Set(goingOn.map(\.record.id)).subtracting(refused.map(\.record.id))
        if cluster == nil { keeper.forget(allBut: resumed) }
        let agenda = cluster == nil ? try await recovery.agenda(but: resumed) : .init(unfinished: [], incomplete: [])
        await sortStrayPackages()
        await desk.work()
        let stamping = Task { [archive, logger] in
            while !Task.isCancelled {
                do { try await archive.stampSeals() } catch { logger.error("time stamps: \(error)") }
                try? await Task.sleep(for: .seconds(600))
            }
        }
        let rounds = configuration.archive
        let checking = Task { [archive, logger] in
            await FixityWatch(archive: archive, isByTimer: rounds.fixity.by == .timer, logger: logger).run()
        }
        let copying = Task { [second] in await second.run() }
        let indexing = Task { [indexer] in await indexer.run() }
        let destroying = Task { [archive, logger] in
            await DestructionWatch(archive: archive, isByTimer: rounds.retention.by == .timer, logger: logger).run()
        }
        pen.write("start", of: Version.text)
        let audit = AuditWatch(
            archive: archive, office: office, months: configuration.log.journalMonths, standing: standing,
            logger: logger)
        let auditing = Task { await audit.run() }
        let following = Task { [office, logger] in await OfficeWatch(office: office, logger: logger).run() }
        let clock = ConveningClock(
            office: office, host: host, cluster: cluster.map { ($0, archive) }, logger: logger)
        let convening = Task { await clock.run() }
        let portal = portal
        archive.observeDestructions { [indexer, second, portal, office, pen, logger] meeting in
            pen.write("destroy recording", of: meeting, meeting: meeting)
            second.wake()
            portal.removeCopies()
            Task { await indexer.enter(meeting) }
            Task {
                do { try await office.forgetAbsences(of: meeting) } catch {
                    logger.error(
                        "the absences noted of \(meeting: meeting) are still in the Office's register: \(error)")
                }
            }
        }
        office.observePapers { [indexer] in indexer.wake() }
        office.observe { [weak self, indexer] in
            clock.wake()
            indexer.wake()
            Task { await self?.takeOverOffice() }
        }
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: portal)], logger: plain))
        let serving = Task { try await group.run() }
        _ = try await portal.waitUntilListening()
        try await signalling.start(
            sockets: sockets, callers: goingOn.flatMap(\.kept.callers),
            // Beyond what was kept last there may have been a few more.
            callsAfter: goingOn.compactMap(\.kept.memory.lastParticipant).max().map { $0.rawValue + 1_000 } ?? 0)
        host.callBack()
        let rooms = cluster.map { member in
            ClusterDesk(
                member: member, host: host, recovery: recovery, archive: archive, fence: fence, signalling: signalling,
                clock: clock,
                logger: logger, onComplete: { [desk] in await desk.complete($0) })
        }
        let sharing = Task { await rooms?.run() }
        cluster?.begin()
        for address in signalling.addresses { logger.notice("listening: \(address)") }
        for listener in portal.listeners { logger.notice("listening: \(listener.transport) \(listener.address)") }
        if welcoming { await welcome() }
        logger.notice(
            "causewayd \(Version.text) is ready: \(office.register.rooms.count) rooms, \(office.register.points.count) points"
        )
        ServiceManager.tell(.ready)
        // What this run listens on the next one finds open; what only the run before listened on is closed.
        ServiceManager.keep(sockets.takeKept())
        ServiceManager.drop(sockets.closeUnclaimed())
        // Long recordings take their time: what goes on does not wait for what is over.
        let recovering = Task { [desk] in await recovery.run(agenda) { await desk.complete($0) } }
        let watching = ServiceManager.watchdogInterval.map { interval in
            Task { [host] in await Watchdog(interval: interval, host: host).run() }
        }
        defer { watching?.cancel() }

        for await signal in signals {
            if signal == .sighup {
                await reload()
                continue
            }
            logger.notice("stopping: meetings end, masters are finished")
            ServiceManager.tell(.stopping, .status("meetings end, masters are finished"))
            break
        }
        for watch in [stamping, checking, copying, indexing, destroying, auditing, following, convening, recovering] {
            watch.cancel()
        }
        archive.stopRounds()
        await host.shutdown(goesOn: configuration.schedule.resumeWithin > .zero)
        // What is kept of meetings is written: others may go on with them.
        await cluster?.leave()
        await signalling.stop()
        await recovering.value
        await desk.stop()
        await indexing.value
        await copying.value
        await group.triggerGracefulShutdown()
        _ = try? await serving.value
        await events.value
        pen.write("stop", of: Version.text)
        await pen.settle()
        await auditing.value
        await audit.sign()
        await thread.stop()
        media.stop()
        // Not closed: who asks even now, as a check that goes on, is answered until the process ends.
        try search.settle()
        try office.settle()
        try archive.settle()
        // Last: from here on the machine says that this bridge is dead.
        await cluster?.close()
        await sharing.value
        logger.notice("stopped")
    }

    private func sortStrayPackages() async {
        do {
            let sorted = try await archive.sortStrayPackages()
            for name in sorted.moved { logger.notice("package \(name) is with its recording in outgoing/ now") }
            for name in sorted.removed { logger.notice("package \(name) was removed: its recording is destroyed") }
            for name in sorted.unknown {
                logger.warning(
                    "package \(name) in outgoing/ says of no recording: no destruction reaches it; look at it")
            }
        } catch {
            logger.error("packages in outgoing/ could not be looked at: \(error)")
        }
    }

    private func welcome() async {
        do {
            guard let link = try await FirstAdministrator(office: office).link() else { return }
            let hours = Int(link.expiresAt.timeIntervalSinceNow / 3_600 + 0.5)
            logger.notice(
                "the first administrator, \(link.person), sets a password within \(hours) hours at \(portal.publicURL ?? "https://…")/#/start/\(link.token)"
            )
        } catch {
            logger.error("no link could be made for the first administrator: \(error)")
        }
    }

    /// The Office changed its register or an account: the bridge goes on with what is in force now. Calls stay up.
    private func takeOverOffice() {
        do {
            host.reconfigure(
                try Conference.Register(office, configuration), try Accounts(configuration, office),
                configuration.roomCare)
        } catch {
            logger.error("the Office's accounts cannot be read: \(error)")
        }
    }

    /// Reads the configuration again and applies what can be applied without touching calls.
    private func reload() async {
        do {
            let new = try Configuration.load(path: path)
            let changes = Configuration.changes(from: configuration, to: new)
            for path in changes.needRestart { logger.warning("\(path) has changed and takes effect at the next start") }
            let reloaded = configuration.reloaded(with: new)
            // What can fail comes first, so that a bad certificate leaves rooms and points as they were, too.
            let certificate = try Self.certificate(reloaded)
            try await office.replaceFixed(reloaded.registerEntries)
            try await signalling.reload(
                certificate: TLSCertificateFiles(certificate), pointAuthority: reloaded.sip.pointAuthority)
            try portal.reload(
                PortalConfiguration(reloaded, certificate: certificate, office: office, reports: reports))
            reports.replace(with: ReportConfiguration(reloaded, office))
            office.rehearsalMinutes = reloaded.schedule.rehearsalMinutes
            host.reconfigure(
                try Conference.Register(office, reloaded), try Accounts(reloaded, office),
                reloaded.roomCare)
            LineLogHandler.setLevel(Logger.Level(reloaded.log.level))
            configuration = reloaded
            pen.write(
                "reload configuration", of: changes.applied.isEmpty ? "-" : changes.applied.joined(separator: " "))
            logger.notice(
                "reloaded \(path): \(changes.applied.isEmpty ? "nothing changed" : changes.applied.joined(separator: ", "))"
            )
        } catch {
            logger.error("the configuration stays as it was: \(error)")
        }
    }
}

/// Signalling as the host ends calls.
struct SignallingCalls: CallControl {
    let signalling: Signalling

    var listeners: [(transport: String, address: String)] {
        get async { signalling.addresses.map { ($0.transport.rawValue, "\($0.host):\($0.port)") } }
    }
    var registeredPoints: Int { get async { await signalling.registeredPoints } }
    func call(
        _ username: String, at address: String?, into room: String, title: String, media: MediaRoomID
    ) async -> CallID? {
        await signalling.call(
            username, at: address.flatMap { try? URI(parsing: $0) }, into: room, title: title, media: media)
    }
    func waysBack(of calls: [CallID]) async -> [CallID: RegisteredContact] { await signalling.waysBack(of: calls) }
    func transfer(_ call: CallID, to room: String) async { await signalling.transfer(call, to: room) }
    func tell(_ referral: Referral.ID, status: UInt16) async { await signalling.tell(referral, status: status) }
    func publish(_ info: ConferenceInfo, of room: String) async { await signalling.publish(info, of: room) }
    func relay(_ message: RelayedMessage, to calls: [CallID]) async { await signalling.relay(message, to: calls) }
    func hangUp(_ call: CallID, reason: String) async { await signalling.hangUp(call, reason: reason) }
    func presented(by leg: LegID?, in room: MediaRoomID) async { await signalling.presented(by: leg, in: room) }
    func project(
        _ subject: TrunkSubject, to bridge: SIPURI, room: String, beside media: MediaRoomID, carrying leg: LegID,
        _ streams: CarriedStreams
    ) async -> CallID? {
        await signalling.project(subject, to: bridge, room: room, beside: media, carrying: leg, streams)
    }
    func carry(_ streams: CarriedStreams, in call: CallID) async { await signalling.carry(streams, in: call) }
    func order(_ text: String, in call: CallID) async { await signalling.order(text, in: call) }
    func forward(hand isRaised: Bool, in call: CallID) async { await signalling.forward(hand: isRaised, in: call) }
    func dismiss(_ call: CallID, code: UInt16, reason: String) async {
        await signalling.dismiss(call, code: code, reason: reason)
    }
}
