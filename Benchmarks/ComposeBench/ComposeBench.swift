import BenchSupport
import Composer
import Foundation
import Glibc

/// An access copy composed by us and by ffmpeg: of the same master, in the same layout, by the same encoders with the same
/// settings, one after the other on the same processors.
///
///     compose-bench [--seconds 120] [--runs 3] [--threads N] [--keep FOLDER]
@main struct ComposeBench {
    static func main() throws {
        var values: [String: String] = [:]
        var arguments = CommandLine.arguments.dropFirst()
        while let name = arguments.popFirst() {
            guard ["--seconds", "--runs", "--threads", "--keep"].contains(name), let value = arguments.popFirst() else {
                print("usage: compose-bench [--seconds 120] [--runs 3] [--threads N] [--keep FOLDER]")
                exit(2)
            }
            values[name] = value
        }
        let seconds = values["--seconds"].flatMap { Int($0) } ?? 120
        let runs = max(1, values["--runs"].flatMap { Int($0) } ?? 3)
        let threads = values["--threads"].flatMap { Int($0) } ?? ProcessInfo.processInfo.activeProcessorCount
        let folder = values["--keep"] ?? NSTemporaryDirectory() + "compose-bench-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { if values["--keep"] == nil { try? FileManager.default.removeItem(atPath: folder) } }

        let master = folder + "/master.mkv"
        if !FileManager.default.fileExists(atPath: master) { try SampleMaster(seconds: seconds).write(to: master) }
        print("\(Machine.processorName), \(threads) threads; load \(load())")
        var ours: [Figure] = []
        var theirs: [FFmpeg.Look: [Figure]] = [:]
        for _ in 0..<runs {
            ours.append(try Figure.of(folder + "/ours.webm") { try compose(master, to: $0, threads) })
            for look in FFmpeg.Look.allCases {
                theirs[look, default: []].append(
                    try Figure.of(folder + "/ffmpeg-\(look.rawValue).webm") {
                        try FFmpeg.compose(master, to: $0, threads, look)
                    })
            }
        }
        print("                  by the clock   × the meeting   of processors    octets")
        for figure in ours { print(figure.line("causeway", Double(seconds))) }
        for look in FFmpeg.Look.allCases {
            let figures = theirs[look] ?? []
            for figure in figures { print(figure.line("ffmpeg \(look.rawValue)", Double(seconds))) }
            print(
                "causeway ÷ ffmpeg \(look.rawValue), medians: "
                    + String(
                        format: "%.2f by the clock, %.2f of processors; load %@", ratio(ours, figures, \.seconds),
                        ratio(ours, figures, \.processorSeconds), load()))
        }
    }

    private static func compose(_ master: String, to output: String, _ threads: Int) throws {
        _ = try Composition.compose(
            master: master, output: output,
            options: CompositionOptions(
                width: FFmpeg.width, height: FFmpeg.height, frameRate: FFmpeg.frameRate, title: "Giao ban",
                threads: threads))
    }

    private static func ratio(_ ours: [Figure], _ theirs: [Figure], _ value: KeyPath<Figure, Double>) -> Double {
        func median(_ figures: [Figure]) -> Double { figures.map { $0[keyPath: value] }.sorted()[figures.count / 2] }
        return median(ours) / median(theirs)
    }

    private static func load() -> String {
        let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        return String(text.prefix { $0 != " " })
    }
}

/// What one composition took.
struct Figure {
    var seconds: Double
    var processorSeconds: Double
    var octets: Int

    static func of(_ output: String, _ compose: (String) throws -> Void) throws -> Figure {
        unlink(output)
        let processor = Machine.ownSeconds
        let start = ContinuousClock.now
        try compose(output)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let size = try FileManager.default.attributesOfItem(atPath: output)[.size] as? Int ?? 0
        return Figure(seconds: seconds, processorSeconds: Machine.ownSeconds - processor, octets: size)
    }

    func line(_ name: String, _ length: Double) -> String {
        name.padding(toLength: 14, withPad: " ", startingAt: 0)
            + String(format: "%12.2f s %15.1f %13.2f s %9d", seconds, length / seconds, processorSeconds, octets)
    }
}
