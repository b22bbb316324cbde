import Documents
import Foundation
import Synchronization
import Testing

@testable import Dossier

@Suite(.serialized) struct SupplyTests {
    private let scratch: Scratch
    private let profile: DossierProfile

    init() throws {
        scratch = try Scratch()
        profile = try Sample.profile(scratch)
    }

    @Test func theSheetHasTheElevenItems() throws {
        let dossier = try Sample.dossier(scratch, for: .dissemination)
        let sheet = try SupplySheet(dossier, profile)
        #expect(sheet.items.map(\.mark) == ["a", "b", "c", "d", "đ", "e", "g", "h", "i", "k", "l"])
        #expect(sheet.items[3].value == "LTLS.46.H57.2026.12-GB/UBND")
        #expect(sheet.items[5].value == "Phim, văn bản")
        #expect(sheet.items[7].value == "Công vụ: Phục vụ công tác thanh tra")
        #expect(sheet.items[8].value == "25/11/2026")
        var nobody = dossier
        nobody.request?.recipient = " "
        #expect(throws: DossierFault.self) { try SupplySheet(nobody, profile) }
    }

    @Test(.enabled(if: Program.have("weasyprint", "qpdf", "pdftotext")), .timeLimit(.minutes(2)))
    func theSheetIsPDFAWithAllMarks() async throws {
        let pdf = try await SupplySheet(try Sample.dossier(scratch, for: .dissemination), profile)
            .pdf(DocumentRenderer())
        let path = try scratch.file("sheet.pdf", pdf)
        if let folder = ProcessInfo.processInfo.environment["CAUSEWAY_SHOTS"] {
            try pdf.write(to: URL(fileURLWithPath: "\(folder)/authentication-sheet.pdf"))
        }
        try Program.run("qpdf", ["--check", path])
        let text = try Program.run("pdftotext", ["-layout", path, "-"])
        for words in ["Phiếu xác thực tài liệu lưu trữ số", "Trần Văn Đức", "Thời hạn sử dụng"] {
            #expect(text.contains(words))
        }
    }

    /// Seconds of a picture that hardly moves, as Matroska with VP8 and Opus.
    private func film(_ seconds: Int, sound: Bool = true, picture: Bool = true) throws -> String {
        let path = scratch.path + "/source-\(seconds)\(sound)\(picture).mkv"
        try Program.run(
            "ffmpeg",
            ["-nostdin", "-v", "error"]
                + (picture ? ["-f", "lavfi", "-i", "color=c=gray:size=641x361:rate=15:duration=\(seconds)"] : [])
                + (sound ? ["-f", "lavfi", "-i", "sine=frequency=440:duration=\(seconds)"] : [])
                + (picture ? ["-c:v", "libvpx", "-b:v", "200k", "-deadline", "realtime"] : [])
                + (sound ? ["-c:a", "libopus"] : []) + [path])
        return path
    }

    private func probe(_ path: String) throws -> [String] {
        try Program.run(
            "ffprobe",
            [
                "-v", "error", "-show_entries", "stream=codec_name,bit_rate:format=format_name", "-of",
                "default=nw=1:nk=1", path,
            ]
        ).split(separator: "\n").map(String.init)
    }

    @Test(.enabled(if: Program.have("ffmpeg", "ffprobe")), .timeLimit(.minutes(5)))
    func aFilmBecomesMPEG4OfTheLeastRate() async throws {
        let progress = Mutex<[SupplyCopy.Progress]>([])
        let copy = SupplyCopy(profile.supply)
        let made = try await copy.make(from: try film(20), in: scratch.path, named: "copy") { step in
            progress.withLock { $0.append(step) }
        }
        #expect(made.kind == .film && made.mime == "video/mp4" && made.path == scratch.path + "/copy.mp4")
        #expect(abs(Double(made.duration.components.seconds) - 20) <= 1)
        let probed = try probe(made.path)
        #expect(probed.contains("h264") && probed.contains("aac"))
        #expect(probed.compactMap(Int.init).max() ?? 0 >= 1_500_000)
        let steps = progress.withLock { $0 }
        #expect(steps.last == SupplyCopy.Progress(done: 1, remaining: .zero))
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.done <= $1.done })
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.path).filter { $0.contains("unfinished") } == []
        )
        #expect(await copy.program()?.name == "FFmpeg")
    }

    @Test(.enabled(if: Program.have("ffmpeg", "ffprobe")), .timeLimit(.minutes(5)))
    func soundAloneBecomesASoundFile() async throws {
        let source = try film(3, picture: false)
        for (sound, codec, mime) in [
            (DossierProfile.Supply.Sound.wav, "pcm_s16le", "audio/wav"), (.mp3, "mp3", "audio/mpeg"),
            (.aac, "aac", "audio/aac"),
        ] {
            var supply = profile.supply
            supply.sound = sound
            let made = try await SupplyCopy(supply).make(from: source, in: scratch.path, named: "sound")
            #expect(made.kind == .sound && made.mime == mime)
            #expect(try probe(made.path).contains(codec))
        }
    }

    @Test(.enabled(if: Program.have("ffmpeg", "ffprobe")), .timeLimit(.minutes(5)))
    func whatIsTooPoorIsNotLetOut() async throws {
        var supply = profile.supply
        supply.leastVideoKilobits = 50_000
        let source = try film(2, sound: false)
        do {
            _ = try await SupplyCopy(supply).make(from: source, in: scratch.path, named: "poor")
            Issue.record("it was let out")
        } catch {
            guard case .tooPoor(_, 50_000) = error else {
                Issue.record("\(error)")
                return
            }
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/poor.mp4"))
    }

    @Test(.enabled(if: Program.have("ffmpeg", "ffprobe")), .timeLimit(.minutes(5)))
    func whatIsNoFilmIsRefused() async throws {
        let source = try scratch.file("x.mkv", Data(repeating: 7, count: 1000))
        await #expect(throws: SupplyCopy.Failure.self) {
            try await SupplyCopy(profile.supply).make(from: source, in: scratch.path, named: "x")
        }
        await #expect(throws: SupplyCopy.Failure.absent(program: "ffprobe", package: "ffmpeg")) {
            try await SupplyCopy(profile.supply, programs: "/nowhere").make(
                from: source, in: scratch.path, named: "x")
        }
    }

    @Test(.enabled(if: Program.have("ffmpeg", "ffprobe")), .timeLimit(.minutes(5)))
    func cancellingEndsTheChildAndLeavesNothing() async throws {
        // Half an hour: more than is encoded before it is cancelled.
        let source = scratch.path + "/half-hour.mkv"
        try Program.run(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=c=gray:size=320x180:rate=25:duration=1800",
                "-c:v", "mpeg4", source,
            ])
        let (folder, supply) = (scratch.path, profile.supply)
        let running = AsyncStream<Void>.makeStream()
        let task = Task {
            try await SupplyCopy(supply).make(from: source, in: folder, named: "long") { _ in
                running.continuation.yield()
            }
        }
        for await _ in running.stream { break }
        let begun = ContinuousClock.now
        task.cancel()
        await #expect(throws: SupplyCopy.Failure.cancelled) { try await task.value }
        #expect(begun.duration(to: .now) < .seconds(10))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains("long") } == [])
    }

    @Test func progressIsWhatFFmpegSays() {
        let heard = Mutex<[SupplyCopy.Progress]>([])
        let watch = ProgressWatch(whole: 100) { step in heard.withLock { $0.append(step) } }
        for line in [
            "out_time_us=N/A", "speed=N/A", "progress=continue", "out_time_us=25000000", "speed= 2.5x",
            "progress=continue", "out_time_us=-9", "out_time_us=999000000", "speed=0x", "progress=end", "junk",
        ] { watch.hear(line) }
        #expect(
            heard.withLock { $0 } == [
                .init(done: 0, remaining: nil), .init(done: 0.25, remaining: .seconds(30)),
                .init(done: 1, remaining: nil),
            ])
    }
}
