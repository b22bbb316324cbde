import BenchSupport
import CBench
import Codecs
import Glibc
import MediaPlane
import RTP
import SRTP

/// A point with sound: sends Opus that was encoded ahead, and counts the mix that comes back; a sampled one
/// authenticates and decodes it.
final class AudioPoint {
    static let payloadType: UInt8 = 96
    private static let capacity = 1_536

    let peer: Peer
    private let voice: SyntheticVoice
    private var frame: Int
    private var target: UInt16 = 0
    private var sequence = UInt16.random(in: 0..<1_000)
    private var timestamp = UInt32.random(in: 0 ... .max)
    private let packet = UnsafeMutablePointer<UInt8>.allocate(capacity: AudioPoint.capacity)
    private var decoder: OpusDecoder?
    private var samples = [Int16](repeating: 0, count: OpusDecoder.maximumPacketSamples)

    private(set) var delivered = 0
    private(set) var sequenceCheck = SequenceCheck()
    private(set) var wrong: String?
    private var energy = 0.0
    /// Full scale 1.
    private(set) var heard: [Float] = []

    init(_ suite: SRTPSuite?, _ engine: SRTPEngine, _ voice: SyntheticVoice, from frame: Int, isSampled: Bool) throws {
        peer = try Peer(suite, engine)
        self.voice = voice
        self.frame = frame
        decoder = isSampled ? try OpusDecoder(channels: 1) : nil
        if isSampled { heard.reserveCapacity(20 * 48_000) }
    }

    deinit { packet.deallocate() }

    func aim(at port: UInt16) { target = port }

    func reset() {
        delivered = 0
        sequenceCheck = SequenceCheck()
        energy = 0
        heard.removeAll(keepingCapacity: true)
    }

    func sendFrame() throws {
        let payload = voice.frames[frame % voice.frames.count]
        frame += 1
        RTPHeaderWriter.write(
            UnsafeMutableRawPointer(packet), payloadType: Self.payloadType, marker: false, sequenceNumber: sequence,
            timestamp: timestamp, ssrc: peer.ssrc)
        payload.withUnsafeBufferPointer { (packet + 12).update(from: $0.baseAddress!, count: $0.count) }
        sequence &+= 1
        timestamp &+= 960
        let length = try peer.protect(packet, count: 1, stride: Self.capacity, length: 12 + payload.count)
        let result = cb_send(peer.socket, target, packet, 1, UInt32(Self.capacity), UInt32(length))
        guard result == 0 else { throw LoadError.socket(errno: -result) }
    }

    func poll(_ inbox: Inbox) {
        let isSampled = decoder != nil
        let count = inbox.take(from: peer.socket, size: isSampled ? Inbox.datagramSize : 12)
        for index in 0..<count {
            delivered += 1
            sequenceCheck.take(inbox.bytes(index))
            if isSampled { hear(inbox, index) }
        }
    }

    private func hear(_ inbox: Inbox, _ index: Int) {
        let bytes = inbox.bytes(index)
        guard let length = peer.open(bytes, length: Int(inbox.datagrams[index].length), capacity: Inbox.datagramSize),
            length > 12
        else {
            wrong = "a packet of the mix does not authenticate"
            return
        }
        let payload = UnsafeRawBufferPointer(start: bytes + 12, count: length - 12)
        let made = samples.withUnsafeMutableBufferPointer { (try? decoder?.decode(payload, into: $0)) ?? 0 }
        if made == 0 { wrong = "a packet of the mix does not decode" }
        for sample in samples[..<made] {
            energy += Double(sample) * Double(sample) / (32_768 * 32_768)
            heard.append(Float(sample) / 32_768)
        }
    }

    /// Mean square of what was heard, full scale 1; nil when nothing was decoded.
    var heardPower: Double? { heard.isEmpty ? nil : energy / Double(heard.count) }
}
