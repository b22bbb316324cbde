import Archive
import Foundation
import Glibc
import Matroska
import Recorder

/// The parts of a recording that went on after the daemon began again: `master.mkv`, and beside it `master-2.mkv` and so on.
/// Once the meeting is over they become one master, by recording them again.
struct RecordingParts: Sendable {
    /// More restarts than this in one meeting are not counted.
    private static let most = 99

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let paths: PackagePaths
    /// How many there are.
    let count: Int

    init(_ paths: PackagePaths) {
        self.paths = paths
        count = (1...Self.most).last { access(Self.path($0, paths), F_OK) == 0 } ?? 0
    }

    /// Where the part with this number is, from 1 on.
    func path(_ number: Int) -> String { Self.path(number, paths) }

    private static func path(_ number: Int, _ paths: PackagePaths) -> String {
        number == 1 ? paths.master : paths.payload("master-\(number).mkv")
    }

    /// What is known of the whole so far.
    struct Extent: Sendable {
        /// When the first part began.
        var began: Date
        /// From then to the end of the last.
        var milliseconds: Int64
        var damagedClusters = 0
    }

    /// Of a recording whose daemon lived until then, without reading it.
    func glance(until: Date) -> Extent? {
        guard let nanoseconds = try? MatroskaReader(path: path(1)).info.dateNanoseconds else { return nil }
        let began = Date(timeIntervalSince1970: Double(nanoseconds) / 1e9)
        return Extent(began: began, milliseconds: Int64(max(0, until.timeIntervalSince(began)) * 1_000))
    }

    /// Finishes parts whose recorder died; nil where nothing was recorded.
    func recover() throws(RecorderFailure) -> Extent? {
        var extent: Extent?
        for number in stride(from: 1, through: count, by: 1) where access(path(number), F_OK) == 0 {
            let part = try MeetingRecorder.recover(path: path(number))
            guard let nanoseconds = part.beganNanoseconds else { continue }
            let began = Date(timeIntervalSince1970: Double(nanoseconds) / 1e9)
            var whole = extent ?? Extent(began: began, milliseconds: 0)
            whole.milliseconds = max(
                whole.milliseconds, Int64(began.timeIntervalSince(whole.began) * 1_000) + part.durationMilliseconds)
            whole.damagedClusters += part.damagedClusters
            extent = whole
        }
        return extent
    }

    /// Makes one master of all. Returns what it lacks; nil where there was one part only. What is joined stays joined where a
    /// later part fails.
    func join() async throws(Failure) -> GapMap? {
        guard count > 1 else { return nil }
        // A part whose recorder died was left as it was when the meeting went on.
        do throws(RecorderFailure) { _ = try recover() } catch { throw Failure(description: error.description) }
        do { try FileManager.default.createDirectory(atPath: paths.work, withIntermediateDirectories: true) } catch {
            throw Failure(description: "\(error)")
        }
        var gaps: GapMap?
        for number in 2...count where access(path(number), F_OK) == 0 {
            guard access(paths.master, F_OK) == 0 else {
                for (from, to) in zip(MasterMerge.files(of: path(number)), MasterMerge.files(of: paths.master)) {
                    rename(from, to)
                }
                continue
            }
            switch await SecondRecording.merge(
                paths.master, path(number), into: paths.work + "/merged.mkv", areParts: true)
            {
            case .failure(let reason): throw Failure(description: reason.text)
            case .success(let line):
                guard SecondRecording.commit(paths.work, paths.master) else {
                    throw Failure(description: String(cString: strerror(errno)))
                }
                gaps = line.gaps
                MasterMerge.remove(path(number))
            }
        }
        return gaps
    }
}
