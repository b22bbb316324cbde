import Archive
import Foundation
import Hummingbird
import HummingbirdCore
import Listening
import Logging
import NIOCore
import Office
import OfficeStore
import PortalAPI
import ServiceLifecycle
import Synchronization

/// The HTTP interface of the bridge and its archive, on HTTPS and on a Unix domain socket. Run it once, as a service: a
/// graceful shutdown takes no more connections, answers those that it has for three seconds, then cuts them off.
public final class PortalServer: Service {
    private static let shutdownGrace = Duration.seconds(3)
    static let product = "causeway"

    private let configuration: PortalConfiguration
    private let archive: Archive
    private let bridge: any LiveBridge
    let logger: Logger
    private let sockets: ListeningSockets
    private let identity: ServerIdentity?
    private let tokens: TokenList
    private let limiter: FailureLimiter
    private let verifications: VerificationDesk
    private let viewings: ViewingJournal
    private let supplyJournal: SupplyJournal
    private let refusals: RefusalJournal
    private let readiness: Readiness
    private let office: OfficeStore
    private let sessions: SessionDesk
    private let secondFactor: Mutex<SecondFactorRule>
    private let signInLimiter: FailureLimiter
    private let rates: RateLimiter
    private let openID: OpenIDDesk?
    private let joinPage: PageFiles?
    private let portalPage: PageFiles?
    private let guides: GuideDesk
    private let reports: ReportDesk
    private let packages: PackageDesk
    private let supplies: SupplyDesk
    private let traces: TraceDesk
    private let harvest: HarvestDesk
    private let audit: AuditDesk

    /// Reads certificate and key, but does not listen yet.
    public init(
        configuration: PortalConfiguration, archive: Archive, office: OfficeStore, bridge: any LiveBridge,
        sockets: ListeningSockets = ListeningSockets(), logger: Logger
    ) throws(PortalError) {
        self.configuration = configuration
        self.archive = archive
        self.office = office
        sessions = SessionDesk { office.register.person($0) }
        self.bridge = bridge
        self.logger = logger
        self.sockets = sockets
        tokens = TokenList(configuration.tokens)
        secondFactor = Mutex(configuration.secondFactor)
        let limits = configuration.limits
        limiter = FailureLimiter(allowed: limits.wrongTokens, window: limits.shutOut)
        signInLimiter = FailureLimiter(allowed: limits.wrongPasswords, window: limits.shutOut)
        rates = RateLimiter(limits)
        openID = configuration.openID.map { OpenIDDesk($0) }
        identity =
            if let https = configuration.https {
                try ServerIdentity(certificatePath: https.certificatePath, keyPath: https.keyPath)
            } else {
                nil
            }
        joinPage = Self.files("JoinPage", configuration)
        portalPage = Self.files("PortalPage", configuration)
        if joinPage == nil || portalPage == nil {
            logger.warning("the pages' files are not beside causewayd: browsers can neither join nor see the portal")
        }
        guides = GuideDesk(configuration.guides)
        reports =
            configuration.reports
            ?? ReportDesk(
                archive: archive, configuration: ReportConfiguration(absences: { try await office.absences(of: $0) }))
        packages = PackageDesk(
            archive: archive, configuration: configuration.packages, renderer: reports.renderer,
            discretion: Discretion(office: office, bridge: bridge, archive: archive))
        supplies = SupplyDesk(
            archive: archive, holders: GrantHolders(office: office, tokens: tokens),
            configuration: configuration.packages, logger: logger)
        traces = TraceDesk(archive: archive)
        harvest = HarvestDesk(
            archive: archive, office: office,
            discretion: Discretion(office: office, bridge: bridge, archive: archive))
        audit = AuditDesk(
            archive: archive, office: office,
            discretion: Discretion(office: office, bridge: bridge, archive: archive))
        verifications = VerificationDesk(archive: archive)
        viewings = ViewingJournal(office: office)
        supplyJournal = SupplyJournal(archive: archive, office: office)
        refusals = RefusalJournal(office: office, logger: logger)
        readiness = Readiness(
            expected: (configuration.https == nil ? 0 : 1) + (configuration.socketPath == nil ? 0 : 1))
    }

    private static func files(_ name: String, _ configuration: PortalConfiguration) -> PageFiles? {
        configuration.join.pages.map { PageFiles(folder: "\($0)/\(name)") } ?? PageFiles.find(name)
    }

    /// The sockets that are open now, ports as they came to be.
    public var listeners: [ListenerStatus] { readiness.listeners }

    /// Waits until every listener is open, or throws what hindered one.
    public func waitUntilListening() async throws(PortalError) -> [ListenerStatus] {
        try await readiness.wait()
    }

    /// Takes over tokens and limits, for requests to come, and certificate and key, for connections to come, of a new
    /// configuration. Where the files cannot be used everything stays as it was.
    public func reload(_ new: PortalConfiguration) throws(PortalError) {
        if let https = new.https {
            try identity?.reload(certificatePath: https.certificatePath, keyPath: https.keyPath)
        }
        tokens.replace(with: new.tokens)
        supplies.wake()
        secondFactor.withLock { $0 = new.secondFactor }
        limiter.replace(allowed: new.limits.wrongTokens, window: new.limits.shutOut)
        signInLimiter.replace(allowed: new.limits.wrongPasswords, window: new.limits.shutOut)
        rates.replace(with: new.limits)
        guides.replace(with: new.guides)
    }

    public func run() async throws {
        do {
            try await serve()
            readiness.fail(.cannotBind(address: "its listeners", reason: "it was stopped"))
        } catch {
            readiness.fail((error as? PortalError) ?? .cannotBind(address: "its listeners", reason: "\(error)"))
            throw error
        }
    }

    /// A recording was destroyed: what was given out of it goes, too.
    public func removeCopies() { supplies.wake() }

    /// Of two tokens with one name that of the configuration is good.
    private func tellOfTokensThatAreRefused() async {
        let names = tokens.names
        let now = Date()
        let refused = ((try? await office.tokens()) ?? []).filter { $0.isGood(at: now) && names.contains($0.name) }
        guard !refused.isEmpty else { return }
        logger.warning(
            "tokens that were made here are refused: the configuration has tokens of the same names",
            metadata: ["names": "\(refused.map(\.name).joined(separator: ", "))"])
    }

    private func serve() async throws {
        await tellOfTokensThatAreRefused()
        let making = Task { await supplies.run() }
        let settling = Task {
            while true {
                try await Task.sleep(for: .seconds(60))
                await refusals.settle()
            }
        }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await listen()) } catch { outcome = .failure(error) }
        supplies.stop()
        settling.cancel()
        await making.value
        await openID?.close()
        await refusals.settle(all: true)
        try outcome.get()
    }

    private func listen() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var listeners = 0
            if let https = configuration.https, let identity {
                listeners += 1
                group.addTask { try await self.serveHTTPS(https, identity) }
            }
            if let path = configuration.socketPath {
                listeners += 1
                group.addTask { try await self.serveSocket(SocketFile(path: path)) }
            }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: Self.shutdownGrace)
                throw CancellationError()
            }
            do {
                for _ in 0..<listeners { try await group.next() }
            } catch is CancellationError {
                // The grace is over: whoever still downloads is cut off.
            }
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
    }

    private func serveHTTPS(_ https: PortalConfiguration.HTTPS, _ identity: ServerIdentity) async throws {
        let address = "\(https.host):\(https.port)"
        do {
            let responder = answering(router(.https).buildResponder())
            let connections = ConnectionLedger()
            let listener = HTTPSListener(
                socket: try sockets.open(.stream, host: https.host, port: UInt16(clamping: https.port)),
                child: TLSListener(
                    base: channel(responder) { connections.isParting }, identity: identity),
                connections: connections, maximumConnections: configuration.maximumConnections, logger: logger)
            try await listener.run { channel in
                let port = channel.localAddress?.port ?? https.port
                self.readiness.add(ListenerStatus(transport: "https", address: "\(https.host):\(port)"))
            }
        } catch {
            throw Self.startFailure(error) { PortalError(binding: address, isSocket: false, $0) }
        }
    }

    private func serveSocket(_ socket: SocketFile) async throws {
        try socket.checkFree()
        let builder = HTTPServerBuilder { self.channel($0) { false } }
        let application = application(.unixDomainSocket(path: socket.path), builder) { channel in
            do throws(PortalError) {
                try socket.restrict()
                self.readiness.add(ListenerStatus(transport: "unix", address: socket.path))
            } catch {
                self.readiness.fail(error)
                channel.close(promise: nil)
            }
        }
        do {
            try await application.run()
        } catch {
            throw Self.startFailure(error) { PortalError(binding: socket.path, isSocket: true, $0) }
        }
        socket.remove()
        if let failure = readiness.failure { throw failure }
    }

    private static func startFailure(_ error: any Error, _ name: (any Error) -> PortalError) -> any Error {
        error is CancellationError ? error : name(error)
    }

    /// - Parameter isParting: whether who comes now is to be the last.
    private func channel(
        _ responder: @escaping HTTPChannelHandler.Responder, isParting: @escaping @Sendable () -> Bool
    ) -> HTTP1Channel {
        HTTP1Channel(
            responder: responder,
            configuration: .init(
                additionalChannelHandlers: [LeaveTaking(isParting: isParting)],
                idleTimeout: TimeAmount(configuration.idleTimeout),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)))
    }

    private func application(
        _ address: BindAddress, _ builder: HTTPServerBuilder,
        onListening: @escaping @Sendable (any Channel) -> Void
    ) -> Application<RouterResponder<PortalContext>> {
        Application(
            responder: router(.localSocket).buildResponder(), server: builder,
            configuration: ApplicationConfiguration(
                address: address, serverName: Self.product,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections)),
            onServerRunning: { onListening($0) }, logger: logger)
    }

    func router(_ entrance: Entrance) -> Router<PortalContext> {
        let router = Router(context: PortalContext.self, options: [.autoGenerateHeadEndpoints])
        router.addMiddleware {
            RequestSubjects()
            SecurityHeaders(entrance: entrance)
            LingeringClose()
            FailuresAsJSON()
            Authenticate(
                entrance: entrance, tokens: tokens, office: office, sessions: sessions, limiter: limiter,
                rates: rates, refusals: refusals)
        }
        PortalPageRoutes(pages: portalPage).add(to: router)
        let api = router.group("api/v1")
        let discretion = Discretion(office: office, bridge: bridge, archive: archive)
        LiveRoutes(
            bridge: bridge, archive: archive, office: office, discretion: discretion, listeners: { self.listeners },
            join: configuration.join,
            httpsAddress: { self.listeners.first { $0.transport == "https" }?.address }
        ).add(to: api)
        MeetingRoutes(bridge: bridge, discretion: discretion).add(to: api)
        JoinRoutes(bridge: bridge, configuration: configuration.join, pages: joinPage).add(to: router)
        PaperRoutes(bridge: bridge, office: office, limiter: signInLimiter).add(to: router)
        RecordingRoutes(
            archive: archive, discretion: discretion, verifications: verifications, journal: viewings
        ).add(to: api)
        ViewingRoutes(
            archive: archive, discretion: discretion,
            timelines: TimelineDesk(archive: archive, office: office, reports: reports), journal: viewings
        ).add(to: api)
        FixityRoutes(archive: archive, discretion: discretion).add(to: api)
        RoundRoutes(archive: archive, office: office, discretion: discretion, logger: logger).add(to: api)
        RetentionRoutes(
            archive: archive, discretion: discretion, journal: RetentionJournal(office: office, logger: logger),
            logger: logger
        ).add(to: api)
        AccessRoutes(archive: archive, office: office, discretion: discretion, copies: supplies).add(to: api)
        SupplyRoutes(
            archive: archive, discretion: discretion, copies: supplies, traces: traces,
            journal: supplyJournal, packages: packages
        ).add(to: api)
        PackageRoutes(desk: packages, discretion: discretion, journal: viewings).add(to: api)
        SessionRoutes(
            office: office, sessions: sessions, rule: { self.secondFactor.withLock { $0 } }, limiter: signInLimiter,
            rates: rates, refusals: refusals, openID: openID, publicURL: { self.publicURL }
        ).add(to: api)
        OpenIDRoutes(
            desk: openID, office: office, sessions: sessions, rule: { self.secondFactor.withLock { $0 } },
            limiter: signInLimiter, rates: rates, refusals: refusals, publicURL: { self.publicURL }
        ).add(to: router)
        RegisterRoutes(
            office: office, sessions: sessions, discretion: discretion, copies: supplies, publicURL: { self.publicURL }
        ).add(to: api)
        ScheduleRoutes(office: office, guides: guides, journal: viewings, publicURL: { self.publicURL }).add(to: api)
        GuideRoutes(desk: guides, office: office, renderer: reports.renderer).add(to: router, api: api)
        ReportRoutes(desk: reports, discretion: discretion, journal: viewings).add(to: api)
        AbsenceRoutes(desk: reports, office: office, discretion: discretion).add(to: api)
        TokenRoutes(office: office, fixed: tokens, copies: supplies).add(to: api)
        ReviewRoutes(
            office: office, ledger: RightsLedger(archive: archive, office: office, tokens: tokens),
            discretion: discretion, journalMonths: configuration.journalMonths
        ).add(to: api)
        AuditRoutes(desk: audit).add(to: api)
        TraceRoutes(tracing: configuration.tracing, office: office, discretion: discretion).add(to: api)
        IncidentRoutes(
            office: office, discretion: discretion, renderer: reports.renderer,
            organization: configuration.organization, version: { [bridge] in await bridge.status().version }
        ).add(to: api)
        DescriptionRoutes().add(to: api)
        HarvestRoutes(
            configuration: configuration.harvest,
            desk: harvest, office: office, publicURL: { self.publicURL }
        ).add(to: router)
        MetricsRoutes(metrics: configuration.metrics).add(to: router)
        SearchRoutes(index: configuration.search, archive: archive, discretion: discretion).add(to: api)
        return router
    }

    /// Under which browsers reach the portal.
    public var publicURL: String? {
        configuration.join.publicURL
            ?? listeners.first { $0.transport == "https" }.map { "https://\($0.address)" }
    }
}
