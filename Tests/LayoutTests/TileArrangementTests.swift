import Codecs
import Testing

@testable import Layout

@Suite struct TileArrangementTests {
    private func overlap(_ a: PictureRectangle, _ b: PictureRectangle) -> Bool {
        a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
    }

    /// Any count, any canvas.
    @Test(arguments: [TileArrangement.grid, .firstLarge], [false, true])
    func tilesNeverOverlapNorLeaveTheCanvas(_ arrangement: TileArrangement, hasContent: Bool) {
        var random = SystemRandomNumberGenerator()
        for round in 0..<600 {
            let count =
                round % 3 == 0 ? Int.random(in: 0...30, using: &random) : Int.random(in: 0...500, using: &random)
            let canvas = PictureRectangle(
                x: 0, y: 0, width: Int.random(in: 0...1_000, using: &random) * 2,
                height: Int.random(in: 0...600, using: &random) * 2)
            let places = arrangement.places(of: count, hasContent: hasContent, on: canvas)
            #expect(places.tiles.count <= count)
            let all = places.tiles + (places.content.map { [$0] } ?? [])
            for (index, place) in all.enumerated() {
                #expect(place.width > 0 && place.height > 0)
                #expect(place.x >= 0 && place.x + place.width <= canvas.width, "\(count) on \(canvas): \(place)")
                #expect(place.y >= 0 && place.y + place.height <= canvas.height, "\(count) on \(canvas): \(place)")
                #expect(place.x % 2 == 0 && place.y % 2 == 0 && place.width % 2 == 0 && place.height % 2 == 0)
                for other in all[..<index] { #expect(!overlap(place, other), "\(count) on \(canvas)") }
            }
        }
    }

    @Test(arguments: 0...25) func upToTwentyFiveAreAllShown(_ count: Int) {
        for (width, height) in [(320, 180), (640, 360), (1_280, 720), (1_920, 1_080)] {
            let canvas = PictureRectangle(x: 0, y: 0, width: width, height: height)
            #expect(TileArrangement.grid.places(of: count, hasContent: false, on: canvas).tiles.count == count)
        }
    }

    @Test func twentyFiveStandFiveByFive() {
        let canvas = PictureRectangle(x: 0, y: 0, width: 1_280, height: 720)
        let tiles = TileArrangement.grid.places(of: 25, hasContent: false, on: canvas).tiles
        #expect(Set(tiles.map(\.x)).count == 5)
        #expect(Set(tiles.map(\.y)).count == 5)
        // Row by row, as one reads.
        #expect(tiles.map(\.y) == tiles.map(\.y).sorted())
    }

    @Test func theFirstIsLargeAndTheOthersAStripBesideIt() {
        let canvas = PictureRectangle(x: 0, y: 0, width: 1_280, height: 720)
        let tiles = TileArrangement.firstLarge.places(of: 6, hasContent: false, on: canvas).tiles
        #expect(tiles.count == 6)
        for tile in tiles.dropFirst() {
            #expect(tile.x >= tiles[0].x + tiles[0].width)
            #expect(tile.width * 4 < tiles[0].width + 200)
        }
        // Alone it has everything.
        let alone = TileArrangement.firstLarge.places(of: 1, hasContent: false, on: canvas).tiles
        #expect(alone.count == 1 && alone[0].width > 1_200)
    }

    @Test func contentWithNobodyBesideItHasEverything() {
        let canvas = PictureRectangle(x: 0, y: 0, width: 1_280, height: 720)
        let places = TileArrangement.grid.places(of: 0, hasContent: true, on: canvas)
        #expect(places.content?.width == 1_264)
    }

    @Test func whoStaysKeepsThePlace() {
        #expect(keepingPlaces([1, 2, 3], [3, 1, 2]) == [1, 2, 3])
        #expect(keepingPlaces([1, 2, 3], [4, 3, 1]) == [1, 4, 3])
        #expect(keepingPlaces([1, 2, 3], [3]) == [3])
        #expect(keepingPlaces([], [3, 1]) == [3, 1])
        #expect(keepingPlaces([1], [2, 3, 1]) == [1, 2, 3])
        var random = SystemRandomNumberGenerator()
        var places: [Int] = []
        for _ in 0..<500 {
            let wanted = Array((0..<12).shuffled(using: &random).prefix(Int.random(in: 0...8, using: &random)))
            let next = keepingPlaces(places, wanted)
            #expect(next.sorted() == wanted.sorted())
            places = next
        }
    }
}

@Suite struct OverlayTests {
    private func changed(_ overlay: Overlay) throws -> [(x: Int, y: Int)] {
        let canvas = try I420Picture(width: 640, height: 360)
        canvas.fill(canvas.bounds, with: YUVColor(y: 120, u: 128, v: 128))
        OverlayPlates(overlay, width: 640, height: 360).draw(on: canvas)
        return (0..<360).flatMap { row in
            (0..<640).filter { abs(Int(canvas.y[row * canvas.lumaStride + $0]) - 120) > 4 }.map { ($0, row) }
        }
    }

    @Test func theRecordingMarkStandsInTheUpperRightCorner() throws {
        let pixels = try changed(Overlay(recordingMark: "● Đang ghi"))
        #expect(pixels.count > 200)
        #expect(pixels.allSatisfy { $0.x > 400 && $0.y < 60 })
    }

    @Test func aMessageIsReadAndALongOneStaysOnThePicture() throws {
        let short = try changed(Overlay(message: "Biểu quyết: 12 tán thành"))
        let long = try changed(
            Overlay(message: String(repeating: "Đề nghị các điểm cầu kiểm tra đường truyền. ", count: 40)))
        #expect(short.count > 500)
        #expect(long.count > short.count * 2)
        #expect(long.allSatisfy { $0.y < 120 })
        #expect(try changed(Overlay()).isEmpty)
    }
}
