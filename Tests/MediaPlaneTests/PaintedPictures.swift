import RTP
import Testing

@testable import MediaPlane

/// Sends frames that are VP8 to the forwarder: a descriptor, a frame tag, and a byte that names their source.
final class PaintedPictures {
    private let endpoint: TestEndpoint
    private let port: UInt16
    private let name: UInt8
    private var picture: UInt16 = 100
    private var keyframeWanted = true
    private var seenRequests = 0
    private(set) var requests = 0

    init(_ endpoint: TestEndpoint, to port: UInt16, name: UInt8) {
        self.endpoint = endpoint
        self.port = port
        self.name = name
    }

    /// A frame of three packets of 1,000 bytes; a keyframe when one was asked for.
    func send() {
        let asked = endpoint.rtcpMessages.count {
            if case .pictureLossIndication = $0 { true } else { false }
        }
        if asked > seenRequests {
            requests += asked - seenRequests
            seenRequests = asked
            keyframeWanted = true
        }
        let isKeyframe = keyframeWanted
        keyframeWanted = false
        picture = (picture + 1) & 0x7FFF
        for part in 0..<3 {
            let descriptor: [UInt8] = [
                part == 0 ? 0x90 : 0x80, 0x80, 0x80 | UInt8(picture >> 8), UInt8(truncatingIfNeeded: picture),
            ]
            let tag: [UInt8] = part == 0 ? [isKeyframe ? 0x10 : 0x11, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0] : []
            let body = [UInt8](repeating: name, count: 1_000 - tag.count)
            endpoint.send(descriptor + tag + body, marker: part == 2, advancing: part == 2 ? 3_600 : 0, to: port)
        }
    }
}

extension TestEndpoint {
    /// The names of the painted sources that came, frame by frame, runs folded.
    var shown: [UInt8] {
        var runs: [UInt8] = []
        for packet in received {
            guard let last = packet.payload.last, runs.last != last else { continue }
            runs.append(last)
        }
        return runs
    }
}

/// What a decoder would need: contiguous numbers, and each source begun by a keyframe.
func expectSoundStream(_ endpoint: TestEndpoint, sourceLocation: SourceLocation = #_sourceLocation) {
    let packets = endpoint.received
    guard let first = packets.first else {
        Issue.record("nothing came", sourceLocation: sourceLocation)
        return
    }
    for (before, after) in zip(packets, packets.dropFirst()) {
        #expect(after.info.sequenceNumber == before.info.sequenceNumber &+ 1, sourceLocation: sourceLocation)
        #expect(
            Int32(bitPattern: after.info.timestamp &- before.info.timestamp) >= 0, sourceLocation: sourceLocation)
        #expect(after.info.ssrc == before.info.ssrc, sourceLocation: sourceLocation)
        if before.payload.last != after.payload.last {
            #expect(
                after.payload.withUnsafeBytes { VP8FrameHeader.beginsKeyframe($0) }, sourceLocation: sourceLocation)
            #expect(before.info.marker, sourceLocation: sourceLocation)
        }
    }
    #expect(first.payload.withUnsafeBytes { VP8FrameHeader.beginsKeyframe($0) }, sourceLocation: sourceLocation)
    let pictures = packets.compactMap { packet in
        packet.payload.withUnsafeBytes { VP8PayloadDescriptor(parsing: $0)?.pictureID }
    }
    #expect(
        zip(pictures, pictures.dropFirst()).allSatisfy { [0, 1].contains(($1 &- $0) & 0x7FFF) },
        sourceLocation: sourceLocation)
    #expect(packets.allSatisfy { $0.info.payloadType == endpoint.payloadType }, sourceLocation: sourceLocation)
    #expect(endpoint.unreadable == 0, sourceLocation: sourceLocation)
}
