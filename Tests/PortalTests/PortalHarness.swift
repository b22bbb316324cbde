import Archive
import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOFoundationCompat
import NIOPosix
import NIOSSL
import Office
import OfficeStore
import PortalAPI
import Quality
import Search
import ServiceLifecycle
import Testing

@testable import Portal

/// A running portal over a real archive, reached by a real client over HTTPS and the socket.
struct PortalHarness: Sendable {
    static let administratorToken = "quan-tri-7f3a"
    static let archivistToken = "luu-tru-91bc"

    let root: String
    let archive: Archive
    let office: OfficeStore
    let bridge: StubBridge
    let server: PortalServer
    let client: HTTPClient
    let port: Int
    let configuration: PortalConfiguration
    var socket: String { root + "/causeway.sock" }

    static var hasOpenSSL: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl") }

    /// Runs `body` against a portal of its own and shuts it down in order.
    static func run(
        fixity: FixitySettings = FixitySettings(), _ change: (inout PortalConfiguration) -> Void = { _ in },
        _ body: (PortalHarness) async throws -> Void
    ) async throws {
        let root = FileManager.default.temporaryDirectory.path + "/portal-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let table = try RetentionTable(parsing: "VV,permanent,Vĩnh viễn,For ever\n1N,1,1 năm,1 year")
        // What is not ordinary lies encrypted, and is answered as everything else.
        let archive = try Archive(
            root: root + "/archive", fixity: fixity, retention: table,
            encryption: EncryptionSettings(.required, key: Data((1...32).map { UInt8($0) })))
        try makeCertificate(root, name: "localhost", serial: 1)
        var configuration = PortalConfiguration(
            https: .init(host: "127.0.0.1", port: 0, certificatePath: root + "/cert.pem", keyPath: root + "/key.pem"),
            socketPath: root + "/causeway.sock", tokens: try tokens())
        configuration.join = JoinConfiguration(
            publicURL: "https://hop.example.vn", webSocket: .listener(host: nil, port: 7443),
            pages: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../Sources/Portal").standardizedFileURL.path)
        configuration.guides = GuideMaterialOfTests.configuration(root)
        let site = root + "/dossier.json"
        try Data(
            #"{"site": {"agencyCode": "H57", "agencyName": "Văn phòng UBND tỉnh", "fondsCode": "P1", "archiveName": "Lưu trữ lịch sử"}}"#
                .utf8
        )
        .write(to: URL(fileURLWithPath: site))
        configuration.packages = PackageConfiguration(corrections: site, version: "test")
        configuration.search = try SearchIndex(path: root + "/search.sqlite")
        change(&configuration)
        let bridge = StubBridge()
        var logger = Logger(label: "portal-test")
        logger.logLevel = .critical
        let office = try OfficeStore(
            path: root + "/office.sqlite",
            fixed: [
                .unit(UnitEntry(id: "vpubnd", name: "Văn phòng UBND tỉnh", order: 10)),
                .room(RoomEntry(id: "giaoban", title: "Họp giao ban")),
            ], realm: "causeway.test")
        let server = try PortalServer(
            configuration: configuration, archive: archive, office: office, bridge: bridge, logger: logger)
        let services = ServiceGroup(services: [server], logger: logger)
        let running = Task { try await services.run() }
        let listeners = try await server.waitUntilListening()
        let https = try #require(listeners.first { $0.transport == "https" })
        let port = try #require(https.address.split(separator: ":").last.flatMap { Int($0) })
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(root + "/cert.pem")
        let client = HTTPClient(configuration: .init(tlsConfiguration: tls))
        let harness = PortalHarness(
            root: root, archive: archive, office: office, bridge: bridge, server: server, client: client, port: port,
            configuration: configuration)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(harness))
        } catch {
            outcome = .failure(error)
        }
        try await client.shutdown()
        await services.triggerGracefulShutdown()
        try await running.value
        try archive.close()
        #expect(!FileManager.default.fileExists(atPath: harness.socket), "the socket's file stays behind")
        try outcome.get()
    }

    /// A meeting tomorrow in the room `giaoban`.
    static func meeting(points: [String], title: String = "Giao ban", after hours: Double = 24) -> ScheduledMeeting {
        ScheduledMeeting(
            title: title, room: "giaoban", convener: "Chủ tịch UBND tỉnh",
            document: .init(number: "120/GM-UBND", date: "2026-01-20"), field: "y tế",
            chair: .init(name: "Nguyễn Văn A", point: points.first),
            starts: Date(timeIntervalSinceNow: hours * 3600).roundedForTest, minutes: 60,
            invited: points.map { .init(point: $0) })
    }

    static func token(of role: Role) -> String { "token-\(role.rawValue)" }

    static func tokens() throws -> [AccessToken] {
        // printf quan-tri-7f3a | sha256sum
        [
            try #require(AccessToken(name: "Quản trị", role: .administrator, sha256: sha256(administratorToken))),
            try #require(AccessToken(name: "Lưu trữ", role: .archivist, sha256: sha256(archivistToken).uppercased())),
        ]
            + Role.allCases.compactMap {
                AccessToken(name: $0.rawValue, role: $0, sha256: sha256(token(of: $0)))
            }
    }

    static func makeCertificate(_ root: String, name: String, serial: Int) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-set_serial", String(serial),
            "-keyout", root + "/key.pem", "-out", root + "/cert.pem",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    struct Answer {
        var status: Int
        var headers: [String: String]
        var body: Data
        func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value { try PortalJSON.decode(type, from: body) }
        var error: APIError? { try? decoded(APIError.self) }
    }

    enum Way { case socket, https(token: String?) }

    /// `path` goes into the request line as it is.
    func ask(
        _ path: String, _ way: Way = .socket, method: String = "GET", headers: [String: String] = [:],
        body: String? = nil
    ) async throws -> Answer {
        var request: HTTPClientRequest
        switch way {
        case .socket:
            let host = try #require(socket.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            request = HTTPClientRequest(url: "http+unix://\(host)\(path)")
        case .https(let token):
            request = HTTPClientRequest(url: "https://127.0.0.1:\(port)\(path)")
            if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        }
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await client.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 64 << 20)
        let fields = Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        return Answer(status: Int(response.status.code), headers: fields, body: Data(buffer: body))
    }

    /// Sends octets that need not be text, over the socket.
    func post(_ path: String, _ octets: Data) async throws -> Answer {
        let host = try #require(socket.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        var request = HTTPClientRequest(url: "http+unix://\(host)\(path)")
        request.method = .POST
        request.body = .bytes(ByteBuffer(data: octets))
        let response = try await client.execute(request, timeout: .seconds(60))
        let fields = Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        return Answer(
            status: Int(response.status.code), headers: fields,
            body: Data(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    /// Asks over the socket with a request line that no client mends on the way.
    func askRaw(_ path: String) async throws -> Answer {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: socket) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        var received = ByteBuffer()
        try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
            for try await var piece in inbound { received.writeBuffer(&piece) }
        }
        let data = Data(buffer: received)
        let end = try #require(data.range(of: Data("\r\n\r\n".utf8)))
        let status = String(decoding: data[..<end.lowerBound], as: UTF8.self).split(separator: " ")[1]
        return Answer(status: try #require(Int(status)), headers: [:], body: data[end.upperBound...])
    }

    /// A sealed recording whose master is `masterBytes` known bytes.
    func sealed(
        _ id: String = "20261124-093000-giaoban-k3f9", masterBytes: Int = 1_000_000, title: String = "Họp giao ban",
        sitting: String? = nil, confidentiality: String? = nil,
        opened: Date = Date(timeIntervalSince1970: 1_795_487_400)
    ) async throws -> MeetingRecord {
        let meeting = try await closed(
            id, masterBytes: masterBytes, title: title, sitting: sitting, confidentiality: confidentiality,
            opened: opened)
        return try await archive.seal(meeting.id)
    }

    func closed(
        _ id: String, masterBytes: Int = 1000, title: String = "Họp giao ban", sitting: String? = nil,
        confidentiality: String? = nil, opened: Date = Date(timeIntervalSince1970: 1_795_487_400)
    ) async throws -> MeetingRecord {
        let meeting = try await archive.openMeeting(
            NewMeeting(
                id: id, room: "giaoban", title: title, convener: "Văn phòng", sitting: sitting,
                confidentiality: confidentiality, openedAt: opened))
        try await archive.writeRoll([
            RollEntry(meeting: id, point: "so-tc", at: opened, .joined(name: "Sở Tài chính", unit: "Sở Tài chính"))
        ])
        try archive.append(EventRecord(at: opened, name: "opened"), to: meeting)
        try Self.bytes(masterBytes).write(to: URL(fileURLWithPath: archive.paths(of: meeting).master))
        return try await archive.closeMeeting(id, at: opened + 60, durationMilliseconds: 60_000)
    }

    /// A meeting that is over, from which a point was absent; one other was there.
    static func missed(_ point: String, _ portal: PortalHarness) async throws -> MeetingRecord {
        let opened = Date(timeIntervalSince1970: 1_795_400_000)
        let meeting = try await portal.archive.openMeeting(
            NewMeeting(id: "20261123-091320-giaoban-p3q8", room: "giaoban", title: "Họp giao ban", openedAt: opened))
        let who = ["point": "so-tc", "participant": "1"]
        try portal.archive.append(
            [
                EventRecord(at: opened, name: "joined", fields: who),
                EventRecord(at: opened + 1, name: "media-established", fields: who),
                EventRecord(at: opened + 2, name: "missing", fields: ["points": point]),
            ], to: meeting)
        return try await portal.archive.closeMeeting(meeting.id, at: opened + 60, durationMilliseconds: 60_000)
    }

    static func bytes(_ count: Int) -> Data {
        Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) })
    }
}

/// A bridge with one meeting, which can be ended, and another that a test gives it.
actor StubBridge: LiveBridge {
    static let startedAt = Date(timeIntervalSinceNow: -100).roundedForTest
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
    private var other: LiveMeeting?

    func hold(_ meeting: LiveMeeting) { other = meeting }

    private var admission = PaperAdmission.nothing
    func admit(_ admission: PaperAdmission) { self.admission = admission }
    func papers(in room: String, authorization: String?, from origin: String) async -> PaperAdmission { admission }

    func convening(of meeting: String) async -> LiveConvening? {
        meeting == "live-1" ? LiveConvening() : other.flatMap { $0.id == meeting ? $0.convening : nil }
    }

    func status() async -> BridgeStatus {
        BridgeStatus(
            version: "1.2.3", startedAt: Self.startedAt,
            listeners: [ListenerStatus(transport: "tls", address: "127.0.0.1:5061")], liveMeetings: 1, participants: 1,
            pointsConfigured: 3, pointsRegistered: 2,
            warnings: other.map {
                [
                    StatusWarning(
                        .recordingStopped, meeting: $0.id, vietnamese: "Cuộc họp \($0.id): việc ghi hình đã dừng: full",
                        english: "meeting \($0.id): the recording stopped: full")
                ]
            } ?? [])
    }

    func meetings() async -> [LiveMeeting] {
        [
            LiveMeeting(
                id: "live-1", room: "giaoban", title: "Họp giao ban", openedAt: Self.startedAt, recording: .recording,
                speaker: "so-tc",
                participants: [
                    LiveParticipant(
                        point: "so-tc", name: "Sở Tài chính", joinedAt: Self.startedAt, isSpeaking: true,
                        audio: LiveStream(codec: "opus", packetsReceived: 97, packetsLost: 3, jitterMilliseconds: 1.5))
                ])
        ] + [other].compactMap { $0 }
    }

    func control(of meeting: String) async -> MeetingControl? {
        guard meeting == "live-1" || meeting == other?.id else { return nil }
        var control = MeetingControl(
            id: meeting, room: "giaoban", title: meeting == "live-1" ? "Họp giao ban" : other?.title ?? "",
            openedAt: Self.startedAt, openedSeconds: 60,
            confidentiality: "ordinary", isInSession: true, isLocked: false, recording: "running",
            microphones: "muted", pointsMayUnmute: false)
        var line = MeetingControl.RollLine(
            point: "so-tc", name: "Sở Tài chính", unit: nil, isExpected: true, isRequired: true)
        line.presentSince = Self.startedAt
        line.place = "hall"
        line.microphone = "muted"
        control.roll = [
            line,
            .init(point: "so-yt", name: "Sở Y tế \u{1B}[31m", unit: nil, isExpected: true, isRequired: false),
        ]
        control.queue = [.init(point: "so-tc", since: Self.startedAt)]
        return control
    }

    private(set) var orders: [MeetingOrder] = []
    private(set) var givers: [OrderGiver] = []

    func carryOut(_ order: MeetingOrder, in meeting: String, by giver: OrderGiver) async throws(OrderRefusal) {
        guard meeting == "live-1" || meeting == other?.id else { throw .unknownMeeting }
        guard order.point == nil || order.point == "so-tc" else { throw .notInMeeting }
        orders.append(order)
        givers.append(giver)
    }

    func movePoint(_ point: String, from meeting: String, to room: String, by: String) async throws(LiveBridgeError) {
        guard meeting == "live-1" || meeting == other?.id else { throw .unknownMeeting }
        guard point == "so-tc" else { throw .notInMeeting(point) }
        guard room == "giaoban" else { throw .unknownRoom }
    }

    func callPoints(_ points: [String]?, into room: String, by: String) async throws(LiveBridgeError) -> [String] {
        guard room == "giaoban" else { throw .unknownRoom }
        let strangers = (points ?? []).filter { $0 != "so-yt" }
        guard strangers.isEmpty else { throw .notInvited(strangers) }
        return points ?? ["so-tc", "so-yt"]
    }

    func joinRoom(_ id: String) async -> JoinRoom? {
        guard id == "giaoban" else { return nil }
        return JoinRoom(id: id, title: "Họp giao ban", domain: "causeway.test", isOpen: true)
    }

    func invite(
        _ point: String, to room: String, for period: Duration, by: String
    ) async throws(LiveBridgeError) -> Invitation {
        guard room == "giaoban" else { throw .unknownRoom }
        guard point == "so-yt" else { throw .notInvited([point]) }
        return Invitation(
            point: point, room: room, expiresAt: Self.startedAt + period / .seconds(1), token: "abc.DEF-_9")
    }

    static let check = LineCheck(
        id: "tOkEn-123", point: "so-tc", name: "Sở Tài chính", at: startedAt, device: "Linphone",
        measured: LineMeasurement(
            seconds: 20, up: .init(bitrate: 90_000, lossPercent: 7, jitterMilliseconds: 4, opinionScore: 2.9),
            down: .init(bitrate: 90_000, lossPercent: nil, jitterMilliseconds: nil), roundTripMilliseconds: nil,
            soundCodec: "opus", hasSound: true, picture: nil, keying: Keying(.dtls, suite: "AEAD_AES_128_GCM")),
        verdict: verdict)
    private static var verdict: LineVerdict {
        LineVerdict(
            LineMeasurement(
                seconds: 20, up: .init(bitrate: 90_000, lossPercent: 7, jitterMilliseconds: 4, opinionScore: 2.9),
                down: .init(bitrate: 90_000, lossPercent: nil, jitterMilliseconds: nil), roundTripMilliseconds: nil,
                soundCodec: "opus", hasSound: true, picture: nil, keying: Keying(.dtls)), LineThresholds())
    }

    func lineChecks(of point: String?) async -> [LineCheck] {
        point == nil || point == "so-tc" ? [Self.check] : []
    }

    func lineCheck(_ id: String) async -> LineCheck? { id == Self.check.id ? Self.check : nil }

    func quality(of meeting: String) async -> MeetingQuality? {
        guard meeting == "live-1" || meeting == other?.id else { return nil }
        var sample = QualitySample()
        sample.lossUp = 1.234
        return MeetingQuality(
            meeting: meeting, endsAt: Self.startedAt, intervalSeconds: 5, thresholds: LineThresholds(),
            points: [
                .init(point: "so-tc", name: "Sở Tài chính", alarms: [.lossUp], samples: [QualitySample(), sample])
            ])
    }

    func endMeeting(_ id: String, by: String) async throws(LiveBridgeError) {
        guard id == "live-1" || id == other?.id else { throw .unknownMeeting }
        ended.append(id)
    }
}

extension Date {
    fileprivate var roundedForTest: Date { Date(timeIntervalSince1970: timeIntervalSince1970.rounded()) }
}
