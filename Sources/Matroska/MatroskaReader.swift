/// Reads a Matroska or WebM file front to back in bounded memory, whoever wrote it: lacing, block groups, clusters of
/// unknown size. It never trusts a size: what is cut off ends the reading, what is damaged is passed over.
public final class MatroskaReader {
    /// Larger headers, and larger blocks, are taken for damage.
    private static let mostHeader: UInt64 = 64 << 20
    private static let mostBlock: UInt64 = 32 << 20

    public private(set) var info: MatroskaInfo
    /// Tracks whose codec is one of `MatroskaCodec`, with their tags.
    public private(set) var tracks: [MatroskaTrack] = []
    public private(set) var chapters: [MatroskaChapter] = []
    /// Numbers of the tracks whose blocks are read; others are passed over unread. All where it is nil.
    public var wanted: Set<UInt64>?
    /// Octets read so far and in all, for showing progress.
    public var progress: (done: UInt64, total: UInt64) { (min(cursor.position, cursor.size), cursor.size) }

    private let cursor: FileCursor
    private var timestampScale: Int64 = 1_000_000
    private var segmentEnd: UInt64
    private var segmentStart: UInt64 = 0
    private var firstCluster: UInt64 = 0
    private var cueIndex: EBMLElement?
    private var tagsByTrack: [UInt64: [String: String]] = [:]
    private var clusterEnd: UInt64?
    private var clusterTime: Int64 = 0
    private var isInCluster = false
    private var pending: [MatroskaBlock] = []

    /// Opens a file and reads everything before its first cluster, and the chapters and tags that stand at its end.
    public convenience init(path: String) throws(MatroskaError) { try self.init(try PlainFile(path: path)) }

    /// As by a path.
    public init(_ source: any FileSource) throws(MatroskaError) {
        let path = source.path
        let cursor = FileCursor(source)
        guard let head = try cursor.element(), head.id == EBMLID.header, let size = head.size, size <= 4096,
            let body = try cursor.bytes(Int(size))
        else { throw .notMatroska(path: path) }
        let docType = EBMLChildren(body).first { $0.id == EBMLID.docType }?.string ?? "matroska"
        guard let documentType = MatroskaInfo.DocumentType(rawValue: docType) else { throw .notMatroska(path: path) }
        info = MatroskaInfo(documentType: documentType, writingApplication: "")
        guard let segment = try cursor.element(), segment.id == EBMLID.segment else { throw .notMatroska(path: path) }
        segmentEnd = min(segment.end ?? .max, cursor.size)
        segmentStart = segment.dataOffset
        self.cursor = cursor
        try readHeaders(segment)
    }

    private func readHeaders(_ segment: EBMLElement) throws(MatroskaError) {
        var firstCluster: UInt64?
        var later: Set<UInt64> = []
        while cursor.position < segmentEnd, let element = try cursor.element() {
            if element.id == EBMLID.cluster {
                firstCluster = element.offset
                break
            }
            guard let end = element.end else { break }
            if element.id == EBMLID.seekHead, let body = try body(of: element) {
                later.formUnion(Self.positions(in: body, from: segment.dataOffset))
            } else {
                try take(element)
            }
            later.remove(element.offset)
            cursor.seek(to: end)
        }
        guard let firstCluster else { return finishHeaders() }
        for offset in later.sorted() where offset > firstCluster && offset < segmentEnd {
            cursor.seek(to: offset)
            guard let element = try cursor.element() else { continue }
            if element.id == EBMLID.cues { cueIndex = element }
            if element.id == EBMLID.chapters || element.id == EBMLID.tags { try take(element) }
        }
        finishHeaders()
        self.firstCluster = firstCluster
        cursor.seek(to: firstCluster)
    }

    private func finishHeaders() {
        for index in tracks.indices { tracks[index].tags = tagsByTrack[tracks[index].uid] ?? [:] }
        if let whole = tagsByTrack[0] { info.tags = whole }
    }

    private func body(of element: EBMLElement) throws(MatroskaError) -> [UInt8]? {
        guard let size = element.size, size <= Self.mostHeader else { return nil }
        cursor.seek(to: element.dataOffset)
        return try cursor.bytes(Int(size))
    }

    private func take(_ element: EBMLElement) throws(MatroskaError) {
        switch element.id {
        case EBMLID.info: if let body = try body(of: element) { takeInfo(body) }
        case EBMLID.tracks: if let body = try body(of: element) { takeTracks(body) }
        case EBMLID.tags: if let body = try body(of: element) { takeTags(body) }
        case EBMLID.chapters: if let body = try body(of: element) { takeChapters(body) }
        default: break
        }
    }

    private static func positions(in seekHead: [UInt8], from segmentStart: UInt64) -> [UInt64] {
        EBMLChildren(seekHead).compactMap { seek in
            guard seek.id == EBMLID.seek,
                let position = seek.children.first(where: { $0.id == EBMLID.seekPosition })?.unsigned
            else { return nil }
            let (offset, overflow) = segmentStart.addingReportingOverflow(position)
            return overflow ? nil : offset
        }
    }

    private func takeInfo(_ body: [UInt8]) {
        var duration: Double?
        for child in EBMLChildren(body) {
            switch child.id {
            case EBMLID.timestampScale: timestampScale = Int64(clamping: max(1, min(child.unsigned, 1_000_000_000)))
            case EBMLID.duration: duration = child.float
            case EBMLID.title: info.title = child.string
            case EBMLID.writingApp: info.writingApplication = child.string
            case EBMLID.dateUTC: info.dateNanoseconds = child.signed &+ 978_307_200_000_000_000
            default: break
            }
        }
        if let duration, duration.isFinite, duration >= 0 {
            info.durationNanoseconds = Int64(min(duration * Double(timestampScale), 9e18))
        }
    }

    private func takeTracks(_ body: [UInt8]) {
        for entry in EBMLChildren(body) where entry.id == EBMLID.trackEntry && tracks.count < 4096 {
            guard let track = Self.track(entry) else { continue }
            // The later entry of a number is what has become known of the track.
            if let index = tracks.firstIndex(where: { $0.number == track.number }) {
                tracks[index] = track
            } else {
                tracks.append(track)
            }
        }
    }

    private static func track(_ entry: EBMLChildren.Child) -> MatroskaTrack? {
        guard let codecID = entry.children.first(where: { $0.id == EBMLID.codecID })?.string,
            let codec = MatroskaCodec(rawValue: codecID),
            // Compressed or encrypted blocks are not what the codec says.
            !entry.children.contains(where: { $0.id == EBMLID.contentEncodings })
        else { return nil }
        var track = MatroskaTrack(number: 0, codec: codec)
        var legacyLanguage: String?
        for child in entry.children {
            switch child.id {
            case EBMLID.trackNumber: track.number = child.unsigned
            case EBMLID.trackUID: track.uid = child.unsigned
            case EBMLID.name: track.name = child.string
            case EBMLID.language: legacyLanguage = child.string
            case EBMLID.languageBCP47: track.language = child.string
            case EBMLID.codecPrivate: track.codecPrivate = Array(child.data)
            case EBMLID.codecDelay: track.codecDelayNanoseconds = child.unsigned
            case EBMLID.seekPreRoll: track.seekPreRollNanoseconds = child.unsigned
            case EBMLID.video:
                for value in child.children {
                    if value.id == EBMLID.pixelWidth { track.width = Int(clamping: value.unsigned) }
                    if value.id == EBMLID.pixelHeight { track.height = Int(clamping: value.unsigned) }
                }
            case EBMLID.audio:
                track.sampleRate = 8000
                for value in child.children {
                    if value.id == EBMLID.samplingFrequency { track.sampleRate = value.float }
                    if value.id == EBMLID.channels { track.channels = Int(clamping: value.unsigned) }
                    if value.id == EBMLID.bitDepth { track.bitDepth = Int(clamping: value.unsigned) }
                }
            default: break
            }
        }
        if track.language == "und", let legacyLanguage {
            track.language = ["vie": "vi", "eng": "en"][legacyLanguage] ?? legacyLanguage
        }
        return track.number > 0 ? track : nil
    }

    private func takeTags(_ body: [UInt8]) {
        for tag in EBMLChildren(body) where tag.id == EBMLID.tag {
            var uids: [UInt64] = []
            var values: [String: String] = [:]
            for child in tag.children {
                if child.id == EBMLID.targets {
                    uids = child.children.filter { $0.id == EBMLID.tagTrackUID }.map(\.unsigned)
                }
                if child.id == EBMLID.simpleTag {
                    let name = child.children.first { $0.id == EBMLID.tagName }?.string
                    if let name { values[name] = child.children.first { $0.id == EBMLID.tagString }?.string ?? "" }
                }
            }
            for uid in uids.isEmpty ? [0] : uids { tagsByTrack[uid, default: [:]].merge(values) { $1 } }
        }
    }

    private func takeChapters(_ body: [UInt8]) {
        guard let edition = EBMLChildren(body).first(where: { $0.id == EBMLID.editionEntry }) else { return }
        for atom in edition.children where atom.id == EBMLID.chapterAtom {
            var chapter = MatroskaChapter(title: "", startNanoseconds: 0, endNanoseconds: 0)
            for child in atom.children {
                switch child.id {
                case EBMLID.chapterTimeStart: chapter.startNanoseconds = child.unsigned
                case EBMLID.chapterTimeEnd: chapter.endNanoseconds = child.unsigned
                case EBMLID.chapterDisplay:
                    chapter.title = child.children.first { $0.id == EBMLID.chapString }?.string ?? ""
                default: break
                }
            }
            chapters.append(chapter)
        }
    }

    // MARK: Places

    /// Where reading can begin, as the index of a finished file has it, in the order of time; empty where there is none.
    public func cues() throws(MatroskaError) -> [MatroskaCue] {
        guard let cueIndex, let body = try body(of: cueIndex) else { return [] }
        var cues: [MatroskaCue] = []
        for point in EBMLChildren(body) where point.id == EBMLID.cuePoint {
            var ticks: UInt64?
            for child in point.children {
                if child.id == EBMLID.cueTime { ticks = child.unsigned }
                guard child.id == EBMLID.cueTrackPositions, let ticks else { continue }
                var cue = MatroskaCue(timestampNanoseconds: 0, track: 0, cluster: 0)
                for value in child.children {
                    if value.id == EBMLID.cueTrack { cue.track = value.unsigned }
                    if value.id == EBMLID.cueClusterPosition { cue.cluster = value.unsigned }
                }
                let (offset, isFar) = segmentStart.addingReportingOverflow(cue.cluster)
                let (time, isLate) = Int64(clamping: ticks).multipliedReportingOverflow(by: timestampScale)
                guard !isFar, !isLate, offset >= firstCluster, offset < segmentEnd else { continue }
                cue.cluster = offset
                cue.timestampNanoseconds = time
                cues.append(cue)
            }
        }
        return cues.sorted { $0.timestampNanoseconds < $1.timestampNanoseconds }
    }

    /// Goes on reading at a cluster; nil for the first.
    public func seek(toCluster offset: UInt64?) {
        (isInCluster, clusterEnd, pending) = (false, nil, [])
        cursor.seek(to: max(offset ?? firstCluster, firstCluster))
    }

    // MARK: Blocks

    /// Goes on reading at a cluster of the file.
    public func seek(to cluster: ClusterPlace) {
        pending = []
        isInCluster = false
        cursor.seek(to: cluster.offset)
    }

    /// The next block in the order of the file; nil at the end, or where the file is cut off. What is damaged is passed
    /// over, to the end of its cluster or to the next one.
    public func nextBlock() throws(MatroskaError) -> MatroskaBlock? {
        while pending.isEmpty {
            if isInCluster, let clusterEnd, cursor.position >= clusterEnd { isInCluster = false }
            guard cursor.position < segmentEnd else { return nil }
            let start = cursor.position
            guard let element = try cursor.element() else {
                guard try passDamage(from: start) else { return nil }
                continue
            }
            if !isInCluster || EBMLID.isTopLevel(element.id) {
                isInCluster = element.id == EBMLID.cluster
                if isInCluster {
                    clusterEnd = element.end
                    clusterTime = 0
                } else if element.size != nil, let end = element.end, end <= cursor.size {
                    cursor.seek(to: end)
                } else {
                    guard try passDamage(from: start) else { return nil }
                }
                continue
            }
            guard let end = element.end, let size = element.size, size <= Self.mostBlock, end <= clusterEnd ?? .max,
                end <= cursor.size
            else {
                guard try passDamage(from: start) else { return nil }
                continue
            }
            try take(element, Int(size))
            cursor.seek(to: end)
        }
        return pending.removeFirst()
    }

    private func take(_ element: EBMLElement, _ size: Int) throws(MatroskaError) {
        switch element.id {
        case EBMLID.timestamp:
            guard size <= 8, let data = try cursor.bytes(size) else { return }
            clusterTime = Int64(clamping: data.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        case EBMLID.simpleBlock:
            guard try isWanted(element) else { return }
            if let data = try cursor.bytes(size) { unpack(data[...], isKeyframe: nil) }
        case EBMLID.blockGroup:
            guard let data = try cursor.bytes(size) else { return }
            let children = EBMLChildren(data)
            let refersBack = children.contains { $0.id == EBMLID.referenceBlock }
            if let block = children.first(where: { $0.id == EBMLID.block }) {
                unpack(block.data, isKeyframe: !refersBack)
            }
        default:
            break
        }
    }

    /// Looks at the number that a block begins with.
    private func isWanted(_ block: EBMLElement) throws(MatroskaError) -> Bool {
        guard let wanted else { return true }
        let head = try cursor.bytes(Int(min(block.size ?? 0, 8))) ?? []
        cursor.seek(to: block.dataOffset)
        var rest = head[...]
        return EBMLChildren.vint(&rest, mostOctets: 8, keepsMarker: false).map(wanted.contains) ?? true
    }

    /// Goes to where reading can go on after damage at `start`; false where there is no such place.
    private func passDamage(from start: UInt64) throws(MatroskaError) -> Bool {
        if isInCluster, let clusterEnd, clusterEnd < segmentEnd {
            isInCluster = false
            cursor.seek(to: clusterEnd)
            return true
        }
        isInCluster = false
        cursor.seek(to: start + 1)
        var last: UInt32 = 0
        while cursor.position < segmentEnd, let byte = try cursor.byte() {
            last = last << 8 | UInt32(byte)
            if last == EBMLID.cluster {
                cursor.seek(to: cursor.position - 4)
                return true
            }
        }
        return false
    }

    /// A block's frames (RFC 9559 §10): track, time, flags, and the frames as they are laced.
    private func unpack(_ block: ArraySlice<UInt8>, isKeyframe: Bool?) {
        var rest = block
        guard let track = EBMLChildren.vint(&rest, mostOctets: 8, keepsMarker: false), rest.count >= 3,
            wanted?.contains(track) ?? true
        else { return }
        let head = Array(rest.prefix(3))
        rest = rest.dropFirst(3)
        let relative = Int16(bitPattern: UInt16(head[0]) << 8 | UInt16(head[1]))
        let (ticks, _) = clusterTime.addingReportingOverflow(Int64(relative))
        let (time, overflow) = ticks.multipliedReportingOverflow(by: timestampScale)
        guard !overflow, let frames = Lacing.frames(in: rest, flags: head[2]) else { return }
        let key = isKeyframe ?? (head[2] & 0x80 != 0)
        for frame in frames {
            pending.append(MatroskaBlock(track: track, timestampNanoseconds: time, isKeyframe: key, data: frame))
        }
    }
}

/// Several frames in one block (RFC 9559 §10.3).
enum Lacing {
    static func frames(in data: ArraySlice<UInt8>, flags: UInt8) -> [[UInt8]]? {
        let kind = flags >> 1 & 3
        guard kind != 0 else { return [Array(data)] }
        var rest = data
        guard let last = rest.popFirst() else { return nil }
        let count = Int(last) + 1
        var sizes: [Int] = []
        switch kind {
        case 1:
            for _ in 0..<count - 1 {
                var size = 0
                while true {
                    guard let byte = rest.popFirst() else { return nil }
                    size += Int(byte)
                    if byte != 255 { break }
                }
                sizes.append(size)
            }
        case 2:
            guard rest.count.isMultiple(of: count) else { return nil }
            sizes = Array(repeating: rest.count / count, count: count - 1)
        default:
            var size: Int64 = 0
            for index in 0..<count - 1 {
                let before = rest.count
                guard let raw = EBMLChildren.vint(&rest, mostOctets: 8, keepsMarker: false), raw < 1 << 40 else {
                    return nil
                }
                let octets = before - rest.count
                // From the second on, differences, with a bias (RFC 9559 §10.3.3).
                let bias = (Int64(1) << Int64(7 * octets - 1)) - 1
                size = index == 0 ? Int64(raw) : size + Int64(raw) - bias
                guard size >= 0, size <= Int64(data.count) else { return nil }
                sizes.append(Int(size))
            }
        }
        var frames: [[UInt8]] = []
        for size in sizes {
            guard size <= rest.count else { return nil }
            frames.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return frames + [Array(rest)]
    }
}
