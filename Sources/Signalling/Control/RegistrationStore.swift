import SIP

/// Keeps registrations over a restart of the daemon, so that points need not register again to be called.
public protocol RegistrationStore: Sendable {
    func load() async throws -> [RegisteredContact]
    /// Replaces what is kept of each of these points, all or nothing. Returns when it would survive a power cut.
    func save(_ contacts: [String: [RegisteredContact]]) async throws
}

/// One way to reach a point, as it is kept.
public struct RegisteredContact: Hashable, Sendable, Codable {
    public var point: String
    /// The contact's URI.
    public var contact: String
    /// The device's `+sip.instance` (RFC 5626 §4.1).
    public var instance: String?
    /// Its `reg-id`.
    public var flowNumber: UInt32?
    public var callID: String
    public var sequence: UInt32
    /// Milliseconds since 1970.
    public var expires: Int64
    public var quality: String?
    public var path: [String]
    public var userAgent: String?
    public var temporaryGRUUs: [String]
    /// `udp`, `tcp` or `tls`; nil when the way on which it was registered is gone.
    public var transport: String?
    public var listener: Int
    public var host: String
    public var port: UInt16
}

extension RegisteredContact {
    init(_ binding: Binding, of point: String, at now: SIPInstant, wall: Int64) {
        self.point = point
        contact = binding.uri.description
        instance = binding.instance
        if case .flow(_, let number) = binding.key { flowNumber = number }
        callID = binding.callID
        sequence = binding.sequence
        expires = wall + (binding.expires - now).milliseconds
        quality = binding.quality
        path = binding.path
        userAgent = binding.userAgent
        temporaryGRUUs = binding.temporaryGRUUs
        transport = binding.flow?.transport.rawValue
        listener = binding.flow?.listener ?? 0
        host = binding.flow?.remoteHost ?? ""
        port = binding.flow?.remotePort ?? 0
    }
}

extension RegisteredContact {
    /// The way to a point that is in a call; nil where it ends with this run, as connections do.
    init?(_ call: Call, wall: Int64) {
        guard call.flow.transport == .udp, !call.isByInvitation else { return nil }
        self.init(
            point: call.point.username, contact: call.dialog.remoteTarget.description, callID: "", sequence: 0,
            expires: wall + 86_400_000, path: call.dialog.routeSet.map(\.description), temporaryGRUUs: [],
            transport: call.flow.transport.rawValue, listener: call.flow.listener, host: call.flow.remoteHost,
            port: call.flow.remotePort)
    }
}

extension Binding {
    /// What another bridge heard on a listener that is none here goes out by the first that can send it.
    private static func listener(like number: Int, among listeners: [SIPListener]) -> Int? {
        if listeners.indices.contains(number), listeners[number].transport == .udp { return number }
        return listeners.firstIndex { $0.transport == .udp }
    }

    /// Nil for what no longer holds, or cannot be read. Connections do not outlive the run that had them, and what was
    /// registered as a flow goes with its connection.
    init?(_ kept: RegisteredContact, at now: SIPInstant, wall: Int64, listeners: [SIPListener]) {
        guard kept.expires > wall, let uri = try? URI(parsing: kept.contact) else { return nil }
        var flow: Flow?
        if kept.transport == SIPTransport.udp.rawValue,
            let listener = Self.listener(like: kept.listener, among: listeners)
        {
            flow = Flow(
                listener: listener, connection: 0, transport: .udp, remoteHost: kept.host,
                remotePort: Int(kept.port))
        }
        var key = Key.contact
        if let instance = kept.instance, let number = kept.flowNumber {
            guard flow != nil else { return nil }
            key = .flow(instance: instance, number: number)
        }
        self.init(
            uri: uri, key: key, instance: kept.instance, callID: kept.callID, sequence: kept.sequence,
            expires: now + .milliseconds(kept.expires - wall), quality: kept.quality, path: kept.path, flow: flow,
            userAgent: kept.userAgent, temporaryGRUUs: kept.temporaryGRUUs)
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
