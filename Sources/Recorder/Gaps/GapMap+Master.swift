import Matroska
import MediaPlane
import RTP

extension GapMap {
    /// A hole in sound shorter than this says nothing: a late packet, a clock that is followed.
    private static let leastHole: Int64 = 60_000_000
    /// A document camera may rest for as long.
    private static let leastStill: Int64 = 2_000_000_000

    /// What a master's own times tell of what it lacks: for one whose recorder died and could not say. Why something is
    /// missing is not known then; packets are not counted.
    public init(readingMaster path: String) throws(RecorderFailure) {
        do {
            let reader = try MatroskaReader(path: path)
            var found: [UInt64: (end: Int64, gaps: GapList)] = [:]
            let tracks = Dictionary(reader.tracks.map { ($0.number, $0) }) { $1 }
            while let block = try reader.nextBlock() {
                guard let track = tracks[block.track] else { continue }
                let start = block.timestampNanoseconds
                var state = found.removeValue(forKey: block.track) ?? (end: start, gaps: GapList())
                if start &- state.end >= (track.codec.isVideo ? Self.leastStill : Self.leastHole) {
                    state.gaps.add(Gap(.unexplained, from: state.end, to: start))
                }
                state.end = max(state.end, start &+ Self.duration(of: block, track))
                found[block.track] = state
            }
            let duration = (reader.info.durationNanoseconds ?? found.values.map(\.end).max() ?? 0) / 1_000_000
            let streams = reader.tracks.enumerated().map { index, track in
                let gaps = found[track.number]?.gaps ?? GapList()
                let isSlides = track.tags[RecordedTrack.Tag.content] == RecordedTrack.Kind.slides.rawValue
                let kind: RecordedTrack.Kind = track.codec.isVideo ? isSlides ? .slides : .video : .audio
                return Stream(
                    UInt16(clamping: index), tracks: [track.number], point: track.tags[RecordedTrack.Tag.point] ?? "",
                    name: track.name, kind, gaps)
            }
            self.init(durationMilliseconds: duration, streams: streams, packetsWithoutRoom: nil)
        } catch {
            throw RecorderFailure(error)
        }
    }

    /// As long as a block's sound lasts; FLAC frames of ours are 20 ms, or shorter at the end of a run.
    private static func duration(of block: MatroskaBlock, _ track: MatroskaTrack) -> Int64 {
        guard track.codec == .opus else { return track.codec.isVideo ? 0 : 20_000_000 }
        let ticks = block.data.withUnsafeBytes { AudioPacketDuration.ticks(of: .opus, $0) }
        return Int64(ticks ?? 0) * 1_000_000_000 / 48_000
    }
}
