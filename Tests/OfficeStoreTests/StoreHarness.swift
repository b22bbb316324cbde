import Foundation
import Office
import PostgresServer
import SQLDatabase
import Synchronization

@testable import OfficeStore

/// The databases that the store's tests run on.
enum StoreKind: String, Sendable {
    case sqlite
    /// Where it is installed.
    case postgres

    static let here: [StoreKind] = PostgresServer.isInstalled ? [.sqlite, .postgres] : [.sqlite]
}

/// A store in a folder, or a schema, of its own, with a clock that the test sets.
final class StoreHarness: Sendable {
    let folder: String
    let place: OfficePlace
    let clock = Mutex(Date(timeIntervalSince1970: 1_795_000_000))

    init(_ kind: StoreKind) throws {
        let id = UUID().uuidString.lowercased()
        folder = NSTemporaryDirectory() + "office-\(id)"
        switch kind {
        case .sqlite: place = .file(folder + "/office.sqlite")
        case .postgres:
            let settings = PostgresSettings(
                conninfo: try PostgresServer.running().conninfo(), schema: "o" + id.prefix(8), readers: 2)
            place = .shared(settings, papers: folder + "/papers")
        }
    }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Opens the store; of several bridges each does.
    /// - Parameter line: by which the bridge reaches PostgreSQL, where a test cuts it.
    func open(fixed: [RegisterEntry] = [], by line: CuttingProxy? = nil) throws -> OfficeStore {
        var place = place
        if let line, case .shared(var settings, let papers) = place {
            settings.conninfo = try PostgresServer.running().conninfo(host: line.folder)
            place = .shared(settings, papers: papers)
        }
        return try OfficeStore(at: place, fixed: fixed, realm: "causeway.local") { [self] in clock.withLock { $0 } }
    }
    func pass(_ seconds: TimeInterval) { clock.withLock { $0 += seconds } }
    func stand(at time: Date) { clock.withLock { $0 = time } }
    var now: Date { clock.withLock { $0 } }

    /// Changes what is in the database beneath the stores that are open.
    func tamper(_ statements: String...) async throws {
        let database = try SQLDatabase(place.location)
        try await database.write { db in for statement in statements { try db.execute(sql: statement) } }
        try database.close()
    }
}

extension PostgresServer {
    static func running() throws -> PostgresServer {
        // The second attempt says why the first failed.
        guard let shared else { return try PostgresServer() }
        return shared
    }
}
