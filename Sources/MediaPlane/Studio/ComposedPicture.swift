import Codecs
import Layout

/// Draws a scene from the pictures that a studio has.
final class ComposedPicture {
    private let mosaic: Mosaic
    /// With the overlay; where there is none, the mosaic is all.
    private let finished: I420Picture
    private var plates: OverlayPlates?
    private var drawn: [FilmedSource: UInt64] = [:]
    var scene = Scene() {
        didSet { drawn = drawn.filter { scene.shows($0.key) } }
    }

    init(width: Int, height: Int, _ arrangement: TileArrangement) throws(CodecError) {
        mosaic = try Mosaic(width: width, height: height, arrangement)
        finished = try I420Picture(width: width, height: height)
    }

    var picture: I420Picture { plates == nil ? mosaic.canvas : finished }

    /// Whether it looks other than before.
    func draw(_ cameras: [FilmedSource: Camera], at now: UInt64) -> Bool {
        let tiles = scene.tiles.map { tile($0.leg, $0.name, FilmedSource(leg: $0.leg, content: .camera), cameras, now) }
        let content = scene.content.flatMap { source -> Mosaic.Tile? in
            let tile = tile(source.leg, scene.contentName, source, cameras, now)
            return tile.picture == nil ? nil : tile
        }
        var hasChanged = mosaic.draw(tiles, content: content, speaker: scene.speaker.map { Int($0.rawValue) })
        if (plates?.overlay ?? Overlay()) != scene.overlay {
            plates =
                scene.overlay.isEmpty
                ? nil : OverlayPlates(scene.overlay, width: finished.width, height: finished.height)
            hasChanged = true
        }
        if hasChanged, let plates {
            finished.draw(mosaic.canvas.view, in: finished.bounds)
            plates.draw(on: finished)
        }
        return hasChanged
    }

    private func tile(
        _ leg: LegID, _ name: String, _ source: FilmedSource, _ cameras: [FilmedSource: Camera], _ now: UInt64
    ) -> Mosaic.Tile {
        let camera = cameras[source].flatMap { $0.isFresh(at: now) ? $0 : nil }
        let number = camera?.pictureNumber ?? 0
        let hasChanged = drawn[source] != number
        drawn[source] = number
        return Mosaic.Tile(point: Int(leg.rawValue), name: name, picture: camera, hasChanged: hasChanged)
    }
}
