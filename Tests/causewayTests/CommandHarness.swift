import Archive
import Foundation
import Logging
import Office
import OfficeStore
import Portal
import PortalAPI
import Quality
import ServiceLifecycle
import Synchronization
import Testing

@testable import causeway

/// The command as a user runs it, against a real portal on a socket of its own.
struct CommandHarness: Sendable {
    struct Outcome {
        var status: CommandStatus
        var output: String
        var errors: String
    }

    let root: String
    let archive: Archive
    let office: OfficeStore
    let bridge: QuietBridge
    var socket: String { root + "/s.sock" }

    static func run(
        fixity: FixitySettings = FixitySettings(), _ body: (CommandHarness) async throws -> Void
    ) async throws {
        let root = FileManager.default.temporaryDirectory.path + "/causeway-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let office = try OfficeStore(
            path: root + "/office.sqlite", fixed: [.unit(UnitEntry(id: "vpubnd", name: "Văn phòng", order: 10))],
            realm: "causeway.test")
        let table = try RetentionTable(parsing: "VV,permanent,Vĩnh viễn,For ever\n1N,1,1 năm,1 year")
        let harness = CommandHarness(
            root: root, archive: try Archive(root: root + "/archive", fixity: fixity, retention: table),
            office: office,
            bridge: QuietBridge())
        var configuration = PortalConfiguration(https: nil, socketPath: harness.socket)
        let site = harness.root + "/dossier.json"
        try Data(#"{"site": {"agencyCode": "H57", "agencyName": "Văn phòng UBND tỉnh", "fondsCode": "P1"}}"#.utf8)
            .write(to: URL(fileURLWithPath: site))
        configuration.packages = PackageConfiguration(corrections: site)
        let (stop, _) = try await harness.startPortal(configuration)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(harness))
        } catch {
            outcome = .failure(error)
        }
        try await stop()
        try harness.archive.close()
        try outcome.get()
    }

    static let token = "luu-tru-91bc"
    static var hasOpenSSL: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl") }

    /// A second portal over the same archive, by HTTPS with a certificate of its own making; gives its port.
    func withHTTPS(_ body: (Int) async throws -> Void) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", root + "/key.pem",
            "-out", root + "/cert.pem",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        // printf luu-tru-91bc | sha256sum
        let sha256 = "31151e78b592aa6db92ee318101eb3744a5b40bad793edc89804db9d6bfe4377"
        let token = try #require(AccessToken(name: "Lưu trữ", role: .archivist, sha256: sha256))
        let (stop, listeners) = try await startPortal(
            PortalConfiguration(
                https: .init(
                    host: "127.0.0.1", port: 0, certificatePath: root + "/cert.pem", keyPath: root + "/key.pem"),
                socketPath: nil, tokens: [token]))
        try await body(try #require(listeners[0].address.split(separator: ":").last.flatMap { Int($0) }))
        try await stop()
    }

    private func startPortal(
        _ configuration: PortalConfiguration
    ) async throws -> (stop: () async throws -> Void, listeners: [ListenerStatus]) {
        let logger = Logger(label: "x") { _ in SwiftLogNoOpLogHandler() }
        let server = try PortalServer(
            configuration: configuration, archive: archive, office: office, bridge: bridge, logger: logger)
        let services = ServiceGroup(services: [server], logger: logger)
        let running = Task { try await services.run() }
        let listeners = try await server.waitUntilListening()
        let stop = {
            await services.triggerGracefulShutdown()
            try await running.value
        }
        return (stop, listeners)
    }

    func causeway(_ arguments: String..., width: Int? = nil, socket: String? = nil) async -> Outcome {
        await Self.causeway(arguments + ["--socket", socket ?? self.socket], width: width)
    }

    static func causeway(_ arguments: [String], width: Int? = nil) async -> Outcome {
        let written = Written()
        let console = Console(
            write: { text in written.output.withLock { $0 += text } },
            writeError: { text in written.errors.withLock { $0 += text } }, width: { width }, drawsProgress: true)
        let status = await Console.$current.withValue(console) { await Causeway.run(arguments) }
        return Outcome(
            status: status, output: written.output.withLock { $0 }, errors: written.errors.withLock { $0 })
    }

    func sealed(
        _ tail: String = "k3f9", masterBytes: Int = 2_000_000,
        opened: Date = Date(timeIntervalSince1970: 1_795_487_400)
    ) async throws -> MeetingRecord {
        let id = "20261124-093000-giaoban-\(tail)"
        let meeting = try await archive.openMeeting(
            NewMeeting(
                id: id, room: "giaoban", title: "Họp giao ban tháng 11", convener: "Văn phòng UBND tỉnh",
                document: "GM 123/UBND-TH", openedAt: opened))
        try await archive.writeRoll([
            RollEntry(meeting: id, point: "so-tc", at: opened, .joined(name: "Sở Tài chính", unit: "Sở Tài chính"))
        ])
        try archive.append(EventRecord(at: opened, name: "opened"), to: meeting)
        let paths = archive.paths(of: meeting)
        try Self.bytes(masterBytes).write(to: URL(fileURLWithPath: paths.master))
        try Self.bytes(50_000).write(to: URL(fileURLWithPath: paths.accessCopy))
        try await archive.closeMeeting(id, at: opened + 3723, reason: "ended", durationMilliseconds: 3_723_000)
        return try await archive.seal(id)
    }

    static func bytes(_ count: Int) -> Data {
        var data = Data((0..<1009).map { UInt8(truncatingIfNeeded: $0 &* 13) })
        while data.count < count { data.append(data.prefix(count - data.count)) }
        return data.prefix(count)
    }
}

private final class Written: Sendable {
    let output = Mutex("")
    let errors = Mutex("")
}

actor QuietBridge: LiveBridge {
    func papers(in room: String, authorization: String?, from origin: String) async -> PaperAdmission { .nothing }
    func convening(of meeting: String) async -> LiveConvening? { LiveConvening() }
    let startedAt = Date()
    private(set) var ended: [String] = []

    /// Who wanted no new meetings, while that is so.
    private(set) var drainedBy: String?
    func drain(by: String) async -> Bool {
        defer { drainedBy = by }
        return drainedBy == nil
    }
    func cancelDrain(by: String) async -> Bool {
        defer { drainedBy = nil }
        return drainedBy != nil
    }

    func status() async -> BridgeStatus {
        BridgeStatus(
            version: "0.1", startedAt: startedAt,
            listeners: [ListenerStatus(transport: "tls", address: "127.0.0.1:5061")],
            liveMeetings: ended.isEmpty ? 1 : 0, participants: ended.isEmpty ? 2 : 0, pointsConfigured: 3,
            pointsRegistered: 2,
            media: MediaStatus(workers: 2, lateFrames: 3, skippedFrames: 1, longestMilliseconds: 31),
            warnings: [
                StatusWarning(
                    .recorderBehind, vietnamese: "bộ ghi chậm 3,0 giây", english: "the recorder is 3.0 s behind")
            ], drain: drainedBy.map { DrainStatus(since: startedAt, by: $0) })
    }

    func meetings() async -> [LiveMeeting] {
        guard ended.isEmpty else { return [] }
        return [
            LiveMeeting(
                id: "live-1", room: "giaoban", title: "Họp giao ban", openedAt: startedAt, recording: .recording,
                speaker: "so-yt",
                participants: [
                    LiveParticipant(
                        point: "so-tc", name: "Sở Tài chính", joinedAt: startedAt, handRaisedAt: startedAt,
                        audio: LiveStream(codec: "opus", packetsReceived: 990, packetsSent: 1000, packetsLost: 10)),
                    LiveParticipant(
                        point: "so-yt", name: "Sở Y tế \u{1B}[31m", joinedAt: startedAt,
                        video: LiveStream(codec: "VP8", packetsReceived: 5)),
                ])
        ]
    }

    func control(of meeting: String) async -> MeetingControl? {
        guard meeting == "live-1" else { return nil }
        var control = MeetingControl(
            id: meeting, room: "giaoban", title: "Họp giao ban", openedAt: startedAt, openedSeconds: 60,
            confidentiality: "ordinary", isInSession: true, isLocked: false, recording: "running",
            microphones: "muted", pointsMayUnmute: false)
        var line = MeetingControl.RollLine(
            point: "so-tc", name: "Sở Tài chính", unit: nil, isExpected: true, isRequired: true)
        line.presentSince = startedAt
        line.place = "hall"
        line.microphone = "muted"
        control.roll = [
            line,
            .init(point: "so-yt", name: "Sở Y tế \u{1B}[31m", unit: nil, isExpected: true, isRequired: false),
        ]
        control.queue = [.init(point: "so-tc", since: startedAt)]
        return control
    }

    private(set) var orders: [MeetingOrder] = []
    private(set) var givers: [OrderGiver] = []

    func carryOut(_ order: MeetingOrder, in meeting: String, by giver: OrderGiver) async throws(OrderRefusal) {
        guard meeting == "live-1" else { throw .unknownMeeting }
        guard order.point == nil || order.point == "so-tc" else { throw .notInMeeting }
        orders.append(order)
        givers.append(giver)
    }

    func movePoint(_ point: String, from meeting: String, to room: String, by: String) async throws(LiveBridgeError) {
        guard meeting == "live-1" else { throw .unknownMeeting }
        guard point == "so-tc" else { throw .notInMeeting(point) }
        guard room == "giaoban" else { throw .unknownRoom }
    }

    func callPoints(_ points: [String]?, into room: String, by: String) async throws(LiveBridgeError) -> [String] {
        guard room == "giaoban" else { throw .unknownRoom }
        let strangers = (points ?? []).filter { $0 != "so-yt" }
        guard strangers.isEmpty else { throw .notInvited(strangers) }
        return points ?? ["so-tc", "so-yt"]
    }

    func joinRoom(_ id: String) async -> JoinRoom? { nil }

    func invite(
        _ point: String, to room: String, for period: Duration, by: String
    ) async throws(LiveBridgeError) -> Invitation {
        guard room == "giaoban" else { throw .unknownRoom }
        guard point == "so-yt" else { throw .notInvited([point]) }
        return Invitation(
            point: point, room: room, expiresAt: startedAt + period / .seconds(1), token: "abc.DEF-_9")
    }

    func lineChecks(of point: String?) async -> [LineCheck] {
        guard point == nil || point == "so-yt" else { return [] }
        let measured = LineMeasurement(
            seconds: 20, up: .init(bitrate: 64_000, lossPercent: 7.25, jitterMilliseconds: 12, opinionScore: 2.9),
            down: .init(bitrate: 64_000, lossPercent: nil, jitterMilliseconds: nil), roundTripMilliseconds: nil,
            soundCodec: "opus", hasSound: true,
            picture: .init(codec: "VP8", width: 640, height: 360, frameRate: 24.8, lossPercent: 0, freezes: 0),
            keying: Keying(.sdes, suite: "AEAD_AES_128_GCM"))
        return [
            LineCheck(
                id: "x", point: "so-yt", name: "Sở Y tế \u{1B}[31m", at: startedAt, device: nil, measured: measured,
                verdict: LineVerdict(measured, LineThresholds()))
        ]
    }

    func lineCheck(_ id: String) async -> LineCheck? { nil }

    func quality(of meeting: String) async -> MeetingQuality? { nil }

    func endMeeting(_ id: String, by: String) async throws(LiveBridgeError) {
        guard id == "live-1", ended.isEmpty else { throw .unknownMeeting }
        ended.append(id)
    }
}
