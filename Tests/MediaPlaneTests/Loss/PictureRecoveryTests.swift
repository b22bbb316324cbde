import RTP
import Testing

@testable import MediaPlane

extension OverBadLines {
    /// Real pictures over a line on which nothing gets through for 200 ms, again and again.
    @Suite(.serialized) struct PictureRecoveryTests {
        private static let framesBetweenBursts = 150
        private static let framesOfBurst = 10
        private static let bursts = 4

        enum Side: CaseIterable { case camera, viewer, both }

        @Test(arguments: Side.allCases)
        func theViewerSeesAgainWithinASecondOfEachBurst(side: Side) async throws {
            let room = try TestRoom()
            let source = try await LinedPoint(in: room, number: 0)
            let viewer = try await LinedPoint(in: room, number: 1)
            let film = try Film(source)
            let screen = try Screen(viewer)
            let cut = side == .camera ? [source] : side == .viewer ? [viewer] : [source, viewer]
            var ends: [UInt64] = []
            try room.pace(frames: (Self.bursts + 1) * Self.framesBetweenBursts) { frame in
                switch frame % Self.framesBetweenBursts {
                case 0 where frame > 0: for point in cut { point.cut(true) }
                case Self.framesOfBurst where frame > Self.framesBetweenBursts:
                    for point in cut { point.cut(false) }
                    ends.append(monotonicNanoseconds())
                default: break
                }
                film.listen()
                if frame.isMultiple(of: 2) { try film.shoot() }
                try source.speak()
                try viewer.speak()
                screen.look()
            }
            let shown = screen.shownAt
            let freezes = ends.map { end -> Double in
                let next = shown.first { $0 > end } ?? .max
                return Double(min(next &- end, 99_000_000_000)) / 1e6
            }
            let longest = zip(shown, shown.dropFirst()).map { Double($1 - $0) / 1e6 }.max() ?? .infinity
            print(
                "\(side) cut off for 200 ms: seen again after \(freezes.map { Int($0) }) ms; longest freeze \(Int(longest)) ms;",
                "\(film.keyframes) keyframes, \(screen.keyframesAsked) asked for, \(film.packetsRepeated) packets repeated to the bridge,",
                "\(shown.count) pictures shown")
            #expect(freezes.count == Self.bursts && freezes.allSatisfy { $0 < 1_000 }, "\(freezes)")
            #expect(longest < 1_300, "\(longest) ms")
            #expect(shown.count > (Self.bursts + 1) * Self.framesBetweenBursts / 2 * 3 / 4)
        }
    }
}
