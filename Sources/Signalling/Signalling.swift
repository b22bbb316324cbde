import ConferenceInfo
import Listening
import Logging
import MediaPlane
import NIOCore
import NIOPosix
import SIP
import SIPTrace
import Synchronization

/// SIP signalling: listens, authenticates points, answers their calls and hangs them up.
public final class Signalling: Sendable {
    /// How long a stop waits for the answers to its BYEs.
    private static let farewell = TimeAmount.seconds(3)

    private let configuration: SignallingConfiguration
    private let host: any SignallingHost
    private let logger: Logger
    private let loop: any EventLoop
    private let inner: NIOLoopBoundBox<SignallingLoop?>
    private let desk: CallDesk
    private let floors: FloorDesk?
    private let keeper: RegistrationKeeper
    private let resolver = SystemResolver()
    private let contexts: TLSContexts?
    private let bound = Mutex<[SIPListener]>([])

    /// Reads the certificate; listens to nothing yet.
    public init(
        configuration: SignallingConfiguration, host: any SignallingHost, legs: any LegControl,
        registrations: (any RegistrationStore)? = nil, on thread: ControlThread, logger: Logger
    ) throws(SignallingError) {
        self.configuration = configuration
        self.host = host
        self.logger = logger
        contexts = try configuration.certificate.map { files throws(SignallingError) in
            try TLSContexts(files: files, pointAuthority: configuration.pointAuthority)
        }
        let loop = thread.loop
        self.loop = loop
        let inner = NIOLoopBoundBox<SignallingLoop?>.makeEmptyBox(valueType: SignallingLoop.self, eventLoop: loop)
        self.inner = inner
        let presenters = Presenters()
        floors = configuration.floorControl.map { floorControl in
            FloorDesk(floorControl, on: thread, logger: logger) { presenters.tell($0, $1) }
        }
        desk = CallDesk(
            host: host, legs: legs, suites: configuration.suites, floors: floors, thread: thread, logger: logger
        ) {
            inner.value?.reply($0)
        }
        presenters.desk = desk
        keeper = RegistrationKeeper(store: registrations, thread: thread, logger: logger) {
            inner.value?.registrationsKept($0)
        }
    }

    /// Where it listens, with the ports that the system chose.
    public var addresses: [SIPListener] { bound.withLock { $0 } }

    /// Opens every listener, or throws for the first that cannot be opened.
    /// - Parameters:
    ///   - sockets: where sockets come from, as far as the run before left any.
    ///   - callers: how those are reached who were in a call with a former run, and registered nowhere.
    ///   - last: no call has this number or a smaller one.
    public func start(
        sockets: ListeningSockets = ListeningSockets(), callers: [RegisteredContact] = [], callsAfter last: UInt64 = 0
    ) async throws(SignallingError) {
        let (loop, inner, desk, keeper, logger, configuration, contexts, resolver) = (
            loop, inner, desk, keeper, logger, configuration, contexts, resolver
        )
        await run { () -> Void in
            let signalling = SignallingLoop(
                loop: loop, limits: configuration.limits, listeners: configuration.listeners,
                traceOctets: configuration.traceOctets, logger: logger,
                desk: desk, keeper: keeper,
                locate: { uri, transports in
                    var settings = ServerLocator.Settings()
                    settings.transports = transports
                    return (try? await resolver.locate(uri, settings: settings, random: randomOctets)) ?? []
                })
            signalling.transport.use(contexts)
            inner.value = signalling
        }
        for (index, listener) in configuration.listeners.enumerated() {
            let future: Result<EventLoopFuture<any Channel>, SignallingError> = await run {
                guard let transport = inner.value?.transport else { return .failure(.alreadyStarted) }
                return Result { () throws(SignallingError) in try transport.bind(listener, index: index, from: sockets)
                }
            }
            let channel: any Channel
            do { channel = try await future.get().get() } catch let error as SignallingError { throw error } catch {
                throw Transport.explain(error, listener: listener)
            }
            await run { () -> Void in inner.value?.transport.add(channel, listener: listener) }
            var open = listener
            open.port = UInt16(truncatingIfNeeded: channel.localAddress?.port ?? Int(listener.port))
            bound.withLock { $0.append(open) }
        }
        try await floors?.start()
        let settings = settings
        let identity = Identity(
            product: configuration.product,
            addresses: addresses.map {
                .init(transport: $0.transport, host: $0.advertisedHost ?? $0.host, port: $0.port)
            })
        let kept = await keeper.load()
        await run { () -> Void in
            var core = UserAgentCore(settings: settings, identity: identity, epoch: .now)
            let wall = RegistrationKeeper.wallClock
            core.restore(kept, listeners: configuration.listeners, at: .now, wall: wall)
            core.restore(callers: callers, listeners: configuration.listeners, at: .now, wall: wall)
            core.number(callsAfter: last)
            inner.value?.begin(core)
        }
    }

    private var settings: UserAgentCore.Settings {
        let host = host
        let domain = configuration.domain
        return UserAgentCore.Settings(
            domain: domain, rings: configuration.rings, limits: configuration.limits,
            registrar: configuration.registrar, sessionTimer: configuration.sessionTimer,
            secret: { host.secret(of: $0, realm: domain) },
            acceptsCertificate: { host.acceptsCertificate(of: $0) },
            redeem: { host.redeem(invitation: $0) }, openRooms: configuration.openRooms, trunk: configuration.trunk,
            random: randomOctets)
    }

    /// New connections use the new certificate; those that stand are left alone.
    public func reload(certificate: TLSCertificateFiles, pointAuthority: String?) async throws(SignallingError) {
        let contexts = try TLSContexts(files: certificate, pointAuthority: pointAuthority)
        let inner = inner
        await run { () -> Void in inner.value?.transport.use(contexts) }
    }

    /// Calls a point into a room: every device that it registered, or what answers at `address`. The host hears how it
    /// goes, and admits the point when it answers.
    /// - Parameters:
    ///   - title: what the devices show of the room.
    ///   - media: the room's place in the media plane.
    /// - Returns: the call's name; nil where there is no way to the point.
    public func call(
        _ username: String, at address: URI? = nil, into room: String, title: String, media: MediaRoomID
    ) async -> CallID? {
        let inner = inner
        return await run { inner.value?.call(username, at: address, into: room, title: title, media: media) }
    }

    /// Takes in how another run of this bridge, or another bridge, reached points, so that they can be called into a meeting that goes on
    /// here.
    /// - Parameters:
    ///   - contacts: what it kept of registrations; who registered here is known better.
    ///   - callers: how those are reached who were in a call, and registered nowhere.
    ///   - last: no further call has this number or a smaller one.
    public func takeOver(
        contacts: [RegisteredContact], callers: [RegisteredContact], callsAfter last: UInt64
    ) async {
        let (inner, listeners) = (inner, configuration.listeners)
        await run { () -> Void in
            inner.value?.tell { core, now in
                core.adopt(
                    contacts, callers: callers, listeners: listeners, at: now, wall: RegistrationKeeper.wallClock)
                core.number(callsAfter: last)
            }
        }
    }

    /// Calls another bridge, to bring one leg's streams there as they come. The host hears how it goes as it hears of calls to
    /// points, with what is said here in `PointCall.trunk`.
    /// - Parameters:
    ///   - bridge: the other bridge; the user part is the room's.
    ///   - media: where the leg sits.
    /// - Returns: the call's name; nil where there are no trunks, or the bridge goes out of service.
    public func project(
        _ subject: TrunkSubject, to bridge: SIPURI, room: String, beside media: MediaRoomID, carrying leg: LegID,
        _ streams: CarriedStreams
    ) async -> CallID? {
        let inner = inner
        var target = bridge
        target.user = room
        let uri = URI.sip(target)
        return await run { inner.value?.project(subject, to: uri, room: room, beside: media, leg, streams) }
    }

    /// What a trunk's call carries has changed: the bridge at its other end is made a new offer. A call that cannot be changed
    /// so ends.
    public func carry(_ streams: CarriedStreams, in call: CallID) async {
        let inner = inner
        await run { () -> Void in inner.value?.carry(streams, in: call) }
    }

    /// Tells the bridge at the other end of a trunk's call something of its point, of 4,096 octets at most.
    public func order(_ text: String, in call: CallID) async { await inform(InfoTrunk.package, text, in: call) }

    /// Tells it that the point raised its hand, or took it down, as the point itself would.
    public func forward(hand isRaised: Bool, in call: CallID) async {
        await inform(InfoHand.package, isRaised ? "raised" : "lowered", in: call)
    }

    private func inform(_ package: String, _ text: String, in call: CallID) async {
        let inner = inner
        await run { () -> Void in inner.value?.tell { core, now in core.inform(call, package, text, at: now) } }
    }

    /// Ends a call: with this status, where it was not answered yet.
    public func dismiss(_ call: CallID, code: UInt16, reason: String) async {
        let inner = inner
        await run { () -> Void in inner.value?.reply(.hangUp(call, .refused(code: code, reason: reason))) }
    }

    /// Asks a point to call another room in place of the one that it is in (RFC 3515). The host hears what comes of it.
    public func transfer(_ call: CallID, to room: String) async {
        let inner = inner
        await run { () -> Void in inner.value?.tell { core, now in core.transfer(call, to: room, at: now) } }
    }

    /// Tells a point how far the call has come that it asked for; a final status is the last word.
    public func tell(_ referral: Referral.ID, status: UInt16) async {
        let inner = inner
        await run { () -> Void in inner.value?.tell { core, now in core.tell(referral, status: status, at: now) } }
    }

    /// Tells those who watch a room how its conference stands now.
    public func publish(_ info: ConferenceInfo, of room: String) async {
        let inner = inner
        await run { () -> Void in inner.value?.tell { core, now in core.publish(info, of: room, at: now) } }
    }

    /// Brings a text to those of these calls that take MESSAGE in their dialogs (RFC 3428).
    public func relay(_ message: RelayedMessage, to calls: [CallID]) async {
        let inner = inner
        await run { () -> Void in
            inner.value?.tell { core, now in for call in calls { core.relay(message, to: call, at: now) } }
        }
    }

    /// Says whose slides all see in a room, so that those who ask for its floor see that it is taken.
    public func presented(by leg: LegID?, in room: MediaRoomID) async { await desk.presented(by: leg, in: room) }

    /// Ends one call; the reason goes into the BYE.
    public func hangUp(_ call: CallID, reason: String) async {
        let inner = inner
        await run { () -> Void in inner.value?.reply(.hangUp(call, .localHangUp(reason))) }
    }

    /// Calls as they stand now.
    public var calls: [CallSnapshot] {
        get async {
            let legs = await desk.legOfCall
            let inner = inner
            return await run {
                (inner.value?.core?.calls ?? [:]).map { id, call in
                    CallSnapshot(call: call.point, state: .init(call.phase), leg: legs[id])
                }
            }
        }
    }

    /// How the points of these calls can be reached once this run is over, as far as they can.
    public func waysBack(of calls: [CallID]) async -> [CallID: RegisteredContact] {
        let inner = inner
        return await run {
            var ways: [CallID: RegisteredContact] = [:]
            for id in calls {
                ways[id] = inner.value?.core?.calls[id].flatMap {
                    RegisteredContact($0, wall: RegistrationKeeper.wallClock)
                }
            }
            return ways
        }
    }

    /// Calls of late, the oldest first.
    public var tracedCalls: [TracedCall] {
        get async {
            let inner = inner
            return await run { inner.value?.trace.calls ?? [] }
        }
    }

    /// The latest messages, the oldest first, with all that is in them.
    public var tracedMessages: [TracedMessage] {
        get async {
            let inner = inner
            // Read here, and not on the control thread.
            return await run { inner.value?.trace.ring }?.all ?? []
        }
    }

    /// Octets of memory that the SIP messages take which are kept.
    public var tracedOctets: Int {
        get async {
            let inner = inner
            return await run { inner.value?.trace.ring.octets ?? 0 }
        }
    }

    public var defenceCounts: DefenceCounts {
        get async {
            let inner = inner
            return await run { inner.value?.core?.addresses.counts ?? DefenceCounts() }
        }
    }

    /// Points with a registration that holds.
    public var registeredPoints: Int {
        get async {
            let inner = inner
            return await run { inner.value?.core?.registrar.bindings.count ?? 0 }
        }
    }

    /// Hangs up every call, waits a little for the answers and for what who has just connected wants, and closes every connection.
    /// Who connects meanwhile waits in the sockets, where somebody keeps them.
    public func stop(reason: String = "the bridge is going down") async {
        let (loop, inner) = (loop, inner)
        let quiet = await run { inner.value?.drain(reason) ?? loop.makeSucceededVoidFuture() }
        let promise = loop.makePromise(of: Void.self)
        quiet.cascade(to: promise)
        let timer = loop.scheduleTask(in: Self.farewell) { promise.succeed() }
        _ = try? await promise.futureResult.get()
        timer.cancel()
        let heard = await run { inner.value?.hearNewcomers() ?? loop.makeSucceededVoidFuture() }
        try? await heard.get()
        await keeper.settle()
        await floors?.stop()
        await run { () -> Void in
            inner.value?.stop()
            inner.value = nil
        }
    }

    private func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: body()) }
        }
    }
}

/// Leads from the floors, which are made first, to the desk.
final class Presenters: @unchecked Sendable {
    // Set once, before anything is heard, and used on the control thread only.
    weak var desk: CallDesk?

    func tell(_ call: CallID?, _ room: MediaRoomID) { desk?.assumeIsolated { $0.presents(call, in: room) } }
}

extension CallSnapshot.State {
    init(_ phase: Call.Phase) {
        switch phase {
        case .entering: self = .entering
        case .answered, .up: self = .up
        case .leaving: self = .leaving
        }
    }
}
