import Foundation
import Matroska
import MediaPlane
import RTP
import Testing

@testable import Recorder

/// Sound and pictures that ffmpeg made go over simulated RTP into a master, and ffmpeg plays it.
@Suite struct RealMediaTests {
    /// What a point sends: frames with the sender's times, and how they become RTP payloads.
    private struct Sender {
        var stream: SimulatedStream
        var frames: [(time: Int64, payloads: [[UInt8]])]
    }

    @Test(.enabled(if: EncodedMedia.canEncode, "ffmpeg with libvpx, libx264 and libopus is not installed"))
    func aMasterOfThreePointsHoldsTheirStreamsBitForBitAndPlays() throws {
        let recording = try SimulatedRecording()
        let folder = recording.folder
        let opus = try EncodedMedia.encode(
            ["sine=frequency=440:sample_rate=48000", "-ac", "2", "-c:a", "libopus"], to: folder.file("o.mkv"))
        let vp8 = try EncodedMedia.encode(
            [
                "testsrc2=size=320x240:rate=25", "-c:v", "libvpx", "-b:v", "1M", "-deadline", "realtime",
                "-lag-in-frames", "0",
                "-g", "50",
            ], to: folder.file("v.mkv"))
        let h264 = try EncodedMedia.encode(
            [
                "testsrc2=size=320x240:rate=25", "-c:v", "libx264", "-bf", "0", "-g", "50", "-b:v", "1M", "-pix_fmt",
                "yuv420p",
            ],
            to: folder.file("h.mkv"))
        let sets = EncodedMedia.parameterSets(h264.track.codecPrivate)
        let h264Units = h264.blocks.map { block in
            // Endpoints send the sets with each keyframe; x264 puts its own text there as well.
            (block.isKeyframe ? sets : []) + EncodedMedia.units(block.data).filter { $0[0] & 0x1F != 6 }
        }
        let sine = (0..<400).map { (Int64($0) * 20 * milli, [(0..<160).map { UInt8(truncatingIfNeeded: $0 &* 7) }]) }
        var senders = [
            Sender(
                stream: SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 20 * milli, drift: 60),
                frames: opus.blocks.map { ($0.timestampNanoseconds, [$0.data]) }),
            Sender(
                stream: SimulatedStream(track: 1, codec: .vp8, ssrc: 2, delay: 160 * milli, drift: 60),
                frames: vp8.blocks.map { ($0.timestampNanoseconds, EncodedMedia.vp8Payloads($0.data)) }),
            Sender(
                stream: SimulatedStream(track: 2, codec: .h264, ssrc: 3, delay: 90 * milli),
                frames: zip(h264.blocks, h264Units).map { ($0.timestampNanoseconds, EncodedMedia.h264Payloads($1)) }),
            Sender(stream: SimulatedStream(track: 3, codec: .pcma, ssrc: 4, delay: 30 * milli), frames: sine),
            // The first point presents from the third second on.
            Sender(
                stream: SimulatedStream(track: 4, codec: .h264, ssrc: 5, delay: 20 * milli, drift: 60),
                frames: zip(h264.blocks, h264Units).map {
                    ($0.timestampNanoseconds + 3 * second, EncodedMedia.h264Payloads($1))
                }),
        ]
        recording.add(0, leg: 1, .audio)
        recording.add(1, leg: 1, .video)
        recording.add(2, leg: 2, .video)
        recording.add(3, leg: 3, .audio)
        recording.add(4, leg: 1, .slides)
        var happenings: [(time: Int64, happen: () -> Void)] = []
        for index in senders.indices {
            for (time, payloads) in senders[index].frames {
                for (number, payload) in payloads.enumerated() {
                    let packet = senders[index].stream.packet(at: time, payload, marker: number == payloads.count - 1)
                    happenings.append((Int64(packet.0.arrivalNanoseconds) - second, { recording.feed(packet) }))
                }
            }
            for time in stride(from: 500 * milli, to: 8 * second, by: Int(second)) {
                let report = senders[index].stream.report(at: time)
                happenings.append((Int64(report.arrivalNanoseconds) - second, { recording.feed(report) }))
            }
        }
        try recording.play(happenings, until: 12 * second)
        let result = try recording.finish()

        func blocks(_ codec: MatroskaCodec) throws -> [MatroskaBlock] {
            let track = try #require(result.tracks.first { $0.codec == codec })
            return result.blocks.filter { $0.track == track.number }
        }
        #expect(try blocks(.opus).map(\.data) == opus.blocks.map(\.data))
        #expect(try blocks(.vp8).map(\.data) == vp8.blocks.map(\.data))
        #expect(try blocks(.vp8).map(\.isKeyframe) == vp8.blocks.map(\.isKeyframe))
        #expect(try blocks(.h264).map(\.data) == h264Units.map(EncodedMedia.lengthPrefixed))
        // Slides are kept apart from the camera of the same point, and from when they came.
        let slides = try #require(result.tracks.first { $0.tags[RecordedTrack.Tag.content] == "slides" })
        #expect(slides.name == "Xã Phú Lộc – trình chiếu" && slides.codec == .h264)
        #expect(slides.tags[RecordedTrack.Tag.point] == "phu-loc" && slides.tags[RecordedTrack.Tag.leg] == "1")
        let shown = result.blocks.filter { $0.track == slides.number }
        #expect(shown.map(\.data) == h264Units.map(EncodedMedia.lengthPrefixed))
        #expect(abs((shown.first?.timestampNanoseconds ?? 0) - 3 * second) < 200 * milli)
        #expect(result.tracks.count { $0.tags[RecordedTrack.Tag.content] == nil } == 4)
        #expect(result.summary.tracks.first { $0.index == 4 }?.kind == .slides)
        #expect(result.tracks.first { $0.codec == .opus }?.channels == 2)
        #expect(result.tracks.first { $0.codec == .h264 }?.width == 320)
        #expect(result.summary.tracks.allSatisfy { $0.packetsLost == 0 && $0.framesDropped == 0 })

        // The picture that was on its way 140 ms longer stands beside its sound.
        let apart = zip(try blocks(.vp8), vp8.blocks).map { kept, sent in
            kept.timestampNanoseconds - sent.timestampNanoseconds - 20 * milli
        }
        #expect(apart.dropFirst(120).allSatisfy { $0.magnitude <= 15 * milli }, "\(apart.map { $0 / milli })")

        let played = try run(
            tool("ffmpeg")!, ["-v", "warning", "-i", recording.path, "-map", "0", "-f", "null", "-"])
        #expect(played.status == 0)
        #expect(played.output.isEmpty, "\(played.output)")
        let probed = try run(
            tool("ffprobe")!,
            [
                "-v", "warning", "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames", "-of", "csv=p=0",
                recording.path,
            ])
        #expect(
            Set(probed.output.split(separator: "\n").map(String.init)) == [
                "opus,\(opus.blocks.count)", "vp8,\(vp8.blocks.count)", "h264,\(h264.blocks.count)", "flac,400",
            ])
        if let mkvinfo = tool("mkvinfo") {
            let told = try run(mkvinfo, ["-v", "-v", recording.path]).output.lowercased()
            #expect(!told.contains("error") && !told.contains("warning"))
        }
    }
}
