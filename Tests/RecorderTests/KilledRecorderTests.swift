import Evidence
import Foundation
import Glibc
import Matroska
import MediaPlane
import RTP
import Testing

@testable import Archive
@testable import Recorder

/// Records in real time until it is killed.
@Suite struct KilledRecorderChild {
    @Test(.enabled(if: ChildProcess.folder != nil, "runs only as the child of KilledRecorderTests"))
    func recordUntilKilled() async throws {
        let folder = try #require(ChildProcess.folder)
        let feed = try LiveFeed(media: (folder as NSString).deletingLastPathComponent, folder: folder)
        try await feed.record(for: 60 * second, points: 4, joinEvery: 300 * milli)
    }
}

@Suite(.serialized) struct KilledRecorderTests {
    private static let kills = 100
    private static let atOnce = 5

    @Test(.enabled(if: EncodedMedia.canEncode, "ffmpeg with libvpx, libx264 and libopus is not installed"))
    func ofAHundredKilledRecordersNoneLosesASecond() async throws {
        let folder = try ScratchFolder()
        try LiveFeed.prepare(in: folder.path)
        let path = folder.path
        let lengths = try await withThrowingTaskGroup(of: Int64.self) { group in
            var lengths: [Int64] = []
            for kill in 0..<Self.kills {
                if kill >= Self.atOnce, let length = try await group.next() { lengths.append(length) }
                group.addTask { try await Self.killOne(in: path + "/\(kill)") }
            }
            for try await length in group { lengths.append(length) }
            return lengths
        }
        #expect(lengths.count == Self.kills)
        // They were killed early and late, and most of them with something recorded.
        #expect(lengths.count { $0 > 500 } > Self.kills / 2 && lengths.contains { $0 < 500 }, "\(lengths)")
    }

    /// Kills a child at a random moment from when it makes the file, and returns how much it had taken in, in milliseconds.
    private static func killOne(in folder: String) async throws -> Int64 {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/" + LiveFeed.master
        let child = try ChildProcess("KilledRecorderChild", folder: folder)
        let hasBegun = await eventually(within: .seconds(60)) { FileManager.default.fileExists(atPath: path) }
        try #require(hasBegun, "the child did not begin: \(child.output)")
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...2_500)))
        #expect(child.kill() == SIGKILL)

        var taken = Taken()
        taken.add((try? Data(contentsOf: URL(fileURLWithPath: folder + "/" + Taken.fileName))) ?? Data())
        let length = taken.newest.values.max() ?? 0
        let outcome: RecoveredMaster
        do { outcome = try MeetingRecorder.recover(path: path) } catch {
            // Killed before the file had a head.
            #expect(length < 1_000, "\(error) after \(length) ms")
            return length
        }
        #expect(outcome.wasNeeded)
        try expectWithinASecond(path, of: taken)
        try expectEvents(folder + "/" + LiveFeed.events, of: taken)
        let text = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + LiveFeed.chain))
        let record = try #require(ClusterChainRecord(parsing: text))
        guard case .recovered(let recovered) = record.end else {
            Issue.record("the chain's end is \(record.end)")
            return length
        }
        // The recorder chained each cluster as it wrote it: at most the one of its last moment has no line of its own.
        #expect(recovered >= record.chain.count - 1, "chained to \(recovered) of \(record.chain.count)")
        if record.chain.count > 0 { try expectChain(record, covers: path) }
        try expectPlays(path, milliseconds: outcome.durationMilliseconds)
        #expect(try !MeetingRecorder.recover(path: path).wasNeeded)
        try FileManager.default.removeItem(atPath: folder)
        return length
    }
}

/// Expects of each stream that the file has it to within a second of what was taken in, and knows whose it is.
func expectWithinASecond(_ path: String, of taken: Taken, _ comment: String = "") throws {
    let reader = try MatroskaReader(path: path)
    var newest: [UInt64: Int64] = [:]
    while let block = try reader.nextBlock() {
        newest[block.track] = max(newest[block.track] ?? 0, block.timestampNanoseconds / milli)
    }
    var ofStream: [UInt16: Int64] = [:]
    for track in reader.tracks {
        // The entry of one that began in the last second may be there without its tags.
        guard let point = track.tags[RecordedTrack.Tag.point].flatMap({ UInt16($0.dropFirst()) }) else { continue }
        ofStream[point * 2 + (track.codec.isVideo ? 1 : 0)] = newest[track.number]
    }
    for (stream, time) in taken.newest where stream != Taken.events {
        let has = ofStream[stream] ?? taken.first[stream] ?? 0
        #expect(time - has < 1_000, "stream \(stream) of \(time) ms has \(ofStream) \(comment)")
    }
}

/// Expects every event but those of the last second, in order, and nothing that is no event.
func expectEvents(_ path: String, of taken: Taken, _ comment: String = "") throws {
    _ = try EventLog(path: path)
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    let events = try EventLog.read(path)
    #expect(events.count == lines.count, "\(comment)")
    let numbers = events.compactMap { $0.fields["n"].flatMap { Int($0) } }
    let due = (taken.newest[Taken.events] ?? 0) - 1_000
    #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count, "\(comment)")
    if due >= 0 { #expect(Set(0...Int(due / 100)).isSubset(of: numbers), "\(numbers) \(due) \(comment)") }
}

/// Expects that ffmpeg decodes it without a word, to its end.
func expectPlays(_ path: String, milliseconds: Int64, _ comment: String = "") throws {
    let probe = try run(
        tool("ffprobe")!, ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path])
    guard milliseconds > 0 else { return }
    let seconds = try #require(
        Double(probe.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(probe.output) \(comment)")
    #expect(abs(seconds - Double(milliseconds) / 1000) < 0.05, "\(comment)")
    let played = try run(
        tool("ffmpeg")!, ["-v", "error", "-xerror", "-copyts", "-i", path, "-map", "0", "-f", "null", "-"])
    // What arrived in a burst has times that ffmpeg's clock of samples cannot follow; that is no damage.
    let complaints = played.output.split(separator: "\n").filter {
        !$0.contains("non monotonically increasing dts") && !$0.contains("Last message repeated")
    }
    #expect(played.status == 0 && complaints.isEmpty, "\(complaints) \(comment)")
}
