import Glibc
import SIP
import SIPTrace

/// A call that the bridge had, or has.
public struct TracedCall: Sendable, Hashable {
    public var call: CallID
    public var callID: String
    public var direction: PointCall.Direction
    public var username: String
    public var room: String
    public var userAgent: String?
    public var transport: SIPTransport
    public var remote: TracedMessage.Place
    /// Nanoseconds since 1970.
    public var beganAt: UInt64
    public var endedAt: UInt64?
    public var reason: String?
}

/// The latest messages, and which calls they are of. Lives on the control thread.
struct SignallingTrace {
    private static let mostCalls = 2_000

    private(set) var ring: TraceRing
    /// The oldest first; those that are over give way.
    private(set) var calls: [TracedCall] = []

    init(octets: Int) { ring = TraceRing(capacity: octets) }

    mutating func note(
        _ octets: [UInt8], isReceived: Bool, on flow: Flow, at place: @autoclosure () -> TracedMessage.Place
    ) {
        ring.append(
            TracedMessage(
                at: Self.now, isReceived: isReceived, transport: flow.transport.rawValue, local: place(),
                remote: .init(host: flow.remoteHost, port: flow.remotePort), octets: octets))
    }

    mutating func began(_ call: PointCall, _ callID: String?) {
        guard ring.capacity > 0, let callID else { return }
        if calls.count >= Self.mostCalls,
            let oldest = calls.firstIndex(where: { $0.endedAt != nil }) ?? calls.indices.first
        {
            calls.remove(at: oldest)
        }
        calls.append(
            TracedCall(
                call: call.id, callID: callID, direction: call.direction, username: call.username, room: call.room,
                userAgent: call.userAgent, transport: call.transport,
                remote: .init(host: call.remoteHost, port: call.remotePort), beganAt: Self.now))
    }

    mutating func ended(_ call: CallID, _ reason: String) {
        guard let index = calls.lastIndex(where: { $0.call == call }) else { return }
        calls[index].endedAt = Self.now
        calls[index].reason = reason
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
