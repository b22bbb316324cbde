import Congestion
import RTP

/// What each leg's line carries, and what follows from it.
extension Worker {
    /// What IPv4, UDP and the authentication tag add to a packet, in octets.
    private static let overhead = 28 + 16
    /// Padding in one packet at most, in octets (RFC 3550 §5.1).
    private static let mostPadding = 255
    /// Bit/s of a picture in a pane, where there are sizes to choose from.
    private static let mostInPane: UInt64 = 700_000
    /// After a silence of the peer's, in nanoseconds.
    private static let recovery: UInt64 = 5_000_000_000
    /// What a stream's rate is measured over, in nanoseconds.
    private static let rateInterval: UInt64 = 500_000_000
    /// Bit/s with which a line begins: what the narrow ones carry, so that their sound does not break while it is found out;
    /// probes find within a second or two that others carry more.
    private static let firstEstimate: UInt64 = 300_000
    /// Bit/s to a peer that tells by reports alone, while they are good: no line is known to carry less.
    private static let mostUntold: UInt64 = 1_000_000_000
    /// A second, in which enough packets come for their losses to be told to those who protect the sound.
    private static let ticksBetweenLosses: UInt64 = 50

    // MARK: Sent

    /// Counts a packet that is about to leave, and numbers it where the peer tells by numbers what it got.
    func number(_ packet: UnsafeMutableRawPointer, length: Int, on stream: Stream) {
        let leg = stream.pointee.leg
        let id = stream.pointee.transportSequenceID
        guard id != 0 else {
            guard leg.pointee.line?.feedback == .packets else { return }
            leg.pointee.line?.sendUnnumbered(octets: length + Self.overhead, atNanoseconds: now)
            return
        }
        guard let number = leg.pointee.line?.send(octets: length + Self.overhead, atNanoseconds: now) else { return }
        let start = packet + RTPPacketInfo.fixedHeaderSize
        var extensions = HeaderExtensionBuilder(
            into: UnsafeMutableRawBufferPointer(start: start, count: StreamState.extensionSize))
        extensions.transportSequence(number, id: id)
        if extensions.finish() > 0 { RTPHeaderWriter.setHasExtension(packet) }
    }

    /// Sends what a probe of a leg's line lacks, as padding in the stream of what is sent again.
    private mutating func probe(_ leg: Leg) {
        var due = leg.pointee.line?.paddingDue(atNanoseconds: now) ?? 0
        guard due > 0 else { return }
        let picture = leg.pointee.video
        let stream = picture.pointee.stream
        // Also while no picture is sent, or a line that once carried none would never be known to carry one.
        guard stream.pointee.sends, let type = stream.pointee.anyRetransmissionType else { return }
        while due > 0 {
            if egress.isFull { egress.flush(engine) }
            let packet = UnsafeMutableRawPointer(egress.nextPacket)
            RTPHeaderWriter.write(
                packet, payloadType: type, marker: false, sequenceNumber: stream.pointee.retransmissionSequence,
                timestamp: stream.pointee.timestamp, ssrc: stream.pointee.retransmissionSSRC)
            stream.pointee.retransmissionSequence &+= 1
            let header = stream.pointee.headerSize
            (packet + header).initializeMemory(as: UInt8.self, repeating: 0, count: Self.mostPadding)
            packet.storeBytes(
                of: UInt8(Self.mostPadding), toByteOffset: header + Self.mostPadding - 1, as: UInt8.self)
            RTPHeaderWriter.setHasPadding(packet)
            send(length: header + Self.mostPadding, on: stream)
            due -= header + Self.mostPadding + Self.overhead
        }
    }

    // MARK: Heard

    /// What a peer tells of the line to it; false for what it tells of a stream.
    mutating func heard(_ message: RTCPMessage, in bytes: RawSpan, of leg: Leg) -> Bool {
        switch message {
        case .transportFeedback(_, _, let range):
            guard range.upperBound <= bytes.byteCount,
                let reader = try? TransportFeedbackReader(parsing: bytes.extracting(range))
            else { return true }
            leg.pointee.line?.handle(reader, atNanoseconds: now)
            return true
        case .receiverEstimatedMaximumBitrate(_, let bitsPerSecond, _):
            leg.pointee.line?.handle(maximumBitsPerSecond: bitsPerSecond, atNanoseconds: now)
            return true
        default: return false
        }
    }

    /// A packet of a peer's came that says when it was sent, or which of all it is.
    func noteArrival(_ info: RTPPacketInfo, _ packet: Ingress, on path: Path) {
        guard path.pointee.reportsArrivals else { return }
        let datagram = UnsafeRawBufferPointer(start: packet.bytes, count: Int(packet.length))
        let values = info.headerExtensions(path.pointee.extensions, of: datagram)
        if let number = values.transportSequence {
            path.pointee.arrivals?.receive(number, atNanoseconds: packet.arrival)
        } else if let stamp = values.absoluteSendTime {
            path.pointee.estimate?.receive(stamp, octets: datagram.count, atNanoseconds: packet.arrival)
        }
    }

    // MARK: Each tick

    /// Tells a peer what became of its packets, where that is due.
    mutating func tellArrivals(on path: Path) {
        let lead = path.pointee.lead
        let (own, source) = (lead.pointee.ssrc, path.pointee.newestSource)
        if let due = path.pointee.arrivals?.deadline, due <= now {
            compose(for: lead) { path.pointee.arrivals?.write(to: &$0, sender: own, media: source) }
        }
        if let rate = path.pointee.estimate?.takeDue(atNanoseconds: now) {
            compose(for: lead) {
                $0.receiverEstimatedMaximumBitrate(sender: own, bitsPerSecond: rate, sources: CollectionOfOne(source))
            }
        }
    }

    /// Lets a leg's estimate go on, each tick.
    mutating func advanceLine(of leg: Leg) {
        guard leg.pointee.line != nil else { return }
        leg.pointee.line?.advance(toNanoseconds: now)
        releasePaced(of: leg)
        probe(leg)
    }

    /// Measures what comes of a stream of pictures, in bit/s.
    func measure(_ picture: Picture) {
        let bytes = picture.pointee.stream.pointee.counters.bytesReceived
        let elapsed = now &- picture.pointee.measuredAt
        guard elapsed >= Self.rateInterval else { return }
        // What came before the first packet says nothing.
        guard picture.pointee.measuredBytes > 0 else {
            if bytes > 0 { picture.pointee.measuredAt = now }
            picture.pointee.measuredBytes = bytes
            return
        }
        let rate = (bytes &- picture.pointee.measuredBytes) &* 8 &* 1_000_000_000 / max(1, elapsed)
        // What a picture costs now is no less than a while ago: they come and go in bursts.
        picture.pointee.rate = max(rate, picture.pointee.rate / 4 * 3)
        picture.pointee.measuredAt = now
        picture.pointee.measuredBytes = bytes
    }

    // MARK: What follows

    /// Has a leg's line decide what the leg is shown; ten times a second.
    mutating func judgeLine(of leg: Leg) {
        guard let feedback = leg.pointee.line?.feedback, var loss = leg.pointee.line?.loss else { return }
        if feedback == .reports {
            // Of them the sound hears by itself, and the rate is bounded by them already.
            loss = 0
            countSent(to: leg)
            guard !(leg.pointee.line?.isOpen ?? true) || leg.pointee.wasNarrow else { return }
            leg.pointee.wasNarrow = true
        }
        if leg.pointee.line?.isSilent ?? false { leg.pointee.recoversUntil = now &+ Self.recovery }
        let recovers = leg.pointee.recoversUntil > now
        if feedback == .packets, endsPeriod(of: Self.ticksBetweenLosses) { leg.pointee.output.report(loss: loss) }
        var hasChanged = false
        let sound = soundRate(of: leg)
        // What is served before the picture that is looked at: the sound, and what lies before it in the list. Slides, which
        // are there to be read, come before the camera's picture.
        var served = sound
        var wanted: UInt64 = 0
        for index in stride(from: leg.pointee.pictures.count - 1, through: 0, by: -1) {
            let viewer = leg.pointee.pictures[index]
            guard viewer.pointee.stream.pointee.sends, let candidate = viewer.pointee.candidate else { continue }
            let sizes = sizes(of: candidate, for: viewer)
            guard sizes.count > 0 else { continue }
            var offer = offer(sizes, candidate, after: served)
            offer.rendition = renditionRate(of: candidate, for: viewer)
            wanted &+= QualityLadder.wanted(offer) &- served
            // A line that was cut is no worse for it: what it carries is sent as soon as that is known.
            if recovers, viewer.pointee.ladder.choice == .none { viewer.pointee.ladder = QualityLadder() }
            let decision = viewer.pointee.ladder.decide(
                estimate: leg.pointee.line?.bitsPerSecond ?? 0, loss: loss, offer,
                isDraining: leg.pointee.line?.isDraining ?? false, atNanoseconds: now)
            if decision != nil || !viewer.pointee.hasLadder { hasChanged = true }
            viewer.pointee.hasLadder = true
            served &+= offer.rate(of: viewer.pointee.ladder.choice)
        }
        if wanted > 0 { leg.pointee.line?.wanted = wanted &+ sound }
        if hasChanged { retarget(leg.pointee.room) }
        pace(leg, sound: sound)
    }

    /// Counts what was sent to a peer whose packets are not looked at one by one.
    private func countSent(to leg: Leg) {
        var (packets, octets): (UInt64, UInt64) = (0, 0)
        for index in 0..<leg.pointee.streams.count {
            let stream = leg.pointee.streams[index]
            let isOwn = stream.pointee.fanOut == nil
            packets &+= isOwn ? stream.pointee.port.pointee.packetsSent : stream.pointee.counters.packetsSent
            octets &+= isOwn ? stream.pointee.port.pointee.bytesSent : stream.pointee.counters.bytesSent
        }
        let total = octets &+ packets &* UInt64(Self.overhead)
        let sent = Int(truncatingIfNeeded: total &- leg.pointee.octetsSent)
        leg.pointee.octetsSent = total
        if (0..<(1 << 28)).contains(sent) { leg.pointee.line?.sendUnnumbered(octets: sent, atNanoseconds: now) }
    }

    /// A viewer cannot decode what it gets. Of who asks for single packets, they tell more than that.
    func heardOfBrokenPicture(_ viewer: Picture) {
        guard viewer.pointee.keyframeSentAt > 0, !viewer.pointee.stream.pointee.feedback.contains(.genericNACK)
        else { return }
        viewer.pointee.leg.pointee.line?.handleBrokenPicture(
            keyframeSentAt: viewer.pointee.keyframeSentAt, atNanoseconds: now)
    }

    /// What of a picture the line to its viewer carries, in the size that it carries; nil for nothing.
    mutating func carried(_ candidate: Picture?, to viewer: Picture) -> Picture? {
        guard let candidate, viewer.pointee.leg.pointee.line != nil, viewer.pointee.hasLadder else {
            viewer.pointee.temporalLimit.wanted = TemporalLayerFilter.allLayers
            // A pane begins with the smallest.
            guard let candidate, viewer.pointee.content == .pane else { return candidate }
            return sizes(of: candidate, for: viewer).pictures[0] ?? candidate
        }
        switch viewer.pointee.ladder.choice {
        case .none: return nil
        case .rendition: return takeRendition(of: candidate, for: viewer)
        case .layer(let layer, let temporal):
            let isWhole = temporal + 1 >= candidate.pointee.temporalLayers
            viewer.pointee.temporalLimit.wanted = isWhole ? TemporalLayerFilter.allLayers : temporal
            let sizes = sizes(of: candidate, for: viewer)
            return sizes.count == 0 ? candidate : sizes.pictures[min(Int(layer), sizes.count - 1)]
        }
    }

    /// Sizes that there are of a picture, the one that costs least first.
    struct Sizes {
        var pictures = InlineArray<4, Picture?>(repeating: nil)
        var count = 0
    }

    private func sizes(of candidate: Picture, for viewer: Picture) -> Sizes {
        if candidate.pointee.production != nil { return composedSizes(of: candidate) }
        var sizes = Sizes()
        defer {
            // A pane is one of many, and small.
            if viewer.pointee.content == .pane {
                while sizes.count > 1, sizes.pictures[sizes.count - 1]?.pointee.rate ?? 0 > Self.mostInPane {
                    sizes.count -= 1
                }
            }
        }
        let source = candidate.pointee.leg
        for index in 0..<source.pointee.sources.count where sizes.count < PictureOffer.mostLayers {
            let picture = source.pointee.sources[index]
            guard picture.pointee.content == candidate.pointee.content, isLive(picture), picture.pointee.rate > 0 else {
                continue
            }
            var place = sizes.count
            while place > 0, let other = sizes.pictures[place - 1], other.pointee.rate > picture.pointee.rate {
                sizes.pictures[place] = other
                place -= 1
            }
            sizes.pictures[place] = picture
            sizes.count += 1
        }
        return sizes
    }

    private func offer(_ sizes: Sizes, _ candidate: Picture, after served: UInt64) -> PictureOffer {
        var offer = PictureOffer(sound: served)
        offer.temporalLayers = candidate.pointee.temporalLayers
        for index in 0..<sizes.count { offer.layers[index] = sizes.pictures[index]?.pointee.rate ?? 0 }
        return offer
    }

    /// What the sound to a leg takes, in bit/s.
    private func soundRate(of leg: Leg) -> UInt64 {
        guard leg.pointee.audio.pointee.sends else { return 0 }
        let bitrate = leg.pointee.audio.pointee.sendingCodec == .opus ? leg.pointee.output.line.bitrate : 64_000
        // In each of fifty packets a second a header too.
        return UInt64(bitrate + (leg.pointee.audio.pointee.headerSize + Self.overhead) * 8 * 50)
    }

    /// Whether a packet is of a temporal layer that its viewer is sent.
    func passes(_ packet: ForwardedRun.Packet, to viewer: Picture) -> Bool {
        viewer.pointee.temporalLimit.passes(
            packet.descriptor, timestamp: packet.info.timestamp, beginsKeyframe: packet.beginsKeyframe)
    }

    /// Begins to estimate a leg's line by what its peer tells of it. Who is shown nothing is sent nothing that could be less.
    func equipLine(of leg: Leg, _ parameters: LegParameters) {
        let tells = parameters.paths.contains { $0.transportSequenceID != 0 || $0.estimates }
        let isShown = [parameters.video, parameters.slides].contains { $0?.sends ?? false }
        // Bridges lie on lines that carry what they carry: what crosses is the whole of it.
        guard tells || isShown, parameters.carried == nil else {
            leg.pointee.line = nil
            return
        }
        let feedback: BandwidthEstimator.Feedback = tells ? .packets : .reports
        guard leg.pointee.line?.feedback != feedback else { return }
        let limits = RateLimits(
            least: 40_000, start: Self.firstEstimate, most: tells ? 8_000_000 : Self.mostUntold)
        leg.pointee.line = BandwidthEstimator(limits, feedback: feedback)
    }

    /// Whether a picture is what the recording has of its leg: of several sizes that which costs most.
    func isRecorded(_ picture: Picture) -> Bool {
        let leg = picture.pointee.leg
        return leg.pointee.layers.count == 0 || picture.pointee.content != .camera || leg.pointee.recorded == picture
    }

    /// Twice a second: the size in which a leg's camera is recorded.
    mutating func chooseRecorded(of leg: Leg) {
        guard leg.pointee.layers.count > 0 else { return }
        let best = camera(of: leg)
        guard best != leg.pointee.recorded, let best else { return }
        if let former = leg.pointee.recorded {
            // Sizes come and go with the sender's line; two that cost about the same are no reason to change.
            guard !isLive(former) || best.pointee.rate > former.pointee.rate / 2 * 3 else { return }
            tapEnd(of: former.pointee.stream, in: leg.pointee.room)
        }
        leg.pointee.recorded = best
        askForKeyframe(of: best)
    }
}
