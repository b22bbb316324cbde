import Archive
import Evidence
import Foundation
import Matroska

/// How long it takes to seal a package of real octets and to verify it, beside `sha512sum` over the same files. The page cache is
/// left (`posix_fadvise`) before each, so that all of them read the disk.
///
///     seal-bench DIRECTORY MEGABYTES [encrypted]
@main enum SealBench {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let isEncrypted = arguments.count == 4 && arguments[3] == "encrypted"
        guard arguments.count == 3 || isEncrypted, let megabytes = Int(arguments[2]), megabytes > 0 else {
            print("seal-bench DIRECTORY MEGABYTES [encrypted]")
            exit(64)
        }
        let root = arguments[1] + "/seal-bench-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let archive = try Archive(
            root: root, encryption: try EncryptionSettings(.required, key: Data((0..<32).map { UInt8($0) })))
        let opened = Date()
        let meeting = try await archive.openMeeting(
            NewMeeting(
                id: "bench", room: "bench", title: "Đo tốc độ", confidentiality: isEncrypted ? "restricted" : nil,
                openedAt: opened))
        let paths = archive.paths(of: meeting)
        let clusters = try write(paths.master, megabytes: megabytes)
        _ = try await archive.closeMeeting(meeting.id, at: opened + Double(clusters) / 4)
        let files = { () -> [String] in
            (FileManager.default.enumerator(atPath: paths.directory)?.compactMap { $0 as? String } ?? []).map {
                paths.directory + "/" + $0
            }
        }

        leaveCache(files())
        let sealing = try await time { try await archive.seal(meeting.id) }
        leaveCache(files())
        let verifying = try await time {
            let report = try await archive.verify(meeting.id)
            guard report.isIntact else { throw Failure(text: "not intact: \(report.damaged) \(report.findings)") }
        }
        leaveCache(files())
        let reference = try await time { try sha512sum(in: paths.directory) }
        func line(_ name: String, _ cost: Cost) {
            let (clock, processor) = (rounded(cost.clock), rounded(cost.processor))
            let (rate, most) = (Double(megabytes) / cost.clock, Double(megabytes) / cost.processor)
            print("\(name): \(clock) s, \(Int(rate)) MB/s; processor \(processor) s, \(Int(most)) MB/s")
        }
        leaveCache(files())
        let sealed = try await archive.details(of: meeting.id).meeting
        let reading = try await time { try read(try archive.open(paths.master, of: sealed), piece: 128 << 10) }
        let again = try await time { try read(try archive.open(paths.master, of: sealed), piece: 128 << 10) }
        print("\(megabytes) MB in \(clusters) clusters")
        line("seal", sealing)
        line("verify", verifying)
        line("sha512sum -c", reference)
        line("read in ranges of 128 KiB", reading)
        line("the same from the page cache", again)
        try archive.close()
    }

    /// As the portal sends a film.
    private static func read(_ file: StoredFile, piece: Int) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 16)
        defer { buffer.deallocate() }
        var offset: Int64 = 0
        while offset < file.octets {
            let count = try file.read(into: buffer, at: offset)
            guard count > 0 else { throw Failure(text: "the file is shorter than it says") }
            offset += Int64(count)
        }
    }

    private struct Failure: Error { let text: String }

    private static func rounded(_ seconds: Double) -> String { String((seconds * 100).rounded() / 100) }

    /// In seconds.
    private struct Cost {
        var clock: Double
        /// Of this process and of the children that have ended.
        var processor: Double
    }

    private static func processorSeconds() -> Double {
        [RUSAGE_SELF, RUSAGE_CHILDREN].reduce(0) { sum, who in
            var usage = rusage()
            getrusage(__rusage_who_t(who.rawValue), &usage)
            return [usage.ru_utime, usage.ru_stime].reduce(sum) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
        }
    }

    @MainActor private static func time<Result>(_ work: () async throws -> Result) async rethrows -> Cost {
        let (begun, spent) = (ContinuousClock.now, processorSeconds())
        _ = try await work()
        return Cost(clock: (ContinuousClock.now - begun) / .seconds(1), processor: processorSeconds() - spent)
    }

    /// A master with its chain, as a recorder writes them, of octets that nothing compresses; returns how many clusters it has.
    private static func write(_ path: String, megabytes: Int) throws -> Int {
        let chain = try ClusterChainFile(creating: ClusterChainFile.path(of: path), meeting: "bench")
        let writer = try MatroskaWriter(
            try FileSink(creating: path), info: MatroskaInfo(title: "bench", tags: [:]), trackRegionSize: 4096)
        writer.onCluster = { place, octets in chain.append(place, octets) }
        try writer.addTrack(
            MatroskaTrack(
                number: 1, codec: .opus, name: "bench", codecPrivate: MatroskaTrack.opusHead(channels: 1, preSkip: 312),
                tags: [:]))
        guard let source = FileHandle(forReadingAtPath: "/dev/urandom") else { throw Failure(text: "no /dev/urandom") }
        for cluster in 0..<megabytes {
            guard let data = try source.read(upToCount: 1_000_000), data.count == 1_000_000 else {
                throw Failure(text: "/dev/urandom gives no more")
            }
            try writer.write(
                MatroskaBlock(
                    track: 1, timestampNanoseconds: Int64(cluster) * 250_000_000, isKeyframe: true, data: Array(data)))
            try writer.flush()
        }
        try writer.finish()
        chain.finish()
        return megabytes
    }

    private static func leaveCache(_ files: [String]) {
        for path in files {
            let file = open(path, O_RDONLY)
            guard file >= 0 else { continue }
            fsync(file)
            posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
            close(file)
        }
    }

    private static func sha512sum(in directory: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sha512sum")
        process.arguments = ["--quiet", "-c", "manifest-sha512.txt"]
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(text: "sha512sum refuses the package") }
    }
}
