import RTP

extension Worker {
    /// A source that sent no picture for this long is not shown.
    private static let stalledAfter: UInt64 = 3_000_000_000

    /// Sends a video packet to everyone who sees its source, each with its own numbers.
    mutating func forward(
        _ info: RTPPacketInfo, codec: MediaCodec, _ datagram: UnsafeRawBufferPointer, from source: Leg
    ) {
        let payload = info.payload(of: datagram)
        let beginsKeyframe =
            switch codec {
            case .vp8: VP8FrameHeader.beginsKeyframe(payload)
            case .h264: H264Payload.beginsKeyframe(payload)
            default: false
            }
        if beginsKeyframe { source.pointee.keyframes.keyframeArrived() }
        let sourceID = viewID(of: source, info.ssrc)
        let descriptor = codec == .vp8 ? VP8PayloadDescriptor(parsing: payload) : nil
        let room = source.pointee.room
        let isLate = source.pointee.losses.highest != info.sequenceNumber
        var isToBeKept = false
        for index in 0..<room.pointee.legs.count {
            let viewer = room.pointee.legs[index]
            let isWaiting = viewer.pointee.view.wanted == source && viewer.pointee.view.current != source
            if isWaiting { isToBeKept = true }
            if beginsKeyframe, viewer.pointee.view.wanted == source {
                viewer.pointee.view.current = source
                viewer.pointee.view.rewriter.switchSource(to: sourceID)
            }
            let isShown =
                viewer.pointee.view.current == source
                || isLate && viewer.pointee.view.rewriter.previousSource == sourceID
            guard isShown, viewer.pointee.video.pointee.sends,
                viewer.pointee.video.pointee.sendingCodec == codec
            else { continue }
            send(info, payload, descriptor, sourceID: sourceID, to: viewer)
            if viewer.pointee.video.pointee.feedback.contains(.genericNACK) { isToBeKept = true }
            if isWaiting, isLate { sendWhatFollowed(info.sequenceNumber, of: source, to: viewer) }
        }
        if isToBeKept { keep(datagram, info.sequenceNumber, of: source) }
    }

    /// What names a source to its viewers. One whose SSRC changes is a new one: they go on from its next keyframe.
    func viewID(of source: Leg, _ ssrc: UInt32) -> UInt32 { ssrc ^ (source.pointee.id.rawValue &* 0x9E37_79B1) }

    /// The header extensions and contributors of the sender mean nothing to a viewer: only the payload goes on. What
    /// is repeated goes in the viewer's retransmission stream, where it has one.
    mutating func send(
        _ info: RTPPacketInfo, _ payload: UnsafeRawBufferPointer, _ descriptor: VP8PayloadDescriptor?,
        sourceID: UInt32, to viewer: Leg, isRepeated: Bool = false
    ) {
        let inStreamOfItsOwn =
            isRepeated && viewer.pointee.video.pointee.retransmissionPayloadType != StreamState.noPayloadType
        let header = RTPPacketInfo.fixedHeaderSize + (inStreamOfItsOwn ? 2 : 0)
        guard header + payload.count + 64 <= EgressQueue.packetCapacity, let base = payload.baseAddress,
            let numbers = viewer.pointee.view.rewriter.rewrite(
                source: sourceID, sequenceNumber: info.sequenceNumber, timestamp: info.timestamp,
                atNanoseconds: now, descriptor: descriptor)
        else { return }
        if egress.isFull { egress.flush(engine) }
        let stream = viewer.pointee.video
        let packet = UnsafeMutableRawPointer(egress.nextPacket)
        if inStreamOfItsOwn {
            RTPHeaderWriter.write(
                packet, payloadType: stream.pointee.retransmissionPayloadType, marker: info.marker,
                sequenceNumber: stream.pointee.retransmissionSequence, timestamp: numbers.timestamp,
                ssrc: stream.pointee.retransmissionSSRC)
            stream.pointee.retransmissionSequence &+= 1
            // The original sequence number (RFC 4588 §4).
            packet.storeBytes(
                of: numbers.sequenceNumber.bigEndian, toByteOffset: RTPPacketInfo.fixedHeaderSize, as: UInt16.self)
        } else {
            RTPHeaderWriter.write(
                packet, payloadType: stream.pointee.sendingPayloadType, marker: info.marker,
                sequenceNumber: numbers.sequenceNumber, timestamp: numbers.timestamp, ssrc: stream.pointee.ssrc)
        }
        (packet + header).copyMemory(from: base, byteCount: payload.count)
        descriptor?.rewrite(
            packet + header, pictureID: numbers.pictureID, tl0PictureIndex: numbers.tl0PictureIndex)
        if !isRepeated {
            stream.pointee.sent.sent(
                timestamp: numbers.timestamp, payloadOctets: payload.count, atNanoseconds: now)
        }
        send(length: header + payload.count, on: stream)
    }

    /// Decides anew whom each leg of a room sees: the active speaker; the speaker, and whoever's codec differs, sees
    /// the most recent speaker that it can.
    mutating func retarget(_ room: Room) {
        for index in 0..<room.pointee.legs.count {
            let viewer = room.pointee.legs[index]
            let wanted = viewer.pointee.video.pointee.sends ? source(for: viewer, in: room) : nil
            viewer.pointee.view.wanted = wanted
            guard let wanted else {
                viewer.pointee.view.current = nil
                continue
            }
            guard wanted != viewer.pointee.view.current else { continue }
            askForKeyframe(of: wanted)
        }
    }

    private func source(for viewer: Leg, in room: Room) -> Leg? {
        let codec = viewer.pointee.video.pointee.sendingCodec
        for index in 0..<room.pointee.legs.count {
            let candidate = room.pointee.legs[index]
            let stream = candidate.pointee.video
            if candidate != viewer, stream.pointee.receives, stream.pointee.receivedCodec == codec,
                now &- stream.pointee.lastPacketAt < Self.stalledAfter
            {
                return candidate
            }
        }
        return nil
    }

    /// The peer of `viewer` cannot decode what it gets.
    mutating func viewerLostPicture(_ viewer: Leg) {
        if let source = viewer.pointee.view.wanted ?? viewer.pointee.view.current { askForKeyframe(of: source) }
    }

    /// The room's speaker changed: the new one comes to the front of the order in which pictures are chosen.
    mutating func speakerChanged(in room: Room) {
        let speaker = room.pointee.speaker.current
        events.yield(.speakerChanged(room.pointee.id, speaker))
        guard let speaker, let leg = legs[speaker] else { return }
        room.pointee.legs.moveToFront(leg)
        retarget(room)
    }

    mutating func askForKeyframe(of source: Leg) {
        guard source.pointee.keyframes.request(at: now) else { return }
        source.pointee.video.pointee.counters.keyframesRequested &+= 1
        sendKeyframeRequest(to: source)
    }
}
