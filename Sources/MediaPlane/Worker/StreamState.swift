import CLinux
import Glibc
import RTP
import SRTP
import STUN

/// One m-line of one leg: its sockets, keys, peer address and counters. Lives at a fixed address on its worker.
struct StreamState: ~Copyable {
    /// In `codecs`, a payload type that was not negotiated.
    static let noCodec: UInt8 = 0xFF
    static let noPayloadType: UInt8 = 0xFF
    /// Of pictures that the bridge makes, before they get each viewer's.
    static let madePayloadType: UInt8 = 96

    /// What a packet's number takes in its header, in octets.
    static let extensionSize = 8

    // MARK: What sending a packet touches, in two lines of the cache

    /// The transport, where it is more than two addresses.
    var path: UnsafeMutablePointer<PathState>?
    /// Owns the socket for RTP. The worker gives it up, for it may be in use elsewhere.
    private(set) var port: UnsafeMutablePointer<EgressPort>
    /// For RTP; for RTCP there is another, for the first may be in use on the worker that sends this stream's packets.
    private(set) var sender: UnsafeMutablePointer<SRTPSender>?
    private(set) var receiver: UnsafeMutablePointer<SRTPReceiver>?
    /// The bridge's stream to the peer.
    let ssrc: UInt32
    var sends = false
    /// What comes is not to be looked at, for it cannot be authenticated yet.
    private(set) var awaitsKeys = false
    /// Whether the peer has sent aggregates or fragments of H.264. Who does, whatever mode it agreed to, understands them.
    var fragments = false
    /// The line to the peer is estimated: each packet is counted before it leaves.
    var isCounted = false
    /// Under which packets carry their number of all that go to the peer; 0 for no such number.
    var transportSequenceID: UInt8 = 0
    var feedback: FeedbackSupport = []
    /// The payload type in which the peer takes pictures of each `PictureFormat`.
    private var pictureTypes = InlineArray<5, UInt8>(repeating: Self.noPayloadType)
    /// Of the picture that the peer was sent last, since offer and answer.
    var sentFormat: PictureFormat?
    private var fanOutWay: Int32 = -1
    /// The socket for RTP is connected to `remoteRTP`: packets leave without an address, for which the kernel looks up no
    /// route.
    private(set) var isConnected = false
    var sent: SenderState
    private(set) var remoteRTP = cl_address()

    /// How many lines of the cache the above takes.
    static let linesToSend = 2

    // MARK: The rest

    /// The worker that sends this stream's packets, where that is another.
    var fanOut: Int? {
        get { fanOutWay < 0 ? nil : Int(fanOutWay) }
        set { fanOutWay = Int32(truncatingIfNeeded: newValue ?? -1) }
    }
    let isVideo: Bool
    let leg: UnsafeMutablePointer<LegState>
    /// Which this is the stream of; nil for sound.
    var picture: UnsafeMutablePointer<PictureState>?
    /// The port's, which is not looked at where it may be another worker's.
    private(set) var rtpSocket: Int32
    private(set) var rtcpSocket: Int32
    func socket(_ door: Worker.Door) -> Int32 {
        switch door {
        case .rtp: rtpSocket
        case .rtcp: rtcpSocket
        case .strangers: strangersSocket
        }
    }
    /// Bound like the socket for RTP, which has been connected once: by this comes what others than its peer send there, the
    /// peer among them where it has moved. -1 before.
    private(set) var strangersSocket: Int32 = -1
    /// To where the peer is now, the kernel would not connect.
    private(set) var cannotConnect = false
    let track: UInt16

    var receives = false
    var multiplexesRTCP = false
    /// Where the payload of what is sent begins.
    var headerSize: Int {
        RTPPacketInfo.fixedHeaderSize + (transportSequenceID == 0 ? 0 : Self.extensionSize)
    }
    var sendingPayloadType = Self.noPayloadType
    var sendingCodec: MediaCodec?
    /// The peer would rather not be sent silence (RFC 7587 §6.1).
    private(set) var prefersPauses = false
    var telephoneEvent = Self.noPayloadType
    /// The payload types in which the peer takes events, and sound of each codec.
    private var sendingTelephoneEvent = Self.noPayloadType
    private var soundTypes = InlineArray<4, UInt8>(repeating: Self.noPayloadType)
    /// The payload type of the stream in which the peer is sent pictures of each format again (RFC 4588).
    private var retransmissionTypes = InlineArray<5, UInt8>(repeating: Self.noPayloadType)
    let retransmissionSSRC: UInt32
    var retransmissionSequence: UInt16
    /// The payload type of what a payload type of the peer's retransmits.
    let originals: UnsafeMutablePointer<UInt8>
    /// Raw value of the `MediaCodec` of each payload type that the peer may send.
    let codecs: UnsafeMutablePointer<UInt8>
    /// Raw value of the `PictureFormat` of each.
    private let formats: UnsafeMutablePointer<UInt8>

    /// What the peer's description says, wherever it was found since.
    private var describedRTP = cl_address()
    var remoteRTCP = cl_address()
    var rtpLatched = false
    /// When something of the peer's came last from where packets go, on the monotonic clock; of the stream that leads its
    /// transport.
    var heardWhereAimedAt: UInt64 = 0

    private(set) var reporter: UnsafeMutablePointer<SRTPSender>?
    private var retiredSenders: [UnsafeMutablePointer<SRTPSender>] = []

    /// The peer's stream.
    var receivedCodec: MediaCodec?
    var receivedFormat: PictureFormat?
    /// Of the source heard now; nil before the first packet.
    var reception: ReceptionStatistics?
    /// What its sender last reported of its clock.
    var reported: SourceClock.Report?
    /// Lost by sources before the one heard now.
    var lostEarlier: Int64 = 0
    var lastPacketAt: UInt64 = 0
    /// A reference time that the peer gave and that is not answered yet (RFC 3611 §4.4).
    var reference: (ssrc: UInt32, time: NTPTime, arrival: UInt64)?

    /// Of the bridge's sound to the peer.
    var sequence: UInt16
    var timestamp: UInt32
    var nextReportAt: UInt64 = 0
    var keyframeRequests: UInt8 = 0

    /// Datagrams, or runs of them, that the RTP socket gave since the last audio tick.
    var datagramsInTick: UInt32 = 0
    /// Ticks in a row in which it gave none.
    var fruitlessTicks: UInt8 = 0
    /// The poller watches the socket for RTP. That of sound only while it is quiet or flooded; otherwise each tick empties
    /// it.
    var isWatched = false
    /// Of sound: what comes by that socket is taken.
    var isHeard = false
    /// The audio tick until which a flooded socket is watched.
    var watchedUntil: UInt64 = 0

    var counters = StreamStatistics()

    init(
        isVideo: Bool, of leg: UnsafeMutablePointer<LegState>, sockets: PortAllocator.Pair, track: UInt16,
        sources: StreamSources, random: inout some RandomNumberGenerator
    ) {
        self.isVideo = isVideo
        self.leg = leg
        port = .allocateHot()
        port.initialize(to: EgressPort(socket: sockets.rtp))
        rtpSocket = sockets.rtp
        rtcpSocket = sockets.rtcp
        self.track = track
        codecs = .allocateHot(128)
        codecs.initialize(repeating: Self.noCodec, count: 128)
        formats = .allocateHot(128)
        formats.initialize(repeating: Self.noCodec, count: 128)
        originals = .allocateHot(128)
        originals.initialize(repeating: Self.noPayloadType, count: 128)
        ssrc = sources.media
        retransmissionSSRC = sources.retransmission
        retransmissionSequence = UInt16(truncatingIfNeeded: random.next() as UInt32) >> 1
        sequence = UInt16(truncatingIfNeeded: random.next() as UInt32) >> 1
        timestamp = random.next()
        sent = SenderState(ssrc: sources.media, clockRate: isVideo ? 90_000 : 48_000)
    }

    /// It was made without sockets: there is nothing to send and to receive by.
    var isUnbound: Bool { rtpSocket < 0 }

    /// Gives a stream that was made without sockets these; the way out that it had, which led nowhere.
    mutating func bind(_ sockets: PortAllocator.Pair) -> UnsafeMutablePointer<EgressPort> {
        rtcpSocket = sockets.rtcp
        return replacePort(by: sockets.rtp)
    }

    /// Sends by another socket from now on; its old way out, which may be in use elsewhere.
    mutating func replacePort(by socket: Int32) -> UnsafeMutablePointer<EgressPort> {
        let old = port
        forgetStrangers()
        isConnected = false
        port = .allocateHot()
        port.initialize(to: EgressPort(socket: socket))
        rtpSocket = socket
        // Where another worker sends, it counts there, and the stream here.
        if fanOut == nil {
            port.pointee.packetsSent = old.pointee.packetsSent
            port.pointee.bytesSent = old.pointee.bytesSent
        }
        return old
    }

    /// The peer may send this payload type in this stream.
    func takes(_ payloadType: UInt8) -> Bool {
        codec(of: payloadType) != nil || original(of: payloadType) != nil || payloadType == telephoneEvent
    }

    deinit {
        close(rtcpSocket)
        if strangersSocket >= 0 { close(strangersSocket) }
        Self.free(reporter, receiver)
        codecs.deallocateHot(128)
        formats.deallocateHot(128)
        originals.deallocateHot(128)
    }

    /// Senders that are in use no more, but may be in packets not yet sent.
    mutating func takeRetiredSenders() -> [UnsafeMutablePointer<SRTPSender>] {
        defer { retiredSenders = [] }
        return retiredSenders
    }

    /// Its pictures are made by the bridge, in one format.
    mutating func becomeMade(_ format: PictureFormat) {
        codecs[Int(Self.madePayloadType)] = format.codec.rawValue
        formats[Int(Self.madePayloadType)] = format.rawValue
        receivedCodec = format.codec
        receivedFormat = format
        receives = true
    }

    /// The codec of a received payload type.
    func codec(of payloadType: UInt8) -> MediaCodec? { MediaCodec(rawValue: codecs[Int(payloadType & 0x7F)]) }

    /// The format of a received payload type, as its peer uses it.
    func format(of payloadType: UInt8) -> PictureFormat? {
        guard let format = PictureFormat(rawValue: formats[Int(payloadType & 0x7F)]) else { return nil }
        return fragments ? format.fragmented : format
    }

    /// The payload type in which the peer is sent pictures of a format; nil if it could not show them.
    func payloadType(for format: PictureFormat) -> UInt8? {
        let type = pictureTypes[Int(format.rawValue)]
        if type != Self.noPayloadType { return type }
        guard fragments else { return nil }
        let single = pictureTypes[Int(format.single.rawValue)]
        return single == Self.noPayloadType ? nil : single
    }

    /// The payload type in which the peer takes sound of a codec as it comes, or without one events (RFC 4733); nil if it did
    /// not agree to that.
    func payloadType(forSound codec: MediaCodec?) -> UInt8? {
        var type = sendingTelephoneEvent
        if let codec {
            let index = Int(codec.rawValue)
            type = soundTypes.indices.contains(index) ? soundTypes[index] : Self.noPayloadType
        }
        return type == Self.noPayloadType ? nil : type
    }

    /// The payload type in which pictures of a format are sent again; nil to repeat them as they were.
    func retransmissionType(for format: PictureFormat) -> UInt8? {
        var type = retransmissionTypes[Int(format.rawValue)]
        if type == Self.noPayloadType, fragments { type = retransmissionTypes[Int(format.single.rawValue)] }
        return type == Self.noPayloadType ? nil : type
    }

    /// A payload type in which something is sent again; nil where that is done in none.
    var anyRetransmissionType: UInt8? {
        for index in retransmissionTypes.indices where retransmissionTypes[index] != Self.noPayloadType {
            return retransmissionTypes[index]
        }
        return nil
    }

    /// The payload type of what a packet of this payload type retransmits; nil if it is no retransmission.
    func original(of payloadType: UInt8) -> UInt8? {
        let original = originals[Int(payloadType & 0x7F)]
        return original == Self.noPayloadType ? nil : original
    }

    /// Whether a packet comes from where the peer's description says.
    func describes(_ source: UnsafePointer<cl_address>) -> Bool {
        withUnsafePointer(to: describedRTP) { cl_same_address($0, source) != 0 }
    }

    /// Whether RTCP in the clear may be the peer's: it comes from where its RTCP is known to come from, or, where that has
    /// a port of its own, from the host that its RTP comes from.
    func mayReport(_ source: UnsafePointer<cl_address>) -> Bool {
        if let path, path.pointee.agent != nil { return path.pointee.hasChecked(source) }
        if withUnsafePointer(to: remoteRTCP, { cl_same_address($0, source) != 0 }) { return true }
        guard !multiplexesRTCP, rtpLatched else { return false }
        return TransportAddress(source.pointee).isOnHost(of: TransportAddress(remoteRTP))
    }

    /// The peer sends from there, and is sent to there.
    mutating func latch(_ source: UnsafePointer<cl_address>) {
        aim(at: source)
        rtpLatched = true
        if multiplexesRTCP { remoteRTCP = source.pointee }
    }

    private mutating func aim(at address: UnsafePointer<cl_address>) {
        if isAimed(at: address) { return }
        remoteRTP = address.pointee
        isConnected = false
        cannotConnect = false
    }

    func isAimed(at address: UnsafePointer<cl_address>) -> Bool {
        withUnsafePointer(to: remoteRTP) { cl_same_address($0, address) != 0 }
    }

    /// Connects the socket for RTP to where packets go. `watch` has the poller tell of a socket for strangers, made where there
    /// is none yet, and returns whether it does.
    mutating func connect(_ watch: (Int32) -> Bool) {
        if strangersSocket < 0 {
            strangersSocket = cl_share_port(rtpSocket)
            guard strangersSocket >= 0, watch(strangersSocket) else {
                forgetStrangers()
                cannotConnect = true
                return
            }
        }
        isConnected = withUnsafePointer(to: remoteRTP) { cl_connect(rtpSocket, $0) == 0 }
        cannotConnect = !isConnected
    }

    /// The socket that it shares with another stream was connected to where that one's packets go, or could not be.
    mutating func share(connectionOf lead: borrowing StreamState) {
        isConnected = lead.isConnected && withUnsafePointer(to: lead.remoteRTP) { isAimed(at: $0) }
    }

    private mutating func forgetStrangers() {
        if strangersSocket >= 0 { close(strangersSocket) }
        strangersSocket = -1
    }

    /// Takes over what offer and answer settled; nil closes the stream.
    mutating func apply(
        _ parameters: StreamParameters?, _ engine: borrowing SRTPEngine
    ) throws(MediaPlaneError) {
        guard let parameters else {
            receives = false
            sends = false
            dropKeys()
            return
        }
        describedRTP = try Self.parse(parameters.remoteRTP)
        withUnsafePointer(to: describedRTP) { aim(at: $0) }
        remoteRTCP = try Self.parse(parameters.remoteRTCP)
        rtpLatched = false
        multiplexesRTCP = parameters.multiplexesRTCP
        feedback = parameters.feedback
        codecs.update(repeating: Self.noCodec, count: 128)
        formats.update(repeating: Self.noCodec, count: 128)
        for mapping in parameters.receivable where mapping.codec.isVideo == isVideo {
            codecs[Int(mapping.payloadType & 0x7F)] = mapping.codec.rawValue
            formats[Int(mapping.payloadType & 0x7F)] = mapping.picture?.rawValue ?? Self.noCodec
        }
        originals.update(repeating: Self.noPayloadType, count: 128)
        for mapping in parameters.retransmissions {
            originals[Int(mapping.payloadType & 0x7F)] = mapping.original & 0x7F
        }
        applyPictureTypes(parameters)
        applySoundTypes(parameters)
        telephoneEvent = parameters.telephoneEvent ?? Self.noPayloadType
        sendingPayloadType = parameters.sending?.payloadType ?? Self.noPayloadType
        sendingCodec = parameters.sending?.codec
        prefersPauses = parameters.sending.map { Self.prefersPauses($0) } ?? false
        if let rate = sendingCodec?.rtpClockRate, rate != sent.clockRate {
            sent = SenderState(ssrc: ssrc, clockRate: rate)
        }
        counters.sentCodec = parameters.sending?.codec
        sentFormat = nil
        receives = parameters.receives
        sends = parameters.sends && parameters.sending != nil
        try applyKeys(parameters.security, engine)
    }

    /// Finds for each format the payload type made for it, or else the first that includes it.
    private mutating func applyPictureTypes(_ parameters: StreamParameters) {
        let mappings = (parameters.sending.map { [$0] } ?? []) + parameters.alternatives
        for format in PictureFormat.allCases {
            let mapping =
                mappings.first { $0.picture == format } ?? mappings.first { $0.picture?.includes(format) ?? false }
            let again = parameters.sendingRetransmissions.first { $0.original == mapping?.payloadType }
            pictureTypes[Int(format.rawValue)] = mapping.map { $0.payloadType & 0x7F } ?? Self.noPayloadType
            retransmissionTypes[Int(format.rawValue)] = again.map { $0.payloadType & 0x7F } ?? Self.noPayloadType
        }
    }

    private mutating func applySoundTypes(_ parameters: StreamParameters) {
        sendingTelephoneEvent = parameters.sendingTelephoneEvent.map { $0 & 0x7F } ?? Self.noPayloadType
        let mappings = (parameters.sending.map { [$0] } ?? []) + parameters.alternatives
        for codec in MediaCodec.allCases where soundTypes.indices.contains(Int(codec.rawValue)) {
            let mapping = mappings.first { $0.codec == codec }
            soundTypes[Int(codec.rawValue)] = mapping.map { $0.payloadType & 0x7F } ?? Self.noPayloadType
        }
    }

    private static func prefersPauses(_ mapping: PayloadMapping) -> Bool {
        mapping.codec == .opus
            && mapping.formatParameters.split(separator: ";").contains {
                $0.filter { !$0.isWhitespace }.lowercased() == "usedtx=1"
            }
    }

    private static func parse(_ address: MediaAddress) throws(MediaPlaneError) -> cl_address {
        var parsed = cl_address()
        guard cl_parse_address(address.host, address.port, &parsed) == 0 else { throw .badAddress(address.host) }
        return parsed
    }

    /// Nothing can be sent: there is no place to send to, or there are no keys.
    var isBlocked: Bool { awaitsKeys || path.map { !$0.pointee.hasWay } ?? false }

    /// The keys that a handshake gave.
    mutating func take(
        local: SRTPMasterKey, remote: SRTPMasterKey, _ engine: borrowing SRTPEngine
    ) throws(MediaPlaneError) {
        try applyKeys(.sdes(suite: local.suite, local: local, remote: remote), engine)
    }

    /// A new handshake begins: what the one before gave holds no longer.
    mutating func awaitKeys() {
        dropKeys()
        awaitsKeys = true
    }

    /// The master keys in force.
    private(set) var heldKeys: (local: SRTPMasterKey, remote: SRTPMasterKey)?

    private mutating func applyKeys(
        _ security: StreamSecurity, _ engine: borrowing SRTPEngine
    ) throws(MediaPlaneError) {
        if case .agreed = security {
            if sender == nil { awaitsKeys = true }
            return
        }
        awaitsKeys = false
        guard case .sdes(let suite, let local, let remote) = security else {
            dropKeys()
            return
        }
        // A re-INVITE that repeats the keys keeps the rollover counters and replay windows.
        if let heldKeys, heldKeys.local.keyAndSalt == local.keyAndSalt,
            heldKeys.remote.keyAndSalt == remote.keyAndSalt, sender != nil
        {
            return
        }
        dropKeys()
        do {
            let newSender = try SRTPSender(key: local, engine: engine)
            let newReporter = try SRTPSender(key: local, engine: engine)
            let newReceiver = try SRTPReceiver(key: remote, engine: engine)
            sender = .allocateHot()
            sender?.initialize(to: newSender)
            reporter = .allocateHot()
            reporter?.initialize(to: newReporter)
            receiver = .allocateHot()
            receiver?.initialize(to: newReceiver)
        } catch {
            throw .engineUnavailable("\(suite.sdesName): \(error)")
        }
        heldKeys = (local, remote)
    }

    private mutating func dropKeys() {
        if let sender { retiredSenders.append(sender) }
        Self.free(reporter, receiver)
        sender = nil
        reporter = nil
        receiver = nil
        heldKeys = nil
    }

    private static func free(
        _ sender: UnsafeMutablePointer<SRTPSender>?, _ receiver: UnsafeMutablePointer<SRTPReceiver>?
    ) {
        sender?.deinitialize(count: 1)
        sender?.deallocateHot()
        receiver?.deinitialize(count: 1)
        receiver?.deallocateHot()
    }
}
