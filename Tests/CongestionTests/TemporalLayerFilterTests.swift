import Congestion
import RTP
import Testing

/// A VP8 source of three temporal layers, in the pattern of libvpx: 0 2 1 2, where the first pictures of layers 1 and 2 after a
/// picture of layer 0 refer to it alone now and then.
private struct LayeredSource {
    struct Packet {
        var sequence: UInt16
        var timestamp: UInt32
        var descriptor: VP8PayloadDescriptor
        var isKeyframe: Bool
        var layer: UInt8
        var picture: Int
    }

    static let pattern: [UInt8] = [0, 2, 1, 2]
    var sequence: UInt16
    var timestamp: UInt32
    var pictureID: UInt16
    var tl0: UInt8
    var picture = 0

    mutating func next(packets: Int, isKeyframe: Bool = false) -> [Packet] {
        let layer = isKeyframe ? 0 : Self.pattern[picture % 4]
        if layer == 0 { tl0 &+= 1 }
        // Every other time round the pictures of the upper layers are points to switch at.
        let isSync = layer > 0 && (picture / 4) % 2 == 0 && picture % 4 < 3
        pictureID = (pictureID + 1) & 0x7fff
        timestamp &+= 3000
        defer { picture += 1 }
        return (0..<packets).map { index in
            sequence &+= 1
            let octets: [UInt8] = [
                index == 0 ? 0x90 : 0x80, 0xe0, 0x80 | UInt8(pictureID >> 8), UInt8(truncatingIfNeeded: pictureID), tl0,
                layer << 6 | (isSync ? 0x20 : 0),
            ]
            let descriptor = octets.withUnsafeBytes { VP8PayloadDescriptor(parsing: $0) }
            return Packet(
                sequence: sequence, timestamp: timestamp, descriptor: descriptor!,
                isKeyframe: isKeyframe && index == 0, layer: layer, picture: picture)
        }
    }
}

@Suite struct TemporalLayerFilterTests {
    private struct Passed {
        var packet: LayeredSource.Packet
        var output: StreamRewriter.Output
    }

    private struct Viewer {
        var filter = TemporalLayerFilter()
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 65_000, firstTimestamp: .max - 5000)
        var passed: [Passed] = []

        init() { rewriter.switchSource(to: 1) }

        @discardableResult
        mutating func take(_ packet: LayeredSource.Packet) -> StreamRewriter.Output? {
            guard
                filter.passes(packet.descriptor, timestamp: packet.timestamp, beginsKeyframe: packet.isKeyframe)
            else {
                rewriter.omit(
                    source: 1, sequenceNumber: packet.sequence, timestamp: packet.timestamp,
                    descriptor: packet.descriptor)
                return nil
            }
            guard
                let output = rewriter.rewrite(
                    source: 1, sequenceNumber: packet.sequence, timestamp: packet.timestamp,
                    atNanoseconds: UInt64(packet.picture) * 33_000_000, descriptor: packet.descriptor)
            else { return nil }
            passed.append(Passed(packet: packet, output: output))
            return output
        }
    }

    private func source() -> LayeredSource {
        LayeredSource(sequence: 65_400, timestamp: .max - 100_000, pictureID: 0x7fe0, tl0: 250)
    }

    @Test(arguments: [UInt8(0), 1, 2]) func numbersCloseOverWhatIsLeftOut(limit: UInt8) {
        var source = source()
        var viewer = Viewer()
        viewer.filter.wanted = limit
        for step in 0..<2000 {
            for packet in source.next(packets: 1 + step % 3, isKeyframe: step == 0) { viewer.take(packet) }
        }
        #expect(viewer.passed.allSatisfy { $0.packet.layer <= limit })
        #expect(viewer.passed.count > 900)
        for (now, before) in zip(viewer.passed.dropFirst(), viewer.passed) {
            #expect(now.output.sequenceNumber == before.output.sequenceNumber &+ 1)
            let isNew: UInt16 = now.packet.picture == before.packet.picture ? 0 : 1
            #expect((now.output.pictureID &- before.output.pictureID) & 0x7fff == isNew)
            let steps = now.packet.descriptor.tl0PictureIndex! &- before.packet.descriptor.tl0PictureIndex!
            #expect(now.output.tl0PictureIndex &- before.output.tl0PictureIndex == steps)
        }
    }

    @Test func upwardsOnlyALayerAtATimeAndWhereItSyncs() {
        var source = source()
        var viewer = Viewer()
        viewer.filter.wanted = 0
        for step in 0..<40 { for packet in source.next(packets: 2, isKeyframe: step == 0) { viewer.take(packet) } }
        viewer.filter.wanted = 2
        var limits: [UInt8] = [0]
        for _ in 0..<40 {
            for packet in source.next(packets: 2) {
                let before = viewer.filter.limit
                viewer.take(packet)
                if viewer.filter.limit != before {
                    limits.append(viewer.filter.limit)
                    #expect(packet.descriptor.layerSync && packet.layer == viewer.filter.limit)
                }
            }
        }
        #expect(limits == [0, 1, 2])
    }

    @Test func aKeyframeBringsAllLayersAtOnce() {
        var source = source()
        var viewer = Viewer()
        viewer.filter.wanted = 0
        for step in 0..<5 { for packet in source.next(packets: 2, isKeyframe: step == 0) { viewer.take(packet) } }
        viewer.filter.wanted = 2
        for packet in source.next(packets: 3, isKeyframe: true) { viewer.take(packet) }
        #expect(viewer.filter.limit == 2)
    }

    /// With packets lost, late and in another order: a number is never given twice, a packet sent again gets the number it had,
    /// a NACK leads back to its packet, and picture ids never tell of a picture that was left out.
    @Test(arguments: 1...8) func disorderNeverMixesNumbers(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        var source = source()
        var viewer = Viewer()
        var line: [LayeredSource.Packet] = []
        var given: [UInt16: UInt16] = [:]
        var history: [LayeredSource.Packet] = []
        for step in 0..<800 {
            if step % 50 == 0 { viewer.filter.wanted = UInt8.random(in: 0...2, using: &generator) }
            for packet in source.next(packets: Int.random(in: 1...4, using: &generator), isKeyframe: step == 0) {
                if step > 0, Int.random(in: 0..<10, using: &generator) == 0 { continue }
                line.append(packet)
            }
            if step > 0, line.count > 3, Bool.random(using: &generator) {
                let late = Int.random(in: 0..<line.count - 1, using: &generator)
                line.swapAt(late, late + 1)
            }
            while line.count > 2 {
                let packet = line.removeFirst()
                let output = viewer.take(packet)
                history.append(packet)
                guard let output else { continue }
                #expect(given[output.sequenceNumber].map { UInt16(packet.sequence &- $0) > 30_000 } ?? true)
                given[output.sequenceNumber] = packet.sequence
                #expect(viewer.rewriter.sourceSequence(of: output.sequenceNumber) == packet.sequence)
            }
            // Something of the last packets is asked for again.
            if let packet = history.suffix(100).randomElement(using: &generator) {
                let before = viewer.passed.last { $0.packet.sequence == packet.sequence }
                var copy = viewer.rewriter
                let again = copy.rewrite(
                    source: 1, sequenceNumber: packet.sequence, timestamp: packet.timestamp,
                    atNanoseconds: UInt64(step) * 33_000_000, descriptor: packet.descriptor)
                if let before { #expect(again?.sequenceNumber == before.output.sequenceNumber) }
                if let before { #expect(again?.pictureID == before.output.pictureID) }
            }
        }
    }
}
