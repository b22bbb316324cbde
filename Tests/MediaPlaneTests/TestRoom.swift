import Codecs
import Glibc
import RTP
import SRTP

@testable import MediaPlane

/// A media plane of its own with one room, and endpoints in it.
final class TestRoom {
    struct Seat {
        var reservation: LegReservation
        var audio: TestEndpoint?
        var video: TestEndpoint?
        var slides: TestEndpoint?
        var panes: [TestEndpoint] = []
    }

    let plane: MediaPlane
    let room: MediaRoomID
    private(set) var seats: [Seat] = []

    init(tap: TapRing? = nil, workers: Int = 1, legsBeforeFanOut: Int = 150) throws {
        plane = try MediaPlane(
            MediaPlaneConfiguration(
                bindAddress: "127.0.0.1", ports: 30_000...39_999, workers: workers, silenceLimit: .seconds(1),
                legsBeforeFanOut: legsBeforeFanOut))
        room = plane.openRoom(tap: tap)
    }

    deinit { plane.stop() }

    func join(
        audio: TestEndpoint? = nil, video: TestEndpoint? = nil, slides: TestEndpoint? = nil,
        layers: [String] = [], hasFloorControl: Bool = false, finding: PathParameters.Finding? = nil,
        keying: PathParameters.Keying? = nil, estimates: Bool = false, panes: [TestEndpoint] = [],
        in other: MediaRoomID? = nil
    ) async throws -> Seat {
        var reservation = try plane.reserveLeg(in: other ?? room)
        if slides != nil { reservation.slides = try plane.reserveSlides(for: reservation.id) }
        var parameters = LegParameters(
            audio: audio?.parameters, video: video?.parameters, slides: slides?.parameters)
        parameters.hasFloorControl = hasFloorControl
        if let audio, audio.sharesTransport {
            let endpoints: [(StreamRole, TestEndpoint?)] = [(.audio, audio), (.video, video), (.slides, slides)]
            var members = endpoints.filter { $0.1 != nil }.map {
                PathParameters.Member($0.0, identification: "m\($0.0)", layers: $0.0 == .video ? layers : [])
            }
            for (index, pane) in panes.enumerated() {
                var member = PathParameters.Member(.pane, identification: "p\(index)")
                member.pane = index
                members.append(member)
                parameters.panes.append(
                    PaneParameters(pane.parameters, sources: .random(), identification: "p\(index)"))
            }
            var path = PathParameters(members: members, finding: finding, keying: keying)
            path.extensions = audio.extensions
            path.estimates = estimates
            path.transportSequenceID = audio.extensions[.transportSequence]
            parameters.paths = [path]
        }
        try await plane.startLeg(reservation.id, parameters)
        let seat = Seat(reservation: reservation, audio: audio, video: video, slides: slides, panes: panes)
        seats.append(seat)
        return seat
    }

    func poll() {
        for seat in seats {
            seat.audio?.poll()
            seat.video?.poll()
            seat.slides?.poll()
            for pane in seat.panes { pane.poll() }
        }
    }

    /// Has this thread go before others, as the bridge's own do, where that is allowed: what is late here looks like a bad
    /// line there. Returns what it was before.
    static func goFirst() -> Int32 {
        let former = getpriority(Int32(PRIO_PROCESS.rawValue), 0)
        setpriority(Int32(PRIO_PROCESS.rawValue), 0, -10)
        return former
    }

    /// Calls `body` every 20 ms of real time, for the frames' number, taking in what arrives meanwhile.
    func pace(frames: Int, _ body: (Int) throws -> Void) rethrows {
        let former = Self.goFirst()
        defer { setpriority(Int32(PRIO_PROCESS.rawValue), 0, former) }
        let start = monotonicNanoseconds()
        for frame in 0..<frames {
            try body(frame)
            let due = start &+ UInt64(frame + 1) &* 20_000_000
            var now = monotonicNanoseconds()
            while now < due {
                var rest = timespec(tv_sec: 0, tv_nsec: Int(min(due &- now, 2_000_000)))
                nanosleep(&rest, nil)
                poll()
                now = monotonicNanoseconds()
            }
        }
    }
}

/// A sine, encoded frame by frame.
final class ToneSource {
    private var phase = 0.0
    private let step: Double
    private let amplitude: Double
    private var opus: OpusEncoder?
    private var g722: G722Encoder?
    private let codec: MediaCodec

    init(_ frequency: Double, _ codec: MediaCodec, amplitude: Double = 8_192) throws {
        self.codec = codec
        self.amplitude = amplitude
        let rate = codec == .opus ? 48_000.0 : codec == .g722 ? 16_000.0 : 8_000.0
        step = 2 * Double.pi * frequency / rate
        if codec == .opus { opus = try OpusEncoder(channels: 1, application: .audio, bitrate: 64_000) }
        if codec == .g722 { g722 = try G722Encoder() }
    }

    func frame() throws -> [UInt8] {
        let count = codec == .opus ? 960 : codec == .g722 ? 320 : 160
        let samples = (0..<count).map { _ -> Int16 in
            defer { phase += step }
            return Int16(amplitude * sin(phase))
        }
        var bytes = [UInt8](repeating: 0, count: 1_500)
        let length = try samples.withUnsafeBufferPointer { input in
            try bytes.withUnsafeMutableBytes { output in
                switch codec {
                case .opus: try opus?.encode(input, into: output) ?? 0
                case .g722: try g722?.encode(input, into: output) ?? 0
                case .pcma: G711.aLaw.encode(input, into: output)
                default: G711.muLaw.encode(input, into: output)
                }
            }
        }
        return Array(bytes[..<length])
    }
}

extension TestEndpoint {
    /// Decodes everything received and measures sines in its last second, in dBFS.
    func levels(of frequencies: [Double]) throws -> [Double] {
        var decoder = try AudioDecoder(codec)
        var samples: [Int16] = []
        var room = [Int16](repeating: 0, count: 5_760)
        var narrow = [Int16](repeating: 0, count: 5_760)
        for packet in received where packet.info.payloadType == payloadType {
            let made = packet.payload.withUnsafeBytes { payload in
                room.withUnsafeMutableBufferPointer { room in
                    narrow.withUnsafeMutableBufferPointer {
                        decoder.decode(payload, into: room, narrow: $0.baseAddress!)
                    }
                }
            }
            samples += room[..<made]
        }
        let last = samples.suffix(48_000)
        return frequencies.map { frequency in
            var real = 0.0
            var imaginary = 0.0
            var weight = 0.0
            for (index, sample) in last.enumerated() {
                let window = 0.5 - 0.5 * cos(2 * Double.pi * Double(index) / Double(last.count))
                let angle = 2 * Double.pi * frequency * Double(index) / 48_000
                real += Double(sample) / 32_768 * window * cos(angle)
                imaginary += Double(sample) / 32_768 * window * sin(angle)
                weight += window
            }
            return 20 * log10(max(1e-7, 2 * (real * real + imaginary * imaginary).squareRoot() / max(weight, 1)))
        }
    }
}
