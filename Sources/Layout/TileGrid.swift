public import Codecs

/// Where pictures stand on a canvas. Rectangles lie within it on even pixels, and no two have a pixel in common.
public enum TileArrangement: Hashable, Sendable {
    /// All alike.
    case grid
    /// The first is large, the others stand in a strip to its right.
    case firstLarge

    static let margin = 8
    /// Of the canvas's width, what a strip has: a fifth.
    private static let stripShare = 5
    /// Of tiles: a smaller one shows nothing.
    private static let leastWidth = 16

    public struct Places: Equatable, Sendable {
        /// Of what is presented.
        public var content: PictureRectangle?
        /// Of the first tiles; those for which there is no room have none.
        public var tiles: [PictureRectangle] = []
    }

    /// - Parameter hasContent: something is presented: that is large, and the tiles are a strip to its right.
    public func places(of count: Int, hasContent: Bool, on canvas: PictureRectangle) -> Places {
        let count = max(0, count)
        guard canvas.width >= 2, canvas.height >= 2 else { return Places() }
        let strip = canvas.width / Self.stripShare & ~1
        let (large, column) = Self.split(canvas, strip: strip)
        if hasContent {
            guard count > 0, let large else { return Places(content: Self.inner(canvas)) }
            return Places(content: large, tiles: Self.grid(count, on: column))
        }
        switch self {
        case .firstLarge where count > 1:
            guard let large else { return Places(tiles: Self.grid(1, on: canvas)) }
            return Places(tiles: [large] + Self.grid(count - 1, on: column))
        case .grid, .firstLarge: return Places(tiles: Self.grid(count, on: canvas))
        }
    }

    /// What is large, if there is room for it, and the strip beside it.
    private static func split(
        _ canvas: PictureRectangle, strip: Int
    ) -> (large: PictureRectangle?, strip: PictureRectangle) {
        var column = canvas
        column.x = canvas.x + canvas.width - strip
        column.width = strip
        var rest = canvas
        rest.width -= strip
        // The strip has a margin of its own.
        rest.width += margin
        return (inner(rest), column)
    }

    private static func inner(_ whole: PictureRectangle) -> PictureRectangle? {
        let place = PictureRectangle(
            x: (whole.x + margin + 1) & ~1, y: (whole.y + margin + 1) & ~1, width: (whole.width - 2 * margin) & ~1,
            height: (whole.height - 2 * margin) & ~1)
        return place.width >= leastWidth && place.height >= 2 ? place : nil
    }

    /// The grid whose tiles, of 16 to 9, are largest. A last row that is not full stands in the middle.
    private static func grid(_ count: Int, on stage: PictureRectangle) -> [PictureRectangle] {
        var best = (columns: 0, rows: 0, width: 0)
        let most = max(1, (stage.width - margin) / (leastWidth + margin))
        for columns in 1...max(1, min(count, most)) where count > 0 {
            let rows = (count + columns - 1) / columns
            let width = min(
                (stage.width - (columns + 1) * margin) / columns,
                (stage.height - (rows + 1) * margin) / rows * 16 / 9)
            if width > best.width { best = (columns, rows, width) }
        }
        let width = best.width & ~1
        let height = width * 9 / 16 & ~1
        guard width >= leastWidth, height >= 2 else { return count > 1 ? grid(count / 2, on: stage) : [] }
        let top = stage.y + (stage.height - best.rows * height - (best.rows - 1) * margin) / 2
        return (0..<count).map { index in
            let (row, column) = (index / best.columns, index % best.columns)
            let inRow = row == best.rows - 1 ? count - row * best.columns : best.columns
            let left = stage.x + (stage.width - inRow * width - (inRow - 1) * margin) / 2
            return PictureRectangle(
                x: (left + column * (width + margin)) & ~1, y: (top + row * (height + margin)) & ~1, width: width,
                height: height)
        }
    }
}

/// Gives those who stay their old places, and those who come the places that became free, in the order of `wanted`:
/// tiles do not jump about whenever somebody else speaks.
public func keepingPlaces<Element: Hashable>(_ former: [Element], _ wanted: [Element]) -> [Element] {
    let (staying, had) = (Set(wanted), Set(former))
    var newcomers = wanted.filter { !had.contains($0) }[...]
    var places: [Element] = []
    for element in former {
        if staying.contains(element) {
            places.append(element)
        } else if let newcomer = newcomers.popFirst() {
            places.append(newcomer)
        }
    }
    return places + newcomers
}
