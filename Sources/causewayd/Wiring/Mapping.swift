import Certificates
import Conference
import Logging
import MediaPlane
import Office
import OfficeStore
import OpenID
import Portal
import SDP
import SIP
import SRTP
import Signalling
import SiteConfiguration

// What a site configured, in the words of each part.

extension MediaPlaneConfiguration {
    init(_ media: Configuration.Media) {
        let engine: SRTPEngineChoice =
            switch media.srtp.engine {
            case .auto: .automatic
            case .ipsecMB: .ipsecMB
            case .openssl: .openSSL
            case .libsrtp2: .libsrtp2
            }
        self.init(
            bindAddress: media.bind, advertisedAddress: media.advertised, ports: media.ports, workers: media.workers,
            srtpEngine: engine, silenceLimit: media.silenceLimit,
            audioDSCP: UInt8(clamping: media.dscp.audio), videoDSCP: UInt8(clamping: media.dscp.video))
        realTimePriority = media.realTimePriority
    }
}

extension SignallingConfiguration {
    init(_ configuration: Configuration, certificate: CertificatePaths) {
        self.init(
            listeners: configuration.sip.listeners.map { listener in
                SIPListener(
                    SIPTransport(rawValue: listener.transport.rawValue) ?? .udp, host: listener.address,
                    port: listener.port, advertisedHost: listener.advertised,
                    allowsClearMedia: listener.allowClearMedia)
            }, domain: configuration.sip.domain, certificate: TLSCertificateFiles(certificate),
            pointAuthority: configuration.sip.pointAuthority, product: "Causeway/\(Version.text)",
            rings: configuration.sip.ringing,
            suites: configuration.media.srtp.suites.compactMap { CryptoSuite(rawValue: $0.rawValue) })
        let (cluster, trunks) = (configuration.cluster, configuration.trunks)
        if let name = cluster.name ?? trunks.name, let secret = cluster.trunkSecret ?? trunks.secret {
            trunk = TrunkAccount(bridge: name, secret: secret.reveal())
        }
        traceOctets = configuration.sip.traceOctets
        floorControl = FloorControlConfiguration(
            host: configuration.media.bind, udpPort: configuration.sip.floorControlPort,
            tcpPort: configuration.sip.floorControlPort)
        openRooms = LineCheckSettings(configuration).names
        limits.calls = configuration.limits.calls
        limits.connections = configuration.limits.connections
        limits.connectionsPerAddress = configuration.limits.connectionsPerAddress
        limits.messageSize = configuration.limits.messageSize
        limits.authenticationFailures = configuration.limits.authenticationFailures
        limits.callsPerSecond = configuration.limits.callsPerSecond
        limits.registrationsPerSecond = configuration.limits.registrationsPerSecond
        limits.ban = configuration.limits.ban
        sessionTimer.interval = configuration.limits.sessionExpires
        sessionTimer.minimum = configuration.limits.minimumSessionExpires
    }
}

extension TrunkDesk {
    /// Nil where this bridge is alone.
    init?(_ trunks: Configuration.Trunks) {
        guard let name = trunks.name else { return nil }
        let bridges = trunks.bridges.compactMap { bridge -> (BridgeID, SIPURI)? in
            guard let uri = (try? URI(parsing: bridge.address))?.sip else { return nil }
            return (BridgeID(bridge.name), uri)
        }
        self.init(
            own: BridgeID(name),
            homes: FixedRoomHomes(
                own: BridgeID(name),
                rooms: Dictionary(trunks.homes.map { (RoomID($0.room), BridgeID($0.bridge)) }) { first, _ in first },
                bridges: Dictionary(bridges) { first, _ in first }))
    }
}

extension TLSCertificateFiles {
    init(_ paths: CertificatePaths) { self.init(certificateChain: paths.chain, privateKey: paths.key) }
}

extension PortalConfiguration {
    init(_ configuration: Configuration, certificate: CertificatePaths, office: OfficeStore, reports: ReportDesk) {
        let portal = configuration.portal
        self.init(
            https: portal.port == 0
                ? nil
                : HTTPS(
                    host: portal.address, port: Int(portal.port), certificatePath: certificate.chain,
                    keyPath: certificate.key),
            socketPath: portal.socket,
            tokens: portal.tokens.compactMap { token in
                AccessToken(
                    name: token.name, role: Role(token.role),
                    scopes: token.scopes.isEmpty ? nil : Set(token.scopes.map(TokenScope.init)),
                    sha256: token.sha256.reveal())
            })
        organization = configuration.archive.organization ?? ""
        secondFactor = portal.secondFactor == .required ? .required : .offered
        limits = RequestLimits(portal.limits)
        openID = portal.openID.configuration
        journalMonths = configuration.log.journalMonths
        let listener = configuration.sip.listeners.first { $0.transport == .wss }
        join = JoinConfiguration(
            publicURL: portal.url,
            webSocket: portal.webSocket.map { .url($0) }
                ?? listener.map { .listener(host: $0.advertised, port: $0.port) })
        self.reports = reports
        packages = PackageConfiguration(configuration, office)
        harvest = configuration.archive.harvest.email.map { email in
            let organization = configuration.archive.organization
            return HarvestConfiguration(
                repositoryName: configuration.archive.harvest.name ?? organization ?? configuration.sip.domain,
                domain: configuration.sip.domain, email: email, organization: organization ?? "")
        }
        let site = SiteGuides(configuration, certificate: certificate, office: office)
        guides = GuideConfiguration(
            publicURL: site.site.portalURL, authorityPath: certificate.authority,
            tokensPath: configuration.certificates.directory + "/provisioning.json",
            material: { site.material(for: $0) })
    }
}

extension RequestLimits {
    init(_ limits: Configuration.RequestLimits) {
        self.init()
        anything = limits.anything
        search = limits.search
        download = limits.download
        accessRequest = limits.accessRequest
        signIn = limits.signIn
        signInFromAddress = limits.signInFromAddress
        wrongTokens = limits.wrongTokens
        wrongPasswords = limits.wrongPasswords
        shutOut = limits.shutOut
    }
}

extension Configuration.OpenID {
    var configuration: OpenIDConfiguration? {
        guard let issuer, let client else { return nil }
        var provider = OpenIDProvider(
            issuer: issuer, clientID: client, clientSecret: secret?.reveal(),
            name: name ?? String(issuer.dropFirst("https://".count).prefix { $0 != "/" }))
        provider.claim = claim
        provider.scopes = scopes
        provider.methods = Set(methods)
        provider.contexts = contexts
        return OpenIDConfiguration(provider: provider, authorityPath: authority)
    }
}

extension TokenScope {
    init(_ scope: Configuration.TokenScope) {
        self =
            switch scope {
            case .status: .status
            case .meetingsRead: .meetingsRead
            case .meetingsControl: .meetingsControl
            case .recordingsRead: .recordingsRead
            case .recordingsManage: .recordingsManage
            case .search: .search
            case .harvest: .harvest
            case .reportsRead: .reportsRead
            case .accessRequest: .accessRequest
            case .accessDecide: .accessDecide
            case .retentionRead: .retentionRead
            case .retentionManage: .retentionManage
            case .registerRead: .registerRead
            case .registerManage: .registerManage
            case .guides: .guides
            case .scheduleRead: .scheduleRead
            case .scheduleManage: .scheduleManage
            case .journalRead: .journalRead
            case .tokensManage: .tokensManage
            }
    }
}

extension Role {
    init(_ role: Configuration.Role) {
        self =
            switch role {
            case .administrator: .administrator
            case .convener: .convener
            case .chair: .chair
            case .technician: .technician
            case .archivist: .archivist
            case .agencyReader: .agencyReader
            case .auditor: .auditor
            }
    }
}

extension Conference.Register {
    /// What is in force; PINs of the file's rooms and of the Office's.
    init(_ office: OfficeStore, _ configuration: Configuration) throws {
        self.init(
            office.register, pins: try office.roomPINs().merging(configuration.pins) { _, ofTheFile in ofTheFile })
    }

    /// - Parameter pins: what telephones are asked for, by room; the register does not know them.
    init(_ register: OfficeRegister, pins: [String: String]) {
        self.init(
            units: register.units.map { Conference.Unit(id: UnitID($0.id), name: $0.name) },
            points: register.points.map { point in
                Conference.Point(
                    id: PointID(point.id), name: point.name, unit: point.unit.map { UnitID($0) },
                    isTelephone: point.devices == [.telephone])
            },
            rooms: register.rooms.map { room in
                Conference.Room(
                    id: RoomID(room.id), title: room.title,
                    admits: room.points.map { .points(Set($0.map { PointID($0) })) } ?? .all,
                    door: room.isOpen ? .open : .closed,
                    standingOrder: room.standingOrder.map {
                        Conference.RecordingOrder(orderedBy: $0.orderedBy, document: $0.document)
                    },
                    linger: .seconds(room.lingerSeconds), maximumParticipants: room.maximumPoints,
                    microphones: room.opensMicrophones == true ? .open : .muted, pin: pins[room.id],
                    chair: room.chair.map { PointID($0) }, callsBack: room.callsBack ?? true)
            })
    }
}

extension Configuration {
    /// What each room does for the sound and the pictures of its points.
    var roomCare: [RoomID: RoomCare] {
        Dictionary(
            rooms.map { room in
                (
                    RoomID(room.id),
                    RoomCare(
                        sound: SoundCare(
                            automaticGain: room.sound.gain, noiseSuppression: room.sound.noiseSuppression),
                        mark: room.recording.mark)
                )
            }
        ) { first, _ in first }
    }

    /// What the file fixes of the Office's register. Places in the order of protocol are tens, so that what the Office
    /// manages can stand between.
    var registerEntries: [RegisterEntry] {
        let units = units.enumerated().map { index, unit in
            RegisterEntry.unit(UnitEntry(id: unit.id, name: unit.name, order: 10 * (index + 1)))
        }
        let points = points.enumerated().map { index, point in
            RegisterEntry.point(
                PointEntry(
                    id: point.id, name: point.name, unit: point.unit, username: point.username,
                    devices: point.isTelephone ? [.telephone] : [], order: 10 * (index + 1), address: point.address))
        }
        let rooms = rooms.map { room in
            var admitted: Set<String>?
            if case .points(let points) = room.points { admitted = Set(points) }
            var entry = RoomEntry(
                id: room.id, title: room.title, isOpen: room.isOpen, points: admitted,
                standingOrder: room.recording.order == .standing
                    ? .init(orderedBy: room.recording.orderedBy, document: room.recording.document) : nil,
                lingerSeconds: room.linger / .seconds(1), maximumPoints: room.maxPoints)
            entry.opensMicrophones = room.microphones == .open
            entry.chair = room.chair
            entry.callsBack = room.callsBack
            entry.retentionClass = room.retentionClass
            return RegisterEntry.room(entry)
        }
        return units + points + rooms
    }

    /// What telephones are asked for, by room.
    var pins: [String: String] {
        Dictionary(rooms.compactMap { room in room.pin.map { (room.id, $0.reveal()) } }) { first, _ in first }
    }
}

extension Logger.Level {
    init(_ level: Configuration.LogLevel) { self = Logger.Level(rawValue: level.rawValue) ?? .info }
}
