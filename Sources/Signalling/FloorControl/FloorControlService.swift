import BFCP
import Logging
import NIOCore

/// The floor control server of the bridge (RFC 8855): one UDP and one TCP listener for all meetings, of which each has one
/// floor, the slides. It lives on the control thread. Whom the peers of a meeting are, and where they speak from, their
/// calls say; others are not heard.
public actor FloorControlService {
    /// The one floor of each conference.
    public static let floorID: UInt16 = 1

    private let configuration: FloorControlConfiguration
    private let thread: ControlThread
    private let logger: Logger
    private let onChange: @Sendable (FloorChange) -> Void
    private var inner: FloorControlLoop?

    /// - Parameter onChange: called on the control thread each time a floor has another holder, or none, or others wait.
    public init(
        configuration: FloorControlConfiguration, on thread: ControlThread, logger: Logger,
        onChange: @escaping @Sendable (FloorChange) -> Void
    ) {
        self.configuration = configuration
        self.thread = thread
        self.logger = logger
        self.onChange = onChange
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.executor }

    // MARK: Life

    /// Opens both listeners.
    public func start() async throws(SignallingError) {
        guard inner == nil else { throw .alreadyStarted }
        let inner = FloorControlLoop(
            loop: thread.loop, configuration: configuration, logger: logger, onChange: onChange)
        self.inner = inner
        let udp = try await opened(inner.bindUDP(), "BFCP UDP", configuration.udpPort)
        inner.use(udp: udp)
        do throws(SignallingError) {
            inner.use(tcp: try await opened(inner.bindTCP(), "BFCP TCP", configuration.tcpPort))
        } catch {
            stop()
            throw error
        }
    }

    private func opened(
        _ channel: EventLoopFuture<any Channel>, _ what: String, _ port: UInt16
    ) async throws(SignallingError) -> any Channel {
        do { return try await channel.get() } catch {
            throw Transport.explain(error, listener: "\(what) \(configuration.host):\(port)")
        }
    }

    public func stop() {
        inner?.stop()
        inner = nil
    }

    /// What the SDP announces for `UDP/BFCP`; nil before `start`.
    public var udpPort: UInt16? { inner?.udpPort }
    /// What the SDP announces for `TCP/BFCP`, with `a=setup:passive`; nil before `start`.
    public var tcpPort: UInt16? { inner?.tcpPort }

    // MARK: Meetings

    /// Opens the floor of a meeting; its conference identifier, which nobody can guess. Nil before `start`.
    public func open(_ contention: FloorContention = .takeOver, awaitsChair: Bool = false) -> UInt32? {
        var settings = FloorConferenceSettings()
        settings.floors = [Self.floorID]
        settings.contention = contention
        settings.awaitsChair = awaitsChair
        guard let inner else { return nil }
        while true {
            // Some systems read it as a signed number.
            let id = UInt32(truncatingIfNeeded: Self.random()) & 0x7FFF_FFFF
            if id != 0, inner.server.addConference(id, settings) { return id }
        }
    }

    /// The meeting is over.
    public func close(_ conferenceID: UInt32) { inner?.act { $0.removeConference(conferenceID) } }

    /// Lets a participant ask for the floor, and others see its name when it holds it.
    /// - Parameters:
    ///   - peer: nil for one without BFCP, for whom the bridge asks.
    ///   - mayPresent: whether it may ask at all.
    /// - Returns: nil if there is no such conference, or no place left in it.
    public func admit(
        _ participant: FloorParticipant, named name: String, to conferenceID: UInt32, peer: FloorPeer?,
        mayPresent: Bool = true, isChair: Bool = false
    ) -> FloorTicket? {
        guard let inner else { return nil }
        var user = FloorUser(
            userID: 0, participant: participant, displayName: name, mayRequest: mayPresent, isChair: isChair,
            hosts: peer?.hosts ?? [], announced: peer?.announced)
        for _ in 0..<Self.attempts {
            user.userID = UInt16(truncatingIfNeeded: Self.random())
            var added = false
            inner.act { server in
                let actions = server.addUser(user, to: conferenceID, at: .now)
                added = actions != nil
                return actions ?? []
            }
            if added {
                inner.connect(to: peer)
                return FloorTicket(conferenceID: conferenceID, userID: user.userID, floorID: Self.floorID)
            }
        }
        return nil
    }

    private static let attempts = 64

    /// The participant's call has another description, or its first; what it holds, and its ticket, stay.
    /// - Parameter peer: nil for one that has no BFCP, or no longer.
    public func move(_ participant: FloorParticipant, in conferenceID: UInt32, to peer: FloorPeer?) {
        inner?.act {
            $0.move(participant, in: conferenceID, hosts: peer?.hosts ?? [], announced: peer?.announced)
        }
        inner?.connect(to: peer)
    }

    /// The participant's call is over; what it held is free.
    public func dismiss(_ participant: FloorParticipant, from conferenceID: UInt32) {
        inner?.act { $0.removeUser(participant, from: conferenceID, at: .now) }
    }

    // MARK: Floors

    public func holder(in conferenceID: UInt32) -> FloorParticipant? {
        inner?.server.holder(of: Self.floorID, in: conferenceID)
    }

    /// Asks for one that has no BFCP and wants to present.
    public func request(
        by participant: FloorParticipant, in conferenceID: UInt32
    ) throws(FloorRefusal) -> BFCPRequestStatus {
        guard let inner else { throw .conferenceUnknown }
        let asked = try inner.server.request(Self.floorID, by: participant, in: conferenceID, at: .now)
        inner.act { _ in asked.actions }
        return asked.status
    }

    /// It has stopped to present.
    public func release(by participant: FloorParticipant, in conferenceID: UInt32) {
        inner?.act { $0.release(Self.floorID, by: participant, in: conferenceID, at: .now) }
    }

    /// The chair lets it present, whoever does now.
    public func grant(to participant: FloorParticipant, in conferenceID: UInt32) throws(FloorRefusal) {
        guard let inner else { throw .conferenceUnknown }
        let actions = try inner.server.grant(Self.floorID, to: participant, in: conferenceID, at: .now)
        inner.act { _ in actions }
    }

    /// The chair takes the floor from whoever holds it.
    public func revoke(in conferenceID: UInt32) {
        inner?.act { $0.revoke(Self.floorID, in: conferenceID, at: .now) }
    }

    private static func random() -> UInt64 { randomOctets(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
