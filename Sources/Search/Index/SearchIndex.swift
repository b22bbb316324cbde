import Foundation
import GRDB
import Synchronization

/// The index by which meetings are found: a file of its own beside the catalogue, made wholly from the archive and the Office's
/// schedule. One of another version, or that cannot be read, is thrown away; ``isComplete`` then tells that it has to be filled
/// again. Each change is one transaction, so a kill at any moment leaves an index that has whole meetings.
public final class SearchIndex: Sendable {
    /// What bounds the work of one search.
    public struct Limits: Sendable {
        /// Meetings looked at for each strictness and table, the newest that match.
        public var candidates = 300
        /// Rows read to find them among meetings that the asker may not see.
        public var rows = 150_000
        /// Places of each word that are looked at in a meeting, those in its title first.
        public var hits = 250
        public init() {}
    }

    /// Absolute.
    public let path: String
    let limits: Limits
    let pool: DatabasePool

    public init(path: String, limits: Limits = Limits()) throws(SearchError) {
        self.path = path
        self.limits = limits
        if let pool = try? Self.open(path) {
            if (try? pool.read(IndexSchema.version(of:))) == IndexSchema.version {
                self.pool = pool
                return
            }
            try? pool.close()
        }
        do {
            for suffix in ["", "-wal", "-shm", "-journal"] where access(path + suffix, F_OK) == 0 {
                guard unlink(path + suffix) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            }
            pool = try Self.open(path)
            try pool.write(IndexSchema.create)
        } catch {
            throw .cannotOpen(path: path, reason: "\(error)")
        }
    }

    private static func open(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.label = "search"
        configuration.prepareDatabase { db in
            db.add(tokenizer: IndexTokenizer.self)
            try HitsFunction.add(to: db)
            // Nothing is lost with it that the archive does not have.
            try db.execute(
                sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY")
        }
        return try DatabasePool(path: path, configuration: configuration)
    }

    /// Brings into the index what is in its log. Whoever still asks is answered.
    public func settle() throws(SearchError) {
        do { try pool.writeWithoutTransaction { _ = try $0.checkpoint() } } catch { throw SearchError(error) }
    }

    /// Nothing may be asked of the index after it.
    public func close() throws(SearchError) {
        do { try pool.close() } catch { throw SearchError(error) }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(SearchError) -> Value {
        do { return try await pool.read(body) } catch { throw SearchError(error) }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(SearchError) -> Value {
        do { return try await pool.write(body) } catch { throw SearchError(error) }
    }
}
