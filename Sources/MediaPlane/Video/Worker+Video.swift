import RTP

extension Worker {
    /// Takes in a video packet for those who see its source. Packets that follow each other gather to a run; one that
    /// comes late goes by itself.
    mutating func forward(_ info: RTPPacketInfo, _ datagram: UnsafeRawBufferPointer, from source: Picture) {
        let stream = source.pointee.stream
        let payload = info.payload(of: datagram)
        guard var format = stream.pointee.format(of: info.payloadType) else { return }
        let beginsKeyframe: Bool
        switch format.codec {
        case .h264:
            beginsKeyframe = H264Payload.beginsKeyframe(payload)
            if !stream.pointee.fragments, H264Payload.needsNonInterleavedMode(payload) {
                stream.pointee.fragments = true
                let fragmented = format.fragmented
                if fragmented != format {
                    format = fragmented
                    stream.pointee.receivedFormat = format
                    sendForwarded()
                    retarget(source.pointee.leg.pointee.room)
                }
            }
        default: beginsKeyframe = VP8FrameHeader.beginsKeyframe(payload)
        }
        if beginsKeyframe {
            source.pointee.keyframes.keyframeArrived()
            source.pointee.motion.keyframe(payload, format.codec)
        }
        if info.marker { source.pointee.motion.picture(at: now) }
        let descriptor = format == .vp8 ? VP8PayloadDescriptor(parsing: payload) : nil
        if let layer = descriptor?.temporalLayer, layer < 3 {
            source.pointee.temporalLayers = max(source.pointee.temporalLayers, layer + 1)
        }
        let isLate = source.pointee.losses.highest != info.sequenceNumber
        if isLate || !forwarded.takes(info, format, from: source) { sendForwarded() }
        forwarded.append(
            .init(
                info: info, datagram: datagram,
                descriptor: descriptor,
                beginsKeyframe: beginsKeyframe), format, from: source)
        if isLate { sendForwarded(isLate: true) }
    }

    /// Sends what has gathered to one viewer after another, each with its own numbers.
    mutating func sendForwarded(isLate: Bool = false) {
        guard let source = forwarded.source, forwarded.count > 0 else { return }
        let sourceID = viewID(of: source, forwarded.ssrc)
        let beginsKeyframe = forwarded.beginsKeyframe
        let room = source.pointee.leg.pointee.room
        var isToBeKept = false
        fetchFirst(of: room)
        for index in 0..<room.pointee.viewers.count {
            fetch(after: index, in: room)
            let viewer = room.pointee.viewers[index]
            if offer(viewer, source, sourceID, isLate: isLate, beginsKeyframe) { isToBeKept = true }
        }
        let leg = source.pointee.leg
        for index in 0..<leg.pointee.carriers.count {
            let carrier = leg.pointee.carriers[index]
            for index in 0..<carrier.pointee.pictures.count {
                let viewer = carrier.pointee.pictures[index]
                if offer(viewer, source, sourceID, isLate: isLate, beginsKeyframe) { isToBeKept = true }
            }
        }
        if isToBeKept {
            for index in 0..<forwarded.count {
                keep(forwarded[index].datagram, forwarded[index].info.sequenceNumber, of: source)
            }
        }
        forwarded.removeAll()
    }

    /// Sends one viewer what has gathered, where it is shown the source or waits for it. Returns whether the viewer may ask
    /// for it again.
    @inline(__always)
    private mutating func offer(
        _ viewer: Picture, _ source: Picture, _ sourceID: UInt32, isLate: Bool, _ beginsKeyframe: Bool
    ) -> Bool {
        let isCurrent = viewer.pointee.view.current == source
        let isWaiting = viewer.pointee.view.wanted == source && !isCurrent
        guard
            isCurrent || isWaiting && beginsKeyframe
                || isLate && viewer.pointee.view.rewriter.previousSource == sourceID
        else { return isWaiting }
        let isToBeKept = show(viewer, source, sourceID, isLate: isLate, isWaiting: isWaiting)
        if egress.isLong { egress.flush(engine) }
        return isToBeKept || isWaiting
    }

    // How many viewers ahead each link of the chain from a viewer to its keys is fetched.
    private static var picturesAhead: Int { 6 }
    private static var streamsAhead: Int { 4 }
    private static var portsAhead: Int { 2 }

    /// Has the state of viewers fetched that come after one.
    @inline(__always)
    private func fetch(after index: Int, in room: Room) {
        let count = room.pointee.viewers.count
        if index + Self.picturesAhead < count { fetchPicture(index + Self.picturesAhead, room) }
        if index + Self.streamsAhead < count { fetchStream(index + Self.streamsAhead, room) }
        if index + Self.portsAhead < count { fetchPort(index + Self.portsAhead, room) }
    }

    /// And that of the first viewers, ahead of which nobody is.
    private func fetchFirst(of room: Room) {
        let count = room.pointee.viewers.count
        for index in 0..<min(count, Self.picturesAhead) { fetchPicture(index, room) }
        for index in 0..<min(count, Self.streamsAhead) { fetchStream(index, room) }
        for index in 0..<min(count, Self.portsAhead) { fetchPort(index, room) }
    }

    @inline(__always)
    private func fetchPicture(_ index: Int, _ room: Room) {
        room.pointee.viewers[index].fetch(lines: PictureState.linesToShow)
    }

    @inline(__always)
    private func fetchStream(_ index: Int, _ room: Room) {
        room.pointee.viewers[index].pointee.stream.fetch(lines: StreamState.linesToSend)
    }

    @inline(__always)
    private func fetchPort(_ index: Int, _ room: Room) {
        let stream = room.pointee.viewers[index].pointee.stream
        // Where another worker sends, these lines are its own.
        guard stream.pointee.fanOut == nil else { return }
        stream.pointee.port.fetch(lines: 1)
        stream.pointee.sender?.fetch(lines: 1)
    }

    /// Sends one viewer what has gathered. Returns whether the viewer may ask for it again.
    private mutating func show(
        _ viewer: Picture, _ source: Picture, _ sourceID: UInt32, isLate: Bool, isWaiting: Bool
    ) -> Bool {
        let stream = viewer.pointee.stream
        let payloadType = stream.pointee.sends ? stream.pointee.payloadType(for: forwarded.format) : nil
        var hasSent = false
        for index in 0..<forwarded.count {
            let packet = forwarded[index]
            // The keyframe of another source ends what waits of the one before.
            if packet.beginsKeyframe, viewer.pointee.view.wanted == source, viewer.pointee.view.current != source {
                viewer.pointee.pacer.clear()
                takeUp(sourceID, by: viewer)
            }
            let isShown =
                viewer.pointee.view.current == source
                || isLate && viewer.pointee.view.rewriter.previousSource == sourceID
            guard isShown, let payloadType else { continue }
            if viewer.pointee.pacer.isEngaged, viewer.pointee.view.current == source,
                waits(packet.info.sequenceNumber, isLate: isLate, for: viewer)
            {
                hasSent = true
                continue
            }
            guard show(packet, of: source, sourceID, as: payloadType, to: viewer) else { continue }
            hasSent = true
            guard isWaiting, isLate else { continue }
            if viewer.pointee.pacer.isEngaged {
                wait(from: packet.info.sequenceNumber &+ 1, to: viewer)
            } else {
                sendWhatFollowed(packet.info.sequenceNumber, of: source, to: viewer)
            }
        }
        if hasSent { stream.pointee.sentFormat = forwarded.format }
        return hasSent && (stream.pointee.feedback.contains(.genericNACK) || viewer.pointee.pacer.isEngaged)
    }

    private func takeUp(_ sourceID: UInt32, by viewer: Picture) {
        viewer.pointee.view.takeUp(sourceID)
        viewer.pointee.temporalLimit.restart()
    }

    /// Whether a packet of the source that is shown waits for its turn; it is kept then.
    private mutating func waits(_ sequence: UInt16, isLate: Bool, for viewer: Picture) -> Bool {
        if let cursor = viewer.pointee.pacer.cursor { return !isLate || Int16(bitPattern: sequence &- cursor) >= 0 }
        guard !isLate, !viewer.pointee.pacer.hasRoom(at: now) else { return false }
        wait(from: sequence, to: viewer)
        return true
    }

    /// Sends one packet of what a viewer is shown, or leaves it out. Returns whether it was sent.
    @discardableResult
    mutating func show(
        _ packet: ForwardedRun.Packet, of source: Picture, _ sourceID: UInt32, as payloadType: UInt8,
        to viewer: Picture
    ) -> Bool {
        if packet.beginsKeyframe, viewer.pointee.view.wanted == source { takeUp(sourceID, by: viewer) }
        guard passes(packet, to: viewer) else {
            viewer.pointee.view.rewriter.omit(
                source: sourceID, sequenceNumber: packet.info.sequenceNumber, timestamp: packet.info.timestamp,
                descriptor: packet.descriptor)
            return false
        }
        if packet.beginsKeyframe { viewer.pointee.keyframeSentAt = now }
        send(packet.info, packet.payload, packet.descriptor, sourceID: sourceID, as: payloadType, to: viewer)
        return true
    }

    /// What names a source to its viewers. One whose SSRC changes, or whose numbers begin anew, is a new one: they go on from its next
    /// keyframe.
    func viewID(of source: Picture, _ ssrc: UInt32) -> UInt32 {
        ssrc ^ (UInt32(source.pointee.stream.pointee.track) &+ 1) &* 0x9E37_79B1
            ^ source.pointee.beginnings &* 0x85EB_CA6B
    }

    /// How often a packet is sent to its viewer.
    enum Passage {
        case first
        /// In the viewer's stream for such packets, by its payload type; nil where it has none, as it was.
        case again(in: UInt8?)
    }

    /// The header extensions and contributors of the sender mean nothing to a viewer: only the payload goes on.
    mutating func send(
        _ info: RTPPacketInfo, _ payload: UnsafeRawBufferPointer, _ descriptor: VP8PayloadDescriptor?,
        sourceID: UInt32, as payloadType: UInt8, to viewer: Picture, _ passage: Passage = .first
    ) {
        var retransmissionType: UInt8?
        if case .again(let type) = passage { retransmissionType = type }
        let start = viewer.pointee.stream.pointee.headerSize
        let header = start + (retransmissionType != nil ? 2 : 0)
        guard header + payload.count + 64 <= EgressQueue.packetCapacity, let base = payload.baseAddress,
            let numbers = viewer.pointee.view.rewriter.rewrite(
                source: sourceID, sequenceNumber: info.sequenceNumber, timestamp: info.timestamp,
                atNanoseconds: now, descriptor: descriptor)
        else { return }
        if egress.isFull { egress.flush(engine) }
        let stream = viewer.pointee.stream
        egress.fetchAhead()
        let packet = UnsafeMutableRawPointer(egress.nextPacket)
        if let retransmissionType {
            RTPHeaderWriter.write(
                packet, payloadType: retransmissionType, marker: info.marker,
                sequenceNumber: stream.pointee.retransmissionSequence, timestamp: numbers.timestamp,
                ssrc: stream.pointee.retransmissionSSRC)
            stream.pointee.retransmissionSequence &+= 1
            // The original sequence number (RFC 4588 §4).
            packet.storeBytes(
                of: numbers.sequenceNumber.bigEndian, toByteOffset: start, as: UInt16.self)
        } else {
            RTPHeaderWriter.write(
                packet, payloadType: payloadType, marker: info.marker, sequenceNumber: numbers.sequenceNumber,
                timestamp: numbers.timestamp, ssrc: stream.pointee.ssrc)
        }
        (packet + header).copyMemory(from: base, byteCount: payload.count)
        descriptor?.rewrite(
            packet + header, pictureID: numbers.pictureID, tl0PictureIndex: numbers.tl0PictureIndex)
        if case .first = passage {
            stream.pointee.sent.sent(
                timestamp: numbers.timestamp, payloadOctets: payload.count, atNanoseconds: now)
        }
        if viewer.pointee.pacer.isEngaged { viewer.pointee.pacer.sent(octets: header + payload.count, at: now) }
        send(length: header + payload.count, on: stream)
    }

    /// The peer of `viewer` cannot decode what it gets.
    mutating func viewerLostPicture(_ viewer: Picture) {
        if let source = viewer.pointee.view.wanted ?? viewer.pointee.view.current { askForKeyframe(of: source) }
    }

    mutating func askForKeyframe(of source: Picture) {
        guard source.pointee.keyframes.request(at: now) else { return }
        source.pointee.stream.pointee.counters.keyframesRequested &+= 1
        if let production = source.pointee.production { return studio.post(.keyframe(production)) }
        sendKeyframeRequest(to: source)
    }
}
