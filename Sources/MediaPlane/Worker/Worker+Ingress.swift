import CLinux
import RTP
import SRTP

extension Worker {
    /// What this wake-up received: told apart, decrypted as one batch, then taken in order of arrival.
    mutating func processIngress() {
        let count = ingressCount
        guard count > 0 else { return }
        ingressCount = 0
        var jobCount = 0
        for index in 0..<count {
            var packet = ingress[index]
            guard packet.length <= Self.longestPacket else {
                packet.stream.pointee.counters.malformed &+= 1
                continue
            }
            let datagram = UnsafeRawBufferPointer(start: packet.bytes, count: Int(packet.length))
            let kind = PacketKind(of: datagram)
            if let path = packet.stream.pointee.path {
                switch kind {
                case .stun: answerCheck(packet, on: path)
                case .dtls: shakeHands(packet, on: path)
                case .rtp:
                    guard let stream = path.pointee.stream(of: datagram) else {
                        packet.stream.pointee.counters.malformed &+= 1
                        continue
                    }
                    packet.stream = stream
                default: break
                }
                if packet.stream.pointee.awaitsKeys || kind == .stun || kind == .dtls { continue }
            }
            switch kind {
            case .rtp where packet.door != .rtcp && packet.stream.pointee.receives:
                guard let receiver = packet.stream.pointee.receiver else {
                    accept(packet)
                    continue
                }
                jobs[jobCount] = SRTPJob(
                    receiver: receiver, packet: packet.bytes, length: packet.length,
                    // What follows in the buffer may be the next packet.
                    capacity: packet.length)
                // Packets that wait for decryption close ranks behind those already handled.
                ingress[jobCount] = packet
                jobCount += 1
            case .rtp where packet.door != .rtcp:
                // The direction is closed (hold): what still comes is dropped, but shows that the peer lives.
                break
            case .rtcp where packet.door == .rtcp || packet.stream.pointee.multiplexesRTCP:
                acceptRTCP(packet)
            default:
                packet.stream.pointee.counters.malformed &+= 1
            }
        }
        // Packets in the clear are forwarded before those that wait for decryption.
        sendForwarded()
        guard jobCount > 0 else { return }
        engine.unprotect(UnsafeMutableBufferPointer(start: jobs, count: jobCount))
        for index in 0..<jobCount {
            switch jobs[index].status {
            case .ok:
                ingress[index].length = jobs[index].length
                accept(ingress[index])
            case .malformed, .noRoom:
                ingress[index].stream.pointee.counters.malformed &+= 1
            case .replayed:
                ingress[index].stream.pointee.counters.unauthenticated &+= 1
                noteCopied(ingress[index])
            case .authenticationFailed, .keyExhausted:
                ingress[index].stream.pointee.counters.unauthenticated &+= 1
            }
        }
        sendForwarded()
    }

    /// An authentic RTP packet, in the clear.
    private mutating func accept(_ packet: Ingress) {
        let stream = packet.stream
        let datagram = UnsafeRawBufferPointer(start: packet.bytes, count: Int(packet.length))
        guard let info = try? RTPPacketInfo(parsing: datagram) else {
            stream.pointee.counters.malformed &+= 1
            return
        }
        if let payloadType = stream.pointee.original(of: info.payloadType) {
            guard latch(packet), let picture = stream.pointee.picture else { return }
            if let path = stream.pointee.path {
                path.pointee.note(info.ssrc, of: stream)
                noteArrival(info, packet, on: path)
            }
            guard
                let datagram = original(of: info, payloadType: payloadType, in: packet, of: picture),
                let info = try? RTPPacketInfo(parsing: datagram),
                let codec = stream.pointee.codec(of: payloadType)
            else { return }
            deliver(info, codec: codec, datagram, of: packet)
            return
        }
        let isEvent = info.payloadType == stream.pointee.telephoneEvent
        guard let codec = isEvent ? stream.pointee.receivedCodec ?? .pcmu : stream.pointee.codec(of: info.payloadType)
        else {
            stream.pointee.counters.malformed &+= 1
            return
        }
        guard latch(packet) else { return }
        if let path = stream.pointee.path {
            path.pointee.note(info.ssrc, of: stream)
            noteArrival(info, packet, on: path)
        }
        note(info, codec: codec, isEvent: isEvent, length: datagram.count, of: packet)
        if isEvent {
            packet.leg.pointee.lastEventAt = now
            if let digit = packet.leg.pointee.digits.push(
                info.payload(of: datagram), timestamp: info.timestamp)
            {
                events.yield(.digit(packet.leg.pointee.id, digit))
            }
            carrySound(info, nil, datagram, of: packet)
            return
        }
        deliver(info, codec: codec, datagram, of: packet)
    }

    /// To the recording, and to the other legs.
    private mutating func deliver(
        _ info: RTPPacketInfo, codec: MediaCodec, _ datagram: UnsafeRawBufferPointer, of packet: Ingress
    ) {
        let stream = packet.stream
        // Slides are the room's while their point presents.
        if let picture = stream.pointee.picture, picture.pointee.content == .slides,
            packet.leg.pointee.room.pointee.presentation.presenter != packet.leg.pointee.id
        {
            return
        }
        if stream.pointee.picture.map({ isRecorded($0) }) ?? !packet.leg.pointee.isMuted {
            packet.leg.pointee.room.pointee.tap?._withUnsafeGuaranteedRef {
                _ = $0.write(
                    TapEntry(
                        kind: .packet, track: stream.pointee.track, arrivalNanoseconds: packet.arrival,
                        codec: codec.rawValue, rtpTimestamp: info.timestamp), bytes: datagram)
            }
        }
        if let picture = stream.pointee.picture {
            if picture.pointee.isFilmed { film(datagram, codec: codec, of: picture, arrival: packet.arrival) }
            switch picture.pointee.arrivals.receive(info.sequenceNumber) {
            case .new: break
            case .known: return
            case .restarted:
                sendForwarded()
                picture.pointee.beginAnew()
                askForKeyframe(of: picture)
            }
            forward(info, datagram, from: picture)
        } else {
            carrySound(info, codec, datagram, of: packet)
            packet.leg.pointee.input.push(info, codec: codec, datagram, at: packet.arrival)
        }
    }

    /// How long a peer has to be silent where it was before it is taken to be elsewhere, in nanoseconds: three packets of sound.
    private static let silenceOfMove: UInt64 = 60_000_000

    /// Learns where the peer sends from (symmetric RTP, RFC 4961): with keys from any authentic packet, unless the peer is still
    /// heard where it was, for whoever copies its packets may be faster than they. In the clear the first to send is taken for
    /// the peer, and nobody else is heard afterwards but the address of its description.
    private func latch(_ packet: Ingress) -> Bool {
        let stream = packet.stream
        // Streams of one transport have one peer.
        let lead = stream.pointee.path?.pointee.lead ?? stream
        if stream.pointee.isAimed(at: packet.source) {
            stream.pointee.rtpLatched = true
            lead.pointee.heardWhereAimedAt = now
            return true
        }
        // ICE says where to send, whoever else authenticates: the peer may be about to move.
        if let path = stream.pointee.path, path.pointee.agent != nil {
            guard stream.pointee.receiver != nil || path.pointee.hasChecked(packet.source) else {
                stream.pointee.counters.unauthenticated &+= 1
                return false
            }
            return true
        }
        guard stream.pointee.receiver != nil || !stream.pointee.rtpLatched || stream.pointee.describes(packet.source)
        else {
            stream.pointee.counters.unauthenticated &+= 1
            return false
        }
        if stream.pointee.rtpLatched, now &- lead.pointee.heardWhereAimedAt < Self.silenceOfMove,
            !stream.pointee.describes(packet.source)
        {
            return true
        }
        lead.pointee.heardWhereAimedAt = now
        stream.pointee.latch(packet.source)
        if let path = stream.pointee.path {
            for index in 0..<path.pointee.members.count { path.pointee.members[index].pointee.latch(packet.source) }
        }
        return true
    }

    /// Of a packet that came before, by whoever copies what the peer sends and is faster, the original still shows that the peer
    /// is where it was. It is not authenticated, so only where the peer's own description says that packets go does it count.
    private func noteCopied(_ packet: Ingress) {
        let stream = packet.stream
        guard stream.pointee.isAimed(at: packet.source), stream.pointee.describes(packet.source) else { return }
        (stream.pointee.path?.pointee.lead ?? stream).pointee.heardWhereAimedAt = now
    }

    private mutating func note(
        _ info: RTPPacketInfo, codec: MediaCodec, isEvent: Bool, length: Int, of packet: Ingress
    ) {
        let stream = packet.stream
        let rate = codec.rtpClockRate
        let continues =
            stream.pointee.reception.map { $0.ssrc == info.ssrc && (isEvent || $0.clockRate == rate) } ?? false
        if !continues {
            stream.pointee.lostEarlier &+= Int64(stream.pointee.reception?.cumulativeLost ?? 0)
            stream.pointee.reception = ReceptionStatistics(
                ssrc: info.ssrc, clockRate: rate, isTrusted: stream.pointee.receiver != nil)
            if let picture = stream.pointee.picture {
                if forwarded.source == picture { sendForwarded() }
                picture.pointee.changeSource()
                stream.pointee.fragments = false
            }
        }
        if let picture = stream.pointee.picture {
            if picture.pointee.losses.receive(info.sequenceNumber, atNanoseconds: now) {
                stream.pointee.counters.packetsRecovered &+= 1
            }
            if !picture.pointee.losses.isQuiet {
                slots[packet.leg.pointee.slot]?.duties.insert(.losses)
                isStirred = true
            }
        }
        let lastPacketAt = stream.pointee.lastPacketAt
        if !isEvent { stream.pointee.receivedCodec = codec }
        stream.pointee.lastPacketAt = now
        stream.pointee.counters.packetsReceived &+= 1
        if stream.pointee.counters.packetsReceived == 1, !isEvent {
            events.yield(.streamHeard(packet.leg.pointee.id, isPicture: stream.pointee.isVideo))
        }
        stream.pointee.counters.bytesReceived &+= UInt64(length)
        stream.pointee.reception?.receive(
            sequenceNumber: info.sequenceNumber, timestamp: info.timestamp, arrivalNanoseconds: packet.arrival,
            payloadOctets: Int(info.payloadLength))
        if !packet.leg.pointee.heard {
            packet.leg.pointee.heard = true
            events.yield(.legHeard(packet.leg.pointee.id))
        }
        if let picture = stream.pointee.picture { note(info, of: picture, lastPacketAt: lastPacketAt) }
    }

    /// What a picture's packet tells of its source: whether others can see it changes with its format and when it comes
    /// again after a stall, and whether it presents with its coming.
    private mutating func note(_ info: RTPPacketInfo, of picture: Picture, lastPacketAt: UInt64) {
        let stream = picture.pointee.stream
        let leg = picture.pointee.leg
        let room = leg.pointee.room
        let format = stream.pointee.format(of: info.payloadType)
        var isNew = lastPacketAt == 0 || format != stream.pointee.receivedFormat
        stream.pointee.receivedFormat = format
        if picture.pointee.content == .slides {
            if room.pointee.presentation.slideCame(
                from: leg.pointee.id, mayBegin: !leg.pointee.hasFloorControl, at: now)
            {
                return presenterChanged(in: room)
            }
            isNew = isNew || lastPacketAt < room.pointee.presentation.since
        } else {
            isNew = isNew || now &- lastPacketAt >= Self.stalledAfter
        }
        if isNew { retarget(room) }
    }
}
