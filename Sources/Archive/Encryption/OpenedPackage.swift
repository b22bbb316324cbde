import Evidence
import Foundation

/// Files of a package where programs can read them, which know nothing of keys: of one in clear, the package itself; of an encrypted one,
/// clear copies in the work directory, which go when this is closed.
public final class OpenedPackage: Sendable {
    public let paths: PackagePaths
    private let scratch: String?

    init(_ paths: PackagePaths, scratch: String?) {
        self.paths = paths
        self.scratch = scratch
    }

    deinit { close() }

    /// Removes the clear copies. Hold it by a `defer` as long as their paths are used.
    public func close() {
        if let scratch { try? FileManager.default.removeItem(atPath: scratch) }
    }
}

extension Archive {
    private static let openedPrefix = "open-"

    /// Opens files of a sealed package for programs.
    /// - Parameter isWanted: by the path in the package; of encrypted packages the others are not there.
    public func open(
        _ meeting: MeetingRecord, _ isWanted: @escaping @Sendable (String) -> Bool
    ) async throws(ArchiveError) -> OpenedPackage {
        let paths = paths(of: meeting)
        guard meeting.layout == .encrypted, meeting.state == .sealed else { return OpenedPackage(paths, scratch: nil) }
        let scratch = temporary + "/" + Self.openedPrefix + UUID().uuidString
        let opened = OpenedPackage(
            PackagePaths(directory: scratch, work: paths.work, layout: meeting.layout), scratch: scratch)
        let wanted = try await files(of: meeting).map(\.path).filter { PackageIndex.encrypts($0) && isWanted($0) }
        guard mkdir(scratch, 0o700) == 0 else { throw ArchiveError(errno: errno, path: scratch) }
        for path in wanted {
            let file = try open(path, of: meeting)
            let target = scratch + "/" + path
            try DurableFile.makeDirectory((target as NSString).deletingLastPathComponent)
            try await opening.run { (cancellation) throws(ArchiveError) in try file.copy(to: target, cancellation) }
        }
        return opened
    }

    static func removeOpened(in work: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: work)) ?? []
        for name in names where name.hasPrefix(openedPrefix) {
            try? FileManager.default.removeItem(atPath: work + "/" + name)
        }
    }
}

extension StoredFile {
    fileprivate func copy(
        to target: String, _ cancellation: BackgroundQueue.Cancellation
    ) throws(ArchiveError) {
        let output = Foundation.open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard output >= 0 else { throw ArchiveError(errno: errno, path: target) }
        defer { Foundation.close(output) }
        var offset: Int64 = 0
        while true {
            try cancellation.check()
            var piece = Data(count: 1 << 20)
            var failure: ArchiveError?
            let count = piece.withUnsafeMutableBytes { bytes -> Int in
                do throws(ArchiveError) { return try read(into: bytes, at: offset) } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            if count == 0 { return }
            try DurableFile.write(piece.prefix(count), to: output, path: target)
            offset += Int64(count)
        }
    }
}
