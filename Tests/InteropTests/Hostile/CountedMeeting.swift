import CLinux
import Foundation
import Glibc
import InteropSupport
import RTP
import SDP
import SRTP
import Synchronization

/// Two points in a meeting: one speaks (PCMU) and shows pictures (VP8), the other counts what reaches it. What is lost on
/// the way shows in the numbers: pictures are forwarded packet by packet, and sound comes mixed, fifty times a second.
final class CountedMeeting: Sendable {
    struct Count: Sendable {
        /// Packets of pictures that left the speaker, and that reached the other, decrypted.
        var sent = 0
        var received = 0
        /// Gaps in the numbers of both media as received.
        var missing = 0
        /// Packets of sound that the speaker sent, and of mixed sound that the other received.
        var soundSent = 0
        var soundReceived = 0
        /// The longest time between two packets of sound, in milliseconds.
        var longestGapMilliseconds = 0
    }

    private enum State { case runs, toStop, over }
    private let state = Mutex(State.runs)
    private let count = Mutex(Count())
    private let speaker: SIPCaller
    private let listener: SIPCaller

    init(_ daemon: RunningDaemon, points: [RunningDaemon.Point], room: String = "giaoban") throws {
        let engine = try SRTPEngine(.openSSL)
        let lines = try (0..<4).map { _ in try Line(engine) }
        func dial(_ point: RunningDaemon.Point, _ sound: Line, _ picture: Line) throws -> SIPCaller {
            let offer =
                "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
                + sound.offer("audio", "PCMU/8000", Self.soundType)
                + picture.offer("video", "VP8/90000", Self.pictureType)
            let call = try SIPCaller(point, room: room, port: daemon.sipPort, offer: offer)
            let media = try SessionDescription(parsing: call.answer).media
            guard media.count == 2, media.allSatisfy({ $0.port > 0 && !$0.cryptos.isEmpty }) else {
                throw ToolFailure("the bridge refused a medium: \(String(decoding: call.answer, as: UTF8.self))")
            }
            for (line, medium) in zip([sound, picture], media) {
                line.target = UInt16(clamping: medium.port)
                try line.receive(with: medium.cryptos[0].keyAndSalt, engine)
            }
            return call
        }
        listener = try dial(points[1], lines[2], lines[3])
        speaker = try dial(points[0], lines[0], lines[1])
        let held = Held(lines: lines, engine: engine)
        Thread.detachNewThread { [self] in
            run(held.lines, held.engine)
            state.withLock { $0 = .over }
        }
    }

    /// Waits until pictures are forwarded and sound is mixed, and counts from there.
    func settle() async throws {
        do {
            try await eventually("sound and pictures in the counted meeting") {
                self.count.withLock { $0.received > 50 && $0.soundReceived > 25 }
            }
        } catch {
            throw ToolFailure("\(error): \(count.withLock { $0 })")
        }
        count.withLock { $0 = Count() }
    }

    /// What was counted since it settled. Hangs up.
    func finish() async throws -> Count {
        state.withLock { if $0 == .runs { $0 = .toStop } }
        try await eventually("the counted meeting to stop") { self.state.withLock { $0 == .over } }
        try speaker.hangUp()
        try listener.hangUp()
        return count.withLock { $0 }
    }

    // MARK: Media

    private static let soundType: UInt8 = 0
    private static let pictureType: UInt8 = 100
    private static let packetsPerPicture = 4

    /// Handed to the one thread that uses it.
    private struct Held: @unchecked Sendable {
        let lines: [Line]
        let engine: SRTPEngine
    }

    /// One medium of one point. Used by one thread.
    private final class Line {
        let descriptor: Int32
        let port: UInt16
        var target: UInt16 = 0
        private let key: SRTPMasterKey
        private let sender = UnsafeMutablePointer<SRTPSender>.allocate(capacity: 1)
        private let receiver = UnsafeMutablePointer<SRTPReceiver>.allocate(capacity: 1)
        private let ssrc = UInt32.random(in: 1 ... .max)
        private var sequence = UInt16.random(in: 0..<1_000)
        private var next: UInt16?
        private var datagram = [UInt8](repeating: 0, count: 2_048)

        init(_ engine: SRTPEngine) throws {
            var random = SystemRandomNumberGenerator()
            key = SRTPMasterKey.random(for: .aeadAES128GCM, using: &random)
            sender.initialize(to: try SRTPSender(key: key, engine: engine))
            // Replaced by the bridge's as soon as it is known.
            receiver.initialize(to: try SRTPReceiver(key: key, engine: engine))
            (descriptor, port) = try Strangers.boundSocket()
        }

        deinit {
            close(descriptor)
            sender.deinitialize(count: 1)
            sender.deallocate()
            receiver.deinitialize(count: 1)
            receiver.deallocate()
        }

        func offer(_ kind: String, _ codec: String, _ type: UInt8) -> String {
            """
            m=\(kind) \(port) RTP/SAVP \(type)
            a=rtpmap:\(type) \(codec)
            a=rtcp-mux
            a=crypto:1 \(key.suite.sdesName) inline:\(Data(key.keyAndSalt).base64EncodedString())

            """
        }

        func receive(with keyAndSalt: [UInt8], _ engine: SRTPEngine) throws {
            let replacement = try SRTPReceiver(
                key: SRTPMasterKey(suite: key.suite, keyAndSalt: keyAndSalt), engine: engine)
            receiver.deinitialize(count: 1)
            receiver.initialize(to: replacement)
        }

        /// Sends one packet; whether the kernel took it.
        func send(_ payload: [UInt8], type: UInt8, marker: Bool, timestamp: UInt32, _ engine: SRTPEngine) -> Bool {
            var packet = [UInt8](repeating: 0, count: 12 + payload.count + 64)
            packet.withUnsafeMutableBytes {
                guard let start = $0.baseAddress else { return }
                RTPHeaderWriter.write(
                    start, payloadType: type, marker: marker, sequenceNumber: sequence, timestamp: timestamp, ssrc: ssrc
                )
            }
            packet.replaceSubrange(12..<12 + payload.count, with: payload)
            sequence &+= 1
            var length = 12 + payload.count
            packet.withUnsafeMutableBufferPointer { bytes in
                guard let start = bytes.baseAddress else { return }
                var job = SRTPJob(
                    sender: sender, packet: start, length: Int32(length), capacity: Int32(bytes.count))
                withUnsafeMutablePointer(to: &job) { engine.protect(UnsafeMutableBufferPointer(start: $0, count: 1)) }
                length = Int(job.length)
            }
            var address = cl_address()
            _ = cl_parse_address("127.0.0.1", target, &address)
            return packet.withUnsafeMutableBytes {
                var vector = iovec(iov_base: $0.baseAddress, iov_len: length)
                return cl_send_segments(descriptor, &address, &vector, 1, 0) == 0
            }
        }

        /// Takes in what came: how many packets decrypted, and how many numbers are missing between them.
        func take(_ engine: SRTPEngine) -> (packets: Int, missing: Int) {
            var result = (packets: 0, missing: 0)
            while case let count = recv(descriptor, &datagram, datagram.count, Strangers.withoutWaiting), count > 0 {
                // RTCP shares the port (RFC 5761 §4).
                guard count >= 12, !(64..<96).contains(datagram[1] & 0x7F) else { continue }
                let isGood = datagram.withUnsafeMutableBufferPointer { bytes in
                    guard let start = bytes.baseAddress else { return false }
                    var job = SRTPJob(
                        receiver: receiver, packet: start, length: Int32(count), capacity: Int32(bytes.count))
                    withUnsafeMutablePointer(to: &job) {
                        engine.unprotect(UnsafeMutableBufferPointer(start: $0, count: 1))
                    }
                    return job.status == .ok
                }
                guard isGood else { continue }
                let number = UInt16(datagram[2]) << 8 | UInt16(datagram[3])
                if let next { result.missing += max(0, Int(Int16(bitPattern: number &- next))) }
                next = number &+ 1
                result.packets += 1
            }
            return result
        }
    }

    private func run(_ lines: [Line], _ engine: SRTPEngine) {
        let (sound, picture) = (lines[0], lines[1])
        // 400 Hz, loud enough to be the one who speaks (G.711 µ-law).
        let tone: [UInt8] = (0..<160).map { sample in
            sin(Double(sample) * 2 * .pi * 400 / 8_000) >= 0 ? 0x8F : 0x0F
        }
        let clock = ContinuousClock()
        let began = clock.now
        var lastSound = began
        func takeIn() {
            let (own, heard, seen) = (sound.take(engine), lines[2].take(engine), lines[3].take(engine))
            _ = picture.take(engine)
            let now = clock.now
            count.withLock { count in
                count.received += seen.packets
                count.soundReceived += heard.packets
                count.missing += seen.missing + heard.missing + own.missing
                guard heard.packets > 0 else { return }
                let gap = Int((now - lastSound) / .milliseconds(1))
                if count.soundReceived > heard.packets {
                    count.longestGapMilliseconds = max(count.longestGapMilliseconds, gap)
                }
                lastSound = now
            }
        }
        var tick = 0
        // The listener's silence keeps its way open, as any telephone's does.
        let silence = [UInt8](repeating: 0xFF, count: 160)
        while state.withLock({ $0 == .runs }) {
            let due = began + .milliseconds(20 * tick)
            while clock.now < due {
                takeIn()
                usleep(2_000)
            }
            let time = UInt32(truncatingIfNeeded: tick * 160)
            let isSent = sound.send(tone, type: Self.soundType, marker: tick == 0, timestamp: time, engine)
            _ = lines[2].send(silence, type: Self.soundType, marker: tick == 0, timestamp: time, engine)
            var pictures = 0
            if tick % 2 == 0 {
                let timestamp = UInt32(truncatingIfNeeded: tick * 1_800)
                for index in 0..<Self.packetsPerPicture {
                    let payload = Self.payload(index, isKeyframe: tick % 100 == 0)
                    let isLast = index == Self.packetsPerPicture - 1
                    if picture.send(payload, type: Self.pictureType, marker: isLast, timestamp: timestamp, engine) {
                        pictures += 1
                    }
                }
            }
            let sent = pictures
            count.withLock {
                $0.sent += sent
                $0.soundSent += isSent ? 1 : 0
            }
            tick += 1
        }
        for _ in 0..<50 {
            takeIn()
            usleep(5_000)
        }
    }

    /// What a forwarder needs to see of VP8 (RFC 7741 §4.2, §4.3), and filling.
    private static func payload(_ index: Int, isKeyframe: Bool) -> [UInt8] {
        let descriptor: [UInt8] = [index == 0 ? 0x10 : 0x00]
        let head: [UInt8] = index == 0 ? [isKeyframe ? 0x10 : 0x11, 0, 0, 0x9D, 0x01, 0x2A, 64, 1, 240, 0] : []
        return descriptor + head + [UInt8](repeating: 0xA5, count: 1_000)
    }
}

extension Strangers {
    /// A UDP socket on loopback for media, and its port.
    static func boundSocket() throws -> (Int32, UInt16) {
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
}
