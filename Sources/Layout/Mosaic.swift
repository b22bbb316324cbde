public import Codecs

/// A picture of many: a tile for each point, with its name; the speaker's is lit. Content that is presented is large, and
/// the tiles are a strip to its right. Live compositions and access copies are drawn by it.
public final class Mosaic {
    private static let background = YUVColor(red: 18, green: 22, blue: 30)
    private static let emptyTile = YUVColor(red: 44, green: 52, blue: 66)
    private static let light = YUVColor(red: 255, green: 196, blue: 0)
    private static let margin = TileArrangement.margin
    private static let borderThickness = 6
    public let canvas: I420Picture
    private let arrangement: TileArrangement
    private var places = TileArrangement.Places()
    private var shown: [Int] = []
    private var shownContent: Int?
    private var lit: Int?
    private var shownNames: [String] = []
    private var plates: [String: TextPlate?] = [:]
    private var isFresh = true

    public init(width: Int, height: Int, _ arrangement: TileArrangement = .grid) throws(CodecError) {
        canvas = try I420Picture(width: width, height: height)
        self.arrangement = arrangement
    }

    /// One point as it is to be drawn.
    public struct Tile {
        public var point: Int
        public var name: String
        /// Holds the point's newest picture; nil while it sends none.
        public var picture: (any PictureHolder)?
        public var hasChanged: Bool

        public init(point: Int, name: String, picture: (any PictureHolder)?, hasChanged: Bool) {
            self.point = point
            self.name = name
            self.picture = picture
            self.hasChanged = hasChanged
        }
    }

    /// Draws what changed; false when nothing did. `content` is numbered apart from the points.
    public func draw(_ tiles: [Tile], content: Tile? = nil, speaker: Int?) -> Bool {
        let points = tiles.map(\.point)
        let names = tiles.map(\.name)
        let relayout = points != shown || names != shownNames || content?.point != shownContent || isFresh
        guard relayout || speaker != lit || tiles.contains(where: \.hasChanged) || content?.hasChanged ?? false else {
            return false
        }
        if relayout {
            canvas.fill(canvas.bounds, with: Self.background)
            places = arrangement.places(of: tiles.count, hasContent: content != nil, on: canvas.bounds)
        }
        if let content, let place = places.content, relayout || content.hasChanged {
            draw(content, in: place, isLit: false)
        }
        for (place, tile) in zip(places.tiles, tiles) {
            let isLit = tile.point == speaker
            let wasLit = tile.point == lit
            guard relayout || tile.hasChanged || isLit != wasLit else { continue }
            draw(tile, in: place, isLit: isLit)
        }
        shown = points
        shownNames = names
        shownContent = content?.point
        lit = speaker
        isFresh = false
        return true
    }

    private func draw(_ tile: Tile, in place: PictureRectangle, isLit: Bool) {
        let isDrawn: Void? = tile.picture?.withPicture { view in
            let inner = place.fitting(width: view.width, height: view.height)
            canvas.fill(place, around: inner, with: Self.emptyTile)
            canvas.draw(view, in: inner)
        }
        if isDrawn == nil { canvas.fill(place, with: Self.emptyTile) }
        let textHeight = min(max(place.height / 14, 12), 40)
        let key = "\(place.width) \(textHeight) \(tile.name)"
        if plates[key] == nil {
            if plates.count > 500 { plates = [:] }
            plates[key] = .some(TextPlate(tile.name, mostWidth: place.width - 2 * Self.margin, textHeight: textHeight))
        }
        if let plate = plates[key] ?? nil {
            plate.draw(
                on: canvas, x: place.x + Self.margin, y: place.y + place.height - plate.height - Self.margin)
        }
        if isLit { canvas.stroke(place, thickness: Self.borderThickness, with: Self.light) }
    }
}
