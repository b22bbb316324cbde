import Codecs

/// Speech as a softphone sends it, and what a softphone makes of what comes: Opus at 48 kHz, 20 ms in each packet.
enum SpokenFrames {
    static let samples = 960

    /// - Parameter protected: with a copy of each frame in the next one (RFC 6716 §2.1.7), for a loss of a fifth.
    static func encode(_ speech: [Int16], protected: Bool) throws -> [[UInt8]] {
        var encoder = try OpusEncoder(channels: 1, application: .voice, bitrate: 32_000, complexity: 9)
        try encoder.setForwardErrorCorrection(protected)
        try encoder.setExpectedLoss(percent: protected ? 20 : 0)
        var packet = [UInt8](repeating: 0, count: OpusEncoder.maximumFrameBytes)
        var frames: [[UInt8]] = []
        for start in stride(from: 0, to: speech.count - samples + 1, by: samples) {
            let length = try speech[start..<start + samples].withUnsafeBufferPointer { input in
                try packet.withUnsafeMutableBytes { try encoder.encode(input, into: $0) }
            }
            frames.append(Array(packet[..<length]))
        }
        return frames
    }

    /// Plays frames in their places; one that is nil is missing, and is had from the next or made up.
    static func decode(_ frames: [[UInt8]?]) throws -> [Int16] {
        var decoder = try OpusDecoder()
        var room = [Int16](repeating: 0, count: OpusDecoder.maximumPacketSamples)
        var heard: [Int16] = []
        for (index, frame) in frames.enumerated() {
            let following = index + 1 < frames.count ? frames[index + 1] : nil
            let made = try room.withUnsafeMutableBufferPointer { room in
                let lost = UnsafeMutableBufferPointer(rebasing: room[..<samples])
                if let frame { return try frame.withUnsafeBytes { try decoder.decode($0, into: room) } }
                if let following {
                    return try following.withUnsafeBytes { try decoder.recover(fromNext: $0, into: lost) }
                }
                return try decoder.conceal(into: lost)
            }
            heard += room[..<made]
        }
        return heard
    }
}
