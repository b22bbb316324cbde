import Codecs
import Foundation
import RTP
import Testing

@testable import MediaPlane

/// Keys of points that tell of them by their tones alone.
@Suite(.serialized) struct KeyToneTests {
    /// 20 ms of a key's two tones in A-law, or of the silence after them.
    private static func frame(_ frequencies: (Double, Double)?, from first: Int) -> [UInt8] {
        let samples = (first..<first + 160).map { index -> Int16 in
            guard let frequencies else { return 0 }
            let time = 2 * Double.pi * Double(index) / 8_000
            return Int16((sin(frequencies.0 * time) + sin(frequencies.1 * time)) * 6_000)
        }
        var bytes = [UInt8](repeating: 0, count: 160)
        samples.withUnsafeBufferPointer { input in
            bytes.withUnsafeMutableBytes { _ = G711.aLaw.encode(input, into: $0) }
        }
        return bytes
    }

    /// Whether it could send events or not: some could and do not.
    @Test(arguments: [false, true]) func keysAreHeardInTheSoundOfWhoSendsNoEvents(hasEvents: Bool) async throws {
        let room = try TestRoom()
        let endpoint = try TestEndpoint(.pcma, payloadType: 8, suite: nil)
        endpoint.hasEvents = hasEvents
        let seat = try await room.join(audio: endpoint)
        // 5, then #.
        let keys = [(770.0, 1_336.0), (941, 1_477)]
        room.pace(frames: 60) { index in
            let isPressed = index >= 20 && index % 20 < 5
            seat.audio!.send(
                Self.frame(isPressed ? keys[index / 20 - 1] : nil, from: index * 160), advancing: 160,
                to: seat.reservation.audio.port)
        }
        room.plane.stop()
        var heard = ""
        for await event in room.plane.events {
            if case .digit(seat.reservation.id, let key) = event { heard.append(key) }
        }
        #expect(heard == "5#")
    }
}
