import CLinux
import Crypto
import Foundation
import InteropSupport
import Matroska
import RTP
import SDP
import SIP
import SRTP
import Synchronization

/// A point that plays a film (VP8 and Opus in Matroska) again and again, sound and picture by one clock with sender
/// reports: what no endpoint at hand does well enough to measure a bridge by. It dials over UDP and offers
/// AEAD_AES_128_GCM, which baresip never offers.
final class FilmPoint: Sendable {
    private let dialog: Dialog
    private enum Playing { case on, toStop, stopped }
    private let playing = Mutex(Playing.on)
    /// Packets sent so far.
    let packets = Mutex<(sound: UInt64, picture: UInt64)>((0, 0))

    private struct Dialog {
        var server: UInt16
        var local: UInt16
        var descriptor: Int32
        var uri: String
        var user: String
        var callID: String
        var to: String
    }

    /// Dials `room` and plays once it is let in.
    init(_ film: String, to daemon: RunningDaemon, as point: RunningDaemon.Point, room: String = "giaoban") throws {
        var random = SystemRandomNumberGenerator()
        let suite = SRTPSuite.aeadAES128GCM
        let sound = SRTPMasterKey.random(for: suite, using: &random)
        let picture = SRTPMasterKey.random(for: suite, using: &random)
        let (signalling, local) = try Self.socket()
        let (soundSocket, soundPort) = try Self.socket()
        let (pictureSocket, picturePort) = try Self.socket()
        func media(_ kind: String, _ port: UInt16, _ type: Int, _ codec: String, _ key: SRTPMasterKey) -> String {
            """
            m=\(kind) \(port) RTP/SAVP \(type)
            a=rtpmap:\(type) \(codec)
            a=rtcp-mux
            a=crypto:1 \(suite.sdesName) inline:\(Data(key.keyAndSalt).base64EncodedString())

            """
        }
        let offer =
            "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
            + media("audio", soundPort, 96, "opus/48000/2", sound)
            + media("video", picturePort, 97, "VP8/90000", picture)
        var dialog = Dialog(
            server: daemon.sipPort, local: local, descriptor: signalling,
            uri: "sip:\(room)@127.0.0.1:\(daemon.sipPort)",
            user: point.id, callID: UUID().uuidString, to: "<sip:\(room)@127.0.0.1>")
        let answer = try Self.invite(&dialog, offer, password: point.password)
        self.dialog = dialog
        let ports = try SessionDescription(parsing: answer.body).media.map(\.port)
        guard ports.count == 2, ports.allSatisfy({ $0 > 0 }) else { throw ToolFailure("the bridge refused a medium") }
        Thread.detachNewThread { [self] in
            do {
                try play(
                    film,
                    Line(descriptor: soundSocket, port: UInt16(ports[0]), type: 96, clockRate: 48_000, key: sound),
                    Line(descriptor: pictureSocket, port: UInt16(ports[1]), type: 97, clockRate: 90_000, key: picture))
            } catch {
                FileHandle.standardError.write(Data("a film point stopped: \(error)\n".utf8))
            }
            close(soundSocket)
            close(pictureSocket)
            playing.withLock { $0 = .stopped }
        }
    }

    private var isPlaying: Bool { playing.withLock { $0 == .on } }

    /// Says BYE and stops.
    func hangUp() async throws {
        playing.withLock { if $0 == .on { $0 = .toStop } }
        try Self.send(Self.request("BYE", 3, dialog), dialog)
        let answer = try Self.response(dialog)
        guard answer.status == 200 else { throw ToolFailure("the BYE was answered by \(answer.status)") }
        close(dialog.descriptor)
        try await eventually("the film to stop") { self.playing.withLock { $0 == .stopped } }
    }

    // MARK: Signalling

    private static func invite(_ dialog: inout Dialog, _ offer: String, password: String) throws -> SIPResponse {
        let body = offer.replacingOccurrences(of: "\n", with: "\r\n")
        try send(request("INVITE", 1, dialog, body: body), dialog)
        let challenged = try response(dialog)
        guard challenged.status == 401, let challenge = DigestChallenge.choose(from: challenged) else {
            throw ToolFailure("the INVITE was answered by \(challenged.status)")
        }
        try send(request("ACK", 1, dialog, to: challenged.to.description), dialog)
        let hashes = DigestHashes(
            md5: { Array(Insecure.MD5.hash(data: $0)) }, sha256: { Array(SHA256.hash(data: $0)) })
        let credentials = challenge.answer(
            method: .invite, uri: dialog.uri, username: dialog.user, secret: .password(password), clientNonce: "c0ffee",
            hashes: hashes)
        let authorization = credentials.map { "Authorization: \($0.headerValue)\r\n" } ?? ""
        try send(request("INVITE", 2, dialog, more: authorization, body: body), dialog)
        let answer = try response(dialog)
        guard answer.status == 200 else { throw ToolFailure("\(dialog.user) may not enter: \(answer.status)") }
        dialog.to = answer.to.description
        try send(request("ACK", 2, dialog), dialog)
        return answer
    }

    private static func request(
        _ method: String, _ number: Int, _ dialog: Dialog, to: String? = nil, more: String = "", body: String = ""
    ) -> String {
        // An ACK of a refusal belongs to the transaction of its INVITE (RFC 3261 §17.1.1.3).
        "\(method) \(dialog.uri) SIP/2.0\r\n"
            + "Via: SIP/2.0/UDP 127.0.0.1:\(dialog.local);rport;branch=z9hG4bK\(dialog.callID)-\(number)\r\n"
            + "From: <sip:\(dialog.user)@127.0.0.1>;tag=film\r\nTo: \(to ?? dialog.to)\r\nCall-ID: \(dialog.callID)\r\n"
            + "CSeq: \(number) \(method)\r\nMax-Forwards: 70\r\n"
            + "Contact: <sip:\(dialog.user)@127.0.0.1:\(dialog.local)>\r\n\(more)"
            + (body.isEmpty ? "" : "Content-Type: application/sdp\r\n")
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func send(_ text: String, _ dialog: Dialog) throws {
        guard transmit(Array(text.utf8), from: dialog.descriptor, to: dialog.server) else {
            throw ToolFailure("nothing could be sent to port \(dialog.server)")
        }
    }

    /// The next final response.
    private static func response(_ dialog: Dialog) throws -> SIPResponse {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        for _ in 0..<20 {
            var waiting = pollfd(fd: dialog.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 5_000) == 1 else { break }
            let count = recv(dialog.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            guard case .response(let response) = try SIPMessage(parsing: Array(buffer[..<count])) else { continue }
            if response.status >= 200 { return response }
        }
        throw ToolFailure("the daemon does not answer \(dialog.user)")
    }

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
        private var sequence = UInt16.random(in: 0..<1_000)
        private var state: SenderState
        private(set) var packets: UInt64 = 0

        init(_ line: Line) throws {
            self.line = line
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

        func send(_ payload: [UInt8], at time: Int64, marker: Bool, now: UInt64) {
            var packet = [UInt8](repeating: 0, count: 12 + payload.count + 64)
            packet.withUnsafeMutableBytes {
                RTPHeaderWriter.write(
                    $0.baseAddress!, payloadType: line.type, marker: marker, sequenceNumber: sequence,
                    timestamp: timestamp(time), ssrc: ssrc)
            }
            packet.replaceSubrange(12..<12 + payload.count, with: payload)
            sequence &+= 1
            state.sent(timestamp: timestamp(time), payloadOctets: payload.count, atNanoseconds: now)
            var length = 12 + payload.count
            packet.withUnsafeMutableBufferPointer { bytes in
                guard let start = bytes.baseAddress else { return }
                var job = SRTPJob(
                    sender: sender, packet: start, length: Int32(length), capacity: Int32(bytes.count))
                withUnsafeMutablePointer(to: &job) { engine.protect(UnsafeMutableBufferPointer(start: $0, count: 1)) }
                length = Int(job.length)
            }
            if FilmPoint.transmit(Array(packet[..<length]), from: line.descriptor, to: line.port) { packets += 1 }
        }

        /// Reports by the clock that all streams of the point share.
        func report(now: UInt64, wall: UInt64) {
            var packet = [UInt8](repeating: 0, count: 512)
            guard let info = state.report(atNanoseconds: now, ntp: NTPTime(unixNanoseconds: wall)) else { return }
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

    private func play(_ film: String, _ soundLine: Line, _ pictureLine: Line) throws {
        let reader = try MatroskaReader(path: film)
        guard let soundTrack = reader.tracks.first(where: { $0.codec == .opus })?.number,
            let length = reader.info.durationNanoseconds
        else { throw ToolFailure("\(film) is no film with Opus sound") }
        var blocks: [MatroskaBlock] = []
        while let block = try reader.nextBlock() { blocks.append(block) }
        blocks.sort { $0.timestampNanoseconds < $1.timestampNanoseconds }
        // Whole packets of sound, so that the film goes on without a step.
        let loop = length / 20_000_000 * 20_000_000
        let sound = try Stream(soundLine)
        let picture = try Stream(pictureLine)
        let start = Self.clock(CLOCK_MONOTONIC)
        let wall = Self.clock(CLOCK_REALTIME)
        var nextReport: Int64 = 500_000_000
        var round: Int64 = 0
        while isPlaying {
            for block in blocks where block.timestampNanoseconds < loop {
                let time = round * loop + block.timestampNanoseconds
                Self.sleep(until: start + UInt64(time))
                guard isPlaying else { return }
                let now = start + UInt64(time)
                if block.track == soundTrack {
                    sound.send(block.data, at: time, marker: false, now: now)
                } else {
                    Self.film(block.data) { picture.send($0, at: time, marker: $1, now: now) }
                }
                if time >= nextReport {
                    for stream in [sound, picture] { stream.report(now: now, wall: wall + UInt64(time)) }
                    nextReport = time + 1_000_000_000
                }
                packets.withLock { $0 = (sound.packets, picture.packets) }
            }
            round += 1
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
