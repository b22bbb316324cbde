/// Gives one subscriber a single continuous stream out of sources that change: sequence numbers, timestamps and VP8
/// picture ids go on without a break at each switch, and loss before the bridge stays visible as a gap behind it. Over
/// packets that are left out by choice (`omit`) the numbers close. Plain values, no allocation.
///
/// The caller chooses when to switch (`switchSource`), and for video forwards the new source from a keyframe on.
public struct StreamRewriter: Sendable {
    /// What a forwarded packet's fields become.
    public struct Output: Sendable, Equatable {
        public var sequenceNumber: UInt16
        public var timestamp: UInt32
        public var pictureID: UInt16
        public var tl0PictureIndex: UInt8
    }

    /// How a source's numbers become the stream's.
    private struct Mapping: Sendable {
        var source: UInt32
        var sequenceOffset: UInt16
        var timestampOffset: UInt32
        var pictureOffset: UInt16
        var tl0Offset: UInt8
        /// The lowest number that the stream may give this source's packets.
        var firstSequence: UInt16
        /// The highest number that it gave them.
        var highestSequence: UInt16
        /// More numbers were given than `maximumMisorder`, so that the first one no longer matters.
        var isLong = false
        /// Something was left out of late: `omissions` say what.
        var hasOmissions = false
    }

    /// Numbers behind the highest number, within which a late packet of the same source is still forwarded.
    static let maximumMisorder: Int16 = 256
    static let maximumDropout: Int16 = 3000

    public let clockRate: UInt32
    private var current: Mapping?
    /// The source before the last switch, for its late packets.
    private var previous: Mapping?
    /// Set by `switchSource`; the next packet of this source begins its mapping.
    private var awaited: UInt32?
    private var highestSequence: UInt16
    private var newestTimestamp: UInt32
    private var newestNanoseconds: UInt64 = 0
    private var hasSent = false
    private var highestPicture: UInt16 = 0
    private var highestTL0: UInt8 = 0
    /// The number that would confirm that the source jumped (RFC 3550 §A.1).
    private var jumpSequence: UInt16?
    /// What was left out of each source; kept apart, and last, for most streams have nothing left out.
    private var omissions = Omissions()
    private var previousOmissions = Omissions()

    /// The stream's first packet gets `firstSequence` and `firstTimestamp`, which should be random (RFC 3550 §5.1).
    public init(clockRate: UInt32, firstSequence: UInt16, firstTimestamp: UInt32) {
        self.clockRate = max(1, clockRate)
        highestSequence = firstSequence &- 1
        newestTimestamp = firstTimestamp
    }

    /// The source that is being forwarded or waited for.
    public var source: UInt32? { awaited ?? current?.source }

    /// The source before the last switch, whose late packets are still taken where they fill a gap.
    public var previousSource: UInt32? { previous?.source }

    /// The next packet of `source` (an SSRC or an id of the caller's that changes when the SSRC does) takes over;
    /// until it comes, nothing is forwarded but late packets of the source before. Does nothing for the current
    /// source.
    public mutating func switchSource(to source: UInt32) {
        guard source != self.source else { return }
        if let current {
            previous = current
            if current.hasOmissions { previousOmissions = omissions }
            self.current = nil
        }
        jumpSequence = nil
        awaited = source
    }

    /// Nothing is forwarded for a while. Whatever source comes next begins anew, the one before too: what it sends
    /// meanwhile leaves no gap.
    public mutating func interrupt() {
        awaited = nil
        jumpSequence = nil
        guard let current else { return }
        previous = current
        if current.hasOmissions { previousOmissions = omissions }
        self.current = nil
    }

    /// The fields of a packet on its way out; nil when it must not be forwarded: it is of another source, too old, or
    /// the first of a jump. `descriptor` is given for VP8.
    public mutating func rewrite(
        source: UInt32, sequenceNumber: UInt16, timestamp: UInt32, atNanoseconds now: UInt64,
        descriptor: VP8PayloadDescriptor? = nil
    ) -> Output? {
        if awaited == source {
            awaited = nil
            current = begin(source, sequenceNumber, timestamp, now, descriptor)
        }
        guard var mapping = current, mapping.source == source else {
            return latePacket(source, sequenceNumber, timestamp, descriptor)
        }
        if mapping.hasOmissions {
            guard !omissions.contain(sequenceNumber, descriptor) else { return nil }
            if let picture = descriptor?.pictureID { mapping.pictureOffset &+= omissions.meet(picture) }
        }
        // What is older than the window that tells numbers is older than any that may still pass.
        let number = self.number(sequenceNumber, by: mapping, omissions)
        let delta = number.map { Int16(bitPattern: $0 &- mapping.highestSequence) } ?? .min
        if delta > Self.maximumDropout || delta <= -Self.maximumMisorder {
            guard jumpSequence == sequenceNumber else {
                jumpSequence = sequenceNumber &+ 1
                return nil
            }
            // The source began anew: as a switch to itself.
            previous = nil
            mapping = begin(source, sequenceNumber, timestamp, now, descriptor)
        }
        jumpSequence = nil
        if delta > 0, hasSent {
            // A source that resets its clock in mid-stream must not carry the stream's along.
            let expected = self.timestamp(atNanoseconds: now)
            let error = Int32(bitPattern: timestamp &+ mapping.timestampOffset &- expected)
            if error.magnitude / 10 > clockRate {
                mapping.timestampOffset = expected &- timestamp
                // What was sent before would not come out the same again.
                mapping.firstSequence = sequenceNumber &+ mapping.sequenceOffset
                mapping.isLong = false
            }
        }
        guard let output = map(mapping, omissions, sequenceNumber, timestamp, descriptor) else { return nil }
        if mapping.hasOmissions { mapping.hasOmissions = omissions.advance(to: sequenceNumber, descriptor) }
        // Older than the packet that the switch began with: its number belongs to the source before.
        guard belongs(output.sequenceNumber, to: mapping) else { return nil }
        note(output, descriptor, now)
        if Int16(bitPattern: output.sequenceNumber &- mapping.highestSequence) > 0 {
            mapping.highestSequence = output.sequenceNumber
            mapping.isLong =
                mapping.isLong
                || mapping.highestSequence &- mapping.firstSequence >= UInt16(Self.maximumMisorder)
        }
        current = mapping
        return output
    }

    /// Leaves a packet out of the stream, as one of a temporal layer that the subscriber is not to get: what follows takes
    /// its number, and its picture's id. Only a packet newer than all before, of the current source, can be left out so;
    /// one that comes late leaves the gap that is there. Either all packets of a picture are left out or none.
    public mutating func omit(
        source: UInt32, sequenceNumber: UInt16, timestamp: UInt32, descriptor: VP8PayloadDescriptor? = nil
    ) {
        guard var mapping = current, mapping.source == source else { return }
        if !mapping.hasOmissions {
            omissions = Omissions(
                afterSequence: mapping.highestSequence &- mapping.sequenceOffset, before: descriptor)
        }
        let steps = omissions.sequences.distance(to: sequenceNumber)
        guard steps > 0, steps <= Int(Self.maximumDropout) else { return }
        mapping.hasOmissions = true
        // What was lost between two packets of one picture is of that picture.
        if omissions.timestamp == timestamp, steps < OmissionWindow.span {
            for step in stride(from: steps - 1, to: 0, by: -1)
            where omissions.sequences.omit(sequenceNumber &- UInt16(step)) {
                mapping.sequenceOffset &-= 1
            }
        }
        if omissions.sequences.omit(sequenceNumber) { mapping.sequenceOffset &-= 1 }
        omissions.timestamp = timestamp
        if let picture = descriptor?.pictureID {
            mapping.pictureOffset &+= omissions.meet(picture)
            if omissions.pictures.omit(picture) { mapping.pictureOffset &-= 1 }
        }
        jumpSequence = nil
        current = mapping
    }

    /// The stream's timestamp of an instant on the clock that `rewrite` is given, for sender reports.
    public func timestamp(atNanoseconds now: UInt64) -> UInt32 {
        newestTimestamp &+ ticks(now > newestNanoseconds ? now - newestNanoseconds : 0)
    }

    /// A timestamp of the current source as the stream has it, to carry its sender reports over.
    public func timestamp(ofSource timestamp: UInt32) -> UInt32? {
        current.map { timestamp &+ $0.timestampOffset }
    }

    /// Nothing that was sent so far may be sent again, for it would not be the same packet.
    public mutating func forgetSent() {
        previous = nil
        current?.firstSequence = highestSequence &+ 1
        current?.isLong = false
    }

    /// The numbers that the current source gave to what the stream calls `sequenceNumber`, for passing a NACK back.
    public func sourceSequence(of sequenceNumber: UInt16) -> UInt16? {
        guard let current,
            (0..<Self.maximumMisorder).contains(
                Int16(bitPattern: current.highestSequence &- sequenceNumber)), belongs(sequenceNumber, to: current)
        else { return nil }
        var original = sequenceNumber &- current.sequenceOffset
        guard current.hasOmissions else { return original }
        // Numbers that were left out push those before them back.
        for _ in 0..<OmissionWindow.span {
            guard let given = number(original, by: current, omissions) else {
                original &-= 1
                continue
            }
            let behind = given &- sequenceNumber
            if behind == 0 { return original }
            original &-= 1
        }
        return nil
    }
}

extension StreamRewriter {
    private mutating func begin(
        _ source: UInt32, _ sequenceNumber: UInt16, _ timestamp: UInt32, _ now: UInt64,
        _ descriptor: VP8PayloadDescriptor?
    ) -> Mapping {
        let first = highestSequence &+ 1
        var firstTimestamp = newestTimestamp
        if hasSent {
            // Never less than 10 ms on, so that two frames are two frames.
            let elapsed = ticks(now > newestNanoseconds ? now - newestNanoseconds : 0)
            firstTimestamp = newestTimestamp &+ max(clockRate / 100, min(elapsed, 1 << 30))
        }
        return Mapping(
            source: source, sequenceOffset: first &- sequenceNumber, timestampOffset: firstTimestamp &- timestamp,
            pictureOffset: highestPicture &+ 1 &- (descriptor?.pictureID ?? 0),
            tl0Offset: highestTL0 &+ 1 &- (descriptor?.tl0PictureIndex ?? 0), firstSequence: first,
            highestSequence: first)
    }

    /// A number of the source as the stream has it; nil for one that was left out, or is too old to tell.
    private func number(_ sequenceNumber: UInt16, by mapping: Mapping, _ omissions: borrowing Omissions) -> UInt16? {
        let number = sequenceNumber &+ mapping.sequenceOffset
        guard mapping.hasOmissions else { return number }
        guard -omissions.sequences.distance(to: sequenceNumber) < OmissionWindow.span,
            !omissions.sequences.isOmitted(sequenceNumber)
        else { return nil }
        return number &+ omissions.sequences.omitted(after: sequenceNumber)
    }

    private func map(
        _ mapping: Mapping, _ omissions: borrowing Omissions, _ sequenceNumber: UInt16, _ timestamp: UInt32,
        _ descriptor: VP8PayloadDescriptor?
    ) -> Output? {
        guard let number = number(sequenceNumber, by: mapping, omissions) else { return nil }
        var picture = (descriptor?.pictureID ?? 0) &+ mapping.pictureOffset
        if mapping.hasOmissions, let id = descriptor?.pictureID { picture &+= omissions.pictures.omitted(after: id) }
        return Output(
            sequenceNumber: number,
            timestamp: timestamp &+ mapping.timestampOffset,
            pictureID: picture & 0x7fff,
            tl0PictureIndex: (descriptor?.tl0PictureIndex ?? 0) &+ mapping.tl0Offset)
    }

    /// Forwards a packet of the source before the switch if it fills a gap that it left.
    private func latePacket(
        _ source: UInt32, _ sequenceNumber: UInt16, _ timestamp: UInt32, _ descriptor: VP8PayloadDescriptor?
    ) -> Output? {
        guard let mapping = previous, mapping.source == source, awaited != source else { return nil }
        if mapping.hasOmissions, previousOmissions.contain(sequenceNumber, descriptor) { return nil }
        guard let output = map(mapping, previousOmissions, sequenceNumber, timestamp, descriptor) else { return nil }
        let behind = Int16(bitPattern: mapping.highestSequence &- output.sequenceNumber)
        guard behind > 0, behind < Self.maximumMisorder,
            belongs(output.sequenceNumber, to: mapping),
            Int16(bitPattern: highestSequence &- output.sequenceNumber) < Self.maximumMisorder
        else { return nil }
        return output
    }

    /// Whether a number within the misorder window is not before the mapping's first one, which is compared only
    /// while it is near.
    private func belongs(_ sequenceNumber: UInt16, to mapping: Mapping) -> Bool {
        mapping.isLong || Int16(bitPattern: sequenceNumber &- mapping.firstSequence) >= 0
    }

    private mutating func note(_ output: Output, _ descriptor: VP8PayloadDescriptor?, _ now: UInt64) {
        if !hasSent || Int16(bitPattern: output.sequenceNumber &- highestSequence) > 0 {
            highestSequence = output.sequenceNumber
        }
        if !hasSent || Int32(bitPattern: output.timestamp &- newestTimestamp) > 0 {
            newestTimestamp = output.timestamp
            newestNanoseconds = now
        }
        if let descriptor, descriptor.pictureID != nil {
            // Ids of seven bits are compared, and the stream's id moved on, in seven bits.
            let mask: UInt16 = descriptor.pictureIDBits == 7 ? 0x7f : 0x7fff
            let ahead = (output.pictureID &- highestPicture) & mask
            if ahead <= mask / 2 { highestPicture = (highestPicture &+ ahead) & 0x7fff }
        }
        if let descriptor, descriptor.tl0PictureIndex != nil,
            Int8(bitPattern: output.tl0PictureIndex &- highestTL0) > 0
        {
            highestTL0 = output.tl0PictureIndex
        }
        hasSent = true
    }

    private func ticks(_ nanoseconds: UInt64) -> UInt32 {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return UInt32(truncatingIfNeeded: seconds &* UInt64(clockRate) &+ rest * UInt64(clockRate) / 1_000_000_000)
    }
}

extension StreamRewriter.Output {
    /// Writes the fields into a packet, and into its VP8 descriptor where one is given.
    public func apply(
        to packet: UnsafeMutableRawPointer, info: RTPPacketInfo, payloadType: UInt8, ssrc: UInt32,
        descriptor: VP8PayloadDescriptor? = nil
    ) {
        RTPHeaderWriter.rewrite(
            packet, payloadType: payloadType, sequenceNumber: sequenceNumber, timestamp: timestamp, ssrc: ssrc)
        descriptor?.rewrite(
            packet + Int(info.payloadOffset), pictureID: pictureID, tl0PictureIndex: tl0PictureIndex)
    }
}
