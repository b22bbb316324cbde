import Testing

@testable import BFCP

/// One conference at a server, and points that speak to it in memory.
final class Meeting {
    static let conferenceID: UInt32 = 4_711

    var server: FloorControlServer
    var now = ContinuousClock.now
    /// What was sent to each point since it was last looked at.
    private var sent: [UInt16: [BFCPMessage]] = [:]
    private(set) var holders: [UInt64?] = []
    private(set) var waiting: [UInt64] = []
    private(set) var closed: [FloorControlFlow] = []
    private(set) var unanswered: [BFCPPrimitive] = []
    private(set) var flows: [UInt16: FloorControlFlow] = [:]
    private var transaction: UInt16 = 0

    init(_ change: (inout FloorConferenceSettings) -> Void = { _ in }) {
        server = FloorControlServer()
        var settings = FloorConferenceSettings()
        change(&settings)
        let added = server.addConference(Self.conferenceID, settings)
        #expect(added)
    }

    /// A point of the number, at an address and port of its own.
    func add(
        _ user: UInt16, tcp: Bool = false, hasBFCP: Bool = true, _ change: (inout FloorUser) -> Void = { _ in }
    ) {
        let flow = FloorControlFlow(connection: tcp ? UInt64(user) : 0, host: "192.0.2.\(user)", port: 5_000 + user)
        flows[user] = hasBFCP ? flow : nil
        var member = FloorUser(
            userID: user, participant: .init(rawValue: 100 + UInt64(user)), displayName: "Điểm \(user)",
            hosts: hasBFCP ? [flow.host] : [])
        change(&member)
        let actions = server.addUser(member, to: Self.conferenceID, at: now)
        #expect(actions != nil)
        take(actions ?? [])
    }

    /// Sends a request and returns its answer.
    @discardableResult
    func say(
        _ primitive: BFCPPrimitive, _ user: UInt16, _ attributes: [BFCPAttribute.Value] = [], version: UInt8? = nil,
        conferenceID: UInt32 = conferenceID, from other: FloorControlFlow? = nil
    ) -> BFCPMessage? {
        transaction += 1
        guard let flow = other ?? flows[user] else { return nil }
        let request = BFCPMessage(
            primitive, version: version ?? (flow.isReliable ? 1 : 2), conferenceID: conferenceID,
            transactionID: 1_000 + transaction, userID: user, attributes: attributes.map { .init($0) })
        return exchange(request.serialized(), on: flow).first { $0.transactionID == request.transactionID }
    }

    /// Sends octets; what came back on the same flow at once.
    @discardableResult
    func exchange(_ octets: [UInt8], on flow: FloorControlFlow) -> [BFCPMessage] {
        let actions = server.receive(octets, from: flow, at: now)
        take(actions)
        return actions.compactMap {
            if case .send(let octets, flow) = $0 { try? BFCPMessage(parsing: octets) } else { nil }
        }
    }

    /// Takes what the server does; the points acknowledge its requests, as RFC 8855 asks them to.
    func take(_ actions: [FloorControlAction]) {
        for action in actions {
            switch action {
            case .send(let octets, let flow):
                guard let message = try? BFCPMessage(parsing: octets) else {
                    Issue.record("not BFCP: \(octets)")
                    continue
                }
                sent[message.userID, default: []].append(message)
                acknowledge(message, on: flow)
            case .close(let flow): closed.append(flow)
            case .floorChanged(_, _, let holder, let waiting):
                if (holders.last ?? nil) != holder?.rawValue { holders.append(holder?.rawValue) }
                self.waiting = waiting.map(\.rawValue)
            case .unanswered(let primitive, _): unanswered.append(primitive)
            }
        }
    }

    var acknowledges = true

    private func acknowledge(_ message: BFCPMessage, on flow: FloorControlFlow) {
        guard acknowledges, !flow.isReliable, !message.isResponse, message.version == 2 else { return }
        let primitive: BFCPPrimitive
        switch message.primitive {
        case .floorRequestStatus: primitive = .floorRequestStatusAck
        case .floorStatus: primitive = .floorStatusAck
        default:
            Issue.record("the server asks \(message.primitive)")
            return
        }
        take(server.receive(message.response(primitive).serialized(), from: flow, at: now))
    }

    /// What was sent to a point since this was last asked.
    func heard(_ user: UInt16) -> [BFCPMessage] { sent.removeValue(forKey: user) ?? [] }

    func wait(_ duration: Duration) {
        let end = now + duration
        while let due = server.deadline, due <= end {
            now = max(now, due)
            take(server.advance(to: now))
        }
        now = end
    }

    // MARK: What points do

    func ask(_ user: UInt16, floor: UInt16 = 1, priority: UInt8? = nil) -> BFCPMessage? {
        say(.floorRequest, user, [.floorID(floor)] + (priority.map { [.priority($0)] } ?? []))
    }

    func release(_ user: UInt16, _ request: UInt16) -> BFCPMessage? {
        say(.floorRelease, user, [.floorRequestID(request)])
    }

    func participant(_ user: UInt16) -> FloorParticipant { .init(rawValue: 100 + UInt64(user)) }
    var holder: UInt64? { server.holder(in: Self.conferenceID)?.rawValue }
}

/// One floor request as a message tells of it.
struct Told: Equatable {
    var request: UInt16
    var status: BFCPRequestStatus
    var position: UInt8 = 0
    var user: UInt16
}

extension BFCPMessage {
    var errorCode: UInt8? {
        attributes.first { if case .errorCode(let code, _) = $0 { code.rawValue } else { nil } }
    }

    var told: [Told] {
        attributes.compactMap { attribute in
            guard case .floorRequestInformation(let id, let details) = attribute.value else { return nil }
            var told = Told(request: id, status: .pending, user: 0)
            for detail in details {
                if case .overallRequestStatus(id, let status) = detail.value,
                    case .requestStatus(let value, let position)? = status.first?.value
                {
                    told.status = value
                    told.position = position
                }
                if case .beneficiaryInformation(let user, _) = detail.value { told.user = user }
            }
            return told
        }
    }
}
