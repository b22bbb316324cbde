import Foundation
import Glibc

/// A headless baresip: an endpoint of somebody else's, with its own account, sound and picture.
public final class Baresip: Sendable {
    public enum Transport: String, Sendable, CaseIterable { case udp, tcp, tls }
    public enum MediaSecurity: String, Sendable, CaseIterable {
        case clear = ""
        case sdes = "srtp"
        case sdesMandatory = "srtp-mand"
        case dtls = "dtls_srtp"
    }

    public struct Setup: Sendable {
        public var username: String
        public var password: String
        public var domain = "127.0.0.1"
        /// Where it is, and in which network namespace, if not in ours.
        public var address = "127.0.0.1"
        public var namespace: String?
        public var transport = Transport.tls
        public var security = MediaSecurity.sdesMandatory
        /// Finds its way by ICE.
        public var checks = false
        public var certificateAuthority: String?
        /// In baresip's names: `opus/48000/2`, `G722/16000/1`, `PCMU/8000/1`.
        public var audioCodecs = ["opus/48000/2"]
        public var videoCodecs = ["VP8"]
        /// A 48 kHz mono WAV that is played into the call.
        public var sound: String
        /// A film whose picture is played into the call; nil for a call without picture.
        public var film: String?
        /// Bits a second.
        public var videoBitrate = 400_000
        public var extraAccount = ""
        /// Seconds between registrations; 0 registers nowhere.
        public var registrationInterval = 0
        public var extraConfiguration = ""

        public init(username: String, password: String, sound: String, film: String? = nil) {
            self.username = username
            self.password = password
            self.sound = sound
            self.film = film
        }
    }

    public let name: String
    public let folder: String
    public let process: ChildProcess
    private let controlPort: UInt16
    private let namespace: String?

    /// Starts an endpoint whose files lie in `folder`, and waits until it takes commands.
    public init(_ setup: Setup, in folder: String) async throws {
        guard let program = Tool.find("baresip") else { throw ToolFailure("baresip is not installed") }
        name = setup.username
        namespace = setup.namespace
        self.folder = folder
        let dump = folder + "/heard"
        try FileManager.default.createDirectory(atPath: dump, withIntermediateDirectories: true)
        let sipPort = try FreePorts.run(of: 2)
        controlPort = try FreePorts.run(of: 1)
        let mediaPort = try FreePorts.run(of: 40)
        try Self.configuration(setup, sipPort, controlPort, mediaPort, dump)
            .write(toFile: folder + "/config", atomically: true, encoding: .utf8)
        try Self.account(setup).write(toFile: folder + "/accounts", atomically: true, encoding: .utf8)
        try "".write(toFile: folder + "/contacts", atomically: true, encoding: .utf8)
        if let namespace, let ip = Tool.find("ip") {
            process = try ChildProcess(
                ip, ["netns", "exec", namespace, program, "-f", folder], log: folder + "/log")
        } else {
            process = try ChildProcess(program, ["-f", folder], log: folder + "/log")
        }
        let (port, namespace) = (controlPort, setup.namespace)
        try await eventually("baresip \(setup.username) to take commands") {
            (try? ControlConnection(port: port, in: namespace)) != nil
        }
    }

    private static func configuration(
        _ setup: Setup, _ sipPort: UInt16, _ controlPort: UInt16, _ mediaPort: UInt16, _ dump: String
    ) -> String {
        var lines = [
            "poll_method epoll", "sip_listen \(setup.address):\(sipPort)", "call_local_timeout 120", "call_max_calls 4",
            "audio_path /usr/share/baresip", "audio_source aufile,\(setup.sound)",
            "audio_player aubridge,sink_\(setup.username)",
            "audio_alert aubridge,alert_\(setup.username)", "audio_txmode thread", "ausrc_format s16",
            "auplay_format s16",
            "auenc_format s16", "audec_format s16", "ausrc_srate 48000", "ausrc_channels 1", "audio_buffer 20-160",
            "rtp_tos 184", "rtp_ports \(mediaPort)-\(mediaPort + 38)", "rtcp_mux \(setup.checks ? "yes" : "no")",
            "jitter_buffer_delay 5-10",
            "rtp_stats yes", "net_interface \(setup.address)", "module_path /usr/lib/baresip/modules",
        ]
        if let authority = setup.certificateAuthority { lines.append("sip_cafile \(authority)") }
        var modules = ["opus.so", "g722.so", "g711.so", "aufile.so", "aubridge.so", "sndfile.so"]
        if let film = setup.film {
            lines += [
                "video_size 352x288", "video_bitrate \(setup.videoBitrate)", "video_fps 25", "videnc_format yuv420p",
                "video_source avformat,\(film)", "video_display fakevideo,nil",
            ]
            modules += ["vp8.so", "avcodec.so", "swscale.so", "fakevideo.so", "avformat.so", "snapshot.so"]
        }
        modules += ["srtp.so", "dtls_srtp.so", "ice.so"]
        lines += modules.map { "module \($0)" }
        lines += [
            "module_tmp uuid.so", "module_tmp account.so", "module_app menu.so", "module_app debug_cmd.so",
            "module_app ctrl_tcp.so", "ctrl_tcp_listen 127.0.0.1:\(controlPort)", "snd_path \(dump)",
            "opus_bitrate 28000", "opus_stereo no", "opus_sprop_stereo no", "ringback_disabled yes",
            "statmode_default off",
            setup.extraConfiguration,
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func account(_ setup: Setup) -> String {
        var parts = [
            "<sip:\(setup.username)@\(setup.domain);transport=\(setup.transport.rawValue)>",
            "auth_user=\(setup.username)",
            "auth_pass=\(setup.password)", "regint=\(setup.registrationInterval)", "answermode=auto",
            "audio_codecs=\(setup.audioCodecs.joined(separator: ","))",
        ]
        if setup.film != nil { parts.append("video_codecs=\(setup.videoCodecs.joined(separator: ","))") }
        if setup.security != .clear { parts.append("mediaenc=\(setup.security.rawValue)") }
        if setup.checks { parts.append("medianat=ice") }
        if !setup.extraAccount.isEmpty { parts.append(setup.extraAccount) }
        return parts.joined(separator: ";") + "\n"
    }

    /// Sends a command and returns what baresip says to it.
    @discardableResult
    public func command(_ name: String, _ parameters: String = "") async throws -> String {
        let connection = try ControlConnection(port: controlPort, in: namespace)
        return try connection.command(name, parameters)
    }

    /// Dials, and waits until the call is up; throws with baresip's reason when it is refused.
    public func dial(_ uri: String, within limit: Duration = .seconds(20)) async throws {
        let connection = try ControlConnection(port: controlPort, in: namespace)
        try connection.command("dial", uri)
        let name = name
        try await withDeadline(limit, "the call of \(name) to \(uri)") {
            while !Task.isCancelled {
                guard let event = try connection.nextEvent() else { continue }
                switch event.type {
                case "CALL_ESTABLISHED": return
                case "CALL_CLOSED": throw CallRefused(reason: event.parameter)
                default: continue
                }
            }
        }
    }

    public struct CallRefused: Error, CustomStringConvertible {
        public let reason: String
        public var description: String { "the call was closed: \(reason)" }
    }

    /// Presses keys in the call (RFC 4733).
    public func press(_ keys: String) async throws {
        for key in keys {
            try await command("sndcode", String(key))
            // As long as a finger takes to the next key.
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    public func hangUp() async throws { try await command("hangup") }

    /// Waits until this endpoint has no call any more.
    public func waitUntilHungUp(within limit: Duration = .seconds(20)) async throws {
        try await eventually("the call of \(name) to end", within: limit) {
            try await self.command("listcalls").contains("Active calls (0)")
        }
    }

    /// What this endpoint heard, as baresip decoded it; the newest file.
    public func heard() throws -> String {
        let folder = folder + "/heard"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix("-dec.wav") }
        guard let newest = files.max() else { throw ToolFailure("\(name) wrote nothing that it heard") }
        return folder + "/" + newest
    }

    public func stop() async {
        _ = try? await command("quit")
        await process.stop(within: .seconds(5))
    }
}

/// baresip's `ctrl_tcp`: JSON in netstrings.
private final class ControlConnection: @unchecked Sendable {
    // Used by one task at a time: a command and the events after it.
    struct Event {
        var type: String
        var parameter: String
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var events: [Event] = []

    init(port: UInt16, in namespace: String?) throws {
        descriptor = try UDPSocket.make(SOCK_STREAM.rawValue, in: namespace)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var limit = timeval(tv_sec: 0, tv_usec: 200_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else {
            close(descriptor)
            throw ToolFailure("baresip does not listen on port \(port)")
        }
    }

    deinit { close(descriptor) }

    @discardableResult
    func command(_ name: String, _ parameters: String) throws -> String {
        let message = try JSONSerialization.data(withJSONObject: [
            "command": name, "params": parameters, "token": "causeway",
        ])
        let frame = Array("\(message.count):".utf8) + message + [UInt8(ascii: ",")]
        guard send(descriptor, frame, frame.count, Int32(MSG_NOSIGNAL)) == frame.count else {
            throw ToolFailure("baresip closed its control connection")
        }
        let end = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < end {
            guard let object = try next() else { continue }
            if object["response"] as? Bool == true { return object["data"] as? String ?? "" }
            note(object)
        }
        throw ToolFailure("baresip did not answer \(name)")
    }

    /// The next event within a moment, or nil.
    func nextEvent() throws -> Event? {
        if events.isEmpty, let object = try next() { note(object) }
        return events.isEmpty ? nil : events.removeFirst()
    }

    private func note(_ object: [String: Any]) {
        guard let type = object["type"] as? String else { return }
        events.append(Event(type: type, parameter: object["param"] as? String ?? ""))
    }

    private func next() throws -> [String: Any]? {
        if let object = take() { return object }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        if count == 0 { throw ToolFailure("baresip closed its control connection") }
        if count > 0 { buffer += bytes[..<count] }
        return take()
    }

    private func take() -> [String: Any]? {
        guard let colon = buffer.firstIndex(of: UInt8(ascii: ":")),
            let length = Int(String(decoding: buffer[..<colon], as: UTF8.self)), buffer.count > colon + 1 + length
        else { return nil }
        let body = Data(buffer[(colon + 1)..<(colon + 1 + length)])
        buffer.removeFirst(colon + length + 2)
        return (try? JSONSerialization.jsonObject(with: body)) as? [String: Any]
    }
}
