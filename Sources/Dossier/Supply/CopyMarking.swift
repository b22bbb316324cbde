import ChildProcesses
import Foundation
import Trace

/// What makes a copy that of one recipient: the span that was granted, a line on every picture that says for whom it is, and a
/// trace in the sound.
public struct CopyMarking: Sendable {
    /// Milliseconds of the source; nil for all of it.
    public var span: Range<Int64>?
    /// One line.
    public var notice: String
    public var signs: TraceSequence

    public init(span: Range<Int64>? = nil, notice: String, signs: TraceSequence) {
        self.span = span
        self.notice = notice
        self.signs = signs
    }

    /// Where in the source the copy begins, and how long it is, in seconds.
    func bounds(of seconds: Double) -> (from: Double, length: Double) {
        guard let span else { return (0, seconds) }
        let from = min(seconds, Double(span.lowerBound) / 1000)
        return (from, max(0, min(seconds, Double(span.upperBound) / 1000) - from))
    }
}

/// Sound of 48 kHz and two channels, as it comes out of ffmpeg and goes into it again.
enum TracedSound {
    static let arguments = ["-f", "s16le", "-ar", "48000", "-ac", "2"]
    private static let piece = 1 << 20

    /// Writes the trace into the samples of a file, in place of what they were.
    static func apply(_ signs: TraceSequence, toSamplesOf path: String) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var trace = SoundTrace(signs, sampleRate: 48_000, channels: 2)
        var offset: UInt64 = 0
        while true {
            try Task.checkCancellation()
            try file.seek(toOffset: offset)
            guard let data = try file.read(upToCount: piece), data.count >= 4 else { return }
            let whole = data.count / 4 * 4
            var samples = [Int16](repeating: 0, count: whole / 2)
            _ = samples.withUnsafeMutableBytes { data.prefix(whole).copyBytes(to: $0) }
            samples.withUnsafeMutableBufferPointer { trace.apply(to: $0) }
            try file.seek(toOffset: offset)
            try file.write(contentsOf: samples.withUnsafeBytes { Data($0) })
            offset += UInt64(whole)
        }
    }
}

/// A text as a value in a filter graph of ffmpeg's (ffmpeg-filters, "Notes on filtergraph escaping"): escaped for the filter's
/// options, and then for the graph.
enum FilterText {
    static func escaped(_ text: String) -> String {
        func escape(_ text: String, _ special: Set<Character>) -> String {
            text.map { special.contains($0) ? "\\\($0)" : "\($0)" }.joined()
        }
        return escape(escape(text, ["\\", "'", ":"]), ["\\", "'", "[", "]", ",", ";"])
    }
}
