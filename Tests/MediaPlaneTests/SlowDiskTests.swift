import Foundation
import Matroska
import RTP
import Recorder
import Testing

@testable import MediaPlane

/// A disk that stands still for seconds while two meetings go on, of which one is recorded on it.
@Suite(.serialized, .enabled(if: SlowDisk.hindrance == nil, "\(SlowDisk.hindrance ?? "")"))
struct SlowDiskTests {
    /// A room with one who films and speaks and one who looks on, recorded.
    private struct Meeting {
        let name: String
        let tap: TapRing
        let recorder: MeetingRecorder
        let camera: TestRoom.Seat
        let viewer: TestRoom.Seat
        let pictures: PaintedPictures
        let tone: ToneSource

        init(_ name: String, in room: TestRoom, at path: String, name source: UInt8) async throws {
            self.name = name
            // Of the daemon's a sixty-fourth: it is full in a second.
            tap = TapRing(capacity: 128 << 10)
            let id = room.plane.openRoom(tap: tap)
            func seat() async throws -> TestRoom.Seat {
                try await room.join(
                    audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM),
                    video: TestEndpoint(.vp8, payloadType: 100, suite: .aeadAES128GCM), in: id)
            }
            (camera, viewer) = (try await seat(), try await seat())
            recorder = try MeetingRecorder(
                path: path, title: name, meetingID: name, dateNanoseconds: 0, ring: tap, onFailure: { _ in })
            let leg = camera.reservation
            for (index, kind) in [(leg.audioTrack, RecordedTrack.Kind.audio), (leg.videoTrack, .video)] {
                recorder.addTrack(
                    RecordedTrack(
                        index: index, leg: leg.id.rawValue, pointID: name, displayName: name, unit: nil, kind: kind))
            }
            pictures = PaintedPictures(camera.video!, to: leg.video!.port, name: source)
            tone = try ToneSource(440, .opus)
        }

        func play() throws {
            pictures.send()
            camera.audio!.send(try tone.frame(), advancing: 960, to: camera.reservation.audio.port)
        }

        /// Everything that was sent came to who looks on, in order, and nothing of it late.
        func expectRelayed(frames: Int) {
            expectSoundStream(viewer.video!)
            let sound = viewer.audio!.received
            for stream in [viewer.video!.received, sound] {
                for (before, after) in zip(stream, stream.dropFirst()) {
                    #expect(after.info.sequenceNumber == before.info.sequenceNumber &+ 1, "\(name)")
                }
                // By the kernel's stamps; a second and more would be the disk.
                let longest = zip(stream, stream.dropFirst()).map { Int64($1.arrival) - Int64($0.arrival) }.max() ?? 0
                #expect(longest < 500_000_000, "\(name): nothing came for \(longest / 1_000_000) ms")
            }
            // Before its first keyframe nothing is shown.
            #expect(viewer.video!.received.count > 3 * (frames - 25), "\(name)")
            #expect(sound.count > frames - 25, "\(name)")
        }
    }

    private static let frames = 375
    private static let slowFrom = 75
    private static let slowTo = 225

    @Test func theRingOverflowsTheGapIsMarkedAndNothingElseSuffers() async throws {
        let disk = try SlowDisk()
        let folder = FileManager.default.temporaryDirectory.path + "/fast-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let room = try TestRoom()
        let slow = try await Meeting("slow", in: room, at: disk.path + "/master.mkv", name: 10)
        let fast = try await Meeting("fast", in: room, at: folder + "/master.mkv", name: 20)
        var stood: (from: Int64, to: Int64) = (0, 0)
        try room.pace(frames: Self.frames) { frame in
            if frame == Self.slowFrom {
                try disk.make(writesTake: 2_500)
                stood.from = slow.recorder.elapsedMilliseconds
            }
            if frame == Self.slowTo {
                try disk.make(writesTake: 0)
                stood.to = slow.recorder.elapsedMilliseconds
            }
            for meeting in [slow, fast] { try meeting.play() }
        }
        for meeting in [slow, fast] { meeting.expectRelayed(frames: Self.frames) }
        let (held, whole) = (await slow.recorder.finish(), await fast.recorder.finish())

        // The other meeting has everything.
        #expect(fast.tap.droppedEntries == 0 && whole.overflow == 0 && whole.failure == nil)
        #expect(whole.tracks.map(\.packets).sorted() == [UInt64(Self.frames), UInt64(3 * Self.frames)])
        for track in whole.tracks {
            #expect(track.packetsLost == 0 && track.gaps.gaps.isEmpty, "\(track)")
        }

        // The one on the slow disk says what it lacks, and goes on after it.
        #expect(held.failure == nil && held.overflow > 100, "\(held)")
        #expect(held.overflow == slow.tap.droppedEntries)
        let received = held.tracks.reduce(0) { $0 + $1.packets }
        #expect(received + held.overflow == UInt64(4 * Self.frames), "\(held)")
        let map = GapMap(held)
        #expect(map.streams.count == 2 && map.packetsWithoutRoom == held.overflow)
        for stream in map.streams {
            #expect(stream.packetsLost ?? 0 > 0, "\(stream)")
            let missing = stream.missingMilliseconds[Gap.Cause.recorder.rawValue] ?? 0
            #expect(missing > 1_000, "\(stream)")
            #expect(stream.missingMilliseconds[Gap.Cause.lost.rawValue] == nil, "\(stream)")
            for gap in stream.gaps where gap.cause == .recorder {
                // The write that stood still when the disk was well again took its time still.
                #expect(gap.from >= stood.from && gap.to <= stood.to + 2_700, "\(gap) beside \(stood)")
            }
        }
        let json = try map.json()
        #expect(String(decoding: json, as: UTF8.self).contains("\"recorder\""))
        let reader = try MatroskaReader(path: disk.path + "/master.mkv")
        var times: [Int64] = []
        while let block = try reader.nextBlock() { times.append(block.timestampNanoseconds / 1_000_000) }
        #expect(times.contains { $0 < stood.from } && times.contains { $0 > stood.to + 2_700 }, "\(stood)")
        #expect(try MatroskaRecovery.recover(path: disk.path + "/master.mkv").wasNeeded == false)
    }
}
