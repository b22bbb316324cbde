import Codecs
import Matroska
import RTP

/// Turns the packets of one stream and codec, in order, into blocks of one track of the master.
///
/// Opus packets and VP8 and H.264 frames are kept bit for bit. A frame of which a part was lost is not written, for it
/// would claim to be whole; the frames after it are written as they came, though a decoder will show damage until the
/// next keyframe: that is what the point sent. Nothing before a first keyframe is written, for nothing can show it.
final class FrameAssembler {
    private enum Content {
        case opus
        case vp8(VP8Depacketizer)
        case h264(H264Depacketizer)
        case pcm(PCMKeeper)
    }

    private let codec: MediaCodec
    private let track: RecordedTrack
    private var content: Content?
    /// What pictures are being made of.
    private var open = OpenFrame()
    /// The master's track, once there is one.
    private(set) var number: UInt64?

    init(_ codec: MediaCodec, _ track: RecordedTrack) {
        self.codec = codec
        self.track = track
    }

    /// The source begins anew.
    func restart() {
        switch codec {
        case .opus: content = .opus
        case .vp8: content = .vp8(VP8Depacketizer())
        case .h264: content = .h264(H264Depacketizer(parameterSets: track.parameterSets))
        case .g722, .pcmu, .pcma:
            if case .pcm(let keeper) = content, keeper.restart() { return }
            content = PCMKeeper(codec).map { .pcm($0) }
        }
    }

    /// What a packet led to.
    struct Outcome {
        /// Frames given up.
        var dropped = 0
        /// A picture was written that needs none before it.
        var isKeyframe = false
    }

    func push(
        _ packet: PacketHead, _ payload: UnsafeRawBufferPointer, at time: Int64, into master: MasterFile
    ) throws(MatroskaError) -> Outcome {
        if codec.isVideo { open.append(packet, payload) }
        defer {
            if codec.isVideo { release(keeping: packet.marker ? nil : packet.timestamp, at: time, into: master) }
        }
        switch content {
        case .opus:
            guard let ticks = AudioPacketDuration.ticks(of: .opus, payload) else {
                master.note(.packet(packet, payload: Array(payload)), at: time)
                return Outcome(dropped: 1)
            }
            // The stereo bit (RFC 6716 §3.1) of the first packet; SDP does not tell what is sent (RFC 7587 §7).
            let channels = payload[0] & 0x04 == 0 ? 1 : 2
            guard let number = try number(of: opusTrack(channels: channels), in: master) else {
                return Outcome(dropped: 1)
            }
            master.add(
                MatroskaBlock(track: number, timestampNanoseconds: time, isKeyframe: true, data: Array(payload)),
                duration: Int64(ticks) * 1_000_000_000 / 48_000,
                packets: [BlockPacket(head: packet, prefix: [], offset: 0, count: payload.count)])
            return Outcome()
        case .vp8(var depacketizer):
            // Let go of here, so that its buffer is not copied for every packet.
            content = nil
            let output = depacketizer.push(
                payload, sequenceNumber: packet.sequence, timestamp: packet.timestamp, marker: packet.marker)
            content = .vp8(depacketizer)
            return try write(output, at: time, codecPrivate: [], into: master)
        case .h264(var depacketizer):
            content = nil
            let output = depacketizer.push(
                payload, sequenceNumber: packet.sequence, timestamp: packet.timestamp, marker: packet.marker)
            content = .h264(depacketizer)
            var description: [UInt8] = []
            if number == nil {
                guard let sps = depacketizer.sequenceParameters, let pps = depacketizer.pictureParameters,
                    let record = H264DecoderConfiguration.record(sequenceParameters: sps, pictureParameters: pps)
                else { return Outcome(dropped: output.droppedFrames + (output.frame == nil ? 0 : 1)) }
                description = record
            }
            return try write(output, at: time, codecPrivate: description, into: master)
        case .pcm(let keeper):
            // FLAC does not give back what was sent.
            master.note(.packet(packet, payload: Array(payload)), at: time)
            guard let number = try number(of: track(keeper), in: master) else { return Outcome(dropped: 1) }
            add(keeper.push(payload, at: time), to: number, in: master)
            return Outcome()
        case nil: return Outcome()
        }
    }

    /// Nothing has come for a while, or nothing more will: hands over what an encoder of ours still holds.
    func pause(into master: MasterFile) {
        guard case .pcm(let keeper) = content, let number else { return }
        add(keeper.endRun(), to: number, in: master)
    }

    /// The source is over: what is left of pictures that lack a part is kept as it came.
    func end(at time: Int64, into master: MasterFile) {
        release(keeping: nil, at: time, into: master)
    }

    private func release(keeping timestamp: UInt32?, at time: Int64, into master: MasterFile) {
        for note in open.release(keeping: timestamp) { master.note(note, at: time) }
    }

    private func add(_ frames: [PCMKeeper.Frame], to number: UInt64, in master: MasterFile) {
        for frame in frames {
            master.add(
                MatroskaBlock(track: number, timestampNanoseconds: frame.time, isKeyframe: true, data: frame.bytes),
                duration: frame.duration)
        }
    }

    private func write(
        _ output: DepacketizerOutput, at time: Int64, codecPrivate: [UInt8], into master: MasterFile
    ) throws(MatroskaError) -> Outcome {
        guard let frame = output.frame else { return Outcome(dropped: output.droppedFrames) }
        guard number != nil || frame.isKeyframe else { return Outcome(dropped: output.droppedFrames + 1) }
        let description = MatroskaTrack(
            number: 0, codec: codec == .vp8 ? .vp8 : .h264, name: track.title, codecPrivate: codecPrivate,
            width: frame.width ?? 0, height: frame.height ?? 0, tags: track.tags)
        guard let number = try number(of: description, in: master) else {
            return Outcome(dropped: output.droppedFrames + 1)
        }
        // One frame at 25 a second; the true length shows in the next frame's time.
        master.add(
            MatroskaBlock(
                track: number, timestampNanoseconds: time, isKeyframe: frame.isKeyframe, data: frame.bytes),
            duration: 40_000_000, packets: open.claim(frame.rtpTimestamp, in: frame.bytes))
        return Outcome(dropped: output.droppedFrames, isKeyframe: frame.isKeyframe)
    }

    /// The track's number, declaring it first; nil where the file has no room for another.
    private func number(
        of track: @autoclosure () -> MatroskaTrack, in master: MasterFile
    ) throws(MatroskaError) -> UInt64? {
        if let number { return number }
        do throws(MatroskaError) {
            number = try master.addTrack(track())
        } catch .tooManyTracks {
            // One stream too many must not end the recording of all others.
            return nil
        }
        return number
    }

    private func opusTrack(channels: Int) -> MatroskaTrack {
        MatroskaTrack(
            number: 0, codec: .opus, name: track.title, language: "vi",
            // Whatever pre-skip the sender's encoder has is not told by RTP (RFC 7587); none is claimed, so that
            // the times of the blocks are those of their sound.
            codecPrivate: MatroskaTrack.opusHead(channels: channels, preSkip: 0), sampleRate: 48_000,
            channels: channels,
            seekPreRollNanoseconds: 80_000_000, tags: track.tags)
    }

    private func track(_ keeper: PCMKeeper) -> MatroskaTrack {
        var tags = track.tags
        tags[RecordedTrack.Tag.source] = codec.encodingName
        return MatroskaTrack(
            number: 0, codec: .flac, name: track.title, language: "vi", codecPrivate: keeper.codecPrivate,
            sampleRate: Double(keeper.sampleRate), channels: 1, bitDepth: 16, tags: tags)
    }
}
