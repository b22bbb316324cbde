import Crypto
import Foundation
import Testing
import Trace

@testable import Dossier

/// Copies that say for whom they are, made and read by ffmpeg.
@Suite(.serialized, .enabled(if: Program.have("ffmpeg", "ffprobe", "espeak-ng"))) struct MarkedCopyTests {
    /// Always the same: how certain a half minute is depends on the signs.
    private static let key = SymmetricKey(data: Array("one key for all runs of this test.".utf8.prefix(32)))
    private let scratch: Scratch
    private let profile: DossierProfile

    init() throws {
        scratch = try Scratch()
        profile = try Sample.profile(scratch)
    }

    /// 50 s: a grey picture that turns blue at 0:20, and somebody who counts.
    private func film() throws -> String {
        let (speech, path) = (scratch.path + "/speech.wav", scratch.path + "/film.webm")
        let words = (100...180).map { "\($0)" }.joined(separator: ", ")
        try Program.run("espeak-ng", ["-v", "vi", "-w", speech, words])
        try Program.run(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=c=gray:size=640x360:rate=15:duration=20", "-f",
                "lavfi",
                "-i", "color=c=blue:size=640x360:rate=15:duration=30", "-i", speech, "-filter_complex",
                "[0:v][1:v]concat=n=2[v]", "-map", "[v]", "-map", "2:a", "-t", "50", "-c:v", "libvpx", "-deadline",
                "realtime", "-b:v", "300k", "-c:a", "libopus", "-b:a", "48k", path,
            ])
        return path
    }

    private func curve(_ path: String) throws -> LevelCurve {
        let raw = scratch.path + "/\(UUID().uuidString).pcm"
        try Program.run(
            "ffmpeg", ["-nostdin", "-v", "error", "-i", path, "-f", "s16le", "-ar", "48000", "-ac", "1", raw])
        var curve = LevelCurve(sampleRate: 48_000)
        try Data(contentsOf: URL(fileURLWithPath: raw)).withUnsafeBytes { curve.add($0.bindMemory(to: Int16.self)) }
        return curve
    }

    /// Mean colour of a picture's part, red, green, blue.
    private func colour(_ path: String, at seconds: Double, _ part: String) throws -> [Int] {
        let raw = scratch.path + "/\(UUID().uuidString).rgb"
        try Program.run(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-ss", "\(seconds)", "-i", path, "-frames:v", "1", "-vf",
                "crop=\(part),scale=1:1:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", raw,
            ])
        return try Data(contentsOf: URL(fileURLWithPath: raw)).map(Int.init)
    }

    @Test(.timeLimit(.minutes(3))) func aCopyIsOfItsSpanAndSaysInPictureAndSoundForWhomItIs() async throws {
        let source = try film()
        // A folder such as nobody should have, for the names in filter graphs.
        let folder = scratch.path + "/it's: [a], b;c"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let marking = CopyMarking(
            span: 15_000..<45_000, notice: "Bản cấp cho Sở Tư pháp — Nguyễn Thị Lan — số 7 — 27/11/2026",
            signs: TraceSequence(key: Self.key, copy: 7))
        let result = try await SupplyCopy(profile.supply).make(
            from: source, in: folder, named: "copy", marking: marking)
        #expect(abs(result.duration / .seconds(1) - 30) < 0.2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["copy.mp4"], "nothing else is left")

        // Grey until the fifth second, then blue; the notice's place is neither.
        let (before, after) = (
            try colour(result.path, at: 4, "640:200:0:0"), try colour(result.path, at: 6, "640:200:0:0")
        )
        #expect(abs(before[0] - before[2]) < 12 && after[2] > 200 && after[0] < 40, "\(before) \(after)")
        let noticed = try colour(result.path, at: 10, "300:10:170:334")
        #expect(noticed[0] > 40, "white letters on blue: \(noticed)")
        if let shots = ProcessInfo.processInfo.environment["CAUSEWAY_SCREENSHOTS"] {
            try Program.run(
                "ffmpeg",
                [
                    "-nostdin", "-v", "error", "-y", "-ss", "10", "-i", result.path, "-frames:v", "1",
                    "\(shots)/marked-copy.png",
                ])
        }

        let detector = TraceDetector(original: try curve(source))
        let copied = try curve(result.path)
        let place = try #require(detector.place(of: copied))
        #expect(abs(place - 1500) < 10)
        let found = detector.findings(
            in: copied, at: place, (1...30).map { .init(copy: $0, begins: 15_000) }, key: Self.key)
        #expect(found.first?.copy == 7 && found.first?.isCertain == true, "\(found.prefix(3))")
        #expect(found.dropFirst().allSatisfy { !$0.isCertain })
    }

    @Test func aSpanBehindTheEndIsRefused() async throws {
        let source = try film()
        let marking = CopyMarking(span: 90_000..<95_000, notice: "x", signs: TraceSequence(key: Self.key, copy: 1))
        await #expect(throws: SupplyCopy.Failure.self) {
            try await SupplyCopy(profile.supply).make(
                from: source, in: scratch.path, named: "copy", marking: marking)
        }
    }

    @Test func textsAreEscapedForFilterGraphs() {
        #expect(FilterText.escaped("/a/b.txt") == "/a/b.txt")
        #expect(FilterText.escaped("it's: a,b") == #"it\\\'s\\: a\,b"#)
    }
}
