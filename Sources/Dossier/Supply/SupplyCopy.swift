import ChildProcesses
import Foundation
import Synchronization

/// Makes the copy that is given out, of a film MPEG-4 with H.264 and AAC, of sound alone a sound file: ffmpeg as a child
/// process, niced, with bounded threads and length, killed when the task is cancelled.
public struct SupplyCopy: Sendable {
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// A program that is not installed, and Debian's package of it.
        case absent(program: String, package: String)
        case unreadable(path: String, reason: String)
        case failed(reason: String)
        /// In 1,000 bits a second.
        case tooPoor(kilobits: Int, least: Int)
        /// Another length than what it was made of, in seconds.
        case tooShort(seconds: Double, of: Double)
        case cancelled

        public var description: String {
            switch self {
            case .absent(let program, let package): "\(program) is not installed (apt-get install \(package))"
            case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
            case .failed(let reason): "the copy was not made: \(reason)"
            case .tooPoor(let kilobits, let least): "the copy has \(kilobits) kbit/s of film, less than \(least)"
            case .tooShort(let seconds, let whole): "the copy has \(seconds) s of \(whole)"
            case .cancelled: "it was cancelled"
            }
        }
    }

    public struct Progress: Hashable, Sendable {
        /// 0 to 1.
        public var done: Double
        /// At the speed so far; nil before that is known.
        public var remaining: Duration?
    }

    /// What was made.
    public struct Result: Hashable, Sendable {
        public var path: String
        public var kind: Recording.Kind
        public var mime: String
        public var duration: Duration
    }

    /// How long the stages may take for one second of film, and beyond that, so that one that hangs ends.
    private static let slowest = 20.0
    private static let patience = 120.0

    private let supply: DossierProfile.Supply
    private let threads: Int
    private let ffmpeg: String
    private let ffprobe: String

    /// - Parameter prefix: where Debian's programs are, such as `/usr/bin`.
    public init(_ supply: DossierProfile.Supply, threads: Int = 1, programs prefix: String = "/usr/bin") {
        self.supply = supply
        self.threads = max(1, threads)
        ffmpeg = prefix + "/ffmpeg"
        ffprobe = prefix + "/ffprobe"
    }

    /// The version by which the copy's description names the program; nil where it is not installed.
    public func program() async -> DossierFile.Program? {
        guard let said = try? await run([ffmpeg, "-version"], limit: 10) else { return nil }
        let words = said.prefix { !$0.isNewline }.split(separator: " ")
        return DossierFile.Program(name: "FFmpeg", version: words.count > 2 ? String(words[2]) : "?")
    }

    /// Makes the copy of `source` below `folder` under `name`, to which its ending is added. A copy that is not whole, or
    /// poorer than the rules want, is not left there.
    /// - Parameter marking: what makes it somebody's own.
    public func make(
        from source: String, in folder: String, named name: String, marking: CopyMarking? = nil,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws(Failure) -> Result {
        var origin = try await probe(source)
        if let marking { origin.seconds = marking.bounds(of: origin.seconds).length }
        guard origin.seconds > 0 else { throw .unreadable(path: source, reason: "it ends before the span begins") }
        let kind: Recording.Kind = origin.hasFilm ? .film : .sound
        let (ending, mime) =
            switch (kind, supply.sound) {
            case (.film, _): ("mp4", "video/mp4")
            case (.sound, .wav): ("wav", "audio/wav")
            case (.sound, .mp3): ("mp3", "audio/mpeg")
            case (.sound, .aac): ("aac", "audio/aac")
            }
        let path = "\(folder)/\(name).\(ending)"
        let unfinished = "\(folder)/.\(name).unfinished.\(ending)"
        let work = "\(folder)/.\(name).work"
        defer {
            for path in [unfinished, work + ".pcm", work + ".txt"] { try? FileManager.default.removeItem(atPath: path) }
        }
        if let marking { try await prepare(marking, source, origin, work) }
        let watch = ProgressWatch(whole: origin.seconds, report: progress)
        _ = try await run(
            [ffmpeg] + arguments(source, origin, unfinished, marking.map { ($0, work) }),
            limit: origin.seconds * Self.slowest + Self.patience
        ) { watch.hear($0) }
        let copy = try await probe(unfinished)
        if kind == .film, copy.filmKilobits < supply.leastVideoKilobits {
            throw .tooPoor(kilobits: copy.filmKilobits, least: supply.leastVideoKilobits)
        }
        guard copy.seconds >= origin.seconds - max(1, origin.seconds / 1000) else {
            throw .tooShort(seconds: copy.seconds, of: origin.seconds)
        }
        guard rename(unfinished, path) == 0 else { throw .failed(reason: String(cString: strerror(errno))) }
        progress(Progress(done: 1, remaining: .zero))
        return Result(path: path, kind: kind, mime: mime, duration: .seconds(copy.seconds))
    }

    /// The sound of the span, with the trace in it, and the notice, beside the copy.
    private func prepare(
        _ marking: CopyMarking, _ source: String, _ origin: Probe, _ work: String
    ) async throws(Failure) {
        do {
            try Data(marking.notice.filter { !$0.isNewline }.utf8).write(to: URL(fileURLWithPath: work + ".txt"))
            guard origin.hasSound else { return }
            _ = try await run(
                [ffmpeg] + Self.quiet + Self.span(marking, origin) + ["-i", "file:\(source)", "-map", "0:a:0"]
                    // From the beginning of the span on, also where its sound begins later.
                    + ["-af", "aresample=async=1:first_pts=0"] + TracedSound.arguments + ["file:\(work).pcm"],
                limit: origin.seconds * Self.slowest + Self.patience)
            try TracedSound.apply(marking.signs, toSamplesOf: work + ".pcm")
        } catch let failure as Failure {
            throw failure
        } catch is CancellationError {
            throw .cancelled
        } catch {
            throw .failed(reason: "\(error)")
        }
    }

    private static let quiet = [
        "-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-protocol_whitelist", "file,pipe",
    ]

    private static func span(_ marking: CopyMarking, _ origin: Probe) -> [String] {
        guard let span = marking.span else { return [] }
        return ["-ss", "\(Double(span.lowerBound) / 1000)", "-t", "\(origin.seconds)"]
    }

    private func arguments(
        _ source: String, _ origin: Probe, _ output: String, _ marked: (CopyMarking, work: String)?
    ) -> [String] {
        let traced = marked.flatMap { origin.hasSound ? TracedSound.arguments + ["-i", "file:\($0.work).pcm"] : nil }
        let head =
            Self.quiet + ["-nostats", "-progress", "pipe:1"] + (marked.map { Self.span($0.0, origin) } ?? [])
            + ["-i", "file:\(source)"] + (traced ?? []) + ["-map_metadata", "-1", "-threads", "\(threads)"]
        let sound =
            origin.hasSound
            ? ["-map", traced == nil ? "0:a:0" : "1:a:0", "-ar", "48000", "-ac", "2"] : ["-an"]
        guard origin.hasFilm else {
            let codec =
                switch supply.sound {
                // RF64 where a day of sound is longer than RIFF can say.
                case .wav: ["-c:a", "pcm_s16le", "-rf64", "auto"]
                case .mp3: ["-c:a", "libmp3lame", "-b:a", "\(supply.audioKilobits)k"]
                case .aac: ["-c:a", "aac", "-b:a", "\(supply.audioKilobits)k", "-f", "adts"]
                }
            return head + sound + codec + ["file:\(output)"]
        }
        let rate = "\(supply.videoKilobits)k"
        // At a constant rate with filling: a picture that hardly moves would otherwise need less than the rules want.
        let film = [
            "-map", "0:v:0", "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p",
            "-vf", "scale=trunc(iw/2)*2:trunc(ih/2)*2" + (marked.map { Self.notice($0.work + ".txt") } ?? ""), "-b:v",
            rate, "-minrate", rate, "-maxrate", rate, "-bufsize",
            rate,
            "-x264-params", "nal-hrd=cbr:force-cfr=1", "-g", "250", "-fps_mode", "cfr",
        ]
        return head + film + sound
            + (origin.hasSound ? ["-c:a", "aac", "-b:a", "\(supply.audioKilobits)k"] : [])
            + ["-movflags", "+faststart", "file:\(output)"]
    }

    /// At the foot of each picture, as wide as it is or less.
    private static func notice(_ path: String) -> String {
        ",drawtext=font=Noto Sans:textfile=\(FilterText.escaped(path)):expansion=none:fontsize=h/30:fontcolor=white@0.8"
            + ":box=1:boxcolor=black@0.4:boxborderw=6:x=(w-text_w)/2:y=h-text_h-12"
    }

    // MARK: - ffprobe

    private struct Probe {
        var seconds: Double
        var hasFilm = false
        var hasSound = false
        var filmKilobits = 0
    }

    private struct Probed: Decodable {
        struct Stream: Decodable {
            var codec_type: String?
            var bit_rate: String?
        }
        struct Format: Decodable {
            var duration: String?
        }
        var streams: [Stream]?
        var format: Format?
    }

    private func probe(_ path: String) async throws(Failure) -> Probe {
        let said = try await run(
            [
                ffprobe, "-v", "error", "-protocol_whitelist", "file,pipe", "-of", "json", "-show_entries",
                "stream=codec_type,bit_rate:format=duration", "file:\(path)",
            ], limit: Self.patience)
        guard let probed = try? JSONDecoder().decode(Probed.self, from: Data(said.utf8)),
            let seconds = probed.format?.duration.flatMap(Double.init), seconds.isFinite, seconds > 0, seconds < 1e7
        else { throw .unreadable(path: path, reason: "it has no length") }
        let streams = probed.streams ?? []
        let film = streams.first { $0.codec_type == "video" }
        return Probe(
            seconds: seconds, hasFilm: film != nil, hasSound: streams.contains { $0.codec_type == "audio" },
            filmKilobits: (film?.bit_rate.flatMap(Int.init) ?? 0) / 1000)
    }

    // MARK: - Children

    /// Runs a program to its end; gives the beginning of what it said, of which `onLine` hears each line at once.
    private func run(
        _ command: [String], limit seconds: Double, onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(Failure) -> String {
        guard let program = command.first, FileManager.default.isExecutableFile(atPath: program) else {
            throw .absent(program: ((command.first ?? "") as NSString).lastPathComponent, package: "ffmpeg")
        }
        let child = ChildProcess(
            program, Array(command.dropFirst()), environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"],
            limits: .init(time: .seconds(min(max(1, seconds), 1e7)), niceness: 15), place: .ofJobs)
        let outcome: ChildProcess.Outcome
        do { outcome = try await child.run(onLine: onLine) } catch { throw .failed(reason: "\(error)") }
        guard outcome.ending != .cancelled else { throw .cancelled }
        guard outcome.isSuccess else { throw .failed(reason: outcome.complaint) }
        return String(decoding: outcome.output, as: UTF8.self)
    }
}

/// Makes progress of what ffmpeg says with `-progress`: `out_time_us`, `speed`, and `progress` at the end of each block.
final class ProgressWatch: Sendable {
    private struct State {
        var done = 0.0
        var speed: Double?
    }
    private let state = Mutex(State())
    /// In seconds.
    private let whole: Double
    private let report: @Sendable (SupplyCopy.Progress) -> Void

    init(whole: Double, report: @escaping @Sendable (SupplyCopy.Progress) -> Void) {
        self.whole = whole
        self.report = report
    }

    func hear(_ line: String) {
        let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.count == 2 else { return }
        let progress = state.withLock { state -> SupplyCopy.Progress? in
            switch parts[0] {
            case "out_time_us":
                // Before its first picture it says that there is none, or a negative time.
                if let micros = Double(parts[1]), micros > 0 { state.done = min(whole, micros / 1e6) }
                return nil
            case "speed":
                state.speed = Double(parts[1].replacingOccurrences(of: "x", with: "")).flatMap { $0 > 0 ? $0 : nil }
                return nil
            case "progress":
                return SupplyCopy.Progress(
                    done: whole > 0 ? state.done / whole : 0,
                    remaining: state.speed.map { .seconds(min((whole - state.done) / $0, 1e7)) })
            default: return nil
            }
        }
        if let progress { report(progress) }
    }
}
