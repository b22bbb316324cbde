/// Writes a Matroska or WebM file that plays whatever happens while it is written (RFC 8794, RFC 9559).
///
/// Why not libwebm: it can neither declare a track after the first cluster, and points join meetings late, nor write a
/// cluster whole. Here the track entries lie in a region kept for them that grows in place (`HeadRegion`), and a cluster
/// reaches the file in one append, with its checksum, or not at all: a process that is killed at any moment leaves a file
/// that plays to its last cluster. `finish` adds the index, chapters and duration; `MatroskaRecovery` does that for a file
/// whose writer died.
public final class MatroskaWriter<Sink: MatroskaSink> {
    /// A cluster is written when it is as large as this, however short.
    private static var mostClusterOctets: Int { 8 << 20 }

    /// The longest time in one cluster; block timestamps are 16 bits of milliseconds relative to it.
    public let clusterNanoseconds: Int64

    public let info: MatroskaInfo
    public private(set) var tracks: [MatroskaTrack] = []
    /// The end of the latest block, as far as known.
    public private(set) var durationNanoseconds: Int64 = 0
    /// Told of each cluster before it is written, and once more where that did not succeed at first.
    public var onGathered: ((ClusterPlace) -> Void)?
    /// Told of each cluster once it is in the file: where, and its bytes.
    public var onCluster: ((ClusterPlace, [UInt8]) -> Void)?
    private let sink: Sink
    private let layout: SegmentLayout
    private var trackRegion: HeadRegion
    private var tagRegion: HeadRegion
    /// Of each track, by its number.
    private var isVideo: [UInt64: Bool] = [:]
    private var cues = CueIndex()
    private var isFinished = false

    private var cluster = EBMLBuilder()
    private var clusterTime: Int64 = 0
    private var clusterKeyframes: [(track: UInt64, milliseconds: UInt64)] = []
    private var hasOpenCluster = false

    /// Writes the head of the file. `trackRegionSize` octets are kept for track entries and their tags, half for each;
    /// a track takes some 200 of either.
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
        var infoElement = EBMLBuilder()
        infoElement.binary(EBMLID.info, Self.body(of: info))
        let end = infoOffset + UInt64(infoElement.bytes.count)
        layout = SegmentLayout(
            segmentSizeOffset: segmentSizeOffset, segmentStart: segmentStart, infoOffset: infoOffset,
            durationOffset: end - UInt64(SegmentLayout.durationSize))
        let page = UInt64(HeadRegion.pageSize)
        var padding = (page - end % page) % page
        if padding == 1 { padding += page }
        trackRegion = HeadRegion(id: EBMLID.tracks, offset: end + padding, size: trackRegionSize / 2)
        tagRegion = HeadRegion(
            id: EBMLID.tags, offset: trackRegion.offset + UInt64(trackRegion.size), size: trackRegionSize / 2)
        guard let seekHead = layout.seekHead([(EBMLID.info, infoOffset)]) else { throw .tooManyTracks }
        head.raw(seekHead)
        head.raw(infoElement.bytes)
        head.void(total: Int(padding))
        head.raw(trackRegion.initialBytes)
        head.raw(tagRegion.initialBytes)
        try sink.append(head.bytes)
        if !info.tags.isEmpty {
            guard try tagRegion.append(MatroskaTag.bytes(info.tags, trackUID: nil), to: sink) else {
                throw .tooManyTracks
            }
        }
        for track in tracks { try addTrack(track) }
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

    /// Declares a track; its blocks may follow at once. `tooManyTracks` leaves the file as it was.
    public func addTrack(_ track: MatroskaTrack) throws(MatroskaError) {
        guard !isFinished else { throw .finished }
        guard (1...16_382).contains(track.number), isVideo[track.number] == nil else {
            throw .badTrackNumber(track.number)
        }
        let entry = track.bytes
        guard trackRegion.hasRoom(for: entry.count) else { throw .tooManyTracks }
        // Tags first, so that a track that shows has its own.
        if !track.tags.isEmpty {
            guard try tagRegion.append(MatroskaTag.bytes(track.tags, trackUID: track.uid), to: sink) else {
                throw .tooManyTracks
            }
        }
        guard try trackRegion.append(entry, to: sink) else { throw .tooManyTracks }
        isVideo[track.number] = track.codec.isVideo
        tracks.append(track)
    }

    /// Adds a block to the cluster being gathered. Blocks should come in the order of their timestamps; one that is
    /// somewhat older is still written as it is. `durationNanoseconds` counts towards the file's.
    ///
    /// Where it throws, the block was not taken, and what was gathered before it still waits to be written.
    public func write(_ block: MatroskaBlock, durationNanoseconds: Int64 = 0) throws(MatroskaError) {
        guard !isFinished else { throw .finished }
        guard let isPicture = isVideo[block.track] else { throw .unknownTrack(block.track) }
        let time = min(max(0, block.timestampNanoseconds), .max / 2)
        let milliseconds = (time + 500_000) / 1_000_000
        if hasOpenCluster,
            milliseconds - clusterTime >= clusterNanoseconds / 1_000_000 || milliseconds < clusterTime - 30_000
                || cluster.bytes.count >= Self.mostClusterOctets
        {
            try flush()
        }
        if !hasOpenCluster {
            hasOpenCluster = true
            clusterTime = milliseconds
        }
        let relative = Int16(clamping: milliseconds - clusterTime)
        cluster.id(EBMLID.simpleBlock)
        cluster.size(UInt64(EBMLBuilder.sizeLength(block.track) + 3 + block.data.count))
        cluster.size(block.track)
        cluster.raw([
            UInt8(truncatingIfNeeded: relative >> 8), UInt8(truncatingIfNeeded: relative), block.isKeyframe ? 0x80 : 0,
        ])
        cluster.raw(block.data)
        // Where there are pictures they are what can only be begun at some blocks; sound may be begun anywhere.
        if block.isKeyframe, isPicture || clusterKeyframes.isEmpty {
            clusterKeyframes.append((block.track, UInt64(milliseconds)))
        }
        self.durationNanoseconds = max(self.durationNanoseconds, time &+ max(0, min(durationNanoseconds, .max / 2)))
    }

    /// Writes the cluster being gathered to the file, whole. Where it throws, the cluster still waits.
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
        let place = ClusterPlace(
            offset: sink.position, length: UInt64(element.bytes.count), milliseconds: clusterTime)
        onGathered?(place)
        try sink.append(element.bytes)
        cues.note(cluster: place.offset, clusterKeyframes) { isVideo[$0] ?? false }
        onCluster?(place, element.bytes)
        dropCluster()
    }

    /// Gives up the cluster being gathered, where it cannot be written and the file is to be ended without it.
    public func dropCluster() {
        hasOpenCluster = false
        cluster = EBMLBuilder()
        clusterKeyframes = []
    }

    /// Writes the last cluster, the index, chapters, duration, and `tags` that became known of tracks, by their numbers.
    /// Nothing can be written afterwards.
    public func finish(
        chapters: [MatroskaChapter] = [], tags: [UInt64: [String: String]] = [:]
    ) throws(MatroskaError) {
        guard !isFinished else { throw .finished }
        try flush()
        isFinished = true
        let late = tracks.compactMap { track in
            tags[track.number].flatMap { $0.isEmpty ? nil : (trackUID: track.uid, tags: $0) }
        }
        try layout.finish(
            sink, cues: cues, chapters: chapters, lateTags: late,
            tracksOffset: trackRegion.isEmpty ? nil : trackRegion.offset,
            tagsOffset: tagRegion.isEmpty ? nil : tagRegion.offset, durationNanoseconds: durationNanoseconds)
    }

    /// Waits until what was written is on the disk.
    public func synchronize() throws(MatroskaError) { try sink.synchronize() }
}
