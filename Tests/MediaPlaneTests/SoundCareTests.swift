import Codecs
import Glibc
import RTP
import Testing

@testable import MediaPlane

/// What a room does for the sound of its legs, and what it tells of them, over real sockets.
@Suite(.serialized) struct SoundCareTests {
    /// A voice of our own making, in G.711: 20 ms at a time.
    private final class Voice {
        private let next: (Int) -> Double
        private var count = 0
        init(_ next: @escaping (_ sample: Int) -> Double) { self.next = next }

        func frame() -> [UInt8] {
            let samples = (0..<160).map { _ -> Int16 in
                defer { count += 1 }
                return Int16(max(-32_768, min(32_767, next(count))))
            }
            var bytes = [UInt8](repeating: 0, count: 160)
            samples.withUnsafeBufferPointer { samples in
                bytes.withUnsafeMutableBytes { _ = G711.muLaw.encode(samples, into: $0) }
            }
            return bytes
        }
    }

    private static func noise(_ amplitude: Double) -> Voice {
        var random = SeededGenerator(seed: 5)
        return Voice { _ in amplitude * Double.random(in: -1...1, using: &random) }
    }

    /// Syllables of noise with pauses between, as uneven as speech.
    private static func syllables(seed: UInt64) -> Voice {
        var random = SeededGenerator(seed: seed)
        var left = 0
        var amplitude = 0.0
        return Voice { _ in
            if left == 0 {
                left = Int.random(in: 480...3_200, using: &random)
                amplitude = amplitude > 0 ? 0 : Double.random(in: 800...9_000, using: &random)
            }
            left -= 1
            return amplitude * Double.random(in: -1...1, using: &random)
        }
    }

    private static func room(_ legs: Int, _ care: SoundCare = SoundCare()) async throws -> TestRoom {
        let room = try TestRoom()
        try room.plane.setSoundCare(care, of: room.room)
        for _ in 0..<legs { _ = try await room.join(audio: TestEndpoint(.pcmu, payloadType: 0, suite: nil)) }
        return room
    }

    private static func send(_ payload: [UInt8], _ seat: TestRoom.Seat) {
        seat.audio!.send(payload, advancing: 160, to: seat.reservation.audio.port)
    }

    private static func troubles(of room: TestRoom) async -> [(LegID, SoundTrouble)] {
        room.plane.stop()
        var troubles: [(LegID, SoundTrouble)] = []
        for await event in room.plane.events {
            if case .soundTrouble(let leg, let trouble) = event { troubles.append((leg, trouble)) }
        }
        return troubles
    }

    @Test(arguments: [(false, 400.0, -38.3), (true, 400, -29), (true, 8_192, -12.04), (true, 30_000, -11)])
    func whoIsFarTooSoftOrLoudIsBroughtIntoRangeAndOthersAreLeftAlone(
        _ hasGain: Bool, _ amplitude: Double, _ expected: Double
    ) async throws {
        let room = try await Self.room(2, SoundCare(automaticGain: hasGain))
        let voice = Voice { amplitude * sin(2 * Double.pi * 440 * Double($0) / 8_000) }
        room.pace(frames: 240) { _ in Self.send(voice.frame(), room.seats[0]) }
        let level = try room.seats[1].audio!.levels(of: [440])[0]
        #expect(abs(level - expected) < 1.5, "heard at \(level) dBFS")
    }

    @Test(arguments: [false, true])
    func steadyNoiseIsToldOfAndTakenOutWhereTheRoomSaysSo(_ isSuppressed: Bool) async throws {
        let room = try await Self.room(3, SoundCare(noiseSuppression: isSuppressed))
        let (noise, speech) = (Self.noise(1_500), Self.syllables(seed: 3))
        room.pace(frames: 460) { frame in
            Self.send(noise.frame(), room.seats[0])
            // Somebody who talks is no noise.
            if frame < 400 { Self.send(speech.frame(), room.seats[1]) }
        }
        var energy = 0.0
        let last = room.seats[2].audio!.received.suffix(25)
        var samples = [Int16](repeating: 0, count: 160)
        for packet in last {
            let made = packet.payload.withUnsafeBytes { payload in
                samples.withUnsafeMutableBufferPointer { G711.muLaw.decode(payload, into: $0) }
            }
            for sample in samples[..<made] { energy += Double(sample) * Double(sample) }
        }
        let level = 10 * log10(max(energy, 1) / Double(160 * last.count) / (32_768 * 32_768))
        // 1,500/√3 is at −31.6 dBov.
        if isSuppressed {
            #expect(level < -39, "\(level) dBov")
        } else {
            #expect(abs(level - -31.6) < 2, "\(level) dBov")
        }
        let troubles = await Self.troubles(of: room)
        #expect(troubles.map(\.0) == [room.seats[0].reservation.id])
        guard case .noise(let told)? = troubles.first?.1 else {
            Issue.record("no noise: \(troubles)")
            return
        }
        #expect(abs(told - -31.6) < 2)
    }

    @Test func whoeverReturnsWhatItHearsIsNamedAndNobodyElse() async throws {
        let room = try await Self.room(3)
        let speech = Self.syllables(seed: 11)
        var delayed: [[UInt8]] = []
        room.pace(frames: 420) { _ in
            Self.send(speech.frame(), room.seats[0])
            // Leg 1 plays what it hears into its microphone, 200 ms later.
            if let heard = room.seats[1].audio!.received.last?.payload { delayed.append(heard) }
            if delayed.count > 10 { Self.send(delayed[delayed.count - 11], room.seats[1]) }
        }
        let troubles = await Self.troubles(of: room).filter { $0.1.kind == .echo }
        #expect(troubles.map(\.0) == [room.seats[1].reservation.id])
        guard case .echo(let milliseconds, let correlation, let attenuation)? = troubles.first?.1 else { return }
        // The endpoint's 200 ms, the jitter buffer, and the frames between.
        #expect((200...400).contains(milliseconds), "\(milliseconds) ms")
        #expect(correlation > 0.85)
        #expect(abs(attenuation) < 4, "\(attenuation) dB")
    }

    @Test func twoWhoTalkAreNoEchoOfEachOther() async throws {
        let room = try await Self.room(2)
        let voices = [Self.syllables(seed: 21), Self.syllables(seed: 22)]
        room.pace(frames: 420) { _ in for (voice, seat) in zip(voices, room.seats) { Self.send(voice.frame(), seat) } }
        let troubles = await Self.troubles(of: room)
        #expect(troubles.isEmpty, "\(troubles)")
    }

    @Test(arguments: [(12.0, true), (0, false)])
    func aPitchThatGrowsIsAHowlAndOneThatStaysIsNot(_ growth: Double, _ isHowl: Bool) async throws {
        let room = try await Self.room(2)
        let voice = Voice { sample in
            let seconds = Double(sample) / 8_000
            return 600 * pow(10, growth * seconds / 20) * sin(2 * Double.pi * 1_900 * seconds)
        }
        room.pace(frames: 125) { _ in Self.send(voice.frame(), room.seats[0]) }
        let troubles = await Self.troubles(of: room).filter { $0.1.kind == .howl }
        #expect(troubles.map(\.0) == (isHowl ? [room.seats[0].reservation.id] : []))
        if case .howl(let hertz, _)? = troubles.first?.1 { #expect(abs(hertz - 1_900) < 20, "\(hertz) Hz") }
    }
}
