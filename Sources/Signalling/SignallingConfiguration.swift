import SDP
import SIP

/// Where signalling listens, for whom it speaks and what it bears.
public struct SignallingConfiguration: Sendable {
    public var listeners: [SIPListener]
    /// The SIP domain; also the realm of digest challenges.
    public var domain: String
    public var certificate: TLSCertificateFiles?
    /// A PEM file of the authorities whose certificates points may sign in with; nil asks no point for one.
    public var pointAuthority: String?
    /// Where floor control (BFCP) listens; nil where slides are shared without it.
    public var floorControl: FloorControlConfiguration?
    /// What `Server` and `User-Agent` say.
    public var product: String
    /// Sends 180 before 200. Points that play a tone at 180 are told apart from dead ones sooner.
    public var rings: Bool
    /// SRTP suites that are agreed to, in the order of preference.
    public var suites: [CryptoSuite]
    /// What every invitation lets into, whatever room it is for: the line check.
    public var openRooms: Set<String> = []
    /// By which bridges of a cluster call each other; nil where this one is alone.
    public var trunk: TrunkAccount?
    /// Octets of the latest messages that are kept in memory; 0 keeps none.
    public var traceOctets = 0
    public var limits: SignallingLimits
    public var registrar: RegistrarLimits
    public var sessionTimer: SessionTimerLimits

    public init(
        listeners: [SIPListener], domain: String, certificate: TLSCertificateFiles? = nil,
        pointAuthority: String? = nil, product: String = "Causeway",
        rings: Bool = true, suites: [CryptoSuite] = MediaCapabilities().suites, limits: SignallingLimits = .init(),
        registrar: RegistrarLimits = .init(),
        sessionTimer: SessionTimerLimits = .init()
    ) {
        self.listeners = listeners
        self.domain = domain
        self.certificate = certificate
        self.pointAuthority = pointAuthority
        self.product = product
        self.rings = rings
        self.suites = suites
        self.limits = limits
        self.registrar = registrar
        self.sessionTimer = sessionTimer
    }
}

/// One socket on which SIP is heard.
public struct SIPListener: Hashable, Sendable, CustomStringConvertible {
    public var transport: SIPTransport
    /// A local IP address; `0.0.0.0` or `::` for all, which needs `advertisedHost`.
    public var host: String
    /// 0 lets the system choose; `Signalling.addresses` says what it chose.
    public var port: UInt16
    /// The host that peers are told to send to, where it differs from `host`.
    public var advertisedHost: String?
    /// Accepts RTP/AVP, media without encryption.
    public var allowsClearMedia: Bool

    public init(
        _ transport: SIPTransport, host: String, port: UInt16, advertisedHost: String? = nil,
        allowsClearMedia: Bool = false
    ) {
        self.transport = transport
        self.host = host
        self.port = port
        self.advertisedHost = advertisedHost
        self.allowsClearMedia = allowsClearMedia
    }

    public var description: String { "SIP \(transport.rawValue) \(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

/// PEM files of a certificate chain, leaf first, and of its private key.
public struct TLSCertificateFiles: Hashable, Sendable {
    public var certificateChain: String
    public var privateKey: String
    public init(certificateChain: String, privateKey: String) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }
}

/// Bounds on what peers can make the signalling hold.
public struct SignallingLimits: Sendable {
    public var calls = 2000
    public var connections = 4000
    public var connectionsPerAddress = 1000
    /// Octets of one message; longer ones are refused with 413 or end the connection.
    public var messageSize = 65_535
    /// Octets waiting to be written on a connection whose peer does not read.
    public var writeBacklog = 262_144
    /// A message, and a TLS handshake, must be complete so soon after its first octet.
    public var messageTime = Duration.seconds(15)
    /// A connection without a call is closed after this much silence.
    public var idleTime = Duration.seconds(900)
    /// A connection on which no point proved who it is is closed after so long, whatever comes on it.
    public var provingTime = Duration.seconds(60)
    public var connectTime = Duration.seconds(8)
    /// Subscriptions at once, those of transfers included.
    public var subscriptions = 4_000
    /// How long a point that the bridge calls may ring.
    public var patience = Duration.seconds(60)
    /// New calls a second; more hear 503, cheaply. A third is kept for points that proved who they are.
    public var callsPerSecond = 200
    /// Registrations a second; more hear 503.
    public var registrationsPerSecond = 1_000
    /// How long the first ban of an address lasts that guesses or scans.
    public var ban = Duration.seconds(600)
    /// How long a flow on which a point proved itself stays open to it, whatever comes from the same address.
    public var trust = Duration.seconds(7200)
    /// Failed authentications of one name from one address within `failureWindow` after which it hears 403.
    public var authenticationFailures = 8
    public var failureWindow = Duration.seconds(60)
    /// How long a digest nonce is good.
    public var nonceLifetime = Duration.seconds(300)
    /// What 503 tells callers beyond `calls` to wait.
    public var retryAfter = Duration.seconds(10)
    public init() {}
}

extension SignallingLimits {
    var addresses: AddressGuard.Limits {
        var limits = AddressGuard.Limits()
        limits.ban = ban
        return limits
    }
}

/// Bounds of registrations (RFC 3261 §10.3).
public struct RegistrarLimits: Sendable {
    public var minimumExpiry = Duration.seconds(60)
    public var defaultExpiry = Duration.seconds(3600)
    public var maximumExpiry = Duration.seconds(7200)
    public var bindingsPerPoint = 10
    public var points = 20_000
    /// How often a point must show that its flow still stands (RFC 5626 §5.4).
    public var flowTimer = Duration.seconds(120)
    public init() {}
}

/// Session timers (RFC 4028).
public struct SessionTimerLimits: Sendable {
    /// The interval where the caller leaves it to the bridge, and its upper bound.
    public var interval = Duration.seconds(1800)
    /// Min-SE; the RFC's floor is 90 s.
    public var minimum = Duration.seconds(90)
    public init() {}
}
