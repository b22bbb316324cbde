/// A span of one picture and one sound of a Matroska file, as a file of its own that is made while it is read: no more than a
/// cluster of it is in memory, and whoever reads no further has it stop. What comes out begins at time 0 and plays as it comes.
///
/// Pictures can be decoded from a keyframe on. Those between the last keyframe before the span and the span go in with the time
/// 0: a player decodes them, and shows the first picture of the span. Players count time by the sound that they played, so the
/// sound has no holes: where the file has none, silence goes in, and packets follow each other without a seam.
///
/// Of several tracks that are offered as one (a point that came back has a track each time) those of one format are one.
/// Where a picture of another format begins, the excerpt ends, for a player to ask for the next.
public final class MatroskaExcerpt {
    /// So much before the span is decoded for its first picture; where no keyframe is as near, the picture begins later.
    private static let mostLead: Int64 = 120_000_000_000
    private static let clusterNanoseconds: Int64 = 400_000_000
    private static let mostClusterOctets = 512 << 10
    /// By so much blocks of different tracks may be out of order in the file.
    private static let disorder: Int64 = 500_000_000
    /// Sound that comes this much behind what was written is left out.
    private static let mostBehind: Int64 = 100_000_000
    /// How far is looked for which of several formats of sound comes next.
    private static let mostSearch: Int64 = 60_000_000_000
    private static let (pictureNumber, soundNumber) = (UInt64(1), UInt64(2))

    /// As they are written; nil where there is none.
    public let picture: MatroskaTrack?
    public let sound: MatroskaTrack?
    /// What the file is, for players: `webm` where the format allows it.
    public var documentType: MatroskaInfo.DocumentType {
        [picture, sound].compactMap(\.?.codec).allSatisfy { $0 == .opus || $0 == .vp8 || $0 == .vp9 }
            ? .webm : .matroska
    }

    private let reader: MatroskaReader
    private let from: Int64
    private let to: Int64
    private let pictures: Set<UInt64>
    private let silence: SilentSound?
    private var hasHead = false
    private var isOver = false
    private var held: MatroskaBlock?
    /// The track whose pictures go out now; nil before the first keyframe.
    private var showing: UInt64?
    /// Up to where the sound is written, from the span's beginning.
    private var heard: Int64 = 0
    private var body = EBMLBuilder()
    private var bodyTime: Int64?
    private var finished: [UInt8]?

    /// - Parameters:
    ///   - from: nanoseconds from the file's beginning, as `to`, which is not in the span.
    ///   - choose: which of the tracks are offered.
    /// - Throws: `unknownTrack` where none is chosen.
    public convenience init(
        path: String, from: Int64, to: Int64 = .max, choose: (MatroskaTrack) -> Bool = { _ in true }
    ) throws(MatroskaError) {
        try self.init(try PlainFile(path: path), from: from, to: to, choose: choose)
    }

    /// As by a path.
    public init(
        _ source: any FileSource, from: Int64, to: Int64 = .max, choose: (MatroskaTrack) -> Bool = { _ in true }
    ) throws(MatroskaError) {
        reader = try MatroskaReader(source)
        let from = max(0, from)
        self.from = from
        let offered = reader.tracks.filter(choose)
        guard !offered.isEmpty else { throw .unknownTrack(0) }
        let cues = try reader.cues()
        let shows = offered.filter(\.codec.isVideo)
        let leader = Self.leader(of: shows, cues, at: from)
        let pictures = Set(shows.filter { leader?.hasFormat(of: $0) ?? false }.map(\.number))
        // Another format takes over where this one has nothing any more.
        let last = cues.last { pictures.contains($0.track) }?.timestampNanoseconds ?? 0
        let others = Set(shows.map(\.number)).subtracting(pictures)
        let takeover = cues.first {
            others.contains($0.track) && $0.timestampNanoseconds > max(last, from)
        }?.timestampNanoseconds
        self.to = max(from, min(to, takeover ?? .max))
        self.pictures = pictures
        let start = Self.start(of: pictures, cues, at: from)
        let speaker = try Self.sound(of: offered.filter { !$0.codec.isVideo }, reader, from: from, start)
        picture = leader?.renumbered(Self.pictureNumber)
        sound = speaker?.leader.renumbered(Self.soundNumber)
        silence = speaker.flatMap { SilentSound(for: $0.leader) }
        reader.wanted = pictures.union(speaker?.all ?? [])
        reader.seek(toCluster: start)
    }

    private static func leader(of shows: [MatroskaTrack], _ cues: [MatroskaCue], at time: Int64) -> MatroskaTrack? {
        let numbers = Set(shows.map(\.number))
        let own = cues.filter { numbers.contains($0.track) }
        let next = own.first { $0.timestampNanoseconds > time }
        var chosen = next?.track
        if let before = own.last(where: { $0.timestampNanoseconds <= time }) {
            let goesOn = own.contains { $0.track == before.track && $0.timestampNanoseconds > time }
            if goesOn || time - before.timestampNanoseconds <= mostLead || chosen == nil { chosen = before.track }
        }
        return shows.first { $0.number == chosen } ?? shows.first
    }

    /// The cluster to begin at: that of the nearest keyframe before; else any that is before.
    private static func start(of pictures: Set<UInt64>, _ cues: [MatroskaCue], at time: Int64) -> UInt64? {
        let before = cues.filter { $0.timestampNanoseconds <= time }
        let key = before.last { pictures.contains($0.track) && time - $0.timestampNanoseconds <= mostLead }
        return (key ?? before.last)?.cluster
    }

    /// Which sound comes next, and all of its format.
    private static func sound(
        of tracks: [MatroskaTrack], _ reader: MatroskaReader, from: Int64, _ start: UInt64?
    ) throws(MatroskaError) -> (leader: MatroskaTrack, all: Set<UInt64>)? {
        guard var leader = tracks.first else { return nil }
        if tracks.contains(where: { !leader.hasFormat(of: $0) }) {
            reader.wanted = Set(tracks.map(\.number))
            reader.seek(toCluster: start)
            while let block = try reader.nextBlock(), block.timestampNanoseconds - from < mostSearch {
                guard block.timestampNanoseconds >= from else { continue }
                leader = tracks.first { $0.number == block.track } ?? leader
                break
            }
        }
        return (leader, Set(tracks.filter(leader.hasFormat).map(\.number)))
    }

    /// The next octets of the file; nil after its last.
    public func next() throws(MatroskaError) -> [UInt8]? {
        guard hasHead else {
            hasHead = true
            return head
        }
        while !isOver {
            if let cluster = finished {
                finished = nil
                return cluster
            }
            if held == nil { held = try reader.nextBlock() }
            guard let block = held, block.timestampNanoseconds < to else {
                isOver = true
                close()
                break
            }
            if let silence, heard + SilentSound.nanoseconds <= quiet(before: block) {
                write(Self.soundNumber, heard, isKeyframe: true, silence.packet)
                heard += SilentSound.nanoseconds
            } else {
                held = nil
                take(block)
            }
        }
        defer { finished = nil }
        return finished
    }

    /// Up to where there is no sound, given what comes next.
    private func quiet(before block: MatroskaBlock) -> Int64 {
        let time = block.timestampNanoseconds - from
        return pictures.contains(block.track) ? time - Self.disorder : time
    }

    private func take(_ block: MatroskaBlock) {
        let time = block.timestampNanoseconds - from
        if pictures.contains(block.track) {
            if showing != block.track {
                guard block.isKeyframe, time >= -Self.mostLead else { return }
                showing = block.track
            }
            write(Self.pictureNumber, max(0, time), isKeyframe: block.isKeyframe, block.data)
        } else if time >= 0, silence == nil || time > heard - Self.mostBehind {
            write(Self.soundNumber, silence == nil ? time : heard, isKeyframe: true, block.data)
            heard += silence?.duration(of: block.data) ?? 0
        }
    }

    // MARK: Writing

    private var head: [UInt8] {
        var builder = EBMLBuilder()
        builder.master(EBMLID.header) {
            $0.unsigned(EBMLID.version, 1)
            $0.unsigned(EBMLID.readVersion, 1)
            $0.unsigned(EBMLID.maxIDLength, 4)
            $0.unsigned(EBMLID.maxSizeLength, 8)
            $0.string(EBMLID.docType, documentType.rawValue)
            $0.unsigned(EBMLID.docTypeVersion, 4)
            $0.unsigned(EBMLID.docTypeReadVersion, 2)
        }
        builder.id(EBMLID.segment)
        // Its size is not known (RFC 8794 §6.2).
        builder.raw([0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        builder.master(EBMLID.info) {
            $0.unsigned(EBMLID.timestampScale, SegmentLayout.timestampScale)
            $0.string(EBMLID.muxingApp, "Causeway")
            $0.string(EBMLID.writingApp, "Causeway")
        }
        builder.master(EBMLID.tracks) { entries in
            for track in [picture, sound].compactMap({ $0 }) { entries.raw(track.bytes) }
        }
        return builder.bytes
    }

    private func write(_ track: UInt64, _ time: Int64, isKeyframe: Bool, _ data: [UInt8]) {
        let milliseconds = (time + 500_000) / 1_000_000
        if let bodyTime,
            abs(milliseconds - bodyTime) >= Self.clusterNanoseconds / 1_000_000
                || body.bytes.count >= Self.mostClusterOctets
        {
            close()
        }
        let start = bodyTime ?? milliseconds
        bodyTime = start
        let relative = Int16(clamping: milliseconds - start)
        body.id(EBMLID.simpleBlock)
        body.size(UInt64(EBMLBuilder.sizeLength(track) + 3 + data.count))
        body.size(track)
        body.raw([
            UInt8(truncatingIfNeeded: relative >> 8), UInt8(truncatingIfNeeded: relative), isKeyframe ? 0x80 : 0,
        ])
        body.raw(data)
    }

    /// Ends the cluster that is gathered. At most one is ended between two that are given out.
    private func close() {
        guard let bodyTime else { return }
        var cluster = EBMLBuilder()
        cluster.master(EBMLID.cluster) {
            $0.unsigned(EBMLID.timestamp, UInt64(max(0, bodyTime)))
            $0.raw(body.bytes)
        }
        finished = (finished ?? []) + cluster.bytes
        body = EBMLBuilder()
        self.bodyTime = nil
    }
}

extension MatroskaTrack {
    /// Whether blocks of both are understood by one decoder.
    fileprivate func hasFormat(of other: MatroskaTrack) -> Bool {
        codec == other.codec && channels == other.channels && sampleRate == other.sampleRate
            && bitDepth == other.bitDepth && (codecPrivate == other.codecPrivate || codec == .vp8 || codec == .vp9)
    }

    fileprivate func renumbered(_ number: UInt64) -> MatroskaTrack {
        var track = self
        (track.number, track.uid, track.tags) = (number, number, [:])
        return track
    }
}
