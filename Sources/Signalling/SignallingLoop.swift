import Logging
import LogSubjects
import MediaPlane
import NIOCore
import NIOPosix
import SIP
import SIPTrace

/// The user agent core and its transport, on the event loop that they live on: carries octets in, actions out, and keeps
/// the core's one timer.
final class SignallingLoop {
    private let loop: any EventLoop
    private let logger: SubjectLogger
    private let listeners: [SIPListener]
    /// Lives on the same loop.
    private let desk: CallDesk
    /// Lives on the same loop.
    private let keeper: RegistrationKeeper
    private(set) var core: UserAgentCore?
    private(set) var transport: Transport!
    private var wayfinder: Wayfinder!
    private var meter = SignallingMeter()
    private(set) var trace: SignallingTrace
    private var timer: Scheduled<Void>?
    private var timerDue: SIPInstant?
    /// Whose calls there are, and into which rooms, until their last word.
    private var parties: [CallID: (point: String, room: String)] = [:]
    private var waitingForQuiet: [EventLoopPromise<Void>] = []

    init(
        loop: any EventLoop, limits: SignallingLimits, listeners: [SIPListener], traceOctets: Int, logger: Logger,
        desk: CallDesk, keeper: RegistrationKeeper, locate: @escaping Wayfinder.Locate
    ) {
        self.loop = loop
        self.logger = SubjectLogger(logger)
        self.listeners = listeners
        self.desk = desk
        self.keeper = keeper
        trace = SignallingTrace(octets: traceOctets)
        transport = Transport(
            loop: loop, limits: limits,
            regard: PeerRegard(
                admits: { [unowned self] flow in core?.addresses.admits(flow, at: .now) ?? true },
                isProven: { [unowned self] flow in core?.addresses.isProven(flow, at: .now) ?? false },
                isInUse: { [unowned self] flow in core?.isInUse(flow) ?? false }),
            onEvent: { [unowned self] event in handle(event) })
        wayfinder = Wayfinder(transport: transport, locate: locate) { [unowned self] errand, flow in
            let now = SIPInstant.now
            act { core in
                if let flow { core.reached(errand, on: flow, at: now) } else { core.unreachable(errand, at: now) }
                return core.takeActions()
            }
        }
    }

    /// Calls a point into a room.
    /// - Returns: the call's name; nil where there is no way to it.
    func call(_ username: String, at address: URI?, into room: String, title: String, media: MediaRoomID) -> CallID? {
        guard core?.isDraining == false, let devices = core?.devices(of: username, address: address, at: .now),
            !devices.isEmpty, let id = core?.newCallID()
        else { return nil }
        // Clear media is for those who registered where it is allowed, all of them.
        let allowsClear = devices.allSatisfy { device in
            device.flows.first.map {
                listeners.indices.contains($0.listener) && listeners[$0.listener].allowsClearMedia
            }
                ?? false
        }
        let isBrowser = devices.allSatisfy { $0.flows.first?.transport.isWebSocket ?? false }
        let call = OutgoingCall(
            id: id, username: username, room: room, title: title, address: address, isBrowser: isBrowser)
        wish(.dial(call, in: media, allowsClear: allowsClear), of: id)
        return id
    }

    /// Calls another bridge, to bring one leg's streams there.
    /// - Returns: the call's name; nil where there are no trunks.
    func project(
        _ subject: TrunkSubject, to target: URI, room: String, beside media: MediaRoomID, _ leg: LegID,
        _ streams: CarriedStreams
    ) -> CallID? {
        guard core?.isDraining == false, core?.settings.trunk != nil, let id = core?.newCallID() else { return nil }
        let call = TrunkCall(id: id, subject: subject, room: room, target: target, leg: leg, streams: streams)
        wish(.project(call, in: media), of: id)
        return id
    }

    /// What a trunk's call carries is something else from now on.
    func carry(_ streams: CarriedStreams, in call: CallID) { wish(.carry(streams), of: call) }

    /// Begins to answer: from now on there is a core.
    func begin(_ core: UserAgentCore) {
        self.core = core
        transport.read()
    }

    private func handle(_ event: TransportEvent) {
        let now = SIPInstant.now
        switch event {
        case .message(let octets, let flow):
            meter.received(octets)
            trace.note(octets, isReceived: true, on: flow, at: place(of: flow))
            act { $0.receive(octets, on: flow, at: now) }
        case .certified(let subjects, let flow): core?.certify(subjects, on: flow)
        case .malformed(let error, let flow): act { $0.receive(error, on: flow, at: now) }
        case .closed(let flow, let reason):
            logger.debug("\(flow): closed: \(reason)")
            act { $0.flowFailed(flow, at: now) }
        }
    }

    /// Lets the core do something, carries out what it wants, and sets its timer.
    func act(_ body: (inout UserAgentCore) -> [UserAgentAction]) {
        // Changed where it lies: to look at it first would copy all that it holds.
        guard let actions = core?.changed(by: body) else { return }
        for action in actions { perform(action) }
        schedule()
        if !waitingForQuiet.isEmpty, core?.isQuiet == true {
            for promise in waitingForQuiet { promise.succeed() }
            waitingForQuiet = []
        }
    }

    private func perform(_ action: UserAgentAction) {
        switch action {
        case .send(let octets, let flow):
            meter.sent(octets)
            trace.note(octets, isReceived: false, on: flow, at: place(of: flow))
            transport.send(octets, on: flow)
        case .callArrived(let call, let offer, let flow):
            parties[call.id] = (call.username, call.room)
            trace.began(call, core?.calls[call.id]?.dialog.id.callID)
            let allowsClear = listeners.indices.contains(flow.listener) && listeners[flow.listener].allowsClearMedia
            wish(.enter(call, offer: offer, allowsClear: allowsClear), of: call.id)
        case .callAcknowledged(_, answer: nil): break
        case .callAcknowledged(let call, let answer): wish(.acknowledged(answer: answer), of: call)
        case .changeArrived(let call, let offer): wish(.change(offer: offer), of: call)
        case .changeAnswered(let call, let answer): wish(.changeAnswered(answer), of: call)
        case .keyframeRequested(let call): wish(.keyframe, of: call)
        case .digit(let call, let digit): wish(.digit(digit), of: call)
        case .hand(let call, let isRaised): wish(.hand(isRaised: isRaised), of: call)
        case .layout(let call, let name): wish(.layout(name), of: call)
        case .panes(let call, let panes): wish(.panes(panes), of: call)
        case .trunkOrdered(let call, let text): wish(.ordered(text), of: call)
        case .trunkTexted(let call, let message): wish(.texted(message), of: call)
        case .messageArrived(let id, let message): desk.assumeIsolated { $0.take(message, id) }
        case .keepBindings(let bindings, let point, let id):
            keeper.assumeIsolated { $0.keep(bindings, of: point, then: id) }
            if !bindings.isEmpty { desk.assumeIsolated { $0.registered(point) } }
        case .findWay(let errand, let uri): wayfinder.find(errand, uri)
        case .findNextWay(let errand): wayfinder.next(errand)
        case .forgetWay(let errand): wayfinder.forget(errand)
        case .watchAsked(let id, let room, let username):
            desk.assumeIsolated { $0.take(watch: id, of: room, by: username) }
        case .unwatched(let room): desk.assumeIsolated { $0.unwatched(room) }
        case .referred(let referral): desk.assumeIsolated { $0.take(referral) }
        case .transferEnded(let call, let status): wish(.transferEnded(status), of: call)
        case .callProgressed(let call, let status): wish(.progressed(status), of: call)
        case .callAnswered(let call, let answer, let offer):
            trace.began(call, core?.calls[call.id]?.dialog.id.callID)
            wish(.answered(call, answer: answer, to: offer), of: call.id)
        case .callEnded(let call, let reason):
            let party = parties.removeValue(forKey: call)
            logger.about(point: party?.point, room: party?.room).info("\(call): \(reason)")
            trace.ended(call, "\(reason)")
            wish(.ended(reason), of: call)
        case .log(let level, let line): logger.log(level: level, line)
        }
    }

    /// The bridge's end of a flow.
    private func place(of flow: Flow) -> TracedMessage.Place {
        guard transport.bound.indices.contains(flow.listener) else { return .init(host: "", port: 0) }
        let bound = transport.bound[flow.listener]
        return .init(host: bound.listener.advertisedHost ?? bound.listener.host, port: bound.port)
    }

    private func wish(_ wish: CallDesk.Wish, of call: CallID) {
        desk.assumeIsolated { $0.take(wish, of: call) }
    }

    func reply(_ reply: CallReply) {
        let now = SIPInstant.now
        act { core in
            switch reply {
            case .accept(let call, let description): _ = core.accept(call, description: description, at: now)
            case .reject(let call, let code, let reason): core.reject(call, code, reason, at: now)
            case .answerChange(let call, let description): core.answerChange(call, description: description, at: now)
            case .refuseChange(let call, let code, let reason): core.refuseChange(call, code, reason, at: now)
            case .answerMessage(let id, let outcome): core.answerMessage(id, outcome, at: now)
            case .dial(let call, let descriptions):
                parties[call.id] = (call.username, call.room)
                core.dial(
                    call.id, call.username, into: call.room, title: call.title, address: call.address,
                    offering: descriptions, at: now)
            case .project(let call, let description): core.project(call, offering: description, at: now)
            case .reoffer(let call, let description): core.reoffer(call, description: description, at: now)
            case .answerWatch(let id, let info): core.answerWatch(id, info, at: now)
            case .hangUp(let call, let reason): core.hangUp(call, reason, at: now)
            }
            return core.takeActions()
        }
    }

    /// Has the core do something at once, and what it wants of it.
    func tell(_ body: (inout UserAgentCore, SIPInstant) -> Void) {
        let now = SIPInstant.now
        act { core in
            body(&core, now)
            return core.takeActions()
        }
    }

    func registrationsKept(_ ids: [ServerTransactionID]) {
        let now = SIPInstant.now
        act { core in
            for id in ids { core.registrationKept(id, at: now) }
            return core.takeActions()
        }
    }

    /// Takes no new connections, refuses new calls, hangs up those there are, and tells when the last is gone.
    func drain(_ reason: String) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        waitingForQuiet.append(promise)
        let now = SIPInstant.now
        act { core in
            core.isDraining = true
            for call in Set(core.calls.keys).union(core.dialling.keys) {
                core.hangUp(call, .localHangUp(reason), at: now)
            }
            return core.takeActions()
        }
        transport.stopAccepting()
        if core == nil { promise.succeed() }
        return promise.futureResult
    }

    /// Tells when who connected a moment before the drain has said what it wants, or had a second to.
    func hearNewcomers() -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        let held = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(20)) { task in
            guard !held.value.transport.hasNewcomers else { return }
            task.cancel()
            promise.succeed()
        }
        return promise.futureResult
    }

    func stop() {
        timer?.cancel()
        for promise in waitingForQuiet { promise.succeed() }
        waitingForQuiet = []
        transport.stop()
        core = nil
    }

    /// A timer that goes off too early is left alone: it finds nothing due, and is set again. Deadlines move with every
    /// message, mostly to a later time.
    private func schedule() {
        guard let due = core?.deadline, timerDue.map({ due < $0 }) ?? true else { return }
        timer?.cancel()
        timerDue = due
        let (seconds, attoseconds) = max(.zero, due - SIPInstant.now).components
        let delay = TimeAmount.nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        timer = loop.assumeIsolated().scheduleTask(in: delay) { [unowned self] in
            timerDue = nil
            act { $0.advance(to: .now) }
        }
    }
}

extension UserAgentCore {
    fileprivate mutating func changed(by body: (inout UserAgentCore) -> [UserAgentAction]) -> [UserAgentAction] {
        body(&self)
    }
}
