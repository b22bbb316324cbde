import RTP

/// Packets of one stream, each behind its length: headers, depacketizers, the jitter buffer, and what follows losses.
enum RTPTarget {
    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        var input = FuzzInput(octets)
        var stream = Stream(choice: input.byte())
        for _ in 0..<256 where !input.isEmpty {
            let gap = UInt64(input.byte()) << 20
            let packet = input.octets(Int(input.byte()))
            try withExactBytes(packet) { bytes throws(FuzzFinding) in try stream.take(bytes, after: gap) }
        }
        try stream.end()
    }

    private struct Stream: ~Copyable {
        let codec: MediaCodec
        let readsPadding: Bool
        var now: UInt64 = 1 << 40
        var jitter: JitterBuffer
        var vp8 = VP8Depacketizer(maximumFrameSize: 2048)
        var h264: H264Depacketizer
        var reorderer = PacketReorderer(capacity: 8, patienceNanoseconds: 100_000_000)
        var losses = LossDetector()
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 65_530, firstTimestamp: .max - 100)
        var digits = TelephoneEventDetector()
        var statistics: ReceptionStatistics

        init(choice: UInt8) {
            codec = MediaCodec(rawValue: choice & 7) ?? .opus
            readsPadding = choice & 8 == 0
            jitter = JitterBuffer(clockRate: codec.rtpClockRate, capacity: 8, slotSize: 200)
            h264 = H264Depacketizer(format: choice & 16 == 0 ? .annexB : .lengthPrefixed, maximumFrameSize: 2048)
            statistics = ReceptionStatistics(ssrc: 1, clockRate: codec.rtpClockRate, isTrusted: choice & 32 == 0)
        }

        mutating func take(_ packet: UnsafeRawBufferPointer, after gap: UInt64) throws(FuzzFinding) {
            now += gap
            _ = PacketKind(of: packet)
            guard let info = try? RTPPacketInfo(parsing: packet, readsPadding: readsPadding) else { return try play() }
            try require(info.payloadRange.upperBound + Int(info.paddingLength) == packet.count, "octets are left over")
            for id in [UInt8(1), 5, 14, 15, 255] {
                guard let data = info.headerExtension(id, of: packet) else { continue }
                try require(data.count <= Int(info.extensionLength), "an extension longer than all of them")
            }
            let payload = info.payload(of: packet)
            _ = statistics.receive(
                sequenceNumber: info.sequenceNumber, timestamp: info.timestamp, arrivalNanoseconds: now,
                payloadOctets: payload.count)
            _ = losses.receive(info.sequenceNumber, atNanoseconds: now)
            var asked = InlineArray<128, UInt16>(repeating: 0)
            let due = losses.due(
                atNanoseconds: now, roundTripNanoseconds: info.marker ? nil : gap, canAsk: true, into: &asked)
            try require((0...128).contains(due.asked), "\(due.asked) packets are asked for")
            _ = digits.push(payload, timestamp: info.timestamp)
            try forward(payload, info)
            push(packet, payload, info)
            try play()
        }

        private mutating func forward(
            _ payload: UnsafeRawBufferPointer, _ info: RTPPacketInfo
        ) throws(FuzzFinding) {
            let descriptor = codec == .vp8 ? VP8PayloadDescriptor(parsing: payload) : nil
            if let descriptor {
                try require(descriptor.length <= payload.count, "a descriptor longer than its payload")
                let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: payload.count, alignment: 1)
                defer { copy.deallocate() }
                copy.copyMemory(from: payload)
                if let base = copy.baseAddress { descriptor.rewrite(base, pictureID: 0x7FFF, tl0PictureIndex: 255) }
                let again = VP8PayloadDescriptor(parsing: UnsafeRawBufferPointer(copy))
                try require(again?.length == descriptor.length, "a rewritten descriptor has another length")
            }
            _ = (VP8FrameHeader.beginsKeyframe(payload), H264Payload.beginsKeyframe(payload))
            if info.ssrc & 7 == 7 { rewriter.switchSource(to: info.ssrc) }
            let output = rewriter.rewrite(
                source: info.ssrc, sequenceNumber: info.sequenceNumber, timestamp: info.timestamp, atNanoseconds: now,
                descriptor: descriptor)
            if let output { _ = rewriter.sourceSequence(of: output.sequenceNumber) }
            if info.marker, info.ssrc & 15 == 15 { rewriter.forgetSent() }
        }

        private mutating func push(
            _ packet: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer, _ info: RTPPacketInfo
        ) {
            if codec.isVideo {
                var ready: [[UInt8]] = []
                reorderer.push(packet, sequenceNumber: info.sequenceNumber, arrivalNanoseconds: now) { packet, _ in
                    ready.append(Array(packet))
                }
                for packet in ready { assemble(packet) }
            } else if let duration = AudioPacketDuration.ticks(of: codec, payload) {
                jitter.push(
                    payload, payloadType: info.payloadType, ssrc: info.ssrc, sequenceNumber: info.sequenceNumber,
                    timestamp: info.timestamp, duration: duration, arrivalNanoseconds: now)
            }
        }

        private mutating func assemble(_ packet: [UInt8]) {
            withExactBytes(packet) { packet in
                guard let info = try? RTPPacketInfo(parsing: packet, readsPadding: readsPadding) else { return }
                assemble(info.payload(of: packet), info)
            }
        }

        private mutating func assemble(_ payload: UnsafeRawBufferPointer, _ info: RTPPacketInfo) {
            if codec == .vp8 {
                _ = vp8.push(
                    payload, sequenceNumber: info.sequenceNumber, timestamp: info.timestamp, marker: info.marker)
            } else {
                _ = h264.push(
                    payload, sequenceNumber: info.sequenceNumber, timestamp: info.timestamp, marker: info.marker)
                if let unit = h264.sequenceParameters {
                    _ = H264SequenceParameters(parsing: unit)
                    _ = H264DecoderConfiguration.record(
                        sequenceParameters: unit, pictureParameters: h264.pictureParameters ?? [])
                }
            }
        }

        private mutating func play() throws(FuzzFinding) {
            switch jitter.pop(atNanoseconds: now) {
            case .packet(let packet):
                try require(packet.payload.count <= jitter.slotSize && packet.duration > 0, "a packet of no size")
            case .lost(let following):
                try require((following?.count ?? 0) <= jitter.slotSize, "a packet larger than its slot")
            case .empty: break
            }
            for back in [-1, 0, 1, 7] { _ = jitter.played(back) }
            try require((0...jitter.capacity).contains(jitter.heldPackets), "\(jitter.heldPackets) packets are held")
            _ = (jitter.targetDelayMilliseconds, jitter.heldMilliseconds)
        }

        mutating func end() throws(FuzzFinding) {
            _ = statistics.makeReportBlock(atNanoseconds: now)
            _ = statistics.makeStatisticsSummary()
            for _ in 0..<64 {
                now += 20_000_000
                try play()
            }
            reorderer.flush { packet, _ in _ = PacketKind(of: packet) }
        }
    }
}
