public import Foundation
public import Quality

/// What the portal asks of the signalling for those who look for faults; the daemon answers.
public protocol CallTracing: Sendable {
    /// Calls of late, the oldest first.
    func calls() async -> [TracedCallSummary]
    /// A call by its SIP Call-ID, or by its name in the daemon (`call-12`); nil where nothing is known of it.
    func trace(_ call: String) async -> CallTrace?
    /// Messages as a file for Wireshark.
    /// - Parameters:
    ///   - callID: of this call alone; nil gives all that are kept.
    ///   - hidden: SIP Call-IDs of calls whose messages are left out.
    ///   - withKeys: with the keys, passwords and texts that are blanked otherwise.
    func capture(_ callID: String?, without hidden: Set<String>, withKeys: Bool) async -> Data
}

/// A call that there is, or was.
public struct TracedCallSummary: Codable, Sendable, Equatable {
    /// In the daemon: `call-12`.
    public var id: String
    /// The SIP Call-ID.
    public var callID: String
    /// Whether the bridge called.
    public var isOutgoing: Bool
    /// The user name of the point's account.
    public var username: String
    public var room: String
    /// `udp`, `tcp`, `tls`, `ws`, `wss`.
    public var transport: String
    public var remote: String
    public var userAgent: String?
    public var beganAt: Date
    public var endedAt: Date?
    /// Why it ended.
    public var reason: String?
    /// The point's code and the meeting that it was in; nil where it came into none.
    public var point: String?
    public var meeting: String?
    public var convening: LiveConvening?

    public init(
        id: String, callID: String, isOutgoing: Bool, username: String, room: String, transport: String,
        remote: String, userAgent: String?, beganAt: Date, endedAt: Date?, reason: String?
    ) {
        self.id = id
        self.callID = callID
        self.isOutgoing = isOutgoing
        self.username = username
        self.room = room
        self.transport = transport
        self.remote = remote
        self.userAgent = userAgent
        self.beganAt = beganAt
        self.endedAt = endedAt
        self.reason = reason
    }
}

/// The whole story of a call.
public struct CallTrace: Codable, Sendable, Equatable {
    /// Nil of messages that led to no call, as registrations.
    public var call: TracedCallSummary?
    public var messages: [TracedMessageLine]
    public var media: CallMedia?
    public init(call: TracedCallSummary?, messages: [TracedMessageLine], media: CallMedia?) {
        self.call = call
        self.messages = messages
        self.media = media
    }
}

/// A message of the signalling ladder.
public struct TracedMessageLine: Codable, Sendable, Equatable {
    public var at: Date
    /// From the point to the bridge.
    public var isReceived: Bool
    public var transport: String
    public var local: String
    public var remote: String
    /// `INVITE sip:giaoban@example.vn SIP/2.0`, `SIP/2.0 200 OK`.
    public var line: String
    /// `1 INVITE`.
    public var sequence: String?
    public var contentType: String?
    public var bodyOctets: Int
    /// The same octets went the same way before.
    public var isRepeated: Bool

    public init(
        at: Date, isReceived: Bool, transport: String, local: String, remote: String, line: String,
        sequence: String?, contentType: String?, bodyOctets: Int, isRepeated: Bool
    ) {
        self.at = at
        self.isReceived = isReceived
        self.transport = transport
        self.local = local
        self.remote = remote
        self.line = line
        self.sequence = sequence
        self.contentType = contentType
        self.bodyOctets = bodyOctets
        self.isRepeated = isRepeated
    }
}

/// How a call's media went: as it is now, or as it was when the call ended.
public struct CallMedia: Codable, Sendable, Equatable {
    public struct Stream: Codable, Sendable, Equatable {
        /// `audio`, `video`, `slides`.
        public var kind: String
        public var stream: LiveStream
        /// By which packets are encrypted; nil in the clear.
        public var suite: String?
        /// Of the point's reports of what is sent to it, percent and milliseconds.
        public var lossDownPercent: Double
        public var jitterDownMilliseconds: Double
        /// Packets that failed authentication, or were replayed; and that were no RTP.
        public var unauthenticated: UInt64
        public var malformed: UInt64
        public var keyframesRequested: UInt64
        public var retransmitted: UInt64

        public init(kind: String, stream: LiveStream, suite: String?) {
            self.kind = kind
            self.stream = stream
            self.suite = suite
            (lossDownPercent, jitterDownMilliseconds) = (0, 0)
            (unauthenticated, malformed, keyframesRequested, retransmitted) = (0, 0, 0, 0)
        }
    }

    /// Whence the keys are; never they themselves.
    public var keying: Keying?
    public var streams: [Stream]
    public var quality: LiveQuality?
    /// What the line to it is thought to carry, bit/s.
    public var lineBitsPerSecond: UInt64?

    public init(keying: Keying?, streams: [Stream], quality: LiveQuality?, lineBitsPerSecond: UInt64?) {
        self.keying = keying
        self.streams = streams
        self.quality = quality
        self.lineBitsPerSecond = lineBitsPerSecond
    }
}
