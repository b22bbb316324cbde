import Codecs
import Testing

/// Whether packets tell rightly what decoding them would.
@Suite struct PacketActivityTests {
    private func activity(_ packet: [UInt8]) -> PacketActivity {
        packet.withUnsafeBytes { OpusDecoder.activity(of: $0) }
    }

    @Test(
        arguments: [
            // SILK 20 ms mono, hybrid 20 ms mono: one flag.
            ([0x48, 0x80, 1, 2], .active), ([0x48, 0x7F, 1, 2], .inactive), ([0x78, 0x80, 1, 2], .active),
            // 40 and 60 ms: two and three flags, then the flag of redundancy.
            ([0x50, 0x40, 1, 2], .active), ([0x50, 0x20, 1, 2], .inactive), ([0x58, 0x20, 1, 2], .active),
            ([0x58, 0x10, 1, 2], .inactive),
            // Stereo: the side channel's flag follows the middle's redundancy flag.
            ([0x4C, 0x20, 1, 2], .active), ([0x4C, 0x50, 1, 2], .inactive), ([0x5C, 0x08, 1, 2], .active),
            // Two frames of equal size; three of any, counted.
            ([0x49, 0x00, 1, 0x80, 2], .active), ([0x49, 0x00, 1, 0x00, 2], .inactive),
            ([0x4B, 0x03, 0, 1, 0x80, 1, 0, 1], .active),
            // CELT tells only of digital silence.
            ([0xF8, 0x12, 0x34, 0x56], .unknown), ([0xF8, 0xFF, 0xFE], .inactive), ([0xF8, 0xFF, 0xFC], .unknown),
            // Not transmitted, and not a packet.
            ([0x48], .inactive), ([0x48, 0x80], .inactive), ([], .inactive), ([0x4B, 0x00, 0x80, 0], .inactive),
        ] as [([UInt8], PacketActivity)])
    func readsWhatLiesOpen(packet: [UInt8], expected: PacketActivity) { #expect(activity(packet) == expected) }

    @Test func aVoiceIsActiveAndTheNoiseBeforeItIsNot() throws {
        var encoder = try OpusEncoder(channels: 1, application: .voice, bitrate: 24_000)
        var generator = SeededGenerator(seed: 3)
        var flags: [PacketActivity] = []
        var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumFrameBytes)
        for frame in 0..<200 {
            let samples = (0..<960).map { index -> Int16 in
                let noise = Int16.random(in: -4...4, using: &generator)
                guard frame >= 150 else { return noise }
                let phase = (Double(frame * 960 + index) * 140 / 48_000).truncatingRemainder(dividingBy: 1)
                return noise + Int16(6_000 * (1 - 2 * phase) * phase)
            }
            let length = try samples.withUnsafeBufferPointer { input in
                try bytes.withUnsafeMutableBytes { try encoder.encode(input, into: $0) }
            }
            flags.append(activity(Array(bytes[..<length])))
        }
        #expect(flags[50..<150].allSatisfy { $0 == .inactive })
        #expect(flags[151..<180].allSatisfy { $0 == .active })
    }

    @Test func digitalSilenceInCELTIsInactive() throws {
        var encoder = try OpusEncoder(channels: 1, application: .lowDelay, bitrate: 64_000)
        var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumFrameBytes)
        let silence = [Int16](repeating: 0, count: 960)
        for frame in 0..<10 {
            let length = try silence.withUnsafeBufferPointer { input in
                try bytes.withUnsafeMutableBytes { try encoder.encode(input, into: $0) }
            }
            if frame > 0 { #expect(activity(Array(bytes[..<length])) == .inactive) }
        }
    }

    @Test(arguments: [G711.muLaw, .aLaw]) func telephonyIsActiveAboveMinus60(law: G711) {
        func activity(amplitude: Int16) -> PacketActivity {
            let samples = (0..<160).map { $0.isMultiple(of: 2) ? amplitude : -amplitude }
            var bytes = [UInt8](repeating: 0, count: 160)
            samples.withUnsafeBufferPointer { samples in
                bytes.withUnsafeMutableBytes { _ = law.encode(samples, into: $0) }
            }
            return bytes.withUnsafeBytes { law.activity(of: $0) }
        }
        #expect(activity(amplitude: 0) == .inactive)
        #expect(activity(amplitude: 16) == .inactive)
        #expect(activity(amplitude: 64) == .active)
    }

    @Test func randomBytesNeverTrap() {
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<20_000 { _ = activity(generator.bytes(Int.random(in: 0...40, using: &generator))) }
    }
}
