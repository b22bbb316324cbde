import Foundation
import PortalAPI

/// The real daemon, on loopback ports of its own, in a folder of its own.
public final class RunningDaemon: Sendable {
    public struct Point: Sendable {
        public var id: String
        public var name: String
        public var password: String
        /// A gateway by which plain telephones come in.
        public var isTelephone = false
        public init(_ id: String, _ name: String, password: String = "mat-khau", isTelephone: Bool = false) {
            self.isTelephone = isTelephone
            self.id = id
            self.name = name
            self.password = password
        }
    }

    public struct Setup: Sendable {
        public var points: [Point]
        /// Rooms, in the configuration's own words, each a YAML flow mapping. Where nothing else is said, microphones are
        /// open in them and points that drop are not called back.
        public var rooms = [
            "{id: giaoban, title: Giao ban tuần, linger: 2s, "
                + "recording: {order: standing, orderedBy: Chánh Văn phòng, document: 12/QĐ-VP}}"
        ]
        public var allowsClearMedia = false
        /// Where clear media is allowed, if not everywhere or nowhere.
        public var clearListeners: Set<Baresip.Transport> = []
        public var silenceLimit = "30s"
        /// SRTP suites, where they are not the daemon's own choice.
        public var suites: [String]?
        public var accessCopySize = "640x360"
        /// Where each meeting is recorded a second time.
        public var secondRecordings: String?
        /// More of `portal`, in the configuration's own lines, each with its indent and its end.
        public var portalKeys = ""
        /// More of `certificates`, in the configuration's own words: `, chain: …, key: …`.
        public var certificateKeys = ""
        /// Overrides the archive's directory.
        public var archive: String?
        /// More of `archive`, in the configuration's own words: `, seal: {…}`.
        public var archiveKeys = ""
        /// An archivist's token for HTTPS, given as its SHA-256.
        public var tokenSHA256: String?
        /// More tokens, by role: each is given as its SHA-256.
        public var tokens: [(role: String, sha256: String)] = []
        /// Media workers; one for each core where nothing is said.
        public var workers = 0
        /// The network namespace that it stands in, if not in ours.
        public var namespace: String?
        /// The core to stay on, where it matters.
        public var core: Int?
        /// Calls at once.
        public var calls = 2_000
        public var logLevel = "info"
        /// More of `limits`, in the configuration's own words: `, callsPerSecond: 20`.
        public var limits = ""
        /// Where everything listens; an address of this machine.
        public var address = "127.0.0.1"
        /// Where browsers are served, if not at the daemon's own choice.
        public var portalAddress: String?
        public var secondFactor = "offered"
        /// Speaks SIP over WebSocket too, for browsers.
        public var hasWebSocket = false
        /// In which the bridge says what it has to say, and where that lies; it says nothing unless told to, for tests listen.
        public var languages: [String] = []
        public var announcements: String?
        /// More of `lineCheck`, in the configuration's own words: `duration: 5s`.
        public var lineCheck = ""
        /// The session timer's interval in seconds, where it is not the daemon's own choice.
        public var sessionExpires: Int?
        /// More of the command, and of its environment.
        public var arguments: [String] = []
        public var environment: [String: String] = [:]
        /// Encoders and converters run with a `causeway-jobs` of its own, and not beside it.
        public var hasJobRunner = false
        /// Within which a meeting goes on that a restart cut off; zero: it is over.
        public var resumeWithin = 300
        /// More sections, in the configuration's own lines.
        public var sections = ""
        /// The first of five ports that follow each other, where they are not to be any that are free.
        public var ports: UInt16?
        public init(points: [Point]) { self.points = points }
    }

    public let folder: String
    public let tlsPort: UInt16
    public let sipPort: UInt16
    public let httpsPort: UInt16
    /// Of SIP over WebSocket, where the setup has it.
    public let webSocketPort: UInt16
    public let host: String
    public let process: ChildProcess
    public let archive: String
    private let binaries: String
    private let jobRunner: ChildProcess?

    public var configurationPath: String { folder + "/causeway.yaml" }
    public var socketPath: String { folder + "/causewayd.sock" }
    public var authority: String { folder + "/certificates/ca.pem" }

    /// The folder of the built programs: beside the running one, or `CAUSEWAY_BIN`.
    public static func binaries() throws -> String {
        if let given = ProcessInfo.processInfo.environment["CAUSEWAY_BIN"] { return given }
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        for path in [own, CommandLine.arguments[0]] {
            let folder = (path as NSString).deletingLastPathComponent
            if FileManager.default.isExecutableFile(atPath: folder + "/causewayd") { return folder }
        }
        throw ToolFailure("causewayd is not beside \(own); build it, or name its folder in CAUSEWAY_BIN")
    }

    /// Writes a configuration and starts the daemon; waits until it answers. A `folder` that was used before is used on.
    public init(_ setup: Setup, in folder: String) async throws {
        self.folder = folder
        binaries = try Self.binaries()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        tlsPort = try setup.ports ?? FreePorts.run(of: 5)
        sipPort = tlsPort + 2
        httpsPort = tlsPort + 3
        webSocketPort = tlsPort + 4
        host = setup.address
        archive = setup.archive ?? folder + "/archive"
        try Self.configuration(setup, folder, tlsPort, sipPort, httpsPort)
            .write(toFile: folder + "/causeway.yaml", atomically: true, encoding: .utf8)
        var command = [binaries + "/causewayd", "--config", folder + "/causeway.yaml"] + setup.arguments
        jobRunner = setup.hasJobRunner ? try await Self.startJobRunner(binaries, folder, &command) : nil
        if let core = setup.core { command = ["/usr/bin/taskset", "-c", "\(core)"] + command }
        if let namespace = setup.namespace {
            guard let ip = Tool.find("ip") else { throw ToolFailure("ip is not installed") }
            command = [ip, "netns", "exec", namespace] + command
        }
        process = try ChildProcess(
            command[0], Array(command.dropFirst()), environment: setup.environment,
            log: folder + "/log-\(tlsPort)-\(UInt16.random(in: 0 ... .max))")
        let (process, socket) = (process, folder + "/causewayd.sock")
        do {
            try await eventually("causewayd to be ready") {
                guard process.isRunning else { throw ToolFailure("causewayd ended: \(process.logText)") }
                return process.logText.contains("is ready") && FileManager.default.fileExists(atPath: socket)
            }
        } catch {
            throw ToolFailure("\(error): \(process.logText.suffix(2_000))")
        }
    }

    private static func startJobRunner(
        _ binaries: String, _ folder: String, _ command: inout [String]
    ) async throws -> ChildProcess {
        let socket = folder + "/jobs-\(UInt16.random(in: 0 ... .max))"
        let runner = try ChildProcess(binaries + "/causeway-jobs", ["--listen", socket], log: socket + ".log")
        try await eventually("causeway-jobs to listen") {
            guard runner.isRunning else { throw ToolFailure("causeway-jobs ended: \(runner.logText)") }
            return runner.logText.contains("listening")
        }
        command += ["--jobs-socket", socket]
        return runner
    }

    public static func configuration(
        _ setup: Setup, _ folder: String, _ tlsPort: UInt16, _ sipPort: UInt16, _ httpsPort: UInt16
    ) -> String {
        func clear(_ transport: Baresip.Transport) -> String {
            setup.allowsClearMedia || setup.clearListeners.contains(transport) ? ", allowClearMedia: true" : ""
        }
        let webSocket =
            setup.hasWebSocket
            ? "\n    - {transport: wss, address: \(setup.address), port: \(tlsPort + 4), advertised: \(setup.address)}"
            : ""
        func room(_ text: String) -> String {
            var more = text.contains("microphones:") ? "" : ", microphones: open"
            if !text.contains("callBack:") { more += ", callBack: false" }
            return text.dropLast() + more + "}"
        }
        let points = setup.points.map {
            "  - {id: \($0.id), name: \"\($0.name)\", unit: tinh, password: \($0.password)"
                + ($0.isTelephone ? ", telephone: true}" : "}")
        }
        let suites = setup.suites.map { ", srtp: {suites: [\($0.joined(separator: ", "))]}" } ?? ""
        let expiry = setup.sessionExpires.map { ", sessionExpires: \($0)s" } ?? ""
        let portal = setup.portalAddress.map { "  address: \($0)\n" } ?? ""
        let folderOfAnnouncements = setup.announcements.map { ", directory: \($0)" } ?? ""
        let tokens =
            setup.tokenSHA256.map { ["{name: Lưu trữ, role: archivist, sha256: \($0)}"] } ?? []
            + setup.tokens.map { "{name: \($0.role), role: \($0.role), sha256: \($0.sha256)}" }
        let token = tokens.isEmpty ? "" : "  tokens: [\(tokens.joined(separator: ", "))]\n"
        return """
            sip:
              domain: causeway.test
              listeners:
                - {transport: tls, address: \(setup.address), port: \(tlsPort)\(clear(.tls))}
                - {transport: tcp, address: \(setup.address), port: \(sipPort)\(clear(.tcp))}
                - {transport: udp, address: \(setup.address), port: \(sipPort)\(clear(.udp))}\(webSocket)
            media: {bind: \(setup.address), ports: 31000-59999, workers: \(setup.workers), silenceLimit: \(setup.silenceLimit)\(suites)}
            limits: {calls: \(setup.calls)\(expiry)\(setup.limits)}
            log: {level: \(setup.logLevel)}
            archive: {directory: \(setup.archive ?? folder + "/archive")\(setup.archiveKeys)}
            announcements: {languages: [\(setup.languages.joined(separator: ", "))]\(folderOfAnnouncements)}
            lineCheck: {\(setup.lineCheck)}
            schedule: {resumeWithin: \(setup.resumeWithin)s}
            recording: {accessCopy: {size: \(setup.accessCopySize)}\(setup.secondRecordings.map { ", second: \($0)" } ?? "")}
            portal:
              socket: \(folder)/causewayd.sock
              port: \(httpsPort)
              secondFactor: \(setup.secondFactor)
            \(setup.portalKeys)\(portal)\(token)certificates: {directory: \(folder)/certificates\(setup.certificateKeys)}
            units:
              - {id: tinh, name: Ủy ban nhân dân tỉnh}
            points:
            \(points.joined(separator: "\n"))
            rooms:
            \(setup.rooms.map { "  - " + room($0) }.joined(separator: "\n"))
            \(setup.sections)

            """
    }

    public var log: String { process.logText }

    /// The address that a point dials.
    public func address(of room: String = "giaoban", over transport: Baresip.Transport = .tls) -> String {
        "sip:\(room)@\(host):\(transport == .tls ? tlsPort : sipPort)"
    }

    /// Where a point registers.
    public func registrar(over transport: Baresip.Transport = .tls) -> String {
        "sip:\(host):\(transport == .tls ? tlsPort : sipPort)"
    }

    /// Runs `causeway` against this daemon.
    /// - Parameter isOffline: the command does not speak to the daemon.
    public func causeway(
        _ arguments: [String], isOffline: Bool = false
    ) async throws -> (status: Int32, output: String) {
        let log = folder + "/causeway-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: log) }
        let child = try ChildProcess(
            binaries + "/causeway", arguments + (isOffline ? [] : ["--socket", socketPath]), log: log)
        let status = try await child.wait(within: .seconds(120))
        return (status, child.logText)
    }

    private func json<Value: Decodable>(_ type: Value.Type, _ arguments: [String]) async throws -> Value {
        let answer = try await causeway(arguments + ["--json"])
        guard answer.status == 0 else { throw ToolFailure("causeway \(arguments): \(answer.output)") }
        return try PortalJSON.decode(type, from: Data(answer.output.utf8))
    }

    public func status() async throws -> SystemStatus { try await json(SystemStatus.self, ["status"]) }

    /// The events of a meeting, as its package has them: the texts of each line's fields.
    public func events(of meeting: String) throws -> [[String: String]] {
        let paths = FileManager.default.enumerator(atPath: archive)?.compactMap { $0 as? String } ?? []
        // A package is named by the day, the room and the end of the meeting's id.
        let end = meeting.split(separator: "-").suffix(2).joined(separator: "-")
        guard let found = paths.first(where: { $0.hasSuffix("\(end)/data/events.jsonl") }) else {
            throw ToolFailure("\(meeting) has no events.jsonl in \(archive): \(paths)")
        }
        return try String(contentsOfFile: archive + "/" + found, encoding: .utf8).split(separator: "\n").map { line in
            let fields = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            return fields.compactMapValues { $0 as? String }
        }
    }

    public func meetings() async throws -> [LiveMeeting] { try await json([LiveMeeting].self, ["meetings"]) }

    /// How a meeting stands for whoever leads it.
    public func control(of meeting: String) async throws -> MeetingControl {
        try await json(MeetingControl.self, ["meetings", "roll", meeting])
    }

    public func recording(_ id: String) async throws -> RecordingDetail {
        try await json(RecordingDetail.self, ["recordings", "show", id])
    }

    /// Waits until a meeting has so many participants with media both ways.
    public func waitForMedia(of count: Int, packets: UInt64 = 100, video: Bool = false) async throws -> LiveMeeting {
        let found = Found()
        do {
            try await eventually("media of \(count) points", within: .seconds(40)) {
                guard let meeting = try await self.meetings().first, meeting.participants.count == count else {
                    return false
                }
                found.meeting = meeting
                return meeting.participants.allSatisfy { participant in
                    let sound =
                        participant.audio.map { $0.packetsReceived >= packets && $0.packetsSent >= packets } ?? false
                    let picture = participant.video.map { $0.packetsReceived >= 20 && $0.packetsSent >= 20 } ?? false
                    return sound && (!video || picture)
                }
            }
        } catch {
            throw ToolFailure("\(error); last seen: \(String(describing: found.meeting)); log: \(log.suffix(3_000))")
        }
        guard let meeting = found.meeting else { throw ToolFailure("no meeting") }
        return meeting
    }

    private final class Found: @unchecked Sendable {
        // Written by one polling task, read after it ended.
        var meeting: LiveMeeting?
    }

    /// Waits until a recording's package is complete.
    public func waitUntilSealed(_ id: String, within limit: Duration = .seconds(120)) async throws -> RecordingDetail {
        do {
            try await eventually("the package of \(id)", within: limit) {
                ["sealed", "failed"].contains(try await self.recording(id).summary.state)
            }
        } catch {
            throw ToolFailure("\(error); it is \(try await recording(id)); log: \(log.suffix(3_000))")
        }
        return try await recording(id)
    }

    @discardableResult
    public func stop() async -> Int32? { await process.stop(within: .seconds(15)) }
}
