/// Where the archive's packages are kept a second time, on media of their own (two backup sets on independent media): at the same
/// paths as below the archive.
public struct SecondLocation: Sendable, Equatable {
    public enum Place: Sendable, Equatable {
        /// An absolute path: a disk that is mounted there.
        case directory(String)
        case remote(RcloneRemote)
    }

    public var place: Place
    /// So fast at most, both ways.
    public var octetsPerSecond: Int
    /// Whether a copy is read again whenever its package was found intact.
    public var isReadAgain: Bool
    /// Whether the catalogue, and what databases there are beside it, are copied there each day.
    public var hasDatabases: Bool

    public init(
        _ place: Place, octetsPerSecond: Int = 20_000_000, isReadAgain: Bool = true, hasDatabases: Bool = true
    ) {
        self.hasDatabases = hasDatabases
        self.place = place
        self.octetsPerSecond = max(1, octetsPerSecond)
        self.isReadAgain = isReadAgain
    }

    /// What it is called in notes and in the catalogue.
    public var name: String {
        switch place {
        case .directory(let path): path
        case .remote(let remote): "rclone:\(remote.path)"
        }
    }

    var store: any SecondStore {
        switch place {
        case .directory(let path): MountedStore(root: path, octetsPerSecond: octetsPerSecond)
        case .remote(let remote): RcloneStore(remote: remote, octetsPerSecond: octetsPerSecond)
        }
    }
}

/// What holds second copies. Files are named by their paths below the archive's root. Everything throws where the location cannot be
/// reached.
protocol SecondStore: Sendable {
    /// What files there are below a package's directory, by their paths in it; none where it is not there.
    func names(in package: String) async throws(ArchiveError) -> Set<String>
    /// The SHA-256 of a file, of all its octets as they are read there now.
    /// - Parameter octets: its length as it should be.
    func sha256(of name: String, octets: Int64) async throws(ArchiveError) -> String
    /// Copies the file at the path `source` there, over what may be there.
    func put(_ source: String, as name: String, octets: Int64) async throws(ArchiveError)
    /// Copies a file from there to a path at which nothing is.
    func fetch(_ name: String, octets: Int64, to target: String) async throws(ArchiveError)
    /// Removes a file, and the directory that it leaves empty.
    func remove(_ name: String) async throws(ArchiveError)
    /// Throws where something of it is left.
    func removePayload(of package: String, _ removal: PayloadRemoval) async throws(ArchiveError)
}
