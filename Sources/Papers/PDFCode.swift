/// Whether a PDF has something in it that acts: scripts, programs to launch, files inside it, forms that send (ISO 32000-2 §12.6.4,
/// §7.11.4). Its objects are not parsed: their names are looked for, in the file and in its object streams (§7.5.7), whatever
/// their spelling (§7.3.5). An action that only opens a page is none of that.
enum PDFCode {
    private static let acting: Set<[UInt8]> = Set(
        [
            "JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "Rendition", "XFA", "ImportData",
            "SubmitForm", "GoToE", "Movie",
        ].map { Array($0.utf8) })
    private static let objectStream = Array("ObjStm".utf8)
    private static let longestName = 16
    /// Of a name, each of whose characters may be written as `#xx`.
    private static let overlap = 1 + 3 * longestName
    private static let windowSize = 1 << 20
    private static let mostStreams = 50_000
    private static let longestDictionary = 8192

    /// True also where it cannot be seen: where an object stream is encrypted, or unpacks to more than is looked at.
    static func isFound(in file: FileOctets) -> Bool {
        var budget = Inflation.Budget(input: 256 << 20, output: 256 << 20)
        var streams = 0
        var at = 0
        while at < file.size {
            let window = file.read(at: at, windowSize + overlap)
            guard !window.isEmpty else { return true }
            let own = at + windowSize >= file.size ? window.count : min(windowSize, window.count)
            var (isActing, places) = (false, [Int]())
            names(in: window, before: own) { name, place in
                if acting.contains(name) { isActing = true }
                if name == objectStream { places.append(at + place) }
            }
            if isActing { return true }
            streams += places.count
            guard streams <= mostStreams else { return true }
            for place in places where actsOrHides(file, objectStreamNamedAt: place, &budget) { return true }
            at += own
        }
        return false
    }

    private static func actsOrHides(
        _ file: FileOctets, objectStreamNamedAt place: Int, _ budget: inout Inflation.Budget
    ) -> Bool {
        let dictionary = file.read(at: place, longestDictionary)
        let keyword = Array("stream".utf8)
        guard let found = dictionary.indices.first(where: { dictionary[$0...].starts(with: keyword) }) else {
            return false
        }
        var start = found + keyword.count
        if start < dictionary.count, dictionary[start] == 0x0D { start += 1 }
        if start < dictionary.count, dictionary[start] == 0x0A { start += 1 }
        var isActing = false
        var carried: [UInt8] = []
        let ending = Inflation.run(file, place + start..<file.size, .zlib, &budget) { piece in
            let text = carried + piece
            names(in: text, before: text.count) { name, _ in if acting.contains(name) { isActing = true } }
            carried = Array(text.suffix(overlap))
        }
        return isActing || ending != .whole
    }

    /// Tells the names that begin before an offset, and where.
    private static func names(in octets: [UInt8], before end: Int, _ body: ([UInt8], Int) -> Void) {
        octets.withUnsafeBufferPointer { octets in
            var name: [UInt8] = []
            name.reserveCapacity(longestName + 1)
            var at = 0
            while at < end {
                guard octets[at] == 0x2F else {
                    at += 1
                    continue
                }
                let place = at
                at += 1
                name.removeAll(keepingCapacity: true)
                var next = at
                while next < octets.count, isRegular(octets[next]), name.count <= longestName {
                    if octets[next] == 0x23, next + 2 < octets.count, let high = digit(octets[next + 1]),
                        let low = digit(octets[next + 2])
                    {
                        name.append(high << 4 | low)
                        next += 3
                    } else {
                        name.append(octets[next])
                        next += 1
                    }
                }
                if !name.isEmpty { body(name, place) }
            }
        }
    }

    /// Neither white space nor a delimiter (§7.2.3).
    private static func isRegular(_ octet: UInt8) -> Bool {
        switch octet {
        case 0, 9, 10, 12, 13, 32, 0x28, 0x29, 0x3C, 0x3E, 0x5B, 0x5D, 0x7B, 0x7D, 0x2F, 0x25: false
        default: true
        }
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: octet - 0x30
        case 0x41...0x46: octet - 0x37
        case 0x61...0x66: octet - 0x57
        default: nil
        }
    }
}
