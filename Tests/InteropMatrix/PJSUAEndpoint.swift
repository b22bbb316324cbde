import Foundation
import InteropSupport

/// pjsua, PJSIP's own command line client, driven by the keys of its menu on standard input.
final class PJSUAEndpoint: Endpoint {
    struct Setup: Sendable {
        var transport = Baresip.Transport.tls
        /// pjsua's `--use-srtp`: 0 never, 1 optional, 2 mandatory.
        var srtp = 2
        /// In pjsua's names, the preferred first.
        var codecs = ["opus/48000"]
        /// The session timer's interval in seconds.
        var sessionExpires: Int?
        /// A proxy in front.
        var proxy: String?

        func uri(_ uri: String) -> String { transport == .udp ? uri : uri + ";transport=\(transport.rawValue)" }
    }

    private let process: ChildProcess
    private let folder: String
    private let setup: Setup

    let registers = true

    // Ports of its conference bridge, in the order in which they are made.
    private static let player = 1
    private static let keyPlayer = 2
    private static let recorder = 3

    init(_ setup: Setup, at sitting: Sitting) async throws {
        guard let program = Tool.find("pjsua") else { throw ToolFailure("pjsua is not installed") }
        self.setup = setup
        folder = sitting.folder + "/p" + String(UInt16.random(in: 0 ... .max), radix: 36)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let point = Sitting.points[0]
        let host = sitting.daemon.host
        var arguments = [
            "--null-audio", "--no-tones", "--no-color", "--ec-tail=0", "--no-vad", "--app-log-level=4",
            "--play-file", try await TestMedia.tone(Sitting.tone, in: sitting.media),
            "--play-file", try await TestMedia.keyTone("3", in: sitting.media),
            "--rec-file", folder + "/heard.wav", "--bound-addr", host, "--ip-addr", host,
            "--local-port", "\(try FreePorts.run(of: 2))", "--rtp-port", "\(try FreePorts.run(of: 40))",
            "--id", "sip:\(point.id)@\(host)", "--realm", "*", "--username", point.id, "--password", point.password,
            "--use-srtp=\(setup.srtp)", "--srtp-secure=0", "--dis-codec=*",
        ]
        // The bridge calls it back where it asks for another room.
        arguments.append("--auto-answer=200")
        arguments += setup.codecs.map { "--add-codec=\($0)" }
        // Else it would take TCP for messages of more than 1,300 octets (RFC 3261 §18.1.1).
        if setup.transport == .udp { arguments.append("--no-tcp") }
        if setup.transport == .tls {
            arguments += ["--use-tls", "--tls-verify-server", "--tls-ca-file", sitting.daemon.authority]
        }
        arguments += ["--registrar", setup.uri(sitting.daemon.registrar(over: setup.transport))]
        if let expiry = setup.sessionExpires { arguments += ["--use-timer=3", "--timer-se=\(expiry)"] }
        if let proxy = setup.proxy { arguments += ["--proxy", proxy] }
        // Its output would lie in a buffer where it is not a terminal.
        process = try ChildProcess(
            "/usr/bin/stdbuf", ["-oL", program] + arguments, log: folder + "/log", listens: true)
        try await waitFor(">>>", after: 0)
    }

    private func waitFor(_ text: String, after count: Int, within limit: Duration = .seconds(10)) async throws {
        let process = process
        try await eventually("pjsua to say “\(text)”", within: limit) {
            guard process.isRunning else { throw ToolFailure("pjsua ended: \(process.logText.suffix(500))") }
            return process.logText.components(separatedBy: text).count - 1 > count
        }
    }

    private func said(_ text: String) -> Int { process.logText.components(separatedBy: text).count - 1 }

    /// Gives commands that ask no question in between.
    private func command(_ lines: String...) throws { for line in lines { try process.say(line) } }

    /// Gives a command, and the answer to what it then asks.
    private func command(_ line: String, asking question: String, _ answer: String) async throws {
        let before = said(question)
        try process.say(line)
        try await waitFor(question, after: before)
        try process.say(answer)
    }

    func dial(_ uri: String) async throws {
        let before = (up: said("state changed to CONFIRMED"), down: said("is DISCONNECTED"))
        try await command("m", asking: "Empty input", setup.uri(uri))
        let process = process
        try await eventually("the call of pjsua", within: .seconds(15)) {
            let log = process.logText
            let ends = log.components(separatedBy: "is DISCONNECTED")
            if ends.count - 1 > before.down { throw ToolFailure("the call was closed\(ends.last?.prefix(60) ?? "")") }
            return log.components(separatedBy: "state changed to CONFIRMED").count - 1 > before.up
        }
        try connect()
    }

    /// The call's port, another after every change of its media.
    private func callPort() throws -> String {
        let added = process.logText.components(separatedBy: "Add port ").last { $0.contains("(sip:") }
        guard let port = added?.prefix(while: \.isNumber), !port.isEmpty else {
            throw ToolFailure("pjsua's call has no sound")
        }
        return String(port)
    }

    private func connect() throws {
        let port = try callPort()
        try command("cc \(Self.player) \(port)", "cc \(port) \(Self.recorder)")
    }

    func dialLate(_ uri: String) async throws {
        try command("o")
        try await dial(uri)
    }

    func hangUp() async throws {
        let before = said("is DISCONNECTED")
        try command("h")
        try await waitFor("is DISCONNECTED", after: before)
    }

    func heard() async throws -> Sound { try Sound(growing: folder + "/heard.wav") }
    func hold() async throws { try command("H") }

    func resume() async throws {
        try await reinvite()
    }

    private func reinvite() async throws {
        let before = said("Add port ")
        try command("v")
        try await waitFor("Add port ", after: before)
        try connect()
    }

    func press(_ key: Character, _ way: KeyWay) async throws {
        switch way {
        case .event: try await command("#", asking: "DTMF strings to send", "\(key)")
        case .info: try await command("*", asking: "DTMF strings to send", "\(key)")
        case .inBand:
            let port = try callPort()
            try command("cd \(Self.player) \(port)", "cc \(Self.keyPlayer) \(port)")
            try await Task.sleep(for: .seconds(2))
            try command("cd \(Self.keyPlayer) \(port)", "cc \(Self.player) \(port)")
        }
    }

    func transfer(to uri: String) async throws {
        try await command("x", asking: "Empty input", setup.uri(uri))
    }

    func changeCodec() async throws -> String {
        guard setup.codecs.count > 1 else { throw Beyond("this line has one codec") }
        try await command("Cp", asking: "priority", "\(setup.codecs[0]) 0")
        try await reinvite()
        return setup.codecs[1].prefix { $0 != "/" }.uppercased()
    }

    func askOptions(_ uri: String) async throws -> String {
        throw Beyond("sends them in a call only")
    }

    func refresh() async throws -> String {
        guard let expiry = setup.sessionExpires else { throw Beyond("not waited for in this line") }
        let before = said("UPDATE sip:")
        let took = try await stopwatch { try await waitFor("UPDATE sip:", after: before, within: .seconds(expiry)) }
        return "it, \(took)"
    }

    var said: String { String(process.logText.suffix(1_500)) }

    func stop() async {
        try? command("q")
        if (try? await process.wait(within: .seconds(3))) == nil { await process.stop(within: .seconds(2)) }
    }
}

extension Line {
    static let pjsua: [Line] = {
        let two = ["opus/48000", "pcma/8000"]
        return [
            pjsua("UDP", "clear", "Opus", .init(transport: .udp, srtp: 0, codecs: two)),
            pjsua("TCP", "SDES AEAD_128", "Opus", .init(transport: .tcp, codecs: two)),
            pjsua("TLS", "SDES AEAD_128", "Opus", .init(codecs: two)),
            pjsua("TLS", "SDES AEAD_128", "G.722", .init(codecs: ["g722/16000", "pcmu/8000"])),
            pjsua("UDP", "SDES optional", "PCMA", .init(transport: .udp, srtp: 1, codecs: ["pcma/8000", "pcmu/8000"])),
        ]
    }()

    private static func pjsua(
        _ transport: String, _ keying: String, _ codec: String, _ setup: PJSUAEndpoint.Setup
    ) -> Line {
        Line(
            endpoint: "PJSIP", transport: transport, keying: keying, codec: codec, programs: ["pjsua", "sox"],
            seconds: 25
        ) { sitting in
            let endpoint = try await PJSUAEndpoint(setup, at: sitting)
            sitting.keep(endpoint)
            try await sitting.walk(
                endpoint, to: sitting.daemon.address(of: Sitting.room, over: setup.transport),
                other: sitting.daemon.address(of: Sitting.otherRoom, over: setup.transport))
        }
    }
}
