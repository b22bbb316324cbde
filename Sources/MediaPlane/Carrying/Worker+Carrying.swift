import RTP

/// Legs that carry others to bridges beside this one: each sends one leg's streams, as they came, and is nobody otherwise.
///
/// They follow the leg that they carry only within a room (`LegParameters.carried`): a point that is taken aside is not
/// heard in another bridge's hall while control is still about to say so there.
extension Worker {
    // MARK: Who carries whom

    /// A leg is to carry another from now on; nil: it is a point's own.
    mutating func setCarried(_ carried: LegID?, by leg: Leg) {
        guard carried != leg.pointee.carriage?.carried else { return }
        let room = leg.pointee.room
        let stream = leg.pointee.audio
        let wasPresenter = take(leg, outOf: room)
        forgetViews(of: leg)
        if let carried {
            cutClips(of: leg)
            leg.pointee.activity.silence()
            leg.pointee.isInMix = false
            let sound =
                leg.pointee.carriage?.sound
                ?? SoundRewriter(
                    firstSequence: stream.pointee.sequence,
                    firstTimestamp: stream.pointee.timestamp &+ UInt32(MixFrame.samples))
            leg.pointee.carriage = Carriage(carried: carried, source: nil, sound: sound)
        } else if let next = leg.pointee.carriage?.sound.next {
            (stream.pointee.sequence, stream.pointee.timestamp) = next
            leg.pointee.carriage = nil
        }
        enlist(leg, in: room)
        linkCarriers(in: room)
        if wasPresenter { presenterChanged(in: room) }
    }

    /// Has those of a room that carry others find them there.
    mutating func linkCarriers(in room: Room) {
        for index in 0..<room.pointee.carriers.count {
            let carrier = room.pointee.carriers[index]
            guard let carriage = carrier.pointee.carriage, carriage.source == nil,
                let source = legs[carriage.carried], source.pointee.room == room, source.pointee.carriage == nil
            else { continue }
            carrier.pointee.carriage?.source = source
            source.pointee.carriers.append(carrier)
        }
    }

    /// A leg leaves its room: nobody carries it there any more, and it carries nobody.
    mutating func unlink(_ leg: Leg) {
        while leg.pointee.carriers.count > 0 { unlinkFromSource(leg.pointee.carriers[0]) }
        unlinkFromSource(leg)
    }

    private mutating func unlinkFromSource(_ carrier: Leg) {
        guard let source = carrier.pointee.carriage?.source else { return }
        source.pointee.carriers.remove(carrier)
        carrier.pointee.carriage?.source = nil
        carrier.pointee.carriage?.sound.interrupt()
        forgetViews(of: carrier)
    }

    // MARK: Pictures

    /// Decides anew which pictures go by a leg that carries another: that leg's, whoever speaks.
    mutating func aim(_ carrier: Leg) {
        for index in 0..<carrier.pointee.pictures.count {
            let viewer = carrier.pointee.pictures[index]
            let stream = viewer.pointee.stream
            stream.pointee.counters.isWithheld = false
            var wanted = stream.pointee.sends ? carried(by: carrier, in: viewer.pointee.content) : nil
            if let picture = wanted, !viewer.pointee.canShow(picture) {
                stream.pointee.counters.isWithheld = true
                wanted = nil
            }
            viewer.pointee.candidate = wanted
            viewer.pointee.view.want(wanted)
            if let wanted, wanted != viewer.pointee.view.current { askForKeyframe(of: wanted) }
        }
    }

    private func carried(by carrier: Leg, in content: PictureState.Content) -> Picture? {
        guard let source = carrier.pointee.carriage?.source else { return nil }
        switch content {
        case .camera: return camera(of: source)
        case .slides: return slides(in: source.pointee.room).flatMap { $0.pointee.leg == source ? $0 : nil }
        case .pane: return nil
        }
    }

    // MARK: Sound

    /// Sends a packet of a leg's sound to those who carry the leg, or an event (RFC 4733), for which there is no codec.
    mutating func carrySound(
        _ info: RTPPacketInfo, _ codec: MediaCodec?, _ datagram: UnsafeRawBufferPointer, of packet: Ingress
    ) {
        let leg = packet.leg
        for index in 0..<leg.pointee.carriers.count {
            let carrier = leg.pointee.carriers[index]
            let stream = carrier.pointee.audio
            // Keys are heard whoever is muted.
            let isHeard = stream.pointee.sends && !stream.pointee.isBlocked && (codec == nil || !leg.pointee.isMuted)
            guard isHeard, let payloadType = stream.pointee.payloadType(forSound: codec) else {
                carrier.pointee.carriage?.sound.leaveOut(source: info.ssrc, sequenceNumber: info.sequenceNumber)
                continue
            }
            let payload = info.payload(of: datagram)
            let header = stream.pointee.headerSize
            guard let base = payload.baseAddress, header + payload.count + 64 <= EgressQueue.packetCapacity,
                let numbers = carrier.pointee.carriage?.sound.rewrite(
                    source: info.ssrc, clockRate: codec?.rtpClockRate, sequenceNumber: info.sequenceNumber,
                    timestamp: info.timestamp, atNanoseconds: packet.arrival)
            else { continue }
            if egress.isFull { egress.flush(engine) }
            let place = UnsafeMutableRawPointer(egress.nextPacket)
            RTPHeaderWriter.write(
                place, payloadType: payloadType, marker: info.marker || numbers.beginsAnew,
                sequenceNumber: numbers.sequenceNumber, timestamp: numbers.timestamp, ssrc: stream.pointee.ssrc)
            (place + header).copyMemory(from: base, byteCount: payload.count)
            if let codec {
                stream.pointee.counters.sentCodec = codec
                stream.pointee.sent.change(clockRate: codec.rtpClockRate)
            }
            stream.pointee.sent.sent(
                timestamp: numbers.timestamp, payloadOctets: payload.count, atNanoseconds: now)
            send(length: header + payload.count, on: stream)
        }
    }

    // MARK: Reports

    /// What a sender report made now says of a stream; nil before its first packet.
    ///
    /// Of what is carried it says how the point's own reports tie the stream to a clock. That clock is told as the bridge's
    /// own: by it the far side measures the round trip, and streams of whose clock the point says nothing go by it too.
    func senderInfo(of stream: Stream, at time: NTPTime) -> RTCPSenderInfo? {
        var info = stream.pointee.sent.report(atNanoseconds: now, ntp: time)
        guard info != nil, let carriage = stream.pointee.leg.pointee.carriage else { return info }
        if let viewer = stream.pointee.picture {
            info?.rtpTimestamp =
                reportedTimestamp(of: viewer, at: time) ?? viewer.pointee.view.rewriter.timestamp(atNanoseconds: now)
        } else {
            info?.rtpTimestamp =
                reportedTimestamp(of: carriage, at: time) ?? carriage.sound.timestamp(atNanoseconds: now)
        }
        return info
    }

    private func reportedTimestamp(of viewer: Picture, at time: NTPTime) -> UInt32? {
        guard let source = viewer.pointee.view.current, let report = source.pointee.stream.pointee.reported,
            viewID(of: source, report.ssrc) == viewer.pointee.view.rewriter.source
        else { return nil }
        return source.pointee.leg.pointee.clock.timestamp(of: report, clockRate: 90_000, at: time)
            .flatMap { viewer.pointee.view.rewriter.timestamp(ofSource: $0) }
    }

    private func reportedTimestamp(of carriage: Carriage, at time: NTPTime) -> UInt32? {
        guard let source = carriage.source, let report = source.pointee.audio.pointee.reported,
            report.ssrc == carriage.sound.source
        else { return nil }
        return source.pointee.clock.timestamp(of: report, clockRate: carriage.sound.clockRate, at: time)
            .flatMap { carriage.sound.timestamp(ofSource: $0) }
    }
}
