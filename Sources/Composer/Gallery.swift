import Codecs

/// The picture of the access copy: a tile for each point that is there, with its name; the speaker's is lit.
final class Gallery {
    private static let background = YUVColor(red: 18, green: 22, blue: 30)
    private static let emptyTile = YUVColor(red: 44, green: 52, blue: 66)
    private static let light = YUVColor(red: 255, green: 196, blue: 0)
    private static let margin = 8
    private static let borderThickness = 6

    let canvas: I420Picture
    private var shown: [Int] = []
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

    /// Draws what changed; false when nothing did.
    func draw(_ tiles: [Tile], speaker: Int?) -> Bool {
        let points = tiles.map(\.point)
        let relayout = points != shown || isFresh
        guard relayout || speaker != lit || tiles.contains(where: \.hasChanged) else { return false }
        if relayout { canvas.fill(canvas.bounds, with: Self.background) }
        for (index, tile) in tiles.enumerated() {
            let isLit = tile.point == speaker
            let wasLit = tile.point == lit
            guard relayout || tile.hasChanged || isLit != wasLit else { continue }
            draw(tile, in: place(index, of: tiles.count), isLit: isLit)
        }
        shown = points
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

    /// The grid whose tiles, of 16 to 9, are largest.
    private func place(_ index: Int, of count: Int) -> PictureRectangle {
        var best = (columns: 1, rows: count, width: 0)
        for columns in 1...max(1, count) {
            let rows = (count + columns - 1) / columns
            let width = min(
                (canvas.width - (columns + 1) * Self.margin) / columns,
                (canvas.height - (rows + 1) * Self.margin) / rows * 16 / 9)
            if width > best.width { best = (columns, rows, width) }
        }
        let width = max(16, best.width) & ~1
        let height = max(10, width * 9 / 16) & ~1
        let column = index % best.columns
        let row = index / best.columns
        // A last row that is not full stands in the middle.
        let inRow = row == best.rows - 1 ? count - row * best.columns : best.columns
        let left = (canvas.width - inRow * width - (inRow - 1) * Self.margin) / 2
        let top = (canvas.height - best.rows * height - (best.rows - 1) * Self.margin) / 2
        return PictureRectangle(
            x: max(0, left + column * (width + Self.margin)) & ~1, y: max(0, top + row * (height + Self.margin)) & ~1,
            width: width, height: height)
    }
}
