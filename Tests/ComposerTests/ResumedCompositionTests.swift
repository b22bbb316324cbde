import Codecs
import Foundation
import Matroska
import Testing

@testable import Composer

/// Composes what the folder in its environment has, as the daemon's child does.
@Suite struct ComposingChild {
    static let folderVariable = "CAUSEWAY_COMPOSING_CHILD"

    @Test(.enabled(if: ProcessInfo.processInfo.environment[folderVariable] != nil, "runs only as a child"))
    func composes() throws {
        let folder = try #require(ProcessInfo.processInfo.environment[Self.folderVariable])
        _ = try Composition.compose(
            master: folder + "/master.mkv", output: folder + "/film.webm",
            options: ResumedCompositionTests.options(folder, threads: 2))
    }
}

@Suite(.serialized) struct ResumedCompositionTests {
    static func options(_ folder: String, threads: Int, segmentSeconds: Int = 1) -> CompositionOptions {
        CompositionOptions(
            width: 640, height: 360, title: "Giao ban", threads: threads, companions: folder + "/beside",
            parts: folder + "/parts", segmentSeconds: segmentSeconds)
    }

    /// A master, once for all.
    private static let master = Result<ScratchFolder, any Error> {
        let folder = try ScratchFolder()
        try writeMaster(folder.file("master.mkv"))
        return folder
    }

    private struct Film: Equatable {
        var blocks: [MatroskaBlock]
        var chapters: [MatroskaChapter]
        var duration: Int64?

        init(_ path: String) throws {
            let reader = try MatroskaReader(path: path)
            blocks = []
            while let block = try reader.nextBlock() { blocks.append(block) }
            (chapters, duration) = (reader.chapters, reader.info.durationNanoseconds)
        }
        var pictures: [MatroskaBlock] { blocks.filter { $0.track == 1 } }
        var sound: [MatroskaBlock] { blocks.filter { $0.track == 2 } }
    }

    private static func film(
        threads: Int, segmentSeconds: Int = 1
    ) throws -> (film: Film, result: CompositionResult, folder: ScratchFolder) {
        let folder = try ScratchFolder()
        let result = try Composition.compose(
            master: try master.get().file("master.mkv"), output: folder.file("film.webm"),
            options: options(folder.path, threads: threads, segmentSeconds: segmentSeconds))
        return (try Film(folder.file("film.webm")), result, folder)
    }

    private static func beside(_ folder: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder + "/beside") where name.contains(".") {
            files[name] = try Data(contentsOf: URL(fileURLWithPath: folder + "/beside/" + name))
        }
        return files
    }

    @Test func severalPaintersMakeTheFilmThatOneMakes() throws {
        let one = try Self.film(threads: 1)
        let four = try Self.film(threads: 4)
        // Each has its own decoders, which begin at keyframes before its first segment.
        #expect(one.film == four.film)
        #expect(one.result == four.result && one.result.decoding.refused == 0)
        #expect(try Self.beside(one.folder.path) == Self.beside(four.folder.path))
        #expect(try Self.beside(one.folder.path).count == 5)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: one.folder.path).sorted() == ["beside", "film.webm"])
    }

    @Test func itTellsWhatNeedNotBeMadeAgain() throws {
        let folder = try ScratchFolder()
        var told: [Composition.Progress] = []
        _ = try Composition.compose(
            master: try Self.master.get().file("master.mkv"), output: folder.file("film.webm"),
            options: Self.options(folder.path, threads: 1)
        ) { told.append($0) }
        #expect(told.map(\.kept) == told.map(\.kept).sorted() && told.last?.kept == 1)
        // Nothing while only the sound is made; then segment by segment, never more than is done.
        #expect(told.first?.kept == 0)
        #expect(told.contains { $0.kept > 0.1 && $0.kept < 1 })
        #expect(told.allSatisfy { $0.kept <= $0.fraction + 1e-9 })
    }

    @Test func segmentsChangeNothingButKeyframes() throws {
        let parts = try Self.film(threads: 1)
        let whole = try Self.film(threads: 1, segmentSeconds: 3_600)
        // The sound is made in one piece: there is no seam in it.
        #expect(parts.film.sound == whole.film.sound && parts.film.sound.count > 500)
        #expect(parts.film.chapters == whole.film.chapters && parts.film.duration == whole.film.duration)
        #expect(parts.result == whole.result)
        let starts = Set((0..<12).map { Int64($0) * 1_000_000_000 })
        let times = parts.film.pictures.map(\.timestampNanoseconds)
        #expect(times == times.sorted() && Set(times).count == times.count)
        #expect(Set(times) == Set(whole.film.pictures.map(\.timestampNanoseconds)).union(starts))
        #expect(Set(parts.film.pictures.filter(\.isKeyframe).map(\.timestampNanoseconds)) == starts)
    }

    @Test(.enabled(if: tool("ffmpeg") != nil, "ffmpeg is not installed"))
    func theFilmDecodesOverItsSeams() throws {
        let parts = try Self.film(threads: 2)
        let whole = try Self.film(threads: 1, segmentSeconds: 3_600)
        func pictures(_ film: String) throws -> [UInt8] {
            [UInt8](
                try output(
                    "ffmpeg",
                    [
                        "-v", "error", "-i", film, "-vf", "fps=25,scale=32:18", "-pix_fmt", "gray", "-f", "rawvideo",
                        "-",
                    ]))
        }
        let (one, other) = (try pictures(parts.folder.file("film.webm")), try pictures(whole.folder.file("film.webm")))
        #expect(one.count == other.count && one.count / 576 >= 299)
        for frame in 0..<min(one.count, other.count) / 576 {
            let range = frame * 576..<(frame + 1) * 576
            let difference = zip(one[range], other[range]).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) } / 576
            #expect(difference < 4, "picture \(frame): \(difference)")
        }
    }

    @Test func oneThatIsKilledAgainAndAgainGoesOnAndIsTheSame() async throws {
        let expected = try Self.film(threads: 2)
        let folder = try ScratchFolder()
        try FileManager.default.copyItem(
            atPath: try Self.master.get().file("master.mkv"), toPath: folder.file("master.mkv"))
        let film = folder.file("film.webm")
        var kills = 0
        var partsAtKills: [Int] = []
        func parts() -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: folder.file("parts"))) ?? [])
                .filter { $0.hasPrefix("segment-") && $0.hasSuffix(".webm") }
        }
        var inodes: [String: UInt64] = [:]
        func inode(_ part: String) -> UInt64? {
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder.file("parts/" + part))
            return (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value
        }
        for round in 0..<20 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["--testing-library", "swift-testing", "--filter", "ComposerTests.ComposingChild/"]
            process.environment = ProcessInfo.processInfo.environment
                .merging([ComposingChild.folderVariable: folder.path]) { $1 }
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            let before = parts().count
            try process.run()
            // Until it has done another part, and then for a random moment; the last is let live.
            let deadline = ContinuousClock.now + .seconds(60)
            while process.isRunning, round < 8, ContinuousClock.now < deadline {
                if parts().count > before {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...20)))
                    break
                }
                try await Task.sleep(for: .milliseconds(2))
            }
            if process.isRunning, round < 8 {
                kill(process.processIdentifier, SIGKILL)
                kills += 1
            }
            process.waitUntilExit()
            if process.terminationReason == .exit, process.terminationStatus == 0 { break }
            let now = parts()
            partsAtKills.append(now.count)
            // What was done stays, and is not done again.
            for part in now {
                if let known = inodes.updateValue(inode(part) ?? 0, forKey: part) { #expect(known == inode(part)) }
            }
            #expect(now.count >= before)
            unlink(film)
        }
        #expect(kills >= 3, "\(partsAtKills)")
        #expect(try Film(film) == expected.film)
        #expect(try Self.beside(folder.path) == Self.beside(expected.folder.path))
    }

    @Test func partsOfAnotherMasterAreNotTaken() throws {
        let folder = try ScratchFolder()
        let store = try CompositionStore(folder: folder.file("parts"))
        defer { store.close() }
        try writeMaster(folder.file("master.mkv"))
        let options = Self.options(folder.path, threads: 1)
        let source = CompositionPlan.Source(master: folder.file("master.mkv"), options: options)
        try Data("x".utf8).write(to: URL(fileURLWithPath: store.sound))
        try store.keep(CompositionPlan(source: source, timeline: SpeakerTimeline()))
        try Data("x".utf8).write(to: URL(fileURLWithPath: store.segment(0)))
        #expect(store.plan(of: source) != nil && store.isDone(0))
        var larger = options
        larger.width += 2
        #expect(store.plan(of: CompositionPlan.Source(master: folder.file("master.mkv"), options: larger)) == nil)
        #expect(!store.isDone(0))
    }
}
