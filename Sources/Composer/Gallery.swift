import Codecs

/// The picture of the access copy: a tile for each point that is there, with its name; the speaker's is lit. Content that
/// is presented is large, and the tiles are a strip to its right.
final class Gallery {
    private static let background = YUVColor(red: 18, green: 22, blue: 30)
    private static let emptyTile = YUVColor(red: 44, green: 52, blue: 66)
    private static let light = YUVColor(red: 255, green: 196, blue: 0)
    private static let margin = 8
    private static let borderThickness = 6
    /// Of the canvas's width, what the strip beside content has.
    private static let stripShare = 5

    let canvas: I420Picture
    private var shown: [Int] = []
    private var shownContent: Int?
    private var lit: Int?
    private var plates: [String: NamePlate?] = [:]
    private var isFresh = true

    init(width: Int, height: Int) throws(CodecError) { canvas = try I420Picture(width: width, height: height) }

    /// One point as it is to be drawn.
    struct Tile {
        var point: Int
        var name: String
        /// Draws the point's newest picture; nil while it sends none.
        var picture: (any VideoDecoder)?
        var hasChanged: Bool
    }

    /// Draws what changed; false when nothing did. `content` is numbered apart from the points.
    func draw(_ tiles: [Tile], content: Tile? = nil, speaker: Int?) -> Bool {
        let points = tiles.map(\.point)
        let relayout = points != shown || content?.point != shownContent || isFresh
        guard relayout || speaker != lit || tiles.contains(where: \.hasChanged) || content?.hasChanged ?? false else {
            return false
        }
        if relayout { canvas.fill(canvas.bounds, with: Self.background) }
        var stage = canvas.bounds
        if let content {
            let strip = canvas.width / Self.stripShare & ~1
            stage = PictureRectangle(x: canvas.width - strip, y: 0, width: strip, height: canvas.height)
            if relayout || content.hasChanged { draw(content, in: contentPlace(beside: strip), isLit: false) }
        }
        for (index, tile) in tiles.enumerated() {
            let isLit = tile.point == speaker
            let wasLit = tile.point == lit
            guard relayout || tile.hasChanged || isLit != wasLit else { continue }
            draw(tile, in: place(index, of: tiles.count, on: stage), isLit: isLit)
        }
        shown = points
        shownContent = content?.point
        lit = speaker
        isFresh = false
        return true
    }

    private func draw(_ tile: Tile, in place: PictureRectangle, isLit: Bool) {
        canvas.fill(place, with: Self.emptyTile)
        tile.picture?.withPicture { view in
            canvas.draw(view, in: place.fitting(width: view.width, height: view.height))
        }
        let textHeight = min(max(place.height / 14, 12), 40)
        let key = "\(place.width) \(textHeight) \(tile.name)"
        if plates[key] == nil {
            if plates.count > 500 { plates = [:] }
            plates[key] = .some(NamePlate(tile.name, mostWidth: place.width - 2 * Self.margin, textHeight: textHeight))
        }
        if let plate = plates[key] ?? nil {
            plate.draw(
                on: canvas, x: place.x + Self.margin, y: place.y + place.height - plate.height - Self.margin)
        }
        if isLit { canvas.stroke(place, thickness: Self.borderThickness, with: Self.light) }
    }

    private func contentPlace(beside strip: Int) -> PictureRectangle {
        PictureRectangle(
            x: Self.margin, y: Self.margin, width: (canvas.width - strip - Self.margin) & ~1,
            height: (canvas.height - 2 * Self.margin) & ~1)
    }

    /// The grid on a part of the canvas whose tiles, of 16 to 9, are largest.
    private func place(_ index: Int, of count: Int, on stage: PictureRectangle) -> PictureRectangle {
        var best = (columns: 1, rows: count, width: 0)
        for columns in 1...max(1, count) {
            let rows = (count + columns - 1) / columns
            let width = min(
                (stage.width - (columns + 1) * Self.margin) / columns,
                (stage.height - (rows + 1) * Self.margin) / rows * 16 / 9)
            if width > best.width { best = (columns, rows, width) }
        }
        let width = max(16, best.width) & ~1
        let height = max(10, width * 9 / 16) & ~1
        let column = index % best.columns
        let row = index / best.columns
        // A last row that is not full stands in the middle.
        let inRow = row == best.rows - 1 ? count - row * best.columns : best.columns
        let left = stage.x + (stage.width - inRow * width - (inRow - 1) * Self.margin) / 2
        let top = stage.y + (stage.height - best.rows * height - (best.rows - 1) * Self.margin) / 2
        return PictureRectangle(
            x: max(0, left + column * (width + Self.margin)) & ~1, y: max(0, top + row * (height + Self.margin)) & ~1,
            width: width, height: height)
    }
}
