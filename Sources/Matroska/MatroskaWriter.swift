/// Writes a Matroska or WebM file that plays whatever happens while it is written (RFC 8794, RFC 9559).
///
/// Why not libwebm: it can neither declare a track after the first cluster, and points join meetings late, nor write a
/// cluster whole. Here the track entries lie in a region of their own that is written again, in one call, when a track
/// comes, and a cluster reaches the file in one append, with its checksum, or not at all: a process that is killed leaves
/// a file that plays to its last cluster. `finish` adds the index, chapters and duration; `MatroskaRecovery` does that
/// for a file whose writer died.
public final class MatroskaWriter<Sink: MatroskaSink> {
    /// The longest time in one cluster; block timestamps are 16 bits of milliseconds relative to it.
    public let clusterNanoseconds: Int64

    public let info: MatroskaInfo
    public private(set) var tracks: [MatroskaTrack] = []
    /// The end of the latest block, as far as known.
    public private(set) var durationNanoseconds: Int64 = 0
    private let sink: Sink
    private var layout: SegmentLayout
    private var tagsOffset: Int?
    private var cues = CueIndex()
    private var isFinished = false

    private var cluster = EBMLBuilder()
    private var clusterTime: Int64 = 0
    private var clusterLatest: Int64 = 0
    private var clusterKeyframes: [(track: UInt64, milliseconds: UInt64)] = []
    private var hasOpenCluster = false

    /// Writes the head of the file. `trackRegionSize` octets are kept for track entries, some 250 each.
    public init(
        _ sink: Sink, info: MatroskaInfo, tracks: [MatroskaTrack] = [], trackRegionSize: Int = 256 << 10,
        clusterNanoseconds: Int64 = 400_000_000
    ) throws(MatroskaError) {
        self.sink = sink
        self.info = info
        self.clusterNanoseconds = min(max(clusterNanoseconds, 20_000_000), 5_000_000_000)
        var head = EBMLBuilder()
        head.master(EBMLID.header) {
            $0.unsigned(EBMLID.version, 1)
            $0.unsigned(EBMLID.readVersion, 1)
            $0.unsigned(EBMLID.maxIDLength, 4)
            $0.unsigned(EBMLID.maxSizeLength, 8)
            $0.string(EBMLID.docType, info.documentType.rawValue)
            $0.unsigned(EBMLID.docTypeVersion, 4)
            $0.unsigned(EBMLID.docTypeReadVersion, 2)
        }
        head.id(EBMLID.segment)
        let segmentSizeOffset = UInt64(head.bytes.count)
        head.raw([0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        let segmentStart = UInt64(head.bytes.count)
        let infoOffset = segmentStart + UInt64(SegmentLayout.seekHeadSize)
        let body = Self.body(of: info)
        var infoElement = EBMLBuilder()
        infoElement.binary(EBMLID.info, body)
        let end = infoOffset + UInt64(infoElement.bytes.count)
        layout = SegmentLayout(
            segmentSizeOffset: segmentSizeOffset, segmentStart: segmentStart, infoOffset: infoOffset,
            durationOffset: end - UInt64(SegmentLayout.durationSize), trackRegionOffset: end,
            trackRegionSize: trackRegionSize)
        self.tracks = tracks
        guard
            let region = SegmentLayout.trackRegion(tracks, fileTags: info.tags, size: trackRegionSize),
            let seekHead = layout.seekHead([(EBMLID.info, infoOffset), (EBMLID.tracks, end)])
        else { throw .tooManyTracks }
        tagsOffset = region.tagsOffset
        head.raw(seekHead)
        head.raw(infoElement.bytes)
        head.raw(region.bytes)
        try sink.append(head.bytes)
    }

    private static func body(of info: MatroskaInfo) -> [UInt8] {
        var body = EBMLBuilder()
        var random = SystemRandomNumberGenerator()
        body.binary(EBMLID.segmentUID, (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) })
        body.unsigned(EBMLID.timestampScale, SegmentLayout.timestampScale)
        if let date = info.dateNanoseconds {
            // Dates count from 2001-01-01 (RFC 8794 §7.6).
            body.signed(EBMLID.dateUTC, date &- 978_307_200_000_000_000)
        }
        if !info.title.isEmpty { body.string(EBMLID.title, info.title) }
        body.string(EBMLID.muxingApp, "Causeway")
        body.string(EBMLID.writingApp, info.writingApplication)
        body.void(total: SegmentLayout.durationSize)
        return body.bytes
    }

    /// Declares a track; its blocks may follow at once.
    public func addTrack(_ track: MatroskaTrack) throws(MatroskaError) { try setTracks(tracks + [track]) }

    /// Writes a track's entry again, with what has become known of it.
    public func updateTrack(_ track: MatroskaTrack) throws(MatroskaError) {
        guard let index = tracks.firstIndex(where: { $0.number == track.number }) else {
            throw .unknownTrack(track.number)
        }
        var changed = tracks
        changed[index] = track
        try setTracks(changed)
    }

    private func setTracks(_ changed: [MatroskaTrack]) throws(MatroskaError) {
        guard !isFinished else { throw .finished }
        guard let region = SegmentLayout.trackRegion(changed, fileTags: info.tags, size: layout.trackRegionSize) else {
            throw .tooManyTracks
        }
        try sink.overwrite(region.bytes, at: layout.trackRegionOffset)
        tracks = changed
        tagsOffset = region.tagsOffset
    }

    /// Adds a block to the cluster being gathered. Blocks should come in the order of their timestamps; one that is
    /// somewhat older is still written as it is. `durationNanoseconds` counts towards the file's.
    public func write(_ block: MatroskaBlock, durationNanoseconds: Int64 = 0) throws(MatroskaError) {
        guard !isFinished else { throw .finished }
        guard tracks.contains(where: { $0.number == block.track }) else { throw .unknownTrack(block.track) }
        let milliseconds = max(0, (block.timestampNanoseconds + 500_000) / 1_000_000)
        if hasOpenCluster,
            milliseconds - clusterTime >= clusterNanoseconds / 1_000_000 || milliseconds < clusterTime - 30_000
        {
            try flush()
        }
        if !hasOpenCluster {
            hasOpenCluster = true
            clusterTime = milliseconds
        }
        let relative = Int16(clamping: milliseconds - clusterTime)
        cluster.id(EBMLID.simpleBlock)
        let trackLength = block.track < 0x7F ? 1 : 2
        cluster.size(UInt64(trackLength + 3 + block.data.count))
        cluster.size(block.track, length: trackLength)
        cluster.raw([
            UInt8(truncatingIfNeeded: relative >> 8), UInt8(truncatingIfNeeded: relative), block.isKeyframe ? 0x80 : 0,
        ])
        cluster.raw(block.data)
        if block.isKeyframe { clusterKeyframes.append((block.track, UInt64(milliseconds))) }
        self.durationNanoseconds = max(
            self.durationNanoseconds, max(0, block.timestampNanoseconds) &+ durationNanoseconds)
    }

    /// Writes the cluster being gathered to the file, whole.
    public func flush() throws(MatroskaError) {
        guard hasOpenCluster else { return }
        var body = EBMLBuilder()
        body.unsigned(EBMLID.timestamp, UInt64(clusterTime))
        body.raw(cluster.bytes)
        let checksum = CRC32.of(body.bytes)
        var element = EBMLBuilder()
        element.id(EBMLID.cluster)
        element.size(UInt64(body.bytes.count + 6), length: 8)
        element.binary(EBMLID.crc32, (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) })
        element.raw(body.bytes)
        let offset = sink.position
        let isVideo = Set(tracks.filter(\.codec.isVideo).map(\.number))
        let cueing = isVideo.isEmpty ? Array(clusterKeyframes.prefix(1)) : clusterKeyframes.filter { isVideo.contains($0.track) }
        hasOpenCluster = false
        cluster = EBMLBuilder()
        clusterKeyframes = []
        try sink.append(element.bytes)
        cues.note(cluster: offset, cueing)
    }

    /// Writes the last cluster, the index, chapters and duration. Nothing can be written afterwards.
    public func finish(chapters: [MatroskaChapter] = []) throws(MatroskaError) {
        guard !isFinished else { throw .finished }
        try flush()
        isFinished = true
        try layout.finish(
            sink, cues: cues, chapters: chapters, tagsOffset: tagsOffset, durationNanoseconds: durationNanoseconds,
            hasTracks: !tracks.isEmpty)
    }

    /// Waits until what was written is on the disk.
    public func synchronize() throws(MatroskaError) { try sink.synchronize() }
}
