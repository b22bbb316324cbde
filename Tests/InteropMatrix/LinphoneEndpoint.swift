import Foundation
import InteropSupport

/// Linphone's console client, driven by lines on standard input. It will not speak over loopback.
final class LinphoneEndpoint: Endpoint {
    struct Setup: Sendable {
        var transport = Baresip.Transport.tls
        var isEncrypted = true
        /// In Linphone's names, with their clock rates; all others are off.
        var codecs = ["opus/48000", "PCMA/8000"]
        var saysKeysByInfo = false
        var sessionExpires: Int?
    }

    private let process: ChildProcess
    private let folder: String
    private let setup: Setup
    private let sound: String
    private let keySound: String

    init(_ setup: Setup, at sitting: Sitting) async throws {
        guard let namespace = sitting.namespace else { throw ToolFailure("Linphone needs a namespace") }
        guard let ip = Tool.find("ip") else { throw ToolFailure("ip is not installed") }
        self.setup = setup
        folder = sitting.folder + "/linphone"
        sound = try await TestMedia.tone(Sitting.tone, in: sitting.media)
        keySound = try await TestMedia.keyTone("3", in: sitting.media)
        try FileManager.default.createDirectory(
            atPath: folder + "/.local/share/linphone", withIntermediateDirectories: true)
        try Self.configuration(setup, sitting, namespace.far).write(
            toFile: folder + "/rc", atomically: true, encoding: .utf8)
        let (_, arguments) = namespace.command(
            "linphonec", ["-c", folder + "/rc", "-d", "6", "-l", folder + "/trace"])
        process = try ChildProcess(
            ip, arguments, environment: ["HOME": folder, "XDG_RUNTIME_DIR": folder], log: folder + "/log", listens: true
        )
        try await wait(for: "linphonec>", after: 0)
        try process.say("soundcard use files")
        try await wait(for: "Using wav files", after: 0)
        try process.say("play \(sound)")
        try process.say("record \(folder)/heard.wav")
    }

    private static func configuration(_ setup: Setup, _ sitting: Sitting, _ address: String) -> String {
        let point = Sitting.points[0]
        let codecs = ["opus/48000", "speex/16000", "speex/8000", "PCMU/8000", "PCMA/8000", "GSM/8000", "G722/8000"]
        let ordered = setup.codecs + codecs.filter { !setup.codecs.contains($0) }
        let payloads = ordered.enumerated().map { index, codec in
            let parts = codec.split(separator: "/")
            let isOn = setup.codecs.contains(codec) ? 1 : 0
            return """
                [audio_codec_\(index)]
                mime=\(parts[0])
                rate=\(parts[1])
                channels=\(codec.hasPrefix("opus") ? 2 : 1)
                enabled=\(isOn)

                """
        }
        let expiry = setup.sessionExpires.map { "session_expires_enabled=1\nsession_expires_value=\($0)\n" } ?? ""
        // Linphone looks for the host's name in the certificate, but not for its address.
        return """
            [sip]
            media_encryption=\(setup.isEncrypted ? "srtp" : "none")
            media_encryption_mandatory=\(setup.isEncrypted ? 1 : 0)
            verify_server_certs=1
            verify_server_cn=0
            root_ca=\(sitting.daemon.authority)
            sip_port=5060
            sip_tcp_port=5060
            sip_tls_port=5061
            default_proxy=-1
            use_rfc2833=\(setup.saysKeysByInfo ? 0 : 1)
            use_info=\(setup.saysKeysByInfo ? 1 : 0)
            contact=sip:\(point.id)@\(address)
            \(expiry)
            [auth_info_0]
            username=\(point.id)
            passwd=\(point.password)
            realm=causeway.test

            [sound]
            echocancellation=0

            [video]
            enabled=0

            \(payloads.joined(separator: "\n"))
            """
    }

    private func count(_ text: String) -> Int { process.logText.components(separatedBy: text).count - 1 }

    private func wait(for text: String, after count: Int, within limit: Duration = .seconds(10)) async throws {
        let process = process
        try await eventually("linphonec to say “\(text)”", within: limit) {
            guard process.isRunning else { throw ToolFailure("linphonec ended: \(process.logText.suffix(500))") }
            return process.logText.components(separatedBy: text).count - 1 > count
        }
    }

    private static let infoAnswered = ["[client] [INFO] transaction", "to [COMPLETED]"]

    /// How many lines of its trace hold all of the texts.
    private func traced(_ texts: [String], all: Bool = true) -> Int {
        let trace = (try? String(contentsOfFile: folder + "/trace", encoding: .utf8)) ?? ""
        return trace.split(separator: "\n").count { line in
            all ? texts.allSatisfy { line.contains($0) } : texts.contains { line.hasPrefix($0) }
        }
    }

    private func uri(_ uri: String) -> String {
        setup.transport == .udp ? uri : uri + ";transport=\(setup.transport.rawValue)"
    }

    func dial(_ address: String) async throws {
        let before = count("Media streams established")
        let process = process
        try process.say("call \(uri(address))")
        try await eventually("the call of linphonec", within: .seconds(15)) {
            let log = process.logText
            if log.hasSuffix("error.\n") || log.contains("Error from linphone_core_invite") {
                throw ToolFailure("linphonec says: \(log.suffix(200))")
            }
            return log.components(separatedBy: "Media streams established").count - 1 > before
        }
    }

    func hangUp() async throws {
        let before = count("ended (")
        try process.say("terminate")
        try await wait(for: "ended (", after: before)
    }

    let writesAfterwards = true

    func heard() async throws -> Sound { try Sound(growing: folder + "/heard.wav") }

    func hold() async throws {
        let before = count("is now paused")
        try process.say("pause")
        try await wait(for: "is now paused", after: before)
    }

    func resume() async throws {
        let before = count("Media streams established")
        try process.say("resume")
        try await wait(for: "Media streams established", after: before)
    }

    func press(_ key: Character, _ way: KeyWay) async throws {
        switch way {
        case .event:
            if setup.saysKeysByInfo { throw Beyond("this line says keys by INFO") }
            try process.say("\(key)")
        case .info:
            guard setup.saysKeysByInfo else { throw Beyond("one way a configuration; see the line over UDP") }
            // It reads its network once a second, and sends nothing else in the dialog before it read the answer.
            let before = traced(Self.infoAnswered)
            try process.say("\(key)")
            try await eventually("Linphone to read the answer to its INFO") {
                self.traced(Self.infoAnswered) > before
            }
        case .inBand:
            // What is played in a call is mixed with what the call began with: the key must begin one of its own.
            try await hold()
            try process.say("play \(keySound)")
            try await resume()
            try await Task.sleep(for: .seconds(2))
            try process.say("play \(sound)")
        }
    }

    func transfer(to address: String) async throws {
        let before = count("Receiving new incoming call")
        try process.say("transfer \(uri(address))")
        // The bridge calls it back into the other room.
        try await wait(for: "Receiving new incoming call", after: before)
        let assigned = process.logText.components(separatedBy: "assigned id ").last
        guard let call = assigned?.prefix(while: \.isNumber) else {
            throw ToolFailure("linphonec does not name the call that comes in")
        }
        try process.say("answer \(call)")
    }

    func changeCodec() async throws -> String {
        guard setup.codecs.count > 1 else { throw Beyond("this line has one codec") }
        try process.say("codec disable 0")
        try await hold()
        try await resume()
        return setup.codecs[1].prefix { $0 != "/" }.uppercased()
    }

    func refresh() async throws -> String {
        guard let expiry = setup.sessionExpires else { throw Beyond("not waited for in this line") }
        let requests = ["UPDATE sip:", "INVITE sip:"]
        let before = traced(requests, all: false)
        let took = try await stopwatch {
            try await eventually("Linphone to refresh", within: .seconds(expiry)) {
                self.traced(requests, all: false) > before
            }
        }
        return "it, \(took)"
    }

    var said: String { String(process.logText.suffix(800)) }

    func stop() async {
        try? process.say("quit")
        if (try? await process.wait(within: .seconds(3))) == nil { await process.stop(within: .seconds(2)) }
    }
}

extension Line {
    static let linphone: [Line] = [
        linphone("TLS", "SDES AES_CM_80", "Opus", .init()),
        linphone("TCP", "SDES AES_CM_80", "PCMA", .init(transport: .tcp, codecs: ["PCMA/8000", "PCMU/8000"])),
        linphone("UDP", "clear", "Opus", .init(transport: .udp, isEncrypted: false, saysKeysByInfo: true)),
    ]

    private static func linphone(
        _ transport: String, _ keying: String, _ codec: String, _ setup: LinphoneEndpoint.Setup
    ) -> Line {
        Line(
            endpoint: "Linphone", transport: transport, keying: keying, codec: codec,
            programs: ["linphonec", "ip", "sox"], needsSuperuser: true, seconds: 27,
            sitting: { try await Sitting(namespace: Namespace()) }
        ) { sitting in
            let endpoint = try await LinphoneEndpoint(setup, at: sitting)
            sitting.keep(endpoint)
            try await sitting.walk(
                endpoint, to: sitting.daemon.address(of: Sitting.room, over: setup.transport),
                other: sitting.daemon.address(of: Sitting.otherRoom, over: setup.transport))
        }
    }
}
