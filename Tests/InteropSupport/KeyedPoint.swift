import DTLS
import Foundation
import ICE
import SDP
import SRTP
import Synchronization

/// A point of our own that says a tone in PCMA, and does what no endpoint at hand can be told to do: its media may come
/// from any address and move to another, its keys come about in each of the ways there are, and it breaks rules.
public final class KeyedPoint: Sendable {
    public enum Keys: Sendable, CaseIterable { case clear, sdes, handshake }

    public struct Setup: Sendable {
        public var keys: Keys
        /// Its way is found by ICE.
        public var checks: Bool
        public var tone = 440.0
        /// Where its media comes from.
        public var address = "127.0.0.1"
        public var namespace: String?
        /// What its description says of its address, if that is not the truth.
        public var described: String?
        public var identity: DTLSIdentity
        /// What its description says of its certificate, if that is not the truth.
        public var vouched: DTLS.DTLSFingerprint?
        public var role = DTLS.DTLSRole.client
        /// Sends nothing until it is told to.
        public var waits = false

        public init(_ keys: Keys = .sdes, checks: Bool = false, identity: DTLSIdentity? = nil) throws {
            self.keys = keys
            self.checks = checks
            let hour = 3_600
            self.identity = try identity ?? DTLSIdentity(validFrom: time(nil) - hour, until: time(nil) + hour)
        }
    }

    /// What becomes of the media, told by its thread.
    public struct Progress: Sendable {
        /// Handshakes that gave keys.
        public var handshakes = 0
        public var failure: DTLSFailure?
        public var checksAnswered = 0
        public var packetsSent: UInt64 = 0
        /// As it went over the wire.
        public var lastSent: [UInt8] = []
        /// What did not decrypt.
        public var unreadable = 0
    }

    public let call: SIPCaller
    public let host: String
    private let media: KeyedMedia
    private let setup: Mutex<(setup: Setup, version: Int, credentials: ICE.ICECredentials, key: SRTPMasterKey)>

    /// Dials a room over UDP; its media begins once it was let in, unless it waits.
    public init(
        _ point: RunningDaemon.Point, in room: String = "giaoban", of daemon: RunningDaemon, _ setup: Setup
    ) throws {
        var random = SystemRandomNumberGenerator()
        let credentials = ICE.ICECredentials.random(using: &random)
        let key = SRTPMasterKey.random(for: .aeadAES128GCM, using: &random)
        let socket = try UDPSocket(at: setup.address, namespace: setup.namespace)
        host = daemon.host
        let offer = Self.describe(setup, 1, credentials, key, socket.port)
        call = try SIPCaller(point, room: room, port: daemon.sipPort, at: daemon.host, offer: offer)
        let bridge = try Self.bridge(in: call.answer, setup, credentials, key, at: daemon.host)
        media = try KeyedMedia(socket, tone: setup.tone, waits: setup.waits, bridge)
        self.setup = Mutex((setup, 1, credentials, key))
        Thread.detachNewThread { [media] in media.run() }
    }

    deinit { media.end() }

    /// Where the bridge has its leg.
    public var bridgePort: UInt16 { media.bridgePort }
    public var ssrc: UInt32 { media.ssrc }
    public var setupNow: Setup { setup.withLock { $0.setup } }
    public var progress: Progress { media.progress }
    public var port: UInt16 { media.port }

    /// Level in dBFS of a sine in what was heard last.
    public func level(of frequency: Double) -> Double { media.heard.level(of: frequency) }
    public func recording(_ body: () async throws -> Void) async rethrows -> Sound {
        media.beginRecord()
        do { try await body() } catch {
            _ = media.endRecord()
            throw error
        }
        return media.endRecord()
    }

    /// Sends from now on, if it waited.
    public func begin() { media.order { $0.begin() } }
    /// Says nothing any more, or speaks again.
    public func pause(_ isPaused: Bool) { media.order { $0.isPaused = isPaused } }
    /// Sends its sound in so many packets of a quarter of a millisecond, and goes on as before.
    public func rush(_ packets: Int) { media.order { $0.rush = packets } }

    /// Sends and hears elsewhere from now on, as a telephone does that changes its network.
    public func move(to address: String) throws {
        let namespace = setup.withLock { $0.setup.namespace }
        let socket = try UDPSocket(at: address, namespace: namespace)
        media.order { $0.move(to: socket) }
    }

    /// Offers again, changed; with new credentials where it restarts ICE.
    public func offer(
        restartsICE: Bool = false, beginsHandshake: Bool = false, _ change: (inout Setup) -> Void = { _ in }
    ) throws {
        var now = setup.withLock { $0 }
        change(&now.setup)
        now.version += 1
        var random = SystemRandomNumberGenerator()
        if restartsICE { now.credentials = .random(using: &random) }
        let answer = try call.offer(Self.describe(now.setup, now.version, now.credentials, now.key, port))
        let bridge = try Self.bridge(in: answer, now.setup, now.credentials, now.key, at: host)
        setup.withLock { $0 = now }
        media.order { $0.follow(bridge, beginsHandshake: beginsHandshake) }
    }

    public func hangUp() throws {
        media.end()
        try call.hangUp()
    }

    /// Stops its media; the call stays.
    public func fallSilent() { media.end() }

    // MARK: Descriptions

    private static func describe(
        _ setup: Setup, _ version: Int, _ credentials: ICE.ICECredentials, _ key: SRTPMasterKey, _ port: UInt16
    ) -> String {
        let address = setup.described ?? setup.address
        var text = "v=0\no=- 1 \(version) IN IP4 \(address)\ns=-\nc=IN IP4 \(address)\nt=0 0\n"
        let profile =
            switch setup.keys {
            case .clear: "RTP/AVP"
            case .sdes: "RTP/SAVP"
            case .handshake: "UDP/TLS/RTP/SAVP"
            }
        text += "m=audio \(port) \(profile) 8\na=rtpmap:8 PCMA/8000\na=rtcp-mux\n"
        if setup.checks {
            text += "a=ice-ufrag:\(credentials.usernameFragment)\na=ice-pwd:\(credentials.password)\n"
            text += "a=candidate:1 1 udp 2130706431 \(address) \(port) typ host\n"
        }
        switch setup.keys {
        case .clear: break
        case .sdes:
            text += "a=crypto:1 \(key.suite.sdesName) inline:\(Data(key.keyAndSalt).base64EncodedString())\n"
        case .handshake:
            text += "a=fingerprint:\(setup.vouched ?? setup.identity.fingerprint)\n"
            text += "a=setup:\(setup.role == .client ? "active" : "passive")\n"
        }
        return text
    }

    /// What an answer says of the bridge's end.
    private static func bridge(
        in answer: [UInt8], _ setup: Setup, _ credentials: ICE.ICECredentials, _ key: SRTPMasterKey, at host: String
    ) throws -> KeyedMedia.Bridge {
        let description = try SessionDescription(parsing: answer)
        guard let media = description.media.first, media.port > 0 else {
            throw ToolFailure("the bridge refused the sound: \(String(decoding: answer, as: UTF8.self))")
        }
        func attribute(_ name: String) -> String? {
            (media.attributes + description.attributes).first { $0.name == name }?.value
        }
        var bridge = KeyedMedia.Bridge(host: host, port: media.port)
        if setup.checks {
            guard let fragment = attribute("ice-ufrag"), let password = attribute("ice-pwd") else {
                throw ToolFailure("the bridge does not answer with ICE")
            }
            bridge.finding = .init(
                username: "\(fragment):\(credentials.usernameFragment)", password: Array(password.utf8))
        }
        switch setup.keys {
        case .clear: break
        case .sdes:
            guard let crypto = media.cryptos.first else { throw ToolFailure("the bridge answers without keys") }
            bridge.keys = (key, try SRTPMasterKey(suite: key.suite, keyAndSalt: crypto.keyAndSalt))
        case .handshake:
            guard let print = attribute("fingerprint").flatMap({ DTLS.DTLSFingerprint($0) }) else {
                throw ToolFailure("the bridge answers without a fingerprint")
            }
            bridge.handshake = .init(identity: setup.identity, role: setup.role, fingerprint: print)
        }
        return bridge
    }
}
