import Codecs

/// Small pictures of a film for its player's time line: sheets of 10 × 10, and a WebVTT track that says which part of which
/// sheet belongs to which time (Media Fragments, `#xywh=`).
struct Thumbnails {
    static let width = 160
    static let height = 90
    private static let columns = 10
    /// So many pictures at most, for however long a film.
    private static let most: Int64 = 1_000
    private static let shortest: Int64 = 2_000_000_000

    /// Of one, without gaps between its lines.
    static let octets = width * height * 3 / 2

    private var sheet: I420Picture?
    private var count = 0
    private var cues: [(start: Int64, place: String)] = []

    /// Between two, in a film of so many nanoseconds.
    static func interval(_ length: Int64) -> Int64 {
        max(shortest, (length / most + 999_999_999) / 1_000_000_000 * 1_000_000_000)
    }

    private typealias Plane = (start: UnsafeMutablePointer<UInt8>, stride: Int, width: Int, height: Int)

    private static func planes(_ picture: I420Picture) -> [Plane] {
        let (width, height) = (picture.width / 2, picture.height / 2)
        return [
            (picture.y, picture.lumaStride, picture.width, picture.height),
            (picture.u, picture.chromaStride, width, height), (picture.v, picture.chromaStride, width, height),
        ]
    }

    static func octets(of picture: I420Picture) -> [UInt8] {
        planes(picture).flatMap { plane in
            (0..<plane.height).flatMap { line in
                UnsafeBufferPointer(start: plane.start + line * plane.stride, count: plane.width)
            }
        }
    }

    static func name(_ sheet: Int) -> String {
        let digits = String(sheet + 1)
        return "sheet-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ".webp"
    }

    /// Takes the small picture of a time, as many octets as one has; gives the sheet that it filled.
    mutating func add(
        _ octets: ArraySlice<UInt8>, at time: Int64
    ) throws(CodecError) -> (name: String, picture: I420Picture)? {
        guard octets.count == Self.octets else { return nil }
        let small = try I420Picture(width: Self.width, height: Self.height)
        var rest = octets
        for plane in Self.planes(small) {
            for line in 0..<plane.height {
                for (column, octet) in rest.prefix(plane.width).enumerated() {
                    plane.start[line * plane.stride + column] = octet
                }
                rest = rest.dropFirst(plane.width)
            }
        }
        let perSheet = Self.columns * Self.columns
        let place = count % perSheet
        let sheet: I420Picture
        if let begun = self.sheet {
            sheet = begun
        } else {
            sheet = try I420Picture(width: Self.columns * Self.width, height: Self.columns * Self.height)
        }
        self.sheet = sheet
        let (x, y) = (place % Self.columns * Self.width, place / Self.columns * Self.height)
        sheet.draw(small.view, in: PictureRectangle(x: x, y: y, width: Self.width, height: Self.height))
        let name = Self.name(count / perSheet)
        cues.append((time, "thumbnails/\(name)#xywh=\(x),\(y),\(Self.width),\(Self.height)"))
        count += 1
        guard count % perSheet == 0 else { return nil }
        self.sheet = nil
        return (name, sheet)
    }

    /// The last sheet.
    func rest() -> (name: String, picture: I420Picture)? {
        sheet.map { (Self.name(count / (Self.columns * Self.columns)), $0) }
    }

    /// The track (WebVTT), up to the film's end.
    func track(until end: Int64) -> String {
        var text = "WEBVTT\n"
        for (index, cue) in cues.enumerated() {
            let stop = index + 1 < cues.count ? cues[index + 1].start : max(end, cue.start + 1_000_000)
            text += "\n\(Self.time(cue.start)) --> \(Self.time(stop))\n\(cue.place)\n"
        }
        return text
    }

    private static func time(_ nanoseconds: Int64) -> String {
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let milliseconds = nanoseconds / 1_000_000
        return "\(padded(milliseconds / 3_600_000, 2)):\(padded(milliseconds / 60_000 % 60, 2))"
            + ":\(padded(milliseconds / 1_000 % 60, 2)).\(padded(milliseconds % 1_000, 3))"
    }
}
