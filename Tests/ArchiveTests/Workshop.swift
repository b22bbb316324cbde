import Archive
import Foundation
import PostgresServer
import SQLDatabase
import Testing

/// Where the catalogues of a test's archives are.
enum CatalogueKind: CaseIterable, Sendable {
    case sqlite, postgres
    @TaskLocal static var current = CatalogueKind.sqlite
}

/// Runs each test of a suite once for each kind of catalogue: in PostgreSQL only where it is installed.
struct InEachCatalogue: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing run: @Sendable () async throws -> Void
    ) async throws {
        for kind in CatalogueKind.allCases where kind == .sqlite || PostgresServer.isInstalled {
            try await CatalogueKind.$current.withValue(kind) { try await run() }
        }
    }
}

extension Trait where Self == InEachCatalogue {
    static var inEachCatalogue: Self { InEachCatalogue() }
}

/// A directory of its own for a test; all are removed when the tests are through.
struct Workshop {
    private static let all: String = {
        let path = FileManager.default.temporaryDirectory.path + "/archive-tests-\(getpid())"
        atexit { try? FileManager.default.removeItem(atPath: Workshop.all) }
        return path
    }()

    let root: String
    /// Nil for a catalogue in a file.
    let cluster: ArchiveCluster?

    /// - Parameter bridge: of bridges that share an archive.
    init(bridge: String = "b1") throws {
        cluster =
            CatalogueKind.current == .sqlite ? nil : ArchiveCluster(bridge: bridge, database: try Self.database())
        root = Self.all + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    /// The directory as a daemon killed at this moment leaves it: what it wrote, nothing closed, the write-ahead log
    /// not merged into the catalogue.
    func asKilled() throws -> Workshop {
        let copy = Workshop(root: Self.all + "/" + UUID().uuidString, cluster: cluster)
        try FileManager.default.copyItem(atPath: root, toPath: copy.root)
        return copy
    }

    private init(root: String, cluster: ArchiveCluster?) {
        self.root = root
        self.cluster = cluster
    }

    /// The same archive, as another bridge has it.
    func shared(with bridge: String) -> Workshop {
        Workshop(root: root, cluster: cluster.map { ArchiveCluster(bridge: bridge, database: $0.database) })
    }

    static func database() throws -> PostgresSettings {
        let server = try #require(PostgresServer.shared)
        let schema = "w" + UUID().uuidString.lowercased().replacing("-", with: "").prefix(16)
        return PostgresSettings(conninfo: server.conninfo(), schema: schema, readers: 1)
    }

    func open(
        sealing: SealingSettings = SealingSettings(), fixity: FixitySettings = FixitySettings(),
        second: SecondLocation? = nil, retention: RetentionTable = .permanent,
        encryption: EncryptionSettings = .unkeyed, now: @escaping @Sendable () -> Date = { Date() }
    ) throws -> Archive {
        try Archive(
            root: root, cluster: cluster, sealing: sealing, fixity: fixity, second: second, retention: retention,
            encryption: encryption, now: now)
    }
}

let morning = Date(timeIntervalSince1970: 1_795_487_400)  // 2026-11-24T09:30:00+07:00

extension NewMeeting {
    static func sample(_ tail: String = "k3f9", room: String = "giaoban", at time: Date = morning) -> NewMeeting {
        NewMeeting(
            id: "20261124-093000-\(room)-\(tail)", room: room, title: "Họp giao ban tháng 11",
            convener: "Văn phòng UBND tỉnh", document: "GM 123/UBND-TH", openedAt: time)
    }
}

extension Archive {
    /// A closed meeting with a master of `bytes` bytes and an access copy.
    func closedMeeting(_ new: NewMeeting = .sample(), masterBytes: Int = 3_000_000) async throws -> MeetingRecord {
        let meeting = try await openMeeting(new)
        try await setState(meeting.id, to: .recording)
        let paths = paths(of: meeting)
        let pattern = Data((0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
        var master = Data()
        while master.count < masterBytes { master.append(pattern.prefix(masterBytes - master.count)) }
        try master.write(to: URL(fileURLWithPath: paths.master))
        try Data("film".utf8).write(to: URL(fileURLWithPath: paths.accessCopy))
        try append(
            EventRecord(at: new.openedAt, name: "opened", fields: ["room": new.room]), to: meeting, durable: true)
        return try await closeMeeting(
            meeting.id, at: new.openedAt.addingTimeInterval(60), reason: "ended", durationMilliseconds: 60_000)
    }

    func sealedMeeting(_ new: NewMeeting = .sample()) async throws -> MeetingRecord {
        try await seal(closedMeeting(new).id)
    }
}

/// A clock that a test sets.
final class HandClock: @unchecked Sendable {
    // The lock guards the only stored state.
    private let lock = NSLock()
    private var time: Date
    init(_ time: Date) { self.time = time }
    var now: Date { lock.withLock { time } }
    func advance(_ seconds: TimeInterval) { lock.withLock { time += seconds } }
}
