import RTP

/// Pictures that lost packets on their way: what a source did not get through is asked for (RFC 4585 §6.2.1), and what a
/// viewer did not get is sent again, as it was or as a stream of its own (RFC 4588).
extension Worker {
    // MARK: To the bridge

    /// Asks for what a source's pictures lack. What cannot be had makes a keyframe necessary.
    mutating func askForLost(of source: Picture) {
        guard !source.pointee.losses.isQuiet else { return }
        let stream = source.pointee.stream
        guard stream.pointee.receives, let media = stream.pointee.reception?.ssrc else { return }
        var list = InlineArray<128, UInt16>(repeating: 0)
        let (count, gaveUp) = source.pointee.losses.due(
            atNanoseconds: now,
            roundTripNanoseconds: stream.pointee.counters.roundTripMilliseconds.map { UInt64($0 * 1_000_000) },
            canAsk: stream.pointee.feedback.contains(.genericNACK), into: &list)
        if count > 0 {
            let sender = stream.pointee.ssrc
            stream.pointee.counters.packetsAskedFor &+= UInt64(count)
            compose(for: stream) {
                $0.genericNACK(sender: sender, media: media, lost: (0..<count).lazy.map { list[$0] })
            }
        }
        if gaveUp { askForKeyframe(of: source) }
    }

    /// Makes of a retransmission the packet that it repeats; nil if that is not missing any more. `datagram` is changed
    /// in place.
    func original(
        of info: RTPPacketInfo, payloadType: UInt8, in packet: Ingress, of picture: Picture
    ) -> UnsafeRawBufferPointer? {
        let stream = packet.stream
        guard info.payloadLength > 2, let media = stream.pointee.reception?.ssrc else { return nil }
        let base = UnsafeMutableRawPointer(packet.bytes)
        let header = Int(info.payloadOffset)
        let high = base.load(fromByteOffset: header, as: UInt8.self)
        let low = base.load(fromByteOffset: header + 1, as: UInt8.self)
        let sequence = UInt16(high) << 8 | UInt16(low)
        guard picture.pointee.losses.recover(sequence) else { return nil }
        stream.pointee.counters.packetsRecovered &+= 1
        (base + 2).copyMemory(from: base, byteCount: header)
        RTPHeaderWriter.rewrite(
            base + 2, payloadType: payloadType, sequenceNumber: sequence, timestamp: info.timestamp, ssrc: media)
        return UnsafeRawBufferPointer(start: base + 2, count: Int(packet.length) - 2)
    }

    // MARK: To a viewer

    /// A viewer did not get a packet, and those set in `following` after it.
    mutating func sendAgain(_ first: UInt16, following: UInt16, to viewer: Picture) {
        sendAgain(first, to: viewer)
        var rest = following
        while rest != 0 {
            let bit = rest.trailingZeroBitCount
            rest &= rest - 1
            sendAgain(first &+ 1 &+ UInt16(bit), to: viewer)
        }
    }

    private mutating func sendAgain(_ sequence: UInt16, to viewer: Picture) {
        guard viewer.pointee.retransmissionsLeft > 0, let source = viewer.pointee.view.current,
            let original = viewer.pointee.view.rewriter.sourceSequence(of: sequence),
            let history = source.pointee.history, let datagram = history.pointee.find(original),
            let info = try? RTPPacketInfo(parsing: datagram),
            let format = source.pointee.stream.pointee.format(of: info.payloadType),
            let payloadType = viewer.pointee.stream.pointee.payloadType(for: format)
        else { return }
        viewer.pointee.retransmissionsLeft -= 1
        slots[viewer.pointee.leg.pointee.slot]?.duties.insert(.repeats)
        viewer.pointee.stream.pointee.counters.packetsRetransmitted &+= 1
        let payload = info.payload(of: datagram)
        send(
            info, payload, format == .vp8 ? VP8PayloadDescriptor(parsing: payload) : nil,
            sourceID: viewID(of: source, info.ssrc), as: payloadType, to: viewer,
            .again(in: viewer.pointee.stream.pointee.retransmissionType(for: format)))
    }

    /// The beginning of the keyframe for which a viewer waited was lost and came late: what came before it follows now.
    mutating func sendWhatFollowed(_ first: UInt16, of source: Picture, to viewer: Picture) {
        guard let history = source.pointee.history, let newest = source.pointee.losses.highest else { return }
        var left = min(Int(newest &- first), PacketHistory.slots)
        var sequence = first
        while left > 0 {
            left -= 1
            sequence &+= 1
            guard let datagram = history.pointee.find(sequence), let info = try? RTPPacketInfo(parsing: datagram),
                let format = source.pointee.stream.pointee.format(of: info.payloadType),
                let payloadType = viewer.pointee.stream.pointee.payloadType(for: format)
            else { continue }
            let payload = info.payload(of: datagram)
            send(
                info, payload, format == .vp8 ? VP8PayloadDescriptor(parsing: payload) : nil,
                sourceID: viewID(of: source, info.ssrc), as: payloadType, to: viewer)
        }
    }

    /// Keeps a packet for those who may ask for it again, or wait for what came before it.
    func keep(_ datagram: UnsafeRawBufferPointer, _ sequence: UInt16, of source: Picture) {
        if source.pointee.history == nil {
            let history = UnsafeMutablePointer<PacketHistory>.allocate(capacity: 1)
            history.initialize(to: PacketHistory())
            source.pointee.history = history
        }
        source.pointee.history?.pointee.store(sequence, datagram)
    }
}
