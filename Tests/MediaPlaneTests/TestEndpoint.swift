import CLinux
import Codecs
import Congestion
import Glibc
import LossyLine
import RTP
import SRTP

@testable import MediaPlane

/// The far end of a leg: real sockets on loopback, real keys, real codecs. Used by one task.
final class TestEndpoint {
    struct Received {
        var info: RTPPacketInfo
        var payload: [UInt8]
        /// On the monotonic clock, in nanoseconds, as the kernel stamped it.
        var arrival: UInt64 = 0
    }

    let codec: MediaCodec
    let payloadType: UInt8
    private(set) var rtpPort: UInt16
    let rtcpPort: UInt16
    let ssrc = UInt32.random(in: 1 ... .max)
    private var rtp: Int32
    private let rtcp: Int32
    /// On whose transport it is; nil for one of its own.
    private let lead: TestEndpoint?
    /// Who is on this one's, told by their payload types.
    private var partners: [TestEndpoint] = []
    private let engine: SRTPEngine
    private let buffers: OpaquePointer
    private static let bufferCount: UInt32 = 16
    private var sender: UnsafeMutablePointer<SRTPSender>?
    private var receiver: UnsafeMutablePointer<SRTPReceiver>?
    private var security: StreamSecurity
    var sequence = UInt16.random(in: 0..<1000)
    var timestamp = UInt32.random(in: 0 ... .max)
    private(set) var received: [Received] = []
    private(set) var rtcpMessages: [RTCPMessage] = []
    private(set) var unreadable = 0

    init(_ codec: MediaCodec, payloadType: UInt8, suite: SRTPSuite?, onTransportOf lead: TestEndpoint? = nil) throws {
        self.codec = codec
        self.payloadType = payloadType
        self.lead = lead
        engine = try SRTPEngine(.openSSL)
        buffers = cl_receive_ring_make(Self.bufferCount)
        (rtp, rtpPort) = try lead.map { ($0.rtp, $0.rtpPort) } ?? Self.socket()
        (rtcp, rtcpPort) = try lead.map { ($0.rtcp, $0.rtcpPort) } ?? Self.socket()
        security = .clear
        if let suite {
            var random = SystemRandomNumberGenerator()
            var (bridgeKey, ownKey) = (
                SRTPMasterKey.random(for: suite, using: &random), SRTPMasterKey.random(for: suite, using: &random)
            )
            if case .sdes(_, let local, let remote)? = lead?.security { (bridgeKey, ownKey) = (local, remote) }
            try use(own: ownKey, ofBridge: bridgeKey)
            security = .sdes(suite: suite, local: bridgeKey, remote: ownKey)
        }
        lead?.partners.append(self)
    }

    private func use(own: SRTPMasterKey, ofBridge bridge: SRTPMasterKey) throws {
        sender?.deinitialize(count: 1)
        sender?.deallocate()
        receiver?.deinitialize(count: 1)
        receiver?.deallocate()
        sender = .allocate(capacity: 1)
        sender?.initialize(to: try SRTPSender(key: own, engine: engine))
        receiver = .allocate(capacity: 1)
        receiver?.initialize(to: try SRTPReceiver(key: bridge, engine: engine))
    }

    // MARK: Found by ICE and keyed by DTLS

    /// What comes that is neither RTP nor RTCP: answers to checks, and handshakes.
    var onOther: (([UInt8]) -> Void)?
    var isKeyedByHandshake = false

    func take(own: SRTPMasterKey, ofBridge bridge: SRTPMasterKey) throws {
        for endpoint in [self] + partners { try endpoint.use(own: own, ofBridge: bridge) }
    }

    deinit {
        cl_receive_ring_free(buffers)
        if lead == nil {
            if rtp >= 0 { close(rtp) }
            close(rtcp)
        }
        sender?.deinitialize(count: 1)
        sender?.deallocate()
        receiver?.deinitialize(count: 1)
        receiver?.deallocate()
    }

    /// Sends and hears by another port from now on, as behind a NAT that has begun again.
    func move() throws {
        leave()
        (rtp, rtpPort) = try Self.socket()
    }

    /// Its port is nobody's; what comes there is refused.
    func leave() {
        close(rtp)
        rtp = -1
    }

    /// Is where it was before it left.
    func comeBack() throws { (rtp, rtpPort) = try Self.socket(port: rtpPort) }

    /// Where set, packets are sent again in a stream of their own, both ways (RFC 4588).
    var retransmissionType: UInt8?
    let retransmissionSSRC = UInt32.random(in: 1 ... .max)
    var feedback: FeedbackSupport = [.pictureLossIndication, .fullIntraRequest, .genericNACK]
    /// Its keys come as telephone events (RFC 4733).
    var hasEvents = true
    /// Where it says that it is, and sends RTP to, where a line of the tests lies between it and the bridge.
    var line: LossyLine?
    /// What it tells the bridge of what came.
    private(set) var reception: ReceptionStatistics?
    /// What was agreed of H.264, and payload types beside the endpoint's own, both ways.
    var picture: PictureFormat?
    var formatParameters = ""
    /// What packets say in their headers, both ways.
    var extensions = HeaderExtensionMap()
    /// When those came that the bridge numbers; nil where it does not.
    private var arrivals: ArrivalRecorder?
    var others: [PayloadMapping] = []
    var sharesTransport: Bool { lead != nil || !partners.isEmpty }

    /// What offer and answer would have settled for this stream.
    var parameters: StreamParameters {
        let mapping = PayloadMapping(
            payloadType: payloadType, codec: codec, formatParameters: formatParameters, picture: picture)
        let port = (lead ?? self).line?.farPort ?? rtpPort
        var parameters = StreamParameters(
            receivable: [mapping] + others, sending: mapping, telephoneEvent: codec.isVideo || !hasEvents ? nil : 101,
            remoteRTP: .init(host: "127.0.0.1", port: port), remoteRTCP: .init(host: "127.0.0.1", port: rtcpPort),
            multiplexesRTCP: sharesTransport, security: isKeyedByHandshake ? .agreed : security,
            feedback: feedback)
        parameters.alternatives = others
        if let retransmissionType {
            parameters.retransmissions = [
                RetransmissionMapping(payloadType: retransmissionType, original: payloadType)
            ]
            parameters.sendingRetransmissions = parameters.retransmissions
        }
        return parameters
    }

    /// Sends one RTP packet to the bridge.
    func send(
        _ payload: [UInt8], marker: Bool = false, advancing ticks: UInt32 = 0, to port: UInt16, type: UInt8? = nil
    ) {
        if keepsSent { sentPayloads.append(payload) }
        sendRaw(packet(payload, marker: marker, advancing: ticks, type: type), to: port)
    }

    /// What was sent is kept, to be compared with what others get.
    var keepsSent = false
    private(set) var sentPayloads: [[UInt8]] = []

    /// The next RTP packet as it goes over the wire.
    func packet(
        _ payload: [UInt8], marker: Bool = false, advancing ticks: UInt32 = 0, type: UInt8? = nil
    ) -> [UInt8] {
        defer {
            sequence &+= 1
            timestamp &+= ticks
        }
        return packet(payload, marker: marker, type ?? payloadType, sequence, timestamp, ssrc)
    }

    /// Any RTP packet as it goes over the wire.
    func packet(
        _ payload: [UInt8], marker: Bool, _ type: UInt8, _ sequence: UInt16, _ timestamp: UInt32, _ ssrc: UInt32,
        saying values: HeaderExtensionValues? = nil
    ) -> [UInt8] {
        let said = values.map { written($0) } ?? []
        let payload = said + payload
        var packet = [UInt8](repeating: 0, count: 12 + payload.count + 64)
        packet.withUnsafeMutableBytes {
            RTPHeaderWriter.write(
                $0.baseAddress!, payloadType: type, marker: marker, sequenceNumber: sequence, timestamp: timestamp,
                ssrc: ssrc)
        }
        if !said.isEmpty { packet.withUnsafeMutableBytes { RTPHeaderWriter.setHasExtension($0.baseAddress!) } }
        packet.replaceSubrange(12..<12 + payload.count, with: payload)
        var length = 12 + payload.count
        if let sender {
            packet.withUnsafeMutableBufferPointer { bytes in
                var jobs = [
                    SRTPJob(
                        sender: sender, packet: bytes.baseAddress!, length: Int32(length), capacity: Int32(bytes.count))
                ]
                jobs.withUnsafeMutableBufferPointer { engine.protect($0) }
                precondition(jobs[0].status == .ok)
                length = Int(jobs[0].length)
            }
        }
        return Array(packet[..<length])
    }

    private func written(_ values: HeaderExtensionValues) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: 64)
        let count = room.withUnsafeMutableBytes {
            var builder = HeaderExtensionBuilder(into: $0)
            builder.add(values, (lead ?? self).extensions)
            return builder.finish()
        }
        return Array(room[..<count])
    }

    /// Tells the bridge, where it is time, what came of all it sends (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    func tellArrivals(to port: UInt16) {
        guard let deadline = arrivals?.deadline, deadline <= monotonicNanoseconds() else { return }
        sendRTCP(to: port) {
            $0.receiverReport(ssrc: ssrc)
            arrivals?.write(to: &$0, sender: ssrc, media: ssrc)
        }
    }

    func sendRaw(_ bytes: [UInt8], to port: UInt16) { Self.send(bytes, from: rtp, to: port) }

    /// Sends datagrams of one size (the last may be shorter) so that they reach the bridge joined.
    func sendRun(_ datagrams: [[UInt8]], to port: UInt16) -> Bool {
        var address = cl_address()
        _ = cl_parse_address("127.0.0.1", port, &address)
        var bytes = datagrams.flatMap { $0 }
        return bytes.withUnsafeMutableBytes {
            var vector = iovec(iov_base: $0.baseAddress, iov_len: $0.count)
            return cl_send_segments(rtp, &address, &vector, 1, UInt16(datagrams[0].count)) == 0
        }
    }

    func sendRTCP(to port: UInt16, _ build: (inout RTCPBuilder) -> Void) {
        var packet = [UInt8](repeating: 0, count: 1_500)
        packet.withUnsafeMutableBytes { bytes in
            var builder = RTCPBuilder(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<1_400]))
            build(&builder)
            var length = Int32(builder.count)
            let start = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
            if let sender {
                let status = sender.pointee.protectRTCP(
                    start, length: length, capacity: Int32(bytes.count), protectedLength: &length)
                precondition(status == .ok)
            }
            Self.send(Array(bytes[..<Int(length)]), from: sharesTransport ? rtp : rtcp, to: port)
        }
    }

    /// Takes in whatever arrived meanwhile.
    func poll() {
        guard lead == nil else { return }
        receive(rtp) { datagram, arrival in
            switch datagram.withUnsafeBytes({ PacketKind(of: $0) }) {
            case .rtcp: takeRTCP(datagram)
            case .rtp: take(datagram, arrival)
            default: onOther?(datagram)
            }
        }
        receive(rtcp) { datagram, _ in takeRTCP(datagram) }
    }

    private func take(_ datagram: [UInt8], _ arrival: UInt64) {
        var bytes = datagram
        var length = Int32(bytes.count)
        if let receiver {
            let ok = bytes.withUnsafeMutableBufferPointer { buffer in
                var jobs = [
                    SRTPJob(
                        receiver: receiver, packet: buffer.baseAddress!, length: length, capacity: Int32(buffer.count))
                ]
                jobs.withUnsafeMutableBufferPointer { engine.unprotect($0) }
                length = jobs[0].length
                return jobs[0].status == .ok
            }
            guard ok else {
                unreadable += 1
                return
            }
        }
        bytes.removeLast(bytes.count - Int(length))
        bytes.withUnsafeBytes { raw in
            guard let info = try? RTPPacketInfo(parsing: raw) else {
                unreadable += 1
                return
            }
            if extensions[.transportSequence] != 0,
                let number = info.headerExtensions(extensions, of: raw).transportSequence
            {
                if arrivals == nil { arrivals = ArrivalRecorder() }
                arrivals?.receive(number, atNanoseconds: arrival)
            }
            let owner = partners.first { $0.takes(info.payloadType) } ?? self
            if info.payloadType == owner.payloadType { owner.note(info, arrival) }
            owner.received.append(
                Received(info: info, payload: Array(info.payload(of: raw)), arrival: arrival))
        }
    }

    private func note(_ info: RTPPacketInfo, _ arrival: UInt64) {
        if reception?.ssrc != info.ssrc {
            reception = ReceptionStatistics(ssrc: info.ssrc, clockRate: codec.rtpClockRate, isTrusted: true)
        }
        reception?.receive(
            sequenceNumber: info.sequenceNumber, timestamp: info.timestamp,
            arrivalNanoseconds: arrival, payloadOctets: Int(info.payloadLength))
    }

    /// Tells the bridge how much was lost since it was told last.
    func report(to port: UInt16) {
        guard let block = reception?.makeReportBlock(atNanoseconds: monotonicNanoseconds()) else { return }
        sendRTCP(to: port) {
            $0.receiverReport(ssrc: ssrc)
            $0.addReportBlock(block)
        }
    }

    private func takes(_ payloadType: UInt8) -> Bool {
        payloadType == self.payloadType || payloadType == retransmissionType
            || others.contains { $0.payloadType == payloadType }
    }

    private func takeRTCP(_ datagram: [UInt8]) {
        var bytes = datagram
        var length = Int32(bytes.count)
        bytes.withUnsafeMutableBufferPointer { buffer in
            if let receiver {
                let status = receiver.pointee.unprotectRTCP(
                    buffer.baseAddress!, length: Int32(buffer.count), plainLength: &length)
                guard status == .ok else {
                    unreadable += 1
                    length = 0
                    return
                }
            }
            let span = RawSpan(
                _unsafeStart: UnsafeRawPointer(buffer.baseAddress!), byteCount: Int(length))
            guard var reader = try? RTCPReader(parsing: span) else { return }
            while let message = reader.next() {
                // What is asked of a partner's stream is the partner's too.
                if case .pictureLossIndication(_, let media) = message,
                    let partner = partners.first(where: { $0.ssrc == media })
                {
                    partner.rtcpMessages.append(message)
                }
                rtcpMessages.append(message)
            }
        }
    }

    static func bind(port: UInt16) throws -> Int32 {
        var address = cl_address()
        _ = cl_parse_address("127.0.0.1", port, &address)
        let descriptor = cl_bind_udp(&address, 1 << 20, 1 << 20, 0)
        guard descriptor >= 0 else { throw MediaPlaneError.noFreePort(errno: -descriptor) }
        return descriptor
    }

    private static func socket(port: UInt16 = 0) throws -> (Int32, UInt16) {
        let descriptor = try bind(port: port)
        cl_stamp_arrivals(descriptor)
        var bound = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &bound) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return (descriptor, UInt16(bigEndian: bound.sin_port))
    }

    private static func send(_ bytes: [UInt8], from descriptor: Int32, to port: UInt16) {
        var address = cl_address()
        _ = cl_parse_address("127.0.0.1", port, &address)
        var bytes = bytes
        bytes.withUnsafeMutableBytes {
            var vector = iovec(iov_base: $0.baseAddress, iov_len: $0.count)
            _ = cl_send_segments(descriptor, &address, &vector, 1, 0)
        }
    }

    private func receive(_ descriptor: Int32, _ body: ([UInt8], _ arrival: UInt64) -> Void) {
        while true {
            let count = cl_receive(buffers, descriptor, 0, Self.bufferCount)
            guard count > 0 else { return }
            for index in 0..<UInt32(count) {
                let received = cl_received_at(buffers, index)
                guard let bytes = received.bytes, received.length > 0 else { continue }
                let age = received.arrival == 0 ? 0 : wallNanoseconds() &- received.arrival
                body(
                    Array(UnsafeBufferPointer(start: bytes, count: Int(received.length))),
                    monotonicNanoseconds() &- min(age, 1_000_000_000))
            }
        }
    }
}
