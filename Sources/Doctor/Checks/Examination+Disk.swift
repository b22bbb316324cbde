import Foundation
import SiteConfiguration

extension Examination {
    /// What a meeting of ten points in 720p leaves in an hour: master at some 1 Mbit/s a point, film and package.
    private static let octetsPerMeetingHour = 6_000_000_000
    private static let leastOctets = 2_000_000_000
    private static let fewHours = 3
    private static let triedOctets = 64 << 20
    /// Twenty points of 1 Mbit/s, twice over.
    private static let leastRate = 5.0

    func disk() -> [Finding] {
        let folder = configuration.archive.directory
        return [room(folder), speed(folder)] + secondPlaces(folder)
    }

    private func room(_ folder: String) -> Finding {
        var status = statvfs()
        guard statvfs(Self.nearest(folder), &status) == 0 else {
            return Finding("disk room", .bad, "\(folder): \(String(cString: strerror(errno)))")
        }
        let free = Int(clamping: status.f_bavail) * Int(clamping: status.f_frsize)
        let hours = free / Self.octetsPerMeetingHour
        let says = "\(free / 1_000_000_000) GB free in \(folder): some \(hours) hours of meetings of ten points"
        guard free >= Self.leastOctets else {
            return Finding("disk room", .bad, says, advice: "put the archive on a larger disk (archive.directory)")
        }
        guard hours >= Self.fewHours else {
            return Finding("disk room", .warning, says, advice: "put the archive on a larger disk (archive.directory)")
        }
        return Finding("disk room", .good, says)
    }

    /// Written without a name, so that nothing is left whatever happens.
    private func speed(_ folder: String) -> Finding {
        // O_TMPFILE is a macro that Swift does not see: __O_TMPFILE | O_DIRECTORY.
        let descriptor = open(Self.nearest(folder), O_WRONLY | O_CLOEXEC | 0o20_000_000 | O_DIRECTORY, 0o600)
        guard descriptor >= 0 else {
            return Finding(
                "disk speed", .skipped, "\(folder) cannot be written by whoever asks, or has no unnamed files")
        }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0x5a, count: 1 << 20)
        let clock = ContinuousClock()
        let began = clock.now
        for _ in 0..<Self.triedOctets / block.count where write(descriptor, block, block.count) != block.count {
            return Finding("disk speed", .bad, "\(folder): \(String(cString: strerror(errno)))")
        }
        guard fdatasync(descriptor) == 0 else {
            return Finding("disk speed", .bad, "\(folder): \(String(cString: strerror(errno)))")
        }
        let seconds = (clock.now - began) / .seconds(1)
        let rate = Double(Self.triedOctets) / 1e6 / max(seconds, 0.001)
        let says = "\(Int(rate)) MB/s with everything on the disk"
        return rate < Self.leastRate
            ? Finding(
                "disk speed", .warning, says, advice: "recordings will have gaps: put the archive on a faster disk")
            : Finding("disk speed", .good, says)
    }

    /// What is kept twice is to be on two disks.
    private func secondPlaces(_ folder: String) -> [Finding] {
        let places = [
            ("second location", "archive.secondLocation.path", configuration.archive.secondLocation.path),
            ("second recorder", "recording.second", configuration.recording.second),
        ]
        return places.compactMap { name, key, path in
            guard let path else { return nil }
            var its = stat()
            var archive = stat()
            guard stat(path, &its) == 0 else {
                return Finding(
                    name, .bad, "\(path): \(String(cString: strerror(errno)))", advice: "mount it, or mend \(key)")
            }
            if stat(Self.nearest(folder), &archive) == 0, its.st_dev == archive.st_dev {
                return Finding(
                    name, .warning, "\(path) is on the archive's own disk",
                    advice: "one disk's fault takes both: mend \(key)")
            }
            return Finding(name, .good, "\(path) is on a disk of its own")
        }
    }

    /// The folder, or the one above it that is there.
    private static func nearest(_ path: String) -> String {
        var path = path
        while access(path, F_OK) != 0, path.count > 1 { path = (path as NSString).deletingLastPathComponent }
        return path
    }
}
