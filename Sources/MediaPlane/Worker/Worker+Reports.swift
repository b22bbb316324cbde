import CLinux
import Glibc
import RTP
import SRTP

/// RTCP: what peers report, and what is reported to them (RFC 3550 §6, RFC 4585, RFC 5104).
extension Worker {
    private static let reportInterval: UInt64 = 2_000_000_000
    private static let canonicalName = "causeway"
    /// In a tenth of a second, to one leg: nobody makes the bridge flood a line by asking.
    private static let mostRetransmissions = 128

    // MARK: Received

    mutating func acceptRTCP(_ packet: Ingress) {
        let stream = packet.stream
        var length = Int(packet.length)
        if let receiver = stream.pointee.receiver {
            var plain: Int32 = 0
            switch receiver.pointee.unprotectRTCP(packet.bytes, length: packet.length, plainLength: &plain) {
            case .ok: length = Int(plain)
            case .malformed, .noRoom:
                stream.pointee.counters.malformed &+= 1
                return
            case .authenticationFailed, .replayed, .keyExhausted:
                stream.pointee.counters.unauthenticated &+= 1
                return
            }
            stream.pointee.remoteRTCP = packet.source.pointee
        } else if !stream.pointee.mayReport(packet.source) {
            stream.pointee.counters.unauthenticated &+= 1
            return
        }
        let bytes = RawSpan(_unsafeStart: UnsafeRawPointer(packet.bytes), byteCount: length)
        guard var reader = try? RTCPReader(parsing: bytes) else {
            stream.pointee.counters.malformed &+= 1
            return
        }
        guard let path = stream.pointee.path else {
            while let message = reader.next() {
                if !heard(message, in: bytes, of: packet.leg) { handle(message, of: packet) }
            }
            return
        }
        // On a shared transport the sources that a message names tell whose it is.
        while let message = reader.next() {
            if heard(message, in: bytes, of: packet.leg) { continue }
            for index in 0..<path.pointee.members.count {
                var part = packet
                part.stream = path.pointee.members[index]
                handle(message, of: part)
            }
        }
    }

    private mutating func handle(_ message: RTCPMessage, of packet: Ingress) {
        let stream = packet.stream
        switch message {
        case .senderReport(let info):
            guard info.ssrc == stream.pointee.reception?.ssrc else { return }
            stream.pointee.reception?.receiveSenderReport(info.ntp, arrivalNanoseconds: packet.arrival)
            stream.pointee.reported = packet.leg.pointee.clock.receive(
                info, at: wallClock(before: now &- packet.arrival))
            // Other sizes of a picture have clocks of their own.
            guard stream.pointee.picture.map({ isRecorded($0) }) ?? true else { return }
            packet.leg.pointee.room.pointee.tap?._withUnsafeGuaranteedRef {
                _ = $0.write(
                    TapEntry(
                        kind: .senderReport, track: stream.pointee.track, arrivalNanoseconds: packet.arrival,
                        rtpTimestamp: info.rtpTimestamp, ntpTimestamp: info.ntp.rawValue),
                    bytes: UnsafeRawBufferPointer(start: nil, count: 0))
            }
        case .reportBlock(_, let block):
            guard block.ssrc == stream.pointee.ssrc else { return }
            packet.leg.pointee.line?.handle(
                block, ofPicture: stream.pointee.isVideo,
                roundTripNanoseconds: block.roundTripNanoseconds(at: wallClock(before: now &- packet.arrival)),
                atNanoseconds: now)
            let loss = Double(block.fractionLost) / 256
            stream.pointee.counters.remoteFractionLost = loss
            stream.pointee.counters.remotePacketsLost = Int64(block.cumulativeLost)
            stream.pointee.counters.remoteHighestSequence = block.extendedHighestSequence
            if !stream.pointee.isVideo { packet.leg.pointee.output.report(loss: loss) }
            stream.pointee.counters.remoteJitterMilliseconds =
                Double(block.jitter) * 1000 / Double(stream.pointee.sent.clockRate)
            if let trip = block.roundTripNanoseconds(at: wallClock(before: now &- packet.arrival)) {
                stream.pointee.counters.roundTripMilliseconds = Double(trip) / 1_000_000
            }
        case .pictureLossIndication(_, let media), .fullIntraRequest(_, let media, _):
            // Of one that has a transport to itself there is no doubt, whatever source it names.
            guard media == stream.pointee.ssrc || stream.pointee.path == nil else { return }
            guard let picture = stream.pointee.picture else { return }
            heardOfBrokenPicture(picture)
            viewerLostPicture(picture)
        case .bye(let ssrc):
            if ssrc == stream.pointee.reception?.ssrc, stream.pointee.picture.map({ isRecorded($0) }) ?? true {
                tapEnd(of: stream, in: packet.leg.pointee.room)
            }
        case .genericNACK(_, let media, let first, let following):
            if let picture = stream.pointee.picture, media == stream.pointee.ssrc {
                sendAgain(first, following: following, to: picture)
            }
        case .receiverReferenceTime(let ssrc, let time):
            stream.pointee.reference = (ssrc, time, packet.arrival)
        case .receiverReport, .canonicalName, .application, .receiverEstimatedMaximumBitrate, .transportFeedback,
            .referenceDelay, .statisticsSummary:
            break
        }
    }

    func tapEnd(of stream: Stream, in room: Room) {
        guard stream.pointee.reception != nil else { return }
        room.pointee.tap?._withUnsafeGuaranteedRef {
            _ = $0.write(
                TapEntry(kind: .end, track: stream.pointee.track, arrivalNanoseconds: now),
                bytes: UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    // MARK: Sent

    /// A tenth of a second begins in which a leg may ask for so many packets again.
    func allowRetransmissions(to leg: Leg) {
        for index in 0..<leg.pointee.pictures.count {
            let viewer = leg.pointee.pictures[index]
            viewer.pointee.retransmissionsLeft = Self.mostRetransmissions
        }
    }

    /// Sends a leg's reports that are due: a sender or receiver report and the CNAME, at randomised intervals
    /// (RFC 3550 §6.2). Returns when the next one is.
    mutating func report(_ leg: Leg) -> UInt64 {
        for index in 0..<leg.pointee.streams.count {
            let stream = leg.pointee.streams[index]
            guard stream.pointee.nextReportAt != 0, stream.pointee.nextReportAt <= now,
                stream.pointee.sends || stream.pointee.receives
            else { continue }
            stream.pointee.nextReportAt = now &+ Self.reportInterval / 2 &+ random.next(upperBound: Self.reportInterval)
            compose(for: stream, isRegular: true) { _ in }
        }
        return leg.pointee.nextReportAt
    }

    mutating func sendKeyframeRequest(to source: Picture) {
        let stream = source.pointee.stream
        guard let media = stream.pointee.reception?.ssrc else { return }
        let sender = stream.pointee.ssrc
        // A peer that names only FIR gets it; PLI is what all others are most likely to understand.
        let feedback: RTCPBuilder.PayloadFeedback
        if stream.pointee.feedback.contains(.fullIntraRequest),
            !stream.pointee.feedback.contains(.pictureLossIndication)
        {
            stream.pointee.keyframeRequests &+= 1
            feedback = .fullIntraRequest(sequenceNumber: stream.pointee.keyframeRequests)
        } else {
            feedback = .pictureLossIndication
        }
        compose(for: stream) { $0.request(feedback, sender: sender, media: media) }
    }

    /// A leg is leaving: tells its peer that the bridge's streams end (RFC 3550 §6.6).
    mutating func sayGoodbye(_ leg: Leg) {
        for index in 0..<leg.pointee.streams.count where leg.pointee.streams[index].pointee.sent.hasSent {
            let stream = leg.pointee.streams[index]
            let ssrc = stream.pointee.ssrc
            compose(for: stream) { $0.bye(ssrc: ssrc) }
        }
    }

    /// A compound packet: a report, the CNAME, and `addition` (RFC 3550 §6.1). Only a regular one says what was received,
    /// for each such block ends an interval of loss.
    mutating func compose(
        for stream: Stream, isRegular: Bool = false, _ addition: (inout RTCPBuilder) -> Void
    ) {
        let buffer = UnsafeMutableRawBufferPointer(start: scratch, count: EgressQueue.packetCapacity)
        // Room is kept for the SRTCP index and tag.
        var builder = RTCPBuilder(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<(buffer.count - 64)]))
        if let info = senderInfo(of: stream, at: wallClock()) {
            builder.senderReport(info)
        } else {
            builder.receiverReport(ssrc: stream.pointee.ssrc)
        }
        if isRegular, now &- stream.pointee.lastPacketAt < 2 * Self.reportInterval,
            let block = stream.pointee.reception?.makeReportBlock(atNanoseconds: now)
        {
            builder.addReportBlock(block)
            stream.pointee.counters.fractionLost = Double(block.fractionLost) / 256
        }
        builder.canonicalName(ssrc: stream.pointee.ssrc, Self.canonicalName)
        if isRegular { extend(&builder, for: stream) }
        addition(&builder)
        transmit(stream, length: builder.count)
    }

    /// Adds the extended reports that the peer asked for (RFC 3611).
    private func extend(_ builder: inout RTCPBuilder, for stream: Stream) {
        let ssrc = stream.pointee.ssrc
        if let reference = stream.pointee.reference {
            builder.referenceDelay(
                ssrc: ssrc,
                RTCPReferenceDelay(
                    ssrc: reference.ssrc, lastReference: reference.time.compact,
                    delaySinceLastReference: NTPTime.compact(
                        nanoseconds: now > reference.arrival ? now - reference.arrival : 0)))
            stream.pointee.reference = nil
        }
        if stream.pointee.feedback.contains(.statisticsSummary),
            let summary = stream.pointee.reception?.makeStatisticsSummary()
        {
            builder.statisticsSummary(ssrc: ssrc, summary)
        }
    }

    private mutating func transmit(_ stream: Stream, length: Int) {
        guard !stream.pointee.isBlocked else { return }
        var length = Int32(truncatingIfNeeded: length)
        if let reporter = stream.pointee.reporter {
            guard
                reporter.pointee.protectRTCP(
                    scratch, length: length, capacity: Int32(EgressQueue.packetCapacity), protectedLength: &length)
                    == .ok
            else { return }
        }
        var vector = iovec(iov_base: scratch, iov_len: Int(length))
        if stream.pointee.multiplexesRTCP {
            _ = withUnsafePointer(to: stream.pointee.remoteRTP) {
                cl_send_segments(stream.pointee.rtpSocket, $0, &vector, 1, 0)
            }
        } else {
            _ = cl_send_segments(stream.pointee.rtcpSocket, &stream.pointee.remoteRTCP, &vector, 1, 0)
        }
    }

    /// The wall clock, so many nanoseconds ago.
    private func wallClock(before: UInt64 = 0) -> NTPTime { NTPTime(unixNanoseconds: wallNanoseconds() &- before) }

    // MARK: Counted

    func statistics(of leg: Leg) -> LegStatistics {
        var statistics = LegStatistics(
            leg: leg.pointee.id, audio: counters(of: leg.pointee.audio),
            video: counters(of: leg.pointee.video.pointee.stream),
            slides: leg.pointee.slides.map { counters(of: $0.pointee.stream) },
            audioLevel: Double(leg.pointee.activity.level), isSpeaking: leg.pointee.activity.isSpeaking,
            silence: leg.pointee.heard ? .nanoseconds(Int64(clamping: now &- leg.pointee.lastPacketAt)) : nil)
        statistics.carried = leg.pointee.carriage?.carried
        statistics.loudness = Double(leg.pointee.activity.loudness)
        if leg.pointee.line?.isOpen == false { statistics.lineBitsPerSecond = leg.pointee.line?.bitsPerSecond }
        statistics.panes = (0..<leg.pointee.panes.count).map { counters(of: leg.pointee.panes[$0].pointee.stream) }
        statistics.layers = (0..<leg.pointee.layers.count).map { counters(of: leg.pointee.layers[$0].pointee.stream) }
        return statistics
    }

    private func counters(of stream: Stream) -> StreamStatistics {
        var counters = stream.pointee.counters
        counters.codec = stream.pointee.receivedCodec
        if let format = stream.pointee.sentFormat { counters.sentCodec = format.codec }
        counters.suite = stream.pointee.heldKeys?.local.suite
        if let picture = stream.pointee.picture {
            counters.picturesReceived = picture.pointee.motion.pictures
            counters.pictureWidth = picture.pointee.motion.width
            counters.pictureHeight = picture.pointee.motion.height
            counters.freezes = picture.pointee.motion.freezes
        }
        if stream.pointee.fanOut == nil {
            counters.packetsSent = stream.pointee.port.pointee.packetsSent
            counters.bytesSent = stream.pointee.port.pointee.bytesSent
        }
        if let reception = stream.pointee.reception {
            counters.packetsLost = stream.pointee.lostEarlier &+ Int64(reception.cumulativeLost)
            counters.jitterMilliseconds = reception.jitterMilliseconds
        }
        return counters
    }
}
