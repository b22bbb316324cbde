import Archive
import SiteConfiguration

extension SecondLocation {
    /// Nil where none is configured.
    init?(_ settings: Configuration.SecondLocation) throws {
        let place: Place
        if let path = settings.path {
            place = .directory(path)
        } else if let path = settings.remote {
            guard let remote = RcloneRemote(path, configuration: settings.rcloneConfig ?? "") else {
                throw UnusableRemote()
            }
            place = .remote(remote)
        } else {
            return nil
        }
        self.init(
            place, octetsPerSecond: settings.rate * 1_000_000, isReadAgain: settings.verify,
            hasDatabases: settings.databases)
    }
}

private struct UnusableRemote: Error, CustomStringConvertible {
    var description: String {
        "archive.secondLocation.remote is not NAME:PATH, NAME of ASCII letters, digits, '_', '-' and '.'"
    }
}
