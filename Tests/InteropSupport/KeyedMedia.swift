import Codecs
import DTLS
import Foundation
import Glibc
import RTP
import SRTP
import STUN
import Synchronization

/// The media of a `KeyedPoint`, on a thread of its own.
///
/// `@unchecked Sendable`: what is not behind the lock is touched by that thread alone, once it runs.
final class KeyedMedia: @unchecked Sendable {
    /// What the bridge's description says.
    struct Bridge: Sendable {
        struct Finding: Sendable {
            var username: String
            var password: [UInt8]
        }
        struct Handshake: Sendable {
            var identity: DTLSIdentity
            var role: DTLSRole
            var fingerprint: DTLSFingerprint
        }
        var host: String
        var port: UInt16
        var finding: Finding?
        var handshake: Handshake?
        var keys: (own: SRTPMasterKey, peer: SRTPMasterKey)?
    }

    private struct Shared {
        var isOpen = true
        var orders: [@Sendable (KeyedMedia) -> Void] = []
        var heard = RecentSound()
        var progress = KeyedPoint.Progress()
        var port: UInt16
        var bridgePort: UInt16
    }

    let ssrc = UInt32.random(in: 1 ... .max)
    private let shared: Mutex<Shared>
    private let tone: Double
    private var socket: UDPSocket
    private var bridge: Bridge
    private var session: SRTPPair?
    private var association: DTLSAssociation?
    private var waits: Bool
    private var sequence = UInt16.random(in: 0..<1_000)
    private var timestamp = UInt32.random(in: 0 ... .max)
    private var phase = 0
    private var nextCheck = ContinuousClock.now
    private var nextFrame = ContinuousClock.now
    var isPaused = false
    var rush = 0

    init(_ socket: UDPSocket, tone: Double, waits: Bool, _ bridge: Bridge) throws {
        self.socket = socket
        self.tone = tone
        self.waits = waits
        self.bridge = bridge
        shared = Mutex(Shared(port: socket.port, bridgePort: bridge.port))
        if let keys = bridge.keys { session = try SRTPPair(own: keys.own, peer: keys.peer) }
    }

    // MARK: From elsewhere

    var port: UInt16 { shared.withLock { $0.port } }
    var bridgePort: UInt16 { shared.withLock { $0.bridgePort } }
    var progress: KeyedPoint.Progress { shared.withLock { $0.progress } }
    var heard: Sound { shared.withLock { $0.heard.last } }
    func beginRecord() { shared.withLock { $0.heard.beginRecord() } }
    func endRecord() -> Sound { shared.withLock { $0.heard.endRecord() } }
    func order(_ body: @escaping @Sendable (KeyedMedia) -> Void) { shared.withLock { $0.orders.append(body) } }
    func end() { shared.withLock { $0.isOpen = false } }

    // MARK: The thread

    func run() {
        if !waits { begin() }
        while shared.withLock({ $0.isOpen }) {
            for order in shared.withLock({ shared in
                defer { shared.orders = [] }
                return shared.orders
            }) { order(self) }
            while let datagram = socket.receive() { take(datagram) }
            let now = ContinuousClock.now
            if let due = association?.deadline, due <= now { perform(association?.handle(.timeout, at: now) ?? []) }
            if !waits {
                if bridge.finding != nil, now >= nextCheck { check(now) }
                while nextFrame <= now { speak(now) }
            }
            var waiting = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&waiting, 1, 1)
        }
    }

    func begin() {
        waits = false
        nextFrame = .now
        if bridge.handshake != nil, association == nil { beginHandshake() }
    }

    func move(to socket: UDPSocket) {
        self.socket = socket
        shared.withLock { $0.port = socket.port }
        nextCheck = .now
    }

    func follow(_ bridge: Bridge, beginsHandshake begins: Bool) {
        self.bridge = bridge
        shared.withLock { $0.bridgePort = bridge.port }
        nextCheck = .now
        if begins { beginHandshake() }
    }

    private func send(_ datagram: [UInt8]) { socket.send(datagram, to: bridge.host, bridge.port) }

    private func take(_ datagram: [UInt8]) {
        switch datagram.withUnsafeBytes({ PacketKind(of: $0) }) {
        case .stun:
            guard let answer = try? STUNPacket(parsing: datagram.span.bytes), answer.messageClass == .success else {
                return
            }
            let isFirst = shared.withLock { shared in
                shared.progress.checksAnswered += 1
                return shared.progress.checksAnswered == 1
            }
            if isFirst, bridge.handshake?.role == .client { perform(association?.handle(.start, at: .now) ?? []) }
        case .dtls: perform(association?.handle(.datagram(datagram), at: .now) ?? [])
        case .rtp:
            guard bridge.keys != nil || bridge.handshake != nil else {
                return shared.withLock { $0.heard.take(datagram) }
            }
            guard let packet = session?.unprotect(datagram) else {
                return shared.withLock { $0.progress.unreadable += 1 }
            }
            shared.withLock { $0.heard.take(packet) }
        default: break
        }
    }

    // MARK: Sound

    private func speak(_ now: ContinuousClock.Instant) {
        let isRushing = rush > 0
        let count = isRushing ? 2 : 160
        if isRushing { rush -= 1 }
        nextFrame += .microseconds(count * 125)
        if now - nextFrame > .seconds(1) { nextFrame = now }
        defer {
            timestamp &+= UInt32(count)
            phase += count
        }
        guard !isPaused, session != nil || (bridge.keys == nil && bridge.handshake == nil) else { return }
        let samples = (0..<count).map {
            Int16(sin(2 * .pi * tone * Double(phase + $0) / RecentSound.sampleRate) * 0.25 * 32_767)
        }
        var packet = [UInt8](repeating: 0, count: 12 + count)
        packet.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            RTPHeaderWriter.write(
                base, payloadType: 8, marker: phase == 0, sequenceNumber: sequence, timestamp: timestamp, ssrc: ssrc)
            samples.withUnsafeBufferPointer {
                _ = G711.aLaw.encode($0, into: UnsafeMutableRawBufferPointer(rebasing: bytes[12...]))
            }
        }
        sequence &+= 1
        let protected = session?.protect(packet) ?? packet
        send(protected)
        shared.withLock {
            $0.progress.packetsSent += 1
            $0.progress.lastSent = protected
        }
    }

    // MARK: The way and the keys

    /// A check that nominates (RFC 8445 §7.2.2): often until one was answered, then as consent asks (RFC 7675 §5.1).
    private func check(_ now: ContinuousClock.Instant) {
        guard let finding = bridge.finding else { return }
        nextCheck = now + (progress.checksAnswered == 0 ? .milliseconds(50) : .seconds(2))
        send(Self.check(username: finding.username, password: finding.password))
    }

    static func check(username: String, password: [UInt8]) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: 512)
        let count = room.withUnsafeMutableBytes { room in
            var writer = STUNPacketWriter(
                into: room, .request,
                transactionID: .init(first: .random(in: 0 ... .max), rest: .random(in: 0 ... .max)))
            let name = Array(username.utf8)
            writer.add(.username, name.span.bytes)
            writer.addWord(.priority, 0x6e00_1eff)
            writer.addDoubleWord(.iceControlling, 1)
            writer.addFlag(.useCandidate)
            writer.addMessageIntegrity(HMACSHA1Key(password: password))
            writer.addFingerprint()
            return writer.count
        }
        return Array(room[..<count])
    }

    private func beginHandshake() {
        guard let handshake = bridge.handshake else { return }
        session = nil
        do {
            association = try DTLSAssociation(
                DTLSContext(handshake.identity), role: handshake.role, fingerprints: [handshake.fingerprint],
                wallClock: time(nil))
        } catch {
            return shared.withLock { $0.progress.failure = .protocolViolation("\(error)") }
        }
        let hasWay = bridge.finding == nil || progress.checksAnswered > 0
        if hasWay || handshake.role == .server { perform(association?.handle(.start, at: .now) ?? []) }
    }

    private func perform(_ actions: [DTLSAction]) {
        for action in actions {
            switch action {
            case .send(let datagram): send(datagram)
            case .connected(let local, let remote):
                session = try? SRTPPair(own: local, peer: remote)
                shared.withLock { $0.progress.handshakes += 1 }
            case .failed(let failure): shared.withLock { $0.progress.failure = failure }
            case .closed: break
            }
        }
    }
}
