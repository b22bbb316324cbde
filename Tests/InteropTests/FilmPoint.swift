import CLinux
import Foundation
import InteropSupport
import Matroska
import RTP
import SDP
import SRTP
import Synchronization

/// A point that plays a film (VP8 and Opus in Matroska) again and again, sound and picture by one clock with sender
/// reports: what no endpoint at hand does well enough to measure a bridge by. It dials over UDP and offers
/// AEAD_AES_128_GCM, which baresip never offers. It may have slides to share beside its camera, as room systems do: a second
/// video stream, whose floor it asks for by BFCP.
final class FilmPoint: Sendable {
    /// What is wrong with the point's clock and with its way to the bridge.
    struct Conditions: Sendable {
        /// How fast its clock is, in parts in a million: all its media and its reports run by it.
        var drift = 0.0
        /// Whether it sends reports at all.
        var reports = true
        /// How long sound and picture are on their way, in milliseconds.
        var soundDelay: Int64 = 0
        var pictureDelay: Int64 = 0
        /// Shares of packets that are lost, sent twice, and sent after the next one.
        var loss = 0.0
        var repeats = 0.0
        var swaps = 0.0
    }

    let conditions: Conditions
    /// When its film began, on the monotonic clock, in nanoseconds.
    let began: UInt64
    private let offer: String
    private let call: SIPCaller
    private let floor: FloorParticipantPort?
    private struct Playing {
        var goesOn = true
        var shares = false
        var isHeld = false
        var threads = 0
    }
    private let playing = Mutex(Playing())
    /// Packets sent so far.
    let packets = Mutex<(sound: UInt64, picture: UInt64)>((0, 0))

    /// Dials `room` and plays once it is let in; the pictures of the film `slides` are what it shares.
    init(
        _ film: String, sharing slides: String? = nil, to daemon: RunningDaemon, as point: RunningDaemon.Point,
        room: String = "giaoban", _ conditions: Conditions = Conditions()
    ) throws {
        self.conditions = conditions
        var random = SystemRandomNumberGenerator()
        let suite = SRTPSuite.aeadAES128GCM
        let sound = SRTPMasterKey.random(for: suite, using: &random)
        let picture = SRTPMasterKey.random(for: suite, using: &random)
        let (soundSocket, soundPort) = try Self.socket()
        let (pictureSocket, picturePort) = try Self.socket()
        let slidesKey = SRTPMasterKey.random(for: suite, using: &random)
        let (slidesSocket, slidesPort) = try Self.socket()
        let floor = slides == nil ? nil : try FloorParticipantPort()
        func media(_ kind: String, _ port: UInt16, _ type: Int, _ codec: String, _ key: SRTPMasterKey) -> String {
            """
            m=\(kind) \(port) RTP/SAVP \(type)
            a=rtpmap:\(type) \(codec)
            a=rtcp-mux
            a=crypto:1 \(suite.sdesName) inline:\(Data(key.keyAndSalt).base64EncodedString())

            """
        }
        var offer =
            "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
            + media("audio", soundPort, 96, "opus/48000/2", sound)
            + media("video", picturePort, 97, "VP8/90000", picture)
        if let floor {
            offer += "a=content:main\na=label:1\nm=application \(floor.port) UDP/BFCP *\na=floorctrl:c-only\n"
            offer += media("video", slidesPort, 97, "VP8/90000", slidesKey) + "a=content:slides\na=label:3\n"
        }
        self.offer = offer
        call = try SIPCaller(point, room: room, port: daemon.sipPort, offer: offer)
        let answer = try SessionDescription(parsing: call.answer)
        let ports = answer.media.map(\.port)
        guard ports.count == (slides == nil ? 2 : 4), ports.allSatisfy({ $0 > 0 }) else {
            throw ToolFailure("the bridge refused a medium")
        }
        try floor?.follow(answer)
        self.floor = floor
        let began = (monotonic: Self.clock(CLOCK_MONOTONIC), wall: Self.clock(CLOCK_REALTIME))
        self.began = began.monotonic
        start(
            film, Line(descriptor: soundSocket, port: ports[0], type: 96, clockRate: 48_000, key: sound),
            Line(descriptor: pictureSocket, port: ports[1], type: 97, clockRate: 90_000, key: picture), began)
        if let slides {
            start(
                slides, nil,
                Line(descriptor: slidesSocket, port: ports[3], type: 97, clockRate: 90_000, key: slidesKey), began)
        } else {
            close(slidesSocket)
        }
    }

    private func start(_ film: String, _ sound: Line?, _ picture: Line, _ began: (monotonic: UInt64, wall: UInt64)) {
        playing.withLock { $0.threads += 1 }
        Thread.detachNewThread { [self] in
            do { try play(film, sound, picture, began) } catch {
                FileHandle.standardError.write(Data("a film point stopped: \(error)\n".utf8))
            }
            if let sound { close(sound.descriptor) }
            close(picture.descriptor)
            playing.withLock { $0.threads -= 1 }
        }
    }

    private var isPlaying: Bool { playing.withLock { $0.goesOn } }

    /// Asks for the floor and, once it has it, sends its slides.
    func share() throws {
        try floor?.take()
        playing.withLock { $0.shares = true }
    }

    /// Sends no slides any more, and gives the floor back.
    func stopSharing() throws {
        playing.withLock { $0.shares = false }
        try floor?.giveBack()
    }

    /// When something of the film's time is sent (or, but for the conditions, would be), in nanoseconds on the monotonic clock.
    func moment(of time: Int64) -> UInt64 { began + UInt64(Double(time) / (1 + conditions.drift / 1_000_000)) }

    /// Puts the bridge on hold, or goes on; the film runs on meanwhile, as a held telephone's does not.
    func hold(_ isHeld: Bool, version: Int) throws {
        let description = offer.replacingOccurrences(of: "o=- 1 1 ", with: "o=- 1 \(version) ")
        _ = try call.offer(
            isHeld ? description.replacingOccurrences(of: "a=rtcp-mux", with: "a=inactive\na=rtcp-mux") : description)
        playing.withLock { $0.isHeld = isHeld }
    }

    /// Stops and says BYE, in this order: what is sent after a BYE is nobody's any more.
    func hangUp() async throws {
        playing.withLock { $0.goesOn = false }
        try await eventually("the film to stop") { self.playing.withLock { $0.threads == 0 } }
        try call.hangUp()
    }

    // MARK: Sockets

    private static func socket() throws -> (Int32, UInt16) {
        var address = cl_address()
        _ = cl_parse_address("127.0.0.1", 0, &address)
        let descriptor = cl_bind_udp(&address, 1 << 20, 1 << 20, 0)
        guard descriptor >= 0 else { throw ToolFailure("no socket: \(String(cString: strerror(-descriptor)))") }
        var bound = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &bound) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return (descriptor, UInt16(bigEndian: bound.sin_port))
    }

    private static func transmit(_ bytes: [UInt8], from descriptor: Int32, to port: UInt16) -> Bool {
        var address = cl_address()
        _ = cl_parse_address("127.0.0.1", port, &address)
        var bytes = bytes
        return bytes.withUnsafeMutableBytes {
            var vector = iovec(iov_base: $0.baseAddress, iov_len: $0.count)
            return cl_send_segments(descriptor, &address, &vector, 1, 0) == 0
        }
    }

    // MARK: Media

    private struct Line {
        var descriptor: Int32
        var port: UInt16
        var type: UInt8
        var clockRate: UInt32
        var key: SRTPMasterKey
    }

    /// One medium on its way out. Used by the player's thread alone.
    private final class Stream {
        private let line: Line
        private let engine: SRTPEngine
        private let sender: UnsafeMutablePointer<SRTPSender>
        private let ssrc = UInt32.random(in: 1 ... .max)
        private let firstTimestamp = UInt32.random(in: 0 ... .max)
        private var sequence = UInt16.random(in: 65_000...65_535)
        private let conditions: Conditions
        /// A packet that the next one overtakes.
        private var overtaken: [UInt8]?
        private var state: SenderState
        private(set) var packets: UInt64 = 0

        init(_ line: Line, _ conditions: Conditions) throws {
            self.line = line
            self.conditions = conditions
            engine = try SRTPEngine(.openSSL)
            sender = .allocate(capacity: 1)
            sender.initialize(to: try SRTPSender(key: line.key, engine: engine))
            state = SenderState(ssrc: ssrc, clockRate: line.clockRate)
        }

        deinit {
            sender.deinitialize(count: 1)
            sender.deallocate()
        }

        private func timestamp(_ time: Int64) -> UInt32 {
            let (seconds, rest) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
            let rate = Int64(line.clockRate)
            return firstTimestamp &+ UInt32(truncatingIfNeeded: seconds * rate + rest * rate / 1_000_000_000)
        }

        func send(_ payload: [UInt8], at time: Int64, marker: Bool) {
            var packet = [UInt8](repeating: 0, count: 12 + payload.count + 64)
            packet.withUnsafeMutableBytes {
                RTPHeaderWriter.write(
                    $0.baseAddress!, payloadType: line.type, marker: marker, sequenceNumber: sequence,
                    timestamp: timestamp(time), ssrc: ssrc)
            }
            packet.replaceSubrange(12..<12 + payload.count, with: payload)
            sequence &+= 1
            state.sent(timestamp: timestamp(time), payloadOctets: payload.count, atNanoseconds: UInt64(time))
            var length = 12 + payload.count
            packet.withUnsafeMutableBufferPointer { bytes in
                guard let start = bytes.baseAddress else { return }
                var job = SRTPJob(
                    sender: sender, packet: start, length: Int32(length), capacity: Int32(bytes.count))
                withUnsafeMutablePointer(to: &job) { engine.protect(UnsafeMutableBufferPointer(start: $0, count: 1)) }
                length = Int(job.length)
            }
            transmit(Array(packet[..<length]))
        }

        private func transmit(_ packet: [UInt8]) {
            func chance(_ share: Double) -> Bool { share > 0 && Double.random(in: 0..<1) < share }
            guard !chance(conditions.loss) else { return }
            if overtaken == nil, chance(conditions.swaps) {
                overtaken = packet
                return
            }
            for packet in [packet, overtaken].compactMap({ $0 }) {
                for _ in 0..<(chance(conditions.repeats) ? 2 : 1) {
                    if FilmPoint.transmit(packet, from: line.descriptor, to: line.port) { packets += 1 }
                }
            }
            overtaken = nil
        }

        /// Reports by the clock that all streams of the point share; `time` is the film's.
        func report(at time: Int64, wall: UInt64) {
            var packet = [UInt8](repeating: 0, count: 512)
            guard let info = state.report(atNanoseconds: UInt64(time), ntp: NTPTime(unixNanoseconds: wall)) else {
                return
            }
            var length: Int32 = 0
            packet.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                var builder = RTCPBuilder(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<400]))
                builder.senderReport(info)
                builder.canonicalName(ssrc: ssrc, "film@127.0.0.1")
                _ = sender.pointee.protectRTCP(
                    base.assumingMemoryBound(to: UInt8.self), length: Int32(builder.count),
                    capacity: Int32(bytes.count), protectedLength: &length)
            }
            if length > 0 {
                _ = FilmPoint.transmit(Array(packet[..<Int(length)]), from: line.descriptor, to: line.port)
            }
        }
    }

    /// Plays a film: without a line for its sound it is slides, and goes out while they are shared.
    private func play(
        _ film: String, _ soundLine: Line?, _ pictureLine: Line, _ began: (monotonic: UInt64, wall: UInt64)
    ) throws {
        let reader = try MatroskaReader(path: film)
        guard let soundTrack = reader.tracks.first(where: { $0.codec == .opus })?.number,
            let length = reader.info.durationNanoseconds
        else { throw ToolFailure("\(film) is no film with Opus sound") }
        var blocks: [MatroskaBlock] = []
        while let block = try reader.nextBlock() { blocks.append(block) }
        blocks.sort { $0.timestampNanoseconds < $1.timestampNanoseconds }
        // Whole packets of sound, so that the film goes on without a step.
        let loop = length / 20_000_000 * 20_000_000
        let sound = try soundLine.map { try Stream($0, conditions) }
        let picture = try Stream(pictureLine, conditions)
        let wall = began.wall
        var reels = [
            Reel(
                blocks.filter { $0.track == soundTrack && $0.timestampNanoseconds < loop }, loop, conditions.soundDelay),
            Reel(
                blocks.filter { $0.track != soundTrack && $0.timestampNanoseconds < loop }, loop,
                conditions.pictureDelay),
        ]
        guard reels.allSatisfy({ !$0.blocks.isEmpty }) else { throw ToolFailure("\(film) lacks sound or picture") }
        var nextReport: Int64 = 500_000_000
        while isPlaying {
            let isPicture = reels[1].due < reels[0].due
            let (block, time, due) = reels[isPicture ? 1 : 0].next()
            Self.sleep(until: moment(of: due))
            guard isPlaying else { return }
            guard !playing.withLock({ $0.isHeld }) else { continue }
            if !isPicture {
                sound?.send(block.data, at: time, marker: false)
            } else if sound != nil || playing.withLock({ $0.shares }) {
                Self.film(block.data) { picture.send($0, at: time, marker: $1) }
            }
            if conditions.reports, due >= nextReport {
                // By the point's own clock, as it stands now.
                for stream in [sound, picture] { stream?.report(at: due, wall: wall + UInt64(due)) }
                nextReport = due + 1_000_000_000
            }
            if let sound { packets.withLock { $0 = (sound.packets, picture.packets) } }
        }
    }

    /// One track of the film, round after round.
    private struct Reel {
        let blocks: [MatroskaBlock]
        private let loop: Int64
        private let delay: Int64
        private var round: Int64 = 0
        private var index = 0

        init(_ blocks: [MatroskaBlock], _ loop: Int64, _ delayMilliseconds: Int64) {
            self.blocks = blocks
            self.loop = loop
            delay = delayMilliseconds * 1_000_000
        }

        /// When the next is to arrive, by the point's clock.
        var due: Int64 { round * loop + blocks[index].timestampNanoseconds + delay }

        mutating func next() -> (block: MatroskaBlock, time: Int64, due: Int64) {
            defer {
                index += 1
                if index == blocks.count { (index, round) = (0, round + 1) }
            }
            return (blocks[index], due - delay, due)
        }
    }

    /// A VP8 frame as payloads of at most 1,100 bytes (RFC 7741 §4.2).
    private static func film(_ frame: [UInt8], _ send: ([UInt8], Bool) -> Void) {
        var offset = 0
        while offset < frame.count {
            let end = min(frame.count, offset + 1_100)
            send([offset == 0 ? 0x10 : 0x00] + frame[offset..<end], end == frame.count)
            offset = end
        }
    }

    private static func clock(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func sleep(until time: UInt64) {
        var due = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nil) == EINTR {}
    }
}
