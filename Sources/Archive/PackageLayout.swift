/// How the files of a package lie in its directory.
public enum PackageLayout: String, Codable, Sendable, CaseIterable {
    /// Side by side, with `manifest-sha256.txt`: packages of the first version. Those that are sealed stay so.
    case flat
    /// A bag (RFC 8493), with a signed seal.
    case bag
    /// A bag whose payload and metadata are encrypted, each file under a number (`PackageIndex`), with a signed seal.
    case encrypted
}
