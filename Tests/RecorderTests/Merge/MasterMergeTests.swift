import Evidence
import Foundation
import Matroska
import MediaPlane
import RTP
import Testing

@testable import Recorder

/// Two masters of a meeting become one that has what either had.
@Suite struct MasterMergeTests {
    /// Sound and pictures of three legs: numbers and timestamps that wrap, a sender that begins anew, a codec that changes, a
    /// point that leaves and comes back.
    private static func meeting(_ seed: UInt64) -> TwinMeeting {
        var random = SplitMix(seed)
        var meeting = TwinMeeting()
        meeting.add(0, leg: 1, .audio, point: "a")
        meeting.add(1, leg: 1, .video, point: "a")
        meeting.add(2, leg: 2, .audio, point: "b")
        meeting.add(3, leg: 2, .video, point: "b")
        meeting.add(4, leg: 3, .audio, point: "c")
        meeting.add(5, leg: 4, .audio, point: "c", from: 5 * second)
        var sound = SimulatedStream(track: 0, codec: .opus, ssrc: 10, sequence: 65_400, delay: 20 * milli, drift: 120)
        meeting.sendSound(&sound, from: 0, count: 150, &random, opus)
        var later = SimulatedStream(
            track: 0, codec: .opus, ssrc: 11, sequence: 9, firstTimestamp: 77, delay: 20 * milli, drift: 120)
        meeting.sendSound(&later, from: 3 * second, count: 150, &random) { opus($0 + 1_000) }
        var picture = SimulatedStream(
            track: 1, codec: .vp8, ssrc: 20, sequence: 65_300, delay: 60 * milli, drift: 120)
        meeting.sendPictures(&picture, from: 0, count: 150, &random)
        var telephone = SimulatedStream(track: 2, codec: .g722, ssrc: 30, delay: 10 * milli)
        meeting.sendSound(&telephone, from: 0, count: 100, milliseconds: 30, &random) { index in
            (0..<240).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ index) }
        }
        var other = SimulatedStream(track: 2, codec: .pcmu, ssrc: 31, delay: 10 * milli)
        meeting.sendSound(&other, from: 3 * second, count: 150, &random) { index in
            (0..<160).map { UInt8(truncatingIfNeeded: $0 &* 5 &+ index) }
        }
        var slides = SimulatedStream(track: 3, codec: .h264, ssrc: 40, delay: 30 * milli)
        meeting.sendUnits(&slides, from: 0, count: 150, &random)
        var guest = SimulatedStream(track: 4, codec: .opus, ssrc: 50, delay: 5 * milli)
        meeting.sendSound(&guest, from: 0, count: 100, &random, opus)
        meeting.send(TapEntry(kind: .end, track: 4, arrivalNanoseconds: UInt64(second + 2_100 * milli)))
        var again = SimulatedStream(track: 5, codec: .opus, ssrc: 51, delay: 5 * milli)
        meeting.sendSound(&again, from: 5 * second, count: 50, &random, opus)
        for time in stride(from: 300 * milli, to: 6 * second, by: Int(second)) {
            for stream in [sound, picture, telephone, slides] { meeting.send(stream.report(at: time)) }
        }
        return meeting
    }

    /// Which happenings a recorder hears: single losses, and now and then a long one.
    private static func losses(_ meeting: TwinMeeting, _ share: Double, _ random: inout SplitMix) -> [Bool] {
        var deafUntil: Int64 = -1
        return meeting.happenings.map { happening in
            guard happening.entry.kind == .packet else { return true }
            if Double.random(in: 0...1, using: &random) < share / 60 {
                deafUntil = happening.time + Int64.random(in: 50...900, using: &random) * milli
            }
            return happening.time > deafUntil && Double.random(in: 0...1, using: &random) >= share
        }
    }

    /// Expects of a merged master that it has what a recorder has that heard `union`, and at the same times.
    private static func expect(
        _ merged: String, isLike union: SimulatedRecording, within tolerance: Int64 = 25 * milli,
        after settled: Int64 = 0, _ comment: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        _ = try union.finish()
        let (got, wanted) = (try blocks(of: merged), try blocks(of: union.path))
        #expect(Set(got.keys) == Set(wanted.keys), "\(comment)", sourceLocation: sourceLocation)
        for (name, wanted) in wanted {
            let got = got[name] ?? []
            #expect(
                got.map(\.data) == wanted.map(\.data), "\(name): \(got.count) of \(wanted.count) \(comment)",
                sourceLocation: sourceLocation)
            let worst =
                zip(got, wanted).filter { $1.timestampNanoseconds >= settled }
                .map { abs($0.timestampNanoseconds - $1.timestampNanoseconds) }.max() ?? 0
            #expect(worst <= tolerance, "\(name): \(worst / milli) ms \(comment)", sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func theMergedMasterHasExactlyTheUnion(seed: UInt64) throws {
        let meeting = Self.meeting(seed)
        var random = SplitMix(seed &* 977)
        let shares = [0, 0.01, 0.05, 0.2, 0.4]
        let first = Self.losses(meeting, shares.randomElement(using: &random) ?? 0, &random)
        let second = Self.losses(meeting, shares.randomElement(using: &random) ?? 0, &random)
        let recordings = (
            try meeting.record { index, _ in first[index] }, try meeting.record { index, _ in second[index] }
        )
        _ = try recordings.0.finish()
        _ = try recordings.1.finish()
        let union = try meeting.record { index, _ in first[index] || second[index] }
        let path = union.folder.file("merged.mkv")
        let outcome = try MasterMerge.merge(recordings.0.path, recordings.1.path, into: path)
        #expect(outcome.tie == "packets" && outcome.earlierMilliseconds == 0)
        let packets = meeting.happenings.indices.filter { meeting.happenings[$0].entry.kind == .packet }
        #expect(outcome.first.packets == UInt64(packets.count { first[$0] }))
        #expect(outcome.first.alone == UInt64(packets.count { first[$0] && !second[$0] }))
        #expect(outcome.second.alone == UInt64(packets.count { second[$0] && !first[$0] }))
        let compared = try MasterMerge.compare(recordings.0.path, recordings.1.path)
        #expect(compared.first == outcome.first && compared.second == outcome.second)
        try Self.expect(path, isLike: union)
        // It is a master like others: chained, finished, and it can be merged again.
        let chain = try Data(contentsOf: URL(fileURLWithPath: ClusterChainFile.path(of: path)))
        let record = try #require(ClusterChainRecord(parsing: chain))
        #expect(record.end == .finished)
        try expectChain(record, covers: path)
        let third = try MasterMerge.compare(path, union.path)
        #expect(third.first.alone == 0 && third.second.alone == 0)
    }

    @Test func aMasterOfHalvesOfFramesLacksNothingAndNoGapIsTold() throws {
        let meeting = Self.meeting(99)
        // Of each two packets that follow each other one recorder has the one, and the other the other.
        let recordings = (
            try meeting.record { $1.entry.kind != .packet || $0.isMultiple(of: 2) },
            try meeting.record { $1.entry.kind != .packet || !$0.isMultiple(of: 2) }
        )
        let lacking = try recordings.0.finish().summary
        _ = try recordings.1.finish()
        #expect(lacking.tracks.allSatisfy { $0.packetsLost > 20 })
        let whole = try meeting.record { _, _ in true }
        let path = whole.folder.file("merged.mkv")
        let outcome = try MasterMerge.merge(recordings.0.path, recordings.1.path, into: path)
        // Whoever hears all cannot use the first packet of a source that its second overtook either.
        let wanted = try meeting.record { _, _ in true }.finish().summary
        for (track, wanted) in zip(outcome.summary.tracks, wanted.tracks) {
            #expect(track.packetsLost == 0 && track.framesDropped == wanted.framesDropped, "\(track)")
            #expect(track.gaps.total(.lost) == wanted.gaps.total(.lost), "\(track)")
        }
        // Without a packet in common the clocks are tied by sender reports, which both had.
        #expect(outcome.tie == "packets")
        try Self.expect(path, isLike: whole)
        let reader = try MatroskaReader(path: path)
        #expect(reader.info.tags["RECORDERS"] == "2" && reader.info.tags["MEETING"] == "m1")
    }

    @Test func whatBothLackIsAGapWithItsCauseAndNothingElseIs() throws {
        var meeting = TwinMeeting()
        var random = SplitMix(5)
        meeting.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 0)
        meeting.sendSound(&stream, from: 0, count: 1_000, &random, opus)
        func hears(_ lost: [Range<Int>]) -> (Int, TwinMeeting.Happening) -> Bool {
            { index, _ in !lost.contains { $0.contains(index) } }
        }
        let first = try meeting.record(hears([100..<150, 300..<310, 600..<650]))
        let second = try meeting.record(hears([120..<130, 400..<410, 640..<700]))
        _ = try first.finish()
        _ = try second.finish()
        let path = first.folder.file("merged.mkv")
        let outcome = try MasterMerge.merge(first.path, second.path, into: path)
        let gaps = GapMap(outcome.summary).streams[0].gaps
        #expect(gaps.map(\.cause) == [.lost, .lost])
        #expect(
            zip(gaps, [(2_400, 2_600), (12_800, 13_000)]).allSatisfy {
                abs($0.from - Int64($1.0)) < 30 && abs($0.to - Int64($1.1)) < 30
            })
        #expect(outcome.summary.tracks[0].packetsLost == 20)
    }

    @Test func aRecorderThatHadNoRoomIsBlamedOnlyWhereTheOtherHadNoneEither() throws {
        var meeting = TwinMeeting()
        meeting.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 0)
        for frame in 0..<12_000 {
            let sound = [0xE8, UInt8(frame >> 8), UInt8(frame & 0xFF)] + [UInt8](repeating: 1, count: 400)
            meeting.send(stream.packet(at: Int64(frame) * 5 * milli, sound))
        }
        // Their threads hang; the ring holds some 12 s of this.
        let first = try meeting.record(sleeping: { (5_000 * milli..<25_000 * milli).contains($0) }) { _, _ in true }
        let second = try meeting.record(sleeping: { (20_000 * milli..<40_000 * milli).contains($0) }) { _, _ in true }
        let (one, two) = (try first.finish().summary, try second.finish().summary)
        #expect(one.overflow > 500 && two.overflow > 500)
        let path = first.folder.file("merged.mkv")
        let outcome = try MasterMerge.merge(first.path, second.path, into: path)
        #expect(outcome.summary.tracks[0].packetsLost == 0)
        #expect(GapMap(outcome.summary).streams[0].gaps.isEmpty)
        #expect(outcome.second.alone == one.overflow && outcome.first.alone == two.overflow)

        let both = try meeting.record(sleeping: { (12_000 * milli..<32_000 * milli).contains($0) }) { _, _ in true }
        _ = try both.finish()
        let again = first.folder.file("again.mkv")
        let shared = try MasterMerge.merge(first.path, both.path, into: again)
        let causes = Set(GapMap(shared.summary).streams[0].gaps.map(\.cause))
        #expect(causes.isEmpty || causes == [.recorder])
        let lacking = Set(1...12_000).count - Int(shared.first.packets + shared.second.alone)
        #expect(Int(shared.summary.tracks[0].packetsLost) == lacking)
    }

    @Test func aRecorderThatDiedLeavesWhatItHadAndTheOtherGoesOn() throws {
        let meeting = Self.meeting(7)
        var random = SplitMix(70)
        let first = Self.losses(meeting, 0.1, &random)
        let second = Self.losses(meeting, 0.1, &random)
        let dying = try meeting.record { index, _ in first[index] }
        let living = try meeting.record { index, _ in second[index] }
        _ = try living.finish()
        let whole = try Data(contentsOf: URL(fileURLWithPath: dying.path))
        let packets = try Data(contentsOf: URL(fileURLWithPath: PacketFile.path(of: dying.path)))
        for share in [0.2, 0.5, 0.83] {
            let folder = try ScratchFolder()
            let path = folder.file("master.mkv")
            // The head is 256 KiB and some; of the clusters a part is there, and the packets are some before it.
            let cut = 263_000 + Int(Double(whole.count - 263_000) * share)
            try whole.prefix(cut).write(to: URL(fileURLWithPath: path))
            try packets.prefix(Int(Double(packets.count) * (share + 0.05))).write(
                to: URL(fileURLWithPath: PacketFile.path(of: path)))
            #expect(try MeetingRecorder.recover(path: path).wasNeeded)
            let had = try Self.packets(of: path)
            #expect(had.count > 20)
            let union = try meeting.record { index, happening in
                second[index] || happening.bytes.count > 12 && had.contains(Self.key(happening.bytes))
            }
            let merged = folder.file("merged.mkv")
            let outcome = try MasterMerge.merge(path, living.path, into: merged)
            #expect(outcome.first.packets == UInt64(had.count))
            try Self.expect(merged, isLike: union, "cut at \(share)")
            // And the other way round: what the dead one began is gone on with.
            let turned = folder.file("turned.mkv")
            _ = try MasterMerge.merge(living.path, path, into: turned)
            let (one, two) = (try blocks(of: merged), try blocks(of: turned))
            #expect(one.mapValues { $0.map(\.data) } == two.mapValues { $0.map(\.data) })
        }
    }

    private static func key(_ packet: [UInt8]) -> PacketKey {
        packet.withUnsafeBytes { bytes in
            let info = try? RTPPacketInfo(parsing: bytes)
            return PacketKey(
                PacketHead(
                    stream: 0, codec: .opus, ssrc: info?.ssrc ?? 0, sequence: info?.sequenceNumber ?? 0,
                    timestamp: info?.timestamp ?? 0, marker: false, arrival: 0))
        }
    }

    private static func packets(of master: String) throws -> Set<PacketKey> {
        let tap = try RecordedTap(master: master, headsOnly: false)
        var keys: Set<PacketKey> = []
        while let part = try tap.next() {
            for case .packet(let head, _) in part.notes { keys.insert(PacketKey(head)) }
        }
        return keys
    }

    @Test func damagedClustersAreMadeUpForFromTheOther() throws {
        let meeting = Self.meeting(3)
        let (first, second) = (try meeting.record { _, _ in true }, try meeting.record { _, _ in true })
        let whole = try first.finish()
        _ = try second.finish()
        let handle = try #require(FileHandle(forUpdatingAtPath: first.path))
        for place in try ClusterScan.clusters(of: first.path).enumerated().filter({ $0.offset % 3 == 1 }).map(\.element)
        {
            try handle.seek(toOffset: place.offset + place.length / 2)
            try handle.write(contentsOf: [0x55, 0xAA, 0x55, 0xAA])
        }
        try handle.close()
        #expect(try MasterMerge.compare(first.path, second.path).second.alone > 100)
        let path = first.folder.file("merged.mkv")
        let outcome = try MasterMerge.merge(first.path, second.path, into: path)
        #expect(outcome.second.alone > 100)
        #expect(try blocks(of: path).values.reduce(0) { $0 + $1.count } == whole.blocks.count)
        try Self.expect(path, isLike: meeting.record { _, _ in true })
    }

    /// A recorder on another machine: its clock began elsewhere, is fast or slow, and its line has a jitter of its own.
    @Test(arguments: [(0.0, 0.05), (180.0, 0.0), (-180.0, 0.3)])
    func aRecorderWithAClockOfItsOwnIsBroughtIntoTheFirsts(drift: Double, share: Double) throws {
        var meeting = TwinMeeting()
        var random = SplitMix(UInt64(1_000 + drift + share * 10))
        meeting.add(0, leg: 1, .audio)
        meeting.add(1, leg: 1, .video)
        var sound = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 10 * milli)
        meeting.sendSound(&sound, from: 0, count: 3_000, &random, opus)
        var picture = SimulatedStream(track: 1, codec: .vp8, ssrc: 2, delay: 30 * milli)
        meeting.sendPictures(&picture, from: 0, count: 1_500, &random)
        for time in stride(from: 0, to: 60_000 * milli, by: Int(5_000 * milli)) {
            meeting.send(sound.report(at: time))
            meeting.send(picture.report(at: time))
        }
        let losses = (
            Self.losses(meeting, share, &random), Self.losses(meeting, share, &random)
        )
        let first = try meeting.record { index, _ in losses.0[index] }
        // Of the first fifteen seconds the other has nothing: its clock is extrapolated there.
        let second = try meeting.record(
            start: 777_000_000_000_000, clock: { $0 + Int64(Double($0) * drift / 1_000_000) }
        ) { index, happening in losses.1[index] && happening.time > 15_000 * milli }
        _ = try first.finish()
        _ = try second.finish()
        let union = try meeting.record { index, happening in
            losses.0[index] || losses.1[index] && happening.time > 15_000 * milli
        }
        let path = first.folder.file("merged.mkv")
        let outcome = try MasterMerge.merge(first.path, second.path, into: path)
        #expect(outcome.tie == "packets")
        try Self.expect(path, isLike: union, after: 10_000 * milli)
        // Seen from the other its times are the other's.
        let turned = try MasterMerge.merge(second.path, first.path, into: first.folder.file("turned.mkv"))
        #expect(turned.summary.tracks.map(\.packetsLost) == outcome.summary.tracks.map(\.packetsLost))
    }

    @Test func recordingsWithoutAPacketInCommonAreTiedByTheTimestampsOfASource() throws {
        var meeting = TwinMeeting()
        var random = SplitMix(1)
        meeting.add(0, leg: 1, .audio)
        var sound = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 0)
        meeting.sendSound(&sound, from: 0, count: 1_000, &random, opus)
        let first = try meeting.record { index, _ in index < 500 }
        let second = try meeting.record(start: 55_000_000_000) { index, _ in index >= 510 }
        _ = try first.finish()
        _ = try second.finish()
        let path = first.folder.file("merged.mkv")
        let outcome = try MasterMerge.merge(first.path, second.path, into: path)
        #expect(outcome.tie == "timestamps")
        try Self.expect(path, isLike: meeting.record { index, _ in !(500..<510).contains(index) }, within: 30 * milli)
    }

    @Test func aThirdRecorderIsMergedIntoWhatTwoHad() throws {
        let meeting = Self.meeting(12)
        var random = SplitMix(120)
        let heard = (0..<3).map { _ in Self.losses(meeting, 0.5, &random) }
        let recordings = try heard.map { heard in try meeting.record { index, _ in heard[index] } }
        for recording in recordings { _ = try recording.finish() }
        let (two, three) = (recordings[0].folder.file("two.mkv"), recordings[0].folder.file("three.mkv"))
        _ = try MasterMerge.merge(recordings[0].path, recordings[1].path, into: two)
        let outcome = try MasterMerge.merge(two, recordings[2].path, into: three)
        #expect(outcome.second.alone > 0)
        try Self.expect(three, isLike: meeting.record { index, _ in heard.contains { $0[index] } })
    }

    @Test func whatCannotBeMergedIsSaidAndNothingIsLeft() throws {
        let meeting = Self.meeting(2)
        let recording = try meeting.record { _, _ in true }
        _ = try recording.finish()
        let path = recording.folder.file("merged.mkv")
        #expect(throws: RecorderFailure.self) { try MasterMerge.merge(recording.path, "/nowhere.mkv", into: path) }
        var asked = 0
        #expect {
            try MasterMerge.merge(
                recording.path, recording.path, into: path,
                isCancelled: {
                    asked += 1; return asked > 50
                })
        } throws: { ($0 as? RecorderFailure)?.reason == .interrupted }
        let left = try FileManager.default.contentsOfDirectory(atPath: recording.folder.path).sorted()
        #expect(left == ["master.chain", "master.mkv", "master.packets"])
        unlink(PacketFile.path(of: recording.path))
        #expect(throws: RecorderFailure.self) { try MasterMerge.compare(recording.path, recording.path) }
    }

    @Test(.enabled(if: EncodedMedia.canEncode, "ffmpeg with libvpx, libx264 and libopus is not installed"))
    func ffmpegDecodesTheMergedMasterToTheVeryPicturesAndSoundThatWereSent() throws {
        let folder = try ScratchFolder()
        let sound = try EncodedMedia.encode(
            ["sine=frequency=440:sample_rate=48000", "-ac", "2", "-c:a", "libopus"], to: folder.file("o.mkv"))
        let vp8 = try EncodedMedia.encode(
            [
                "testsrc2=size=320x240:rate=25", "-c:v", "libvpx", "-b:v", "1M", "-deadline", "realtime",
                "-lag-in-frames", "0", "-g", "50",
            ], to: folder.file("v.mkv"))
        let h264 = try EncodedMedia.encode(
            [
                "testsrc2=size=320x240:rate=25", "-c:v", "libx264", "-bf", "0", "-g", "50", "-b:v", "1M", "-pix_fmt",
                "yuv420p",
            ], to: folder.file("h.mkv"))
        let sets = EncodedMedia.parameterSets(h264.track.codecPrivate)
        var meeting = TwinMeeting()
        meeting.add(0, leg: 1, .audio)
        meeting.add(1, leg: 1, .video)
        meeting.add(2, leg: 2, .video)
        var streams = [MediaCodec.opus, .vp8, .h264].enumerated().map { index, codec in
            SimulatedStream(track: UInt16(index), codec: codec, ssrc: UInt32(index + 1), delay: 20 * milli)
        }
        for (index, blocks) in [sound.blocks, vp8.blocks, h264.blocks].enumerated() {
            for block in blocks {
                let payloads =
                    switch index {
                    case 0: [block.data]
                    case 1: EncodedMedia.vp8Payloads(block.data)
                    default:
                        EncodedMedia.h264Payloads((block.isKeyframe ? sets : []) + EncodedMedia.units(block.data))
                    }
                for (number, payload) in payloads.enumerated() {
                    meeting.send(
                        streams[index].packet(
                            at: block.timestampNanoseconds, payload, marker: number == payloads.count - 1))
                }
            }
        }
        // Each recorder loses a fifth, and none of it both.
        var random = SplitMix(8)
        let lost = meeting.happenings.map { _ in Int.random(in: 0..<5, using: &random) }
        let recordings = (
            try meeting.record { index, _ in lost[index] != 0 }, try meeting.record { index, _ in lost[index] != 1 }
        )
        let whole = try meeting.record { _, _ in true }
        for recording in [recordings.0, recordings.1, whole] { _ = try recording.finish() }
        let path = folder.file("merged.mkv")
        _ = try MasterMerge.merge(recordings.0.path, recordings.1.path, into: path)
        /// The hash of what each stream decodes to, frame by frame and without times.
        func decoded(_ master: String) throws -> [[String]] {
            let made = try run(
                tool("ffmpeg")!,
                ["-v", "error", "-i", master, "-map", "0", "-fps_mode", "passthrough", "-f", "framemd5", "-"])
            #expect(made.status == 0)
            let rows = made.output.split(separator: "\n").filter { !$0.hasPrefix("#") }
                .map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
            return (0..<3).map { stream in rows.filter { $0[0] == String(stream) }.compactMap(\.last) }
        }
        let (got, wanted) = (try decoded(path), try decoded(whole.path))
        #expect(wanted.allSatisfy { $0.count >= 200 })
        #expect(got.map { Set($0).count } == wanted.map { Set($0).count })
        #expect(got == wanted)
        // And of one alone it does not: the test would see it.
        #expect(try decoded(recordings.0.path) != wanted)
    }
}
