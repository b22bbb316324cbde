import Certificates
import Conference
import Logging
import MediaPlane
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
        floorControl = FloorControlConfiguration(
            host: configuration.media.bind, udpPort: configuration.sip.floorControlPort,
            tcpPort: configuration.sip.floorControlPort)
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

extension TLSCertificateFiles {
    init(_ paths: CertificatePaths) { self.init(certificateChain: paths.chain, privateKey: paths.key) }
}

extension PortalConfiguration {
    init(_ configuration: Configuration, certificate: CertificatePaths) {
        let portal = configuration.portal
        self.init(
            https: portal.port == 0
                ? nil
                : HTTPS(
                    host: portal.address, port: Int(portal.port), certificatePath: certificate.chain,
                    keyPath: certificate.key),
            socketPath: portal.socket,
            tokens: portal.tokens.compactMap { token in
                AccessToken(name: token.name, role: Role(token.role), sha256: token.sha256.reveal())
            })
        let listener = configuration.sip.listeners.first { $0.transport == .wss }
        join = JoinConfiguration(
            publicURL: portal.url,
            webSocket: portal.webSocket.map { .url($0) }
                ?? listener.map { .listener(host: $0.advertised, port: $0.port) })
    }
}

extension Role {
    init(_ role: Configuration.Role) {
        self =
            switch role {
            case .administrator: .administrator
            case .archivist: .archivist
            }
    }
}

extension Conference.Register {
    init(_ configuration: Configuration) {
        self.init(
            units: configuration.units.map { Conference.Unit(id: UnitID($0.id), name: $0.name) },
            points: configuration.points.map { point in
                Conference.Point(
                    id: PointID(point.id), name: point.name, unit: point.unit.map { UnitID($0) },
                    isTelephone: point.isTelephone)
            },
            rooms: configuration.rooms.map { room in
                Conference.Room(
                    id: RoomID(room.id), title: room.title, admits: Conference.Room.Admission(room.points),
                    door: room.isOpen ? .open : .closed,
                    standingOrder: room.recording.order == .standing
                        ? Conference.RecordingOrder(
                            orderedBy: room.recording.orderedBy, document: room.recording.document) : nil,
                    linger: room.linger, maximumParticipants: room.maxPoints,
                    microphones: room.microphones == .open ? .open : .muted, pin: room.pin?.reveal(),
                    chair: room.chair.map { PointID($0) }, callsBack: room.callsBack)
            })
    }
}

extension Conference.Room.Admission {
    init(_ invited: Configuration.Invited) {
        switch invited {
        case .all: self = .all
        case .points(let points): self = .points(Set(points.map { PointID($0) }))
        }
    }
}

extension Logger.Level {
    init(_ level: Configuration.LogLevel) { self = Logger.Level(rawValue: level.rawValue) ?? .info }
}
