import Crypto
import Foundation
public import Logging
import NIOCore
import NIOPosix
public import Placement
public import SQLDatabase
import Synchronization

/// This bridge as a member of a cluster: drives ``RoomPlacement`` by a clock, the database and the control ports, and says where rooms
/// are at home.
public final class ClusterMember: Sendable {
    public struct Settings: Sendable {
        public var name: String
        /// Where the tables are.
        public var database: SQLLocation
        /// Where this bridge answers others; port 0 lets the system choose.
        public var control: ControlAddress
        /// What others are told of it, where that is not the address.
        public var advertised: String?
        public var trunk: String?
        /// What the bridges of the cluster know alone.
        public var secret: String
        public var timing: PlacementTiming

        public init(
            name: String, database: SQLLocation, control: ControlAddress, advertised: String? = nil,
            trunk: String? = nil, secret: String, timing: PlacementTiming = PlacementTiming()
        ) {
            self.name = name
            self.database = database
            self.control = control
            self.advertised = advertised
            self.trunk = trunk
            self.secret = secret
            self.timing = timing
        }
    }

    /// What changes for the bridge, in its order.
    public enum Change: Hashable, Sendable {
        case joined
        /// The room is served here from now on; `former` had it before, and perhaps a meeting in it. Nobody is let in before
        /// ``ClusterMember/settle(_:epoch:)`` is told that the meeting goes on.
        case serve(String, epoch: Int64, former: BridgeLife?)
        /// The room's meeting is no longer this bridge's: nothing may be written of it.
        case stop(String, RoomPlacement.StopReason)
        /// Another life has this bridge's name.
        case superseded(by: BridgeLife)
    }

    private struct State {
        var placement: RoomPlacement
        var bridges: [String: KnownBridge] = [:]
        /// Rooms that are this bridge's, and whose former meetings are being brought back.
        var settling: Set<String> = []
        var waiting: [String: [Int: CheckedContinuation<HomeOfRoom, Never>]] = [:]
        var number = 0
        var timer: Scheduled<Void>?
        var isGone = false
        var isOver = false
    }

    public let me: KnownBridge
    /// Heard by one.
    public let changes: AsyncStream<Change>
    private let told: AsyncStream<Change>.Continuation
    private let state: Mutex<State>
    private let store: HomeStore
    private let secret: SymmetricKey
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let port: ControlPort
    private let timing: PlacementTiming
    private let logger: Logger
    private let origin = ContinuousClock.now

    /// Opens the control port and the tables. Not yet a member: see ``begin()``.
    /// - Throws: `SQLDatabaseError`, or why the port cannot be opened.
    public init(_ settings: Settings, logger: Logger) async throws {
        let life = BridgeLife(bridge: settings.name, life: Self.newLife())
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.any()
        let secret = SymmetricKey(data: Data(settings.secret.utf8))
        let port: ControlPort
        do { port = try await ControlPort(settings.control, life, secret, on: loop) } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        let host = settings.advertised ?? settings.control.host
        let me = KnownBridge(
            life: life, control: ControlAddress(host: host, port: port.port), trunk: settings.trunk)
        do { store = try HomeStore(settings.database, as: me) } catch {
            await port.close()
            try? await group.shutdownGracefully()
            throw error
        }
        (self.me, self.group, self.loop, self.secret, self.port) = (me, group, loop, secret, port)
        (timing, self.logger) = (settings.timing, logger)
        state = Mutex(State(placement: RoomPlacement(me: life, timing: settings.timing)))
        (changes, told) = AsyncStream.makeStream()
    }

    private static func newLife() -> String {
        var generator = SystemRandomNumberGenerator()
        return String(generator.next(), radix: 36) + String(generator.next(), radix: 36)
    }

    private var now: RoomPlacement.Instant { ContinuousClock.now - origin }

    /// Enters the cluster, and takes over rooms of bridges that are dead from now on.
    public func begin() { handle(.tick) }

    /// Whether no further life of a bridge is known whose life is over.
    public func isOver(_ life: BridgeLife) -> Bool {
        state.withLock { $0.bridges[life.bridge].map { $0.life == life } ?? true }
    }

    // MARK: Rooms

    /// The epoch in which this bridge serves the room at this moment; nil: it does not.
    public func epoch(of room: String) -> Int64? {
        state.withLock { $0.placement.epoch(of: room, at: now) }
    }

    /// Where a room is at home; one that nobody has is taken.
    public func home(of room: String, within patience: Duration = .seconds(5)) async -> HomeOfRoom {
        let settled = state.withLock { state in
            state.settling.contains(room) ? nil : state.placement.epoch(of: room, at: now)
        }
        if let settled { return .here(epoch: settled) }
        return await withCheckedContinuation { continuation in
            let number = state.withLock { state in
                state.number += 1
                state.waiting[room, default: [:]][state.number] = continuation
                return state.number
            }
            loop.scheduleTask(in: TimeAmount(patience)) { [weak self] in
                self?.state.withLock { $0.waiting[room]?.removeValue(forKey: number) }?.resume(returning: .unknown)
            }
            handle(.want(room))
            answerWaiting(for: room)
        }
    }

    /// As the last look at the database found it.
    public func bridge(named name: String) -> KnownBridge? { state.withLock { $0.bridges[name] } }

    /// The meeting that a former home held in the room goes on, or there was none.
    public func settle(_ room: String, epoch: Int64) {
        state.withLock { state in
            if state.placement.epoch(of: room, at: now) == epoch { state.settling.remove(room) }
        }
        answerWaiting(for: room)
    }

    /// The room's meeting is over.
    public func finish(_ room: String) { handle(.finish(room)) }

    /// Whoever cannot learn more by waiting is answered.
    private func answerWaiting(for room: String) {
        let (waiting, home) = state.withLock { state -> ([CheckedContinuation<HomeOfRoom, Never>], HomeOfRoom) in
            var home = HomeOfRoom.unknown
            if let epoch = state.placement.epoch(of: room, at: now) {
                guard !state.settling.contains(room) else { return ([], home) }
                home = .here(epoch: epoch)
            } else if state.placement.isDeciding(room) {
                return ([], home)
            }
            return (state.waiting.removeValue(forKey: room).map { Array($0.values) } ?? [], home)
        }
        for continuation in waiting { continuation.resume(returning: home) }
    }

    private func answer(_ row: RoomRow) {
        guard let waiting = state.withLock({ $0.waiting.removeValue(forKey: row.room) }), !waiting.isEmpty else {
            return
        }
        Task {
            var home = HomeOfRoom.unknown
            if let holder = row.holder {
                var bridge = state.withLock { $0.bridges[holder.bridge] }
                if bridge?.life != holder { bridge = try? await store.bridge(named: holder.bridge) }
                if let bridge, bridge.life == holder { home = .elsewhere(bridge) }
            }
            for continuation in waiting.values { continuation.resume(returning: home) }
        }
    }

    // MARK: The machine

    private func handle(_ event: RoomPlacement.Event) {
        var errands: [RoomPlacement.Action] = []
        var stopped: [String] = []
        var found: [RoomRow] = []
        state.withLock { state in
            guard !state.isOver else { return }
            for action in state.placement.handle(event, at: now) {
                switch action {
                case .serve(let room, let epoch, let former):
                    state.settling.insert(room)
                    told.yield(.serve(room, epoch: epoch, former: former))
                case .stop(let room, let reason):
                    state.settling.remove(room)
                    stopped.append(room)
                    told.yield(.stop(room, reason))
                case .joined: told.yield(.joined)
                case .superseded(let other): told.yield(.superseded(by: other))
                case .elsewhere(let row): found.append(row)
                case .renew, .register, .take, .release, .leave, .probe: errands.append(action)
                }
            }
            setTimer(&state)
        }
        for action in errands { Task { await run(action) } }
        for row in found { answer(row) }
        for room in stopped { answerWaiting(for: room) }
        switch event {
        case .databaseGone:
            for room in state.withLock({ Array($0.waiting.keys) }) { answerWaiting(for: room) }
        case .taken(let taking, _), .notTaken(let taking, _): answerWaiting(for: taking.room)
        default: break
        }
    }

    /// At least once an interval, whatever is waited for: the machine may have slept.
    private func setTimer(_ state: inout State) {
        state.timer?.cancel()
        guard let deadline = state.placement.deadline else { return state.timer = nil }
        let wait = min(max(.milliseconds(1), deadline - now), timing.interval)
        state.timer = loop.scheduleTask(in: TimeAmount(wait)) { [weak self] in self?.handle(.tick) }
    }

    private func run(_ action: RoomPlacement.Action) async {
        if case .probe(let life) = action {
            guard let bridge = state.withLock({ $0.bridges[life.bridge] }), bridge.life == life else {
                return handle(.probed(life, .silent))
            }
            let verdict = await ControlPort.probe(life, at: bridge.control, secret, on: loop)
            if verdict == .dead { logger.warning("bridge \(life) is dead") }
            return handle(.probed(life, verdict))
        }
        do {
            let answer = try await store.carryOut(action)
            let isBack = state.withLock { state in
                if let bridges = answer.bridges {
                    state.bridges = Dictionary(bridges.map { ($0.name, $0) }) { $1 }
                }
                defer { state.isGone = false }
                return state.isGone
            }
            if isBack { logger.notice("the shared database answers again") }
            if let event = answer.event { handle(event) }
        } catch {
            let isNews = state.withLock { state in
                defer { state.isGone = true }
                return !state.isGone && !state.isOver
            }
            if isNews {
                logger.error("the shared database: \(error); meetings go on for \(timing.grace) without it")
            }
            handle(.databaseGone)
        }
    }

    // MARK: Its end

    /// Says that this life is over: others take its rooms at once. Nothing is served after this; the control port still answers.
    public func leave() async {
        let hasJoined = state.withLock { state -> Bool in
            state.timer?.cancel()
            let actions = state.placement.handle(.leave, at: now)
            for case .stop(let room, let reason) in actions { told.yield(.stop(room, reason)) }
            return actions.contains(.leave)
        }
        if hasJoined {
            do { _ = try await store.carryOut(.leave) } catch {
                logger.warning("the other bridges learn only by asking that this one is gone: \(error)")
            }
        }
    }

    /// The bridge is dead to the others from now on.
    public func close() async {
        let waiting = state.withLock { state -> [CheckedContinuation<HomeOfRoom, Never>] in
            state.isOver = true
            state.timer?.cancel()
            defer { state.waiting = [:] }
            return state.waiting.values.flatMap(\.values)
        }
        for continuation in waiting { continuation.resume(returning: .unknown) }
        told.finish()
        try? store.close()
        await port.close()
        try? await group.shutdownGracefully()
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
