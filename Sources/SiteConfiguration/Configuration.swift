/// What a site sets, with defaults with which everything runs on loopback. Loaded by ``load(path:)``.
///
/// Every section names its keys, with their meaning and bounds, in one table (``ConfigurationSection/keys``), by which
/// files are read and checked and the reference is printed.
public struct Configuration: Hashable, Sendable {
    public var sip = SIP()
    public var media = Media()
    public var archive = Archive()
    public var recording = Recording()
    public var papers = Papers()
    public var portal = Portal()
    public var announcements = Announcements()
    public var lineCheck = LineCheck()
    public var schedule = Schedule()
    public var cluster = Cluster()
    public var trunks = Trunks()
    public var certificates = Certificates()
    public var limits = Limits()
    public var log = Log()
    /// In the order of protocol, as are `points`.
    public var units: [Unit] = []
    public var points: [Point] = []
    public var rooms: [Room] = []

    public init() {}

    /// Signalling: for whom it speaks and where it listens.
    public struct SIP: Hashable, Sendable {
        /// The part after `@` in the bridge's addresses; also the realm of its digest challenges.
        public var domain = "causeway.local"
        public var listeners = [
            Listener(transport: .udp, address: "127.0.0.1", port: 5060),
            Listener(transport: .tcp, address: "127.0.0.1", port: 5060),
            Listener(transport: .tls, address: "127.0.0.1", port: 5061),
        ]
        /// Answers 180 before 200.
        public var ringing = true
        /// UDP and TCP port of floor control (BFCP) for shared slides; 0 lets the system choose.
        public var floorControlPort: UInt16 = 0
        /// PEM certificates of the authorities by which points may prove themselves in place of a password.
        public var pointAuthority: String?
        /// Octets of memory for the latest messages, by which calls are traced.
        public var traceOctets = 16 << 20
        public init() {}
    }

    public enum Transport: String, Hashable, Sendable, CaseIterable { case udp, tcp, tls, ws, wss }

    /// One socket on which SIP is heard.
    public struct Listener: Hashable, Sendable {
        public var transport = Transport.udp
        /// A numeric IP address.
        public var address = "127.0.0.1"
        public var port: UInt16 = 5060
        /// What points are told to send to, where it differs from `address`.
        public var advertised: String?
        /// Lets media in that is not encrypted.
        public var allowClearMedia = false
        public init() {}
        public init(transport: Transport, address: String, port: UInt16) {
            self.transport = transport
            self.address = address
            self.port = port
        }
    }

    public struct Media: Hashable, Sendable {
        /// A numeric IP address.
        public var bind = "127.0.0.1"
        /// The numeric address written into SDP, where it differs from `bind`.
        public var advertised: String?
        public var ports: ClosedRange<UInt16> = 20_000...29_999
        /// Worker threads; 0 is one a core.
        public var workers = 0
        /// Of media threads, 1 to 50 (SCHED_RR); 0 leaves them ordinary threads of high niceness.
        public var realTimePriority = 0
        public var srtp = SRTP()
        /// A leg from which nothing came for this long is taken out.
        public var silenceLimit = Duration.seconds(30)
        public var dscp = DSCP()
        public init() {}
    }

    /// Marks of sent packets for the network's priority (RFC 2474).
    public struct DSCP: Hashable, Sendable {
        /// Expedited forwarding (RFC 3246).
        public var audio = 46
        /// AF41, as for interactive video of high priority (RFC 8837 §5).
        public var video = 34
        public init() {}
    }

    public struct SRTP: Hashable, Sendable {
        public var engine = SRTPEngine.auto
        /// In the order of preference.
        public var suites = SRTPSuite.allCases
        public init() {}
    }

    public enum SRTPEngine: String, Hashable, Sendable, CaseIterable {
        case auto
        case ipsecMB = "ipsec-mb"
        case openssl, libsrtp2
    }

    /// By their names in RFC 4568, RFC 6188 and RFC 7714, the best first.
    public enum SRTPSuite: String, Hashable, Sendable, CaseIterable {
        case aeadAES128GCM = "AEAD_AES_128_GCM"
        case aeadAES256GCM = "AEAD_AES_256_GCM"
        case aesCM128HMACSHA1_80 = "AES_CM_128_HMAC_SHA1_80"
        case aes256CMHMACSHA1_80 = "AES_256_CM_HMAC_SHA1_80"
        case aesCM128HMACSHA1_32 = "AES_CM_128_HMAC_SHA1_32"
    }

    public struct Archive: Hashable, Sendable {
        public var directory = "/var/lib/causeway/archive"
        /// Public holidays, by which the clock of conclusions runs; those that are installed where nothing is said.
        public var holidays: String?
        /// What the site corrects of the profile of archival packages, and whose they are; see docs/packages.md.
        public var dossierProfile: String?
        /// The agency whose records they are.
        public var organization: String?
        public var seal = Seal()
        public var fixity = Fixity()
        public var secondLocation = SecondLocation()
        public var retention = Retention()
        public var harvest = Harvest()
        public var encryption = Encryption()
        public init() {}
    }

    /// Whether packages of meetings that are not ordinary are encrypted.
    public struct Encryption: Hashable, Sendable {
        public enum Rule: String, Hashable, Sendable, CaseIterable {
            case required
            case whenKeyed
            case never
        }
        public var restricted = Rule.whenKeyed
        /// Names of credentials of the unit's.
        public var credential = "archive-kek"
        public var formerCredential: String?
        public init() {}
    }

    /// Whether archive systems may harvest what is known of ordinary meetings (OAI-PMH).
    public struct Harvest: Hashable, Sendable {
        /// Whom they may write to; nil where nobody harvests.
        public var email: String?
        /// What the archive is called to them; the agency's name where nothing is said.
        public var name: String?
        public init() {}
    }

    /// For how long meetings are kept.
    public struct Retention: Hashable, Sendable {
        /// The installed table where nothing is said.
        public var table: String?
        /// The code of the class of meetings that nobody gave another; the first permanent one where nothing is said.
        public var standard: String?
        public var by = RoundStarter.clock
        public init() {}
    }

    /// What has the archive's rounds made.
    public enum RoundStarter: String, Hashable, Sendable, CaseIterable { case clock, timer }

    /// How sealed packages are looked after.
    public struct Fixity: Hashable, Sendable {
        public var interval = Duration.seconds(30 * 86_400)
        /// Megabytes a second.
        public var rate = 20
        public var by = RoundStarter.clock
        public init() {}
    }

    /// Where packages are kept a second time: a path, a remote, or nowhere.
    public struct SecondLocation: Hashable, Sendable {
        public var path: String?
        /// Of rclone: `NAME:PATH`.
        public var remote: String?
        /// rclone's configuration file, which has the remote's credentials.
        public var rcloneConfig: String?
        /// Megabytes a second.
        public var rate = 20
        /// Whether copies are read again when their packages are.
        public var verify = true
        /// Whether the catalogue and the Office's database are copied as well.
        public var databases = true
        public init() {}
    }

    /// How packages are sealed.
    public struct Seal: Hashable, Sendable {
        /// PEM, the signer's certificate first; the archive's own key signs where there is none.
        public var certificate: String?
        public var key: String?
        /// Where time stamps are asked for (RFC 3161).
        public var timeStampURL: String?
        /// Whose time stamps are good: PEM.
        public var timeStampAuthorities: String?
        public init() {}
    }

    public struct Recording: Hashable, Sendable {
        public var accessCopy = AccessCopy()
        /// A directory on another disk, where each meeting is recorded a second time.
        public var second: String?
        public init() {}
    }

    /// The film composed from a recording.
    public struct AccessCopy: Hashable, Sendable {
        public var size = PictureSize(width: 1280, height: 720)
        /// Pictures a second.
        public var frameRate = 25
        /// How many are composed at once.
        public var jobs = 1
        /// Processors for each; 0: all.
        public var cores = 0
        public init() {}
    }

    /// In pixels.
    public struct PictureSize: Hashable, Sendable {
        public var width: Int
        public var height: Int
        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    /// Papers of meetings, as they are brought.
    public struct Papers: Hashable, Sendable {
        /// The Unix socket of ClamAV's daemon; nil where nobody looks for viruses.
        public var clamd: String?
        public init() {}
    }

    public struct Portal: Hashable, Sendable {
        /// The Unix socket by which `causeway` speaks to the daemon.
        public var socket = "/run/causeway/causewayd.sock"
        /// Where HTTPS is served, a numeric IP address.
        public var address = "127.0.0.1"
        /// 0 serves no HTTPS.
        public var port: UInt16 = 8443
        public var tokens: [Token] = []
        public var secondFactor = SecondFactor.required
        public var limits = RequestLimits()
        public var openID = OpenID()
        /// The address under which browsers reach the portal, `https://…`, where it is not that of `address` and `port`.
        public var url: String?
        /// Where the join page finds SIP over WebSocket, `wss://…`, where that is not the first `wss` listener.
        public var webSocket: String?
        /// Whom points call for help, with telephone; stands on join guides.
        public var support = ""
        /// The number by which plain telephones come in through a gateway; nil where there is none.
        public var telephone: String?
        public init() {}
    }

    /// How much may be asked of the portal, and how often may be guessed.
    public struct RequestLimits: Hashable, Sendable {
        /// In a minute, by one token or person.
        public var anything = 6000
        public var search = 300
        public var download = 3000
        public var accessRequest = 20
        /// In a minute, for one account.
        public var signIn = 20
        /// In a minute, from one address.
        public var signInFromAddress = 120
        /// From one address, within ``shutOut``.
        public var wrongTokens = 5
        public var wrongPasswords = 30
        public var shutOut = Duration.seconds(300)
        public init() {}
    }

    /// The site's identity provider (OpenID Connect).
    public struct OpenID: Hashable, Sendable {
        /// `https://…`; nil where nobody signs in by one.
        public var issuer: String?
        public var client: String?
        /// Its first line is the client's secret; nil for a client that has none.
        public var secretFile: String?
        /// Read from ``secretFile``.
        public var secret: Secret?
        /// Stands on the button.
        public var name: String?
        /// PEM certificates that vouch for the provider's server, where the machine's own do not.
        public var authority: String?
        /// Which claim says who somebody is.
        public var claim = "sub"
        /// Asked for besides `openid`.
        public var scopes: [String] = []
        /// Values of `amr`, and of `acr`, that say that a second factor was used.
        public var methods = ["mfa"]
        public var contexts: [String] = []
        public init() {}
    }

    /// Whether signing in takes an authenticator app, besides the password.
    public enum SecondFactor: String, Hashable, Sendable, CaseIterable {
        /// Of administrators and archivists.
        case required
        /// Of whoever turned it on.
        case offered
    }

    public enum Role: String, Hashable, Sendable, CaseIterable {
        case administrator, convener, chair, technician, archivist
        case agencyReader = "agency-reader"
        case auditor
    }

    /// As the portal has them.
    public enum TokenScope: String, Hashable, Sendable, CaseIterable {
        case status = "status:read"
        case meetingsRead = "meetings:read"
        case meetingsControl = "meetings:control"
        case recordingsRead = "recordings:read"
        case recordingsManage = "recordings:manage"
        case search, harvest
        case reportsRead = "reports:read"
        case accessRequest = "access:request"
        case accessDecide = "access:decide"
        case retentionRead = "retention:read"
        case retentionManage = "retention:manage"
        case registerRead = "register:read"
        case registerManage = "register:manage"
        case guides
        case scheduleRead = "schedule:read"
        case scheduleManage = "schedule:manage"
        case journalRead = "journal:read"
        case tokensManage = "tokens:manage"
    }

    /// Access to the portal by a bearer token, of which only the digest is kept.
    public struct Token: Hashable, Sendable {
        /// Who it was given to; this is what the audit says.
        public var name = ""
        public var role = Role.archivist
        /// What of the role it may; empty for all.
        public var scopes: [TokenScope] = []
        /// SHA-256 of the token, 64 hexadecimal digits in lower case.
        public var sha256 = Secret("")
        public init() {}
    }

    public struct Certificates: Hashable, Sendable {
        /// Where the site's own CA and server certificate are made and kept.
        public var directory = "/var/lib/causeway/certificates"
        /// DNS names and IP addresses that the self-made certificate is for; empty takes domain and listeners.
        public var names: [String] = []
        /// A PEM chain, leaf first, to use instead of a self-made one; goes with `key`.
        public var chain: String?
        public var key: String?
        public init() {}
    }

    /// Bounds on what peers can make the daemon hold.
    public struct Limits: Hashable, Sendable {
        public var calls = 2000
        public var connections = 4000
        public var connectionsPerAddress = 1000
        /// Octets of one SIP message.
        public var messageSize = 65_535
        /// The session timer's interval (RFC 4028).
        public var sessionExpires = Duration.seconds(1800)
        /// The shortest interval that is agreed to.
        public var minimumSessionExpires = Duration.seconds(90)
        /// From one address, in a minute, before it is refused.
        public var authenticationFailures = 8
        /// New calls, and registrations, a second.
        public var callsPerSecond = 200
        public var registrationsPerSecond = 1_000
        /// How long an address is shut out that guesses passwords or scans, the first time.
        public var ban = Duration.seconds(600)
        public init() {}
    }

    public enum LogLevel: String, Hashable, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }
    public enum LogFormat: String, Hashable, Sendable, CaseIterable { case text, json }

    public struct Log: Hashable, Sendable {
        public var level = LogLevel.info
        public var format = LogFormat.text
        /// Of the Office's journal of who did what.
        public var journalMonths = 12
        public init() {}
    }

    /// An agency.
    public struct Unit: Hashable, Sendable {
        public var id = ""
        public var name = ""
        public init() {}
    }

    /// A connection point and its account.
    public struct Point: Hashable, Sendable {
        public var id = ""
        public var name = ""
        public var unit: String?
        var givenUsername: String?
        /// Written in the file, or read from `passwordFile`.
        public var password: Secret?
        var passwordFile: String?
        public var ha1Sha256: Secret?
        public var ha1Md5: Secret?
        /// A SIP URI at which it is called when it has not registered.
        public var address: String?
        /// It may sign in by a certificate for `sip:username@domain` from `sip.pointAuthority`.
        public var certificate = false
        /// It brings plain telephones in.
        public var isTelephone = false
        public init() {}

        /// The name by which it authenticates: its id, unless the file gives another.
        public var username: String {
            get { givenUsername ?? id }
            set { givenUsername = newValue }
        }
        public var credential: Credential {
            if let password { return .password(password) }
            return ha1Sha256 == nil && ha1Md5 == nil ? .none : .digests(sha256: ha1Sha256, md5: ha1Md5)
        }
    }

    /// How a point proves who it is (RFC 7616).
    public enum Credential: Hashable, Sendable {
        case password(Secret)
        /// H(username:realm:password) in hexadecimal digits; at least one is there.
        case digests(sha256: Secret?, md5: Secret?)
        /// It has no password: its certificate alone proves who it is.
        case none
    }

    public struct Room: Hashable, Sendable {
        /// The user part of its SIP address.
        public var id = ""
        var givenTitle: String?
        public var isOpen = true
        public var points = Invited.all
        public var recording = RecordingRule()
        public var sound = Sound()
        /// How long a meeting waits for somebody to come back once the last point left.
        public var linger = Duration.seconds(60)
        public var maxPoints = 200
        public var microphones = Microphones.muted
        public var pin: Secret?
        public var chair: String?
        public var callsBack = true
        /// The code of the class in the retention table that meetings here have.
        public var retentionClass: String?
        public init() {}

        /// Its id, unless the file gives another.
        public var title: String {
            get { givenTitle ?? id }
            set { givenTitle = newValue }
        }
    }

    /// How the microphones of points stand that join.
    public enum Microphones: String, Hashable, Sendable, CaseIterable { case muted, open }

    /// Whom a room lets in.
    public enum Invited: Hashable, Sendable {
        case all
        case points([String])
    }

    /// What a room does for the sound of its points.
    public struct Sound: Hashable, Sendable {
        public var gain = true
        public var noiseSuppression = false
        public init() {}
    }

    public enum RecordingOrder: String, Hashable, Sendable, CaseIterable { case none, standing }

    /// In which meetings everybody's picture is composed for the sake of the recording's mark.
    public enum RecordingMark: String, Hashable, Sendable, CaseIterable { case convened, always, never }

    /// Whether meetings in a room are recorded, and by whose decision.
    public struct RecordingRule: Hashable, Sendable {
        public var order = RecordingOrder.none
        public var orderedBy = ""
        public var document = ""
        public var mark = RecordingMark.convened
        public init() {}
    }
}
