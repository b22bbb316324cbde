import RTP

extension Worker {
    /// A source that sent no picture for this long is not shown.
    private static let stalledAfter: UInt64 = 3_000_000_000

    /// Takes in a video packet for those who see its source. Packets that follow each other gather to a run; one that
    /// comes late goes by itself.
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
        let isLate = source.pointee.losses.highest != info.sequenceNumber
        if isLate || !forwarded.takes(info, codec, from: source) { sendForwarded() }
        forwarded.append(
            .init(
                info: info, datagram: datagram,
                descriptor: codec == .vp8 ? VP8PayloadDescriptor(parsing: payload) : nil,
                beginsKeyframe: beginsKeyframe), codec, from: source)
        if isLate { sendForwarded(isLate: true) }
    }

    /// Sends what has gathered to one viewer after another, each with its own numbers.
    mutating func sendForwarded(isLate: Bool = false) {
        guard let source = forwarded.source, forwarded.count > 0 else { return }
        let sourceID = viewID(of: source, forwarded.ssrc)
        let beginsKeyframe = forwarded.beginsKeyframe
        let room = source.pointee.room
        var isToBeKept = false
        for index in 0..<room.pointee.legs.count {
            let viewer = room.pointee.legs[index]
            let isCurrent = viewer.pointee.view.current == source
            let isWaiting = viewer.pointee.view.wanted == source && !isCurrent
            if isWaiting { isToBeKept = true }
            guard
                isCurrent || isWaiting && beginsKeyframe
                    || isLate && viewer.pointee.view.rewriter.previousSource == sourceID
            else { continue }
            if show(viewer, source, sourceID, isLate: isLate, isWaiting: isWaiting) { isToBeKept = true }
            if egress.isLong { egress.flush(engine) }
        }
        if isToBeKept {
            for index in 0..<forwarded.count {
                keep(forwarded[index].datagram, forwarded[index].info.sequenceNumber, of: source)
            }
        }
        forwarded.removeAll()
    }

    /// Sends one viewer what has gathered. Returns whether the viewer may ask for it again.
    private mutating func show(
        _ viewer: Leg, _ source: Leg, _ sourceID: UInt32, isLate: Bool, isWaiting: Bool
    ) -> Bool {
        let stream = viewer.pointee.video
        let canDecode = stream.pointee.sends && stream.pointee.sendingCodec == forwarded.codec
        var hasSent = false
        for index in 0..<forwarded.count {
            let packet = forwarded[index]
            if packet.beginsKeyframe, viewer.pointee.view.wanted == source {
                viewer.pointee.view.current = source
                viewer.pointee.view.rewriter.switchSource(to: sourceID)
            }
            let isShown =
                viewer.pointee.view.current == source
                || isLate && viewer.pointee.view.rewriter.previousSource == sourceID
            guard isShown, canDecode else { continue }
            send(packet.info, packet.payload, packet.descriptor, sourceID: sourceID, to: viewer)
            hasSent = true
            if isWaiting, isLate { sendWhatFollowed(packet.info.sequenceNumber, of: source, to: viewer) }
        }
        return hasSent && stream.pointee.feedback.contains(.genericNACK)
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
        let vp8 = sources(of: .vp8, in: room)
        let h264 = sources(of: .h264, in: room)
        for index in 0..<room.pointee.legs.count {
            let viewer = room.pointee.legs[index]
            let stream = viewer.pointee.video
            let sources = stream.pointee.sendingCodec == .h264 ? h264 : vp8
            let wanted = stream.pointee.sends ? (sources.first != viewer ? sources.first : sources.second) : nil
            viewer.pointee.view.wanted = wanted
            guard let wanted else {
                viewer.pointee.view.current = nil
                continue
            }
            guard wanted != viewer.pointee.view.current else { continue }
            askForKeyframe(of: wanted)
        }
    }

    /// The two that come first of those whose pictures are of a codec: nobody sees itself.
    private func sources(of codec: MediaCodec, in room: Room) -> (first: Leg?, second: Leg?) {
        var first: Leg?
        for index in 0..<room.pointee.legs.count {
            let candidate = room.pointee.legs[index]
            let stream = candidate.pointee.video
            guard stream.pointee.receives, stream.pointee.receivedCodec == codec,
                now &- stream.pointee.lastPacketAt < Self.stalledAfter
            else { continue }
            if first != nil { return (first, candidate) }
            first = candidate
        }
        return (first, nil)
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
