import Codecs
import Foundation
import Testing

@testable import Layout

@Suite struct MosaicTests {
    private static let names = ["Ủy ban nhân dân xã Phú Lộc", "Sở Tài nguyên và Môi trường"]

    /// A decoder that holds one plain picture.
    private final class Plain: VideoDecoder {
        let picture: I420Picture
        init(_ luma: UInt8, width: Int = 320, height: Int = 180) throws {
            picture = try I420Picture(width: width, height: height)
            picture.fill(picture.bounds, with: YUVColor(y: luma, u: 128, v: 128))
        }
        func decode(_ packet: UnsafeRawBufferPointer) throws(CodecError) -> Bool { false }
        func withPicture<Result>(_ body: (I420View) -> Result) -> Result? { body(picture.view) }
    }

    private func tile(_ point: Int, _ luma: UInt8?, name: String? = nil, changed: Bool = true) throws -> Mosaic.Tile {
        Mosaic.Tile(
            point: point, name: name ?? Self.names[point % 2], picture: try luma.map { try Plain($0) },
            hasChanged: changed)
    }

    private func lumas(_ canvas: I420Picture, _ area: PictureRectangle) -> [UInt8] {
        (area.y..<area.y + area.height).flatMap { row in
            (area.x..<area.x + area.width).map { canvas.y[row * canvas.lumaStride + $0] }
        }
    }

    private func share(of canvas: I420Picture, _ matches: (UInt8) -> Bool) -> Double {
        let all = lumas(canvas, canvas.bounds)
        return Double(all.filter(matches).count) / Double(all.count)
    }

    @Test func tilesMoveTogetherWhenAPointJoinsAndGrowWhenItLeaves() throws {
        let gallery = try Mosaic(width: 640, height: 360)
        #expect(try gallery.draw([tile(0, 100)], speaker: nil))
        let alone = share(of: gallery.canvas) { $0 == 100 }
        #expect(alone > 0.7)
        #expect(try gallery.draw([tile(0, 100), tile(1, 180)], speaker: nil))
        let together = share(of: gallery.canvas) { $0 == 100 }
        #expect(together < alone / 2)
        #expect(abs(together - share(of: gallery.canvas) { $0 == 180 }) < 0.02)
        #expect(try gallery.draw([tile(1, 180)], speaker: nil))
        #expect(share(of: gallery.canvas) { $0 == 100 } < 0.001, "the edges of letters may have any shade")
    }

    @Test func contentIsLargeWithTheTilesBesideIt() throws {
        let gallery = try Mosaic(width: 1280, height: 720)
        let shared = Mosaic.Tile(
            point: 0, name: "Xã Phú Lộc – trình chiếu", picture: try Plain(220, width: 1920, height: 1080),
            hasChanged: true)
        var still = shared
        still.hasChanged = false
        _ = try gallery.draw([tile(0, 100), tile(1, 180)], speaker: nil)
        let before = share(of: gallery.canvas) { $0 == 180 }
        // Content of the same number as a point is something else all the same.
        #expect(try gallery.draw([tile(0, 100), tile(1, 180)], content: shared, speaker: 1))
        #expect(share(of: gallery.canvas) { (218...222).contains($0) } > 0.55)
        // The tiles are whole, to its right, and keep their names and the speaker's border.
        let strip = PictureRectangle(x: 1024, y: 0, width: 256, height: 720)
        let inStrip = lumas(gallery.canvas, strip)
        for luma in [100, 180] as [UInt8] { #expect(inStrip.count { $0 == luma } > 15_000) }
        #expect(inStrip.count { $0 > 222 } > 50, "names are written in white")
        let rest = lumas(gallery.canvas, PictureRectangle(x: 0, y: 0, width: 1024, height: 720))
        #expect(!rest.contains(100) || rest.count { $0 == 100 } < 100)
        #expect(
            try !gallery.draw(
                [tile(0, 100, changed: false), tile(1, 180, changed: false)], content: still, speaker: 1))
        // And back.
        #expect(try gallery.draw([tile(0, 100), tile(1, 180)], speaker: nil))
        #expect(share(of: gallery.canvas) { $0 == 220 } < 0.001)
        #expect(abs(share(of: gallery.canvas) { $0 == 180 } - before) < 0.001)
    }

    @Test(arguments: [1, 4, 20, 100]) func besideContentEveryTileHasItsPlace(count: Int) throws {
        let gallery = try Mosaic(width: 1280, height: 720)
        let shared = Mosaic.Tile(
            point: 0, name: "", picture: try Plain(220, width: 1024, height: 768), hasChanged: true)
        _ = try gallery.draw((0..<count).map { try tile($0, 100, name: "") }, content: shared, speaker: nil)
        let strip = lumas(gallery.canvas, PictureRectangle(x: 1024, y: 0, width: 256, height: 720))
        #expect(Double(strip.count { (98...102).contains($0) }) / Double(strip.count) > 0.15)
        #expect(lumas(gallery.canvas, gallery.canvas.bounds).count { (218...222).contains($0) } > 500_000)
    }

    @Test func nothingIsDrawnWhenNothingChanged() throws {
        let gallery = try Mosaic(width: 640, height: 360)
        #expect(try gallery.draw([tile(0, 100), tile(1, 180)], speaker: nil))
        #expect(try !gallery.draw([tile(0, 100, changed: false), tile(1, 180, changed: false)], speaker: nil))
        #expect(try gallery.draw([tile(0, 100, changed: false), tile(1, 180, changed: false)], speaker: 1))
    }

    @Test func theSpeakersTileAloneHasTheBorder() throws {
        let gallery = try Mosaic(width: 640, height: 360)
        let amber = YUVColor(red: 255, green: 196, blue: 0)
        for speaker in [0, 1] {
            _ = try gallery.draw([tile(0, 100), tile(1, 180)], speaker: speaker)
            let canvas = gallery.canvas
            // The first tile is on the left half, the second on the right.
            for half in 0...1 {
                let columns = half * 160..<(half + 1) * 160
                let lit = (0..<180).flatMap { row in columns.map { canvas.u[row * canvas.chromaStride + $0] } }
                    .filter { $0 == amber.u }.count
                #expect((lit > 200) == (half == speaker))
            }
        }
    }

    @Test func namesAreWrittenWithTheirMarks() throws {
        // Without its marks the same name leaves less ink: they are drawn, not dropped.
        func ink(_ name: String) throws -> Int {
            let gallery = try Mosaic(width: 640, height: 360)
            _ = try gallery.draw([tile(0, 60, name: name)], speaker: nil)
            return lumas(gallery.canvas, gallery.canvas.bounds).filter { $0 > 120 }.count
        }
        let marked = try ink("Ủy ban nhân dân xã Phú Lộc")
        let bare = try ink("Uy ban nhan dan xa Phu Loc")
        #expect(bare > 200)
        #expect(marked > bare * 21 / 20)
        // Both ways to encode a name look the same.
        #expect(try ink("Sở Tài nguyên và Môi trường") == ink("Sở Tài nguyên và Môi trường".decomposed))
    }

    @Test func aLongNameIsKeptWholeInASmallTile() throws {
        let short = try #require(TextPlate("Huế", mostWidth: 190, textHeight: 12))
        let long = try #require(TextPlate("Văn phòng Ủy ban nhân dân thành phố Huế", mostWidth: 190, textHeight: 12))
        #expect(long.height > short.height * 3 / 2)
        #expect(long.width <= 190)
        #expect(TextPlate("Huế", mostWidth: 10, textHeight: 12) == nil)
    }

    @Test func aPointWithoutPictureHasItsPlate() throws {
        let gallery = try Mosaic(width: 640, height: 360)
        #expect(try gallery.draw([tile(0, nil)], speaker: nil))
        #expect(lumas(gallery.canvas, gallery.canvas.bounds).filter { $0 > 200 }.count > 100)
    }

    @Test(arguments: [1, 2, 3, 5, 12, 30, 100]) func everyTileHasItsPlace(count: Int) throws {
        let gallery = try Mosaic(width: 1280, height: 720)
        _ = try gallery.draw((0..<count).map { try tile($0, 100, name: "") }, speaker: nil)
        // Made smaller, a plain picture is still plain, give or take what rounding does.
        let covered = share(of: gallery.canvas) { (98...102).contains($0) }
        #expect(covered > 0.4)
    }
}

extension String {
    fileprivate var decomposed: String { decomposedStringWithCanonicalMapping }
}
