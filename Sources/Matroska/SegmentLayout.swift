/// Where in a file of ours the parts lie that are written again later: sizes and offsets in octets, from the file's start.
///
///     EBML header
///     Segment (size unknown until finished)
///       SeekHead + Void         `seekHeadSize` octets
///       Info                    its Duration is a Void until finished
///       Tracks, Tags            each a `HeadRegion`
///       Cluster …
///       Cues, Chapters, Tags    those that are known at the end only
struct SegmentLayout {
    static let seekHeadSize = 160
    /// Duration: id 2, size 1, value 8.
    static let durationSize = 11
    static let timestampScale: UInt64 = 1_000_000

    var segmentSizeOffset: UInt64
    /// Positions in seek heads and cues count from here.
    var segmentStart: UInt64
    var infoOffset: UInt64
    var durationOffset: UInt64

    /// A seek head (RFC 9559 §6.3), padded to its place. Positions are offsets in the file.
    func seekHead(_ entries: [(id: UInt32, offset: UInt64)]) -> [UInt8]? {
        var builder = EBMLBuilder()
        builder.master(EBMLID.seekHead) { head in
            for (id, offset) in entries {
                head.master(EBMLID.seek) { seek in
                    var name = EBMLBuilder()
                    name.id(id)
                    seek.binary(EBMLID.seekID, name.bytes)
                    seek.unsigned(EBMLID.seekPosition, offset - segmentStart)
                }
            }
        }
        return builder.pad(to: Self.seekHeadSize) ? builder.bytes : nil
    }

    /// Writes what a finished file has beyond a live one: cues and chapters at the end, and over the places kept for them
    /// the seek head, the duration and, last, the segment's size: it is what makes the file a finished one, and so it waits
    /// until all else is on the disk.
    func finish(
        _ sink: some MatroskaSink, cues: CueIndex, chapters: [MatroskaChapter],
        lateTags: [(trackUID: UInt64, tags: [String: String])] = [], tracksOffset: UInt64?, tagsOffset: UInt64?,
        durationNanoseconds: Int64
    ) throws(MatroskaError) {
        var entries: [(id: UInt32, offset: UInt64)] = [(EBMLID.info, infoOffset)]
        if let tracksOffset { entries.append((EBMLID.tracks, tracksOffset)) }
        if let tagsOffset { entries.append((EBMLID.tags, tagsOffset)) }
        if !cues.isEmpty {
            entries.append((EBMLID.cues, sink.position))
            try sink.append(cues.element(segmentStart: segmentStart))
        }
        if !chapters.isEmpty {
            entries.append((EBMLID.chapters, sink.position))
            try sink.append(Self.chapters(chapters))
        }
        if !lateTags.isEmpty {
            entries.append((EBMLID.tags, sink.position))
            var builder = EBMLBuilder()
            builder.master(EBMLID.tags) { element in
                for late in lateTags { element.raw(MatroskaTag.bytes(late.tags, trackUID: late.trackUID)) }
            }
            try sink.append(builder.bytes)
        }
        var duration = EBMLBuilder()
        duration.float(EBMLID.duration, Double(max(0, durationNanoseconds)) / Double(Self.timestampScale))
        try sink.overwrite(duration.bytes, at: durationOffset)
        if let seekHead = seekHead(entries) { try sink.overwrite(seekHead, at: segmentStart) }
        try sink.synchronize()
        var size = EBMLBuilder()
        size.size(sink.position - segmentStart, length: 8)
        try sink.overwrite(size.bytes, at: segmentSizeOffset)
        try sink.synchronize()
    }

    private static func chapters(_ chapters: [MatroskaChapter]) -> [UInt8] {
        var builder = EBMLBuilder()
        builder.master(EBMLID.chapters) { element in
            element.master(EBMLID.editionEntry) { edition in
                for (index, chapter) in chapters.enumerated() {
                    edition.master(EBMLID.chapterAtom) { atom in
                        atom.unsigned(EBMLID.chapterUID, UInt64(index + 1))
                        atom.unsigned(EBMLID.chapterTimeStart, chapter.startNanoseconds)
                        atom.unsigned(EBMLID.chapterTimeEnd, chapter.endNanoseconds)
                        atom.master(EBMLID.chapterDisplay) {
                            $0.string(EBMLID.chapString, chapter.title)
                            $0.string(EBMLID.chapLanguage, "vie")
                        }
                    }
                }
            }
        }
        return builder.bytes
    }
}

/// Where to begin reading for a time (RFC 9559 §5.1.5): the clusters in which keyframes are.
struct CueIndex {
    private struct Point {
        var milliseconds: UInt64
        var track: UInt64
        var cluster: UInt64
    }
    /// Enough for a keyframe of twenty points every two seconds of ten hours; beyond it every other one is kept.
    private static let limit = 400_000
    /// Between points where there are no pictures, in milliseconds.
    private static let soundInterval: UInt64 = 2_000
    private var points: [Point] = []

    var isEmpty: Bool { points.isEmpty }

    /// Notes what to begin at in a cluster: of each picture track the first keyframe; without any, now and then the
    /// cluster itself, for sound may be begun anywhere.
    mutating func note(
        cluster offset: UInt64, _ blocks: [(track: UInt64, milliseconds: UInt64)], isVideo: (UInt64) -> Bool
    ) {
        var chosen = blocks.filter { isVideo($0.track) }
        if chosen.isEmpty, let first = blocks.first,
            points.last.map({ first.milliseconds >= $0.milliseconds &+ Self.soundInterval }) ?? true
        {
            chosen = [first]
        }
        var seen: Set<UInt64> = []
        for block in chosen where seen.insert(block.track).inserted {
            points.append(Point(milliseconds: block.milliseconds, track: block.track, cluster: offset))
        }
        if points.count > Self.limit {
            points = points.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
        }
    }

    func element(segmentStart: UInt64) -> [UInt8] {
        var builder = EBMLBuilder()
        for point in points.sorted(by: { ($0.milliseconds, $0.track) < ($1.milliseconds, $1.track) }) {
            builder.master(EBMLID.cuePoint) { cue in
                cue.unsigned(EBMLID.cueTime, point.milliseconds)
                cue.master(EBMLID.cueTrackPositions) {
                    $0.unsigned(EBMLID.cueTrack, point.track)
                    $0.unsigned(EBMLID.cueClusterPosition, point.cluster - segmentStart)
                }
            }
        }
        var whole = EBMLBuilder()
        whole.binary(EBMLID.cues, builder.bytes)
        return whole.bytes
    }
}
