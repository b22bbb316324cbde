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

    /// Between two, in nanoseconds.
    let interval: Int64
    private var sheet: I420Picture?
    private var next: Int64 = 0
    private var count = 0
    private var cues: [(start: Int64, place: String)] = []

    init(length: Int64?) {
        let wanted = (length ?? 7_200_000_000_000) / Self.most
        interval = max(Self.shortest, (wanted + 999_999_999) / 1_000_000_000 * 1_000_000_000)
    }

    static func name(_ sheet: Int) -> String {
        let digits = String(sheet + 1)
        return "sheet-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ".webp"
    }

    /// Takes the film's picture at a time; gives the sheet that it filled.
    mutating func add(_ canvas: I420Picture, at time: Int64) throws(CodecError) -> (name: String, picture: I420Picture)?
    {
        guard time >= next else { return nil }
        next = (time / interval + 1) * interval
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
        sheet.draw(canvas.view, in: PictureRectangle(x: x, y: y, width: Self.width, height: Self.height))
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
