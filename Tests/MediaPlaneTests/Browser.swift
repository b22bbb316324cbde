import DTLS
import Glibc
import ICE
import RTP
import SRTP
import STUN

@testable import MediaPlane

/// A point like a browser: sound and pictures on one transport, its way found by ICE, its keys by DTLS.
final class Browser {
    let audio: TestEndpoint
    let video: TestEndpoint
    private(set) var seat: TestRoom.Seat?
    let bridge: ICECredentials
    let fragment = "brow"
    private let association: DTLSAssociation
    private let tone: ToneSource
    private(set) var answers: [STUNMessage.Class] = []
    private(set) var isConnected = false
    private(set) var failure: DTLSFailure?
    private var transaction: UInt64 = 0
    private var pictures: PaintedPictures?

    /// - Parameter vouched: what its description says of its certificate; nil for the truth.
    init(
        in room: TestRoom, number: Int, role: DTLSRole = .client, vouched: DTLSFingerprint? = nil
    ) async throws {
        var random = SystemRandomNumberGenerator()
        bridge = ICECredentials.random(using: &random)
        let identity = try DTLSIdentity(validFrom: time(nil) - 60, until: time(nil) + 3_600)
        association = try DTLSAssociation(
            DTLSContext(identity), role: role, fingerprints: [room.plane.fingerprint], wallClock: time(nil))
        audio = try TestEndpoint(.opus, payloadType: 96, suite: nil)
        video = try TestEndpoint(.vp8, payloadType: UInt8(104 + number), suite: nil, onTransportOf: audio)
        audio.isKeyedByHandshake = true
        video.isKeyedByHandshake = true
        tone = try ToneSource(number == 0 ? 440 : 1_000, .opus)
        seat = try await room.join(
            audio: audio, video: video,
            finding: .init(local: bridge, remoteFragment: fragment),
            keying: .init(role: role == .client ? .server : .client, fingerprints: [vouched ?? identity.fingerprint]))
        pictures = PaintedPictures(video, to: port, name: UInt8(10 + number))
        audio.onOther = { [unowned self] in take($0) }
    }

    var port: UInt16 { seat?.reservation.audio.port ?? 0 }

    /// A check (RFC 8445 §7.2.2), from the browser's port or another.
    func check(nominates: Bool = true, password: String? = nil, from other: TestEndpoint? = nil) {
        transaction += 1
        let username = Array("\(bridge.usernameFragment):\(fragment)".utf8)
        var room = [UInt8](repeating: 0, count: 512)
        let count = room.withUnsafeMutableBytes { room in
            var writer = STUNPacketWriter(into: room, .request, transactionID: .init(first: 7, rest: transaction))
            writer.add(.username, username.span.bytes)
            writer.addWord(.priority, 0x6e00_1eff)
            writer.addDoubleWord(.iceControlling, 1)
            if nominates { writer.addFlag(.useCandidate) }
            writer.addMessageIntegrity(HMACSHA1Key(password: Array((password ?? bridge.password).utf8)))
            writer.addFingerprint()
            return writer.count
        }
        (other ?? audio).sendRaw(Array(room[..<count]), to: port)
    }

    func begin() { perform(association.handle(.start, at: .now)) }

    func retransmit() {
        if let due = association.deadline, due <= .now { perform(association.handle(.timeout, at: .now)) }
    }

    func speak() throws { audio.send(try tone.frame(), advancing: 960, to: port) }
    func film() { pictures?.send() }

    private func take(_ datagram: [UInt8]) {
        if datagram.withUnsafeBytes({ PacketKind(of: $0) }) == .dtls {
            perform(association.handle(.datagram(datagram), at: .now))
        } else if let message = try? STUNPacket(parsing: datagram.span.bytes) {
            answers.append(message.messageClass)
        }
    }

    private func perform(_ actions: [DTLSAction]) {
        for action in actions {
            switch action {
            case .send(let datagram): audio.sendRaw(datagram, to: port)
            case .connected(let local, let remote):
                isConnected = true
                try? audio.take(own: local, ofBridge: remote)
            case .failed(let failure): self.failure = failure
            case .closed: break
            }
        }
    }
}
