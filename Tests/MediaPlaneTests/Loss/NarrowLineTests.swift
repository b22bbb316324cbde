import LossyLine
import RTP
import Testing

@testable import MediaPlane

extension OverBadLines {
    /// A viewer whose line becomes too narrow for what is shown, and wide again.
    @Suite(.serialized) struct NarrowLineTests {
        /// What a viewer got, a frame of 20 ms at a time.
        private struct Watched {
            /// By frame: the largest size of which something came, 0 for none; and the highest temporal layer.
            var sizes: [UInt8] = []
            var temporal: [UInt8?] = []
            /// For how long sound was missing when it was to be played, in milliseconds, by frame.
            var gaps: [Int] = []
            /// The most packets of sound lost after each other while the line was narrow.
            var lostInRow = 0

            /// The longest gaps: over the wide line, in the five seconds after it became narrow, and over the narrow line since.
            var longestGaps: (wide: Int, change: Int, narrow: Int) {
                func longest(_ range: Range<Int>) -> Int { gaps[range].max() ?? 0 }
                return (
                    longest(100..<NarrowLineTests.narrowAt),
                    longest(NarrowLineTests.narrowAt..<NarrowLineTests.narrowAt + 250),
                    longest(NarrowLineTests.narrowAt + 250..<NarrowLineTests.wideAt)
                )
            }

            /// The seconds after `frame` till none but what `isRight` takes came for a second.
            func settled(after frame: Int, _ isRight: (UInt8) -> Bool) -> Double? {
                let rest = sizes[frame...]
                guard let last = rest.prefix(500).lastIndex(where: { !isRight($0) }) else { return 0 }
                return last + 50 < min(frame + 500, sizes.count) ? Double(last + 1 - frame) / 50 : nil
            }

            /// The seconds after `frame` till something came that `isRight` takes.
            func came(after frame: Int, _ isRight: (UInt8) -> Bool) -> Double? {
                sizes[frame...].firstIndex(where: isRight).map { Double($0 - frame) / 50 }
            }
        }

        private static let narrow = LineConditions(rate: .init(bitsPerSecond: 300_000, queue: .milliseconds(200)))
        private static let narrowAt = 400
        private static let wideAt = 1_150
        private static let end = 2_150

        /// Where sound is late over the wide line, the machine is too busy to say anything of a narrow one.
        private func watch(
            _ sizes: [PaintedLayers.Size], temporalLayers: Int = 1, isPlain: Bool = false
        ) async throws -> (Watched, LineCounters) {
            for _ in 0..<2 {
                let seen = try await watchOnce(sizes, temporalLayers, isPlain)
                if seen.0.longestGaps.wide <= 60 { return seen }
            }
            return try await watchOnce(sizes, temporalLayers, isPlain)
        }

        private func watchOnce(
            _ sizes: [PaintedLayers.Size], _ temporalLayers: Int, _ isPlain: Bool
        ) async throws -> (Watched, LineCounters) {
            let room = try TestRoom()
            let isSimulcast = sizes.count > 1
            let source = try await LinedPoint(in: room, number: 0, layers: isSimulcast)
            let viewer = try await LinedPoint(in: room, number: 1, numbers: !isPlain, isPlain: isPlain)
            let reporter = isPlain ? PlainReporter(viewer) : nil
            let camera = PaintedLayers(source, sizes, temporalLayers: temporalLayers)
            var watched = Watched()
            var (videoSeen, audioSeen) = (0, 0)
            // Like a browser's: up to 400 ms.
            var jitter = JitterBuffer(clockRate: 48_000, capacity: 64, maximumDelayMilliseconds: 400)
            var gap = 0
            var newest: UInt16?
            try room.pace(frames: Self.end) { frame in
                if frame == Self.narrowAt { viewer.line.set(down: Self.narrow) }
                if frame == Self.wideAt { viewer.line.set(down: .clear) }
                if frame.isMultiple(of: 2) { camera.shoot() }
                try source.speak()
                try viewer.speak()
                viewer.audio.tellArrivals(to: viewer.port)
                reporter?.look(frame)
                var (size, layer): (UInt8, UInt8?) = (0, nil)
                for packet in viewer.video.received[videoSeen...]
                where packet.info.payloadType == viewer.video.payloadType {
                    size = max(size, packet.payload.last ?? 0)
                    let descriptor = packet.payload.withUnsafeBytes { VP8PayloadDescriptor(parsing: $0) }
                    layer = [layer, descriptor?.temporalLayer].compactMap { $0 }.max()
                }
                videoSeen = viewer.video.received.count
                for packet in viewer.audio.received[audioSeen...] {
                    let number = packet.info.sequenceNumber
                    if let newest, frame > 100 {
                        watched.lostInRow = max(watched.lostInRow, Int(Int16(bitPattern: number &- newest)) - 1)
                    }
                    newest = number
                    packet.payload.withUnsafeBytes {
                        _ = jitter.push(
                            $0, payloadType: 96, ssrc: packet.info.ssrc, sequenceNumber: packet.info.sequenceNumber,
                            timestamp: packet.info.timestamp, duration: 960, arrivalNanoseconds: packet.arrival)
                    }
                }
                audioSeen = viewer.audio.received.count
                if case .packet = jitter.pop(atNanoseconds: monotonicNanoseconds()) { gap = 0 } else { gap += 20 }
                watched.sizes.append(size)
                watched.temporal.append(layer)
                watched.gaps.append(gap)
            }
            return (watched, viewer.line.counters.down)
        }

        /// At the change the line's queue of 200 ms fills in 50, before anybody can know of it: what was sent is late by all
        /// of it. Afterwards nothing is.
        private func expectSound(_ watched: Watched, sourceLocation: SourceLocation = #_sourceLocation) {
            #expect(watched.lostInRow <= 8, sourceLocation: sourceLocation)
            #expect(watched.longestGaps.change <= 220, sourceLocation: sourceLocation)
            #expect(watched.longestGaps.narrow <= 60, sourceLocation: sourceLocation)
        }

        @Test func theViewerOfASimulcastGetsASmallerPictureAndThenTheLargestAgain() async throws {
            let (watched, line) = try await watch(
                [(150, "l"), (500, "m"), (1_500, "h")].map { .init(bitsPerSecond: $0.0 * 1_000, rid: $0.1) })
            let before = watched.sizes[200..<Self.narrowAt]
            #expect(before.contains(3) && !before.suffix(100).contains(1), "the largest is not shown over a wide line")
            let down = watched.settled(after: Self.narrowAt) { $0 <= 1 }
            let shown = watched.sizes[Self.narrowAt + 50..<Self.wideAt].firstIndex(of: 1).map {
                Double($0 - Self.narrowAt) / 50
            }
            let up = watched.came(after: Self.wideAt) { $0 == 3 }
            let gaps = watched.longestGaps
            print(
                "simulcast at 300 kbit/s: the large one gone after \(down ?? -1) s, the small one shown after \(shown ?? -1) s, the largest again after",
                "\(up ?? -1) s; gaps in the sound \(gaps) ms, \(watched.lostInRow) packets of it in a row, packets dropped by the line \(line.overflowed)"
            )
            #expect(down ?? 99 < 5)
            #expect(shown ?? 99 < 5)
            let small = watched.sizes[Self.narrowAt + 250..<Self.wideAt].count { $0 == 1 }
            #expect(small > 50, "no picture over the narrow line")
            #expect(up ?? 99 < 12)
            expectSound(watched)
        }

        @Test func withoutASmallerPictureThereIsSoundAloneAndThePictureComesBack() async throws {
            let (watched, line) = try await watch([.init(bitsPerSecond: 1_500_000)])
            let down = watched.settled(after: Self.narrowAt) { $0 == 0 }
            let up = watched.came(after: Self.wideAt) { $0 == 1 }
            let gaps = watched.longestGaps
            print(
                "one size at 300 kbit/s: sound alone after \(down ?? -1) s, the picture again after \(up ?? -1) s;",
                "gaps in the sound \(gaps) ms, \(watched.lostInRow) packets of it in a row, packets dropped by the line \(line.overflowed)"
            )
            #expect(watched.sizes[200..<Self.narrowAt].contains(1))
            #expect(down ?? 99 < 5)
            #expect(up ?? 99 < 12)
            expectSound(watched)
        }

        @Test func whoTellsByReportsAloneGetsSoundAloneAndThePictureComesBack() async throws {
            let (watched, line) = try await watch([.init(bitsPerSecond: 1_500_000)], isPlain: true)
            let down = watched.settled(after: Self.narrowAt) { $0 == 0 }
            let up = watched.came(after: Self.wideAt) { $0 == 1 }
            let gaps = watched.longestGaps
            print(
                "reports alone at 300 kbit/s: sound alone after \(down ?? -1) s, the picture again after \(up ?? -1) s;",
                "gaps in the sound \(gaps) ms, \(watched.lostInRow) packets of it in a row, packets dropped by the line \(line.overflowed)"
            )
            #expect(watched.sizes[0..<100].contains(1), "nothing is shown before the first report")
            #expect(down ?? 99 < 5)
            #expect(watched.sizes[(Self.narrowAt + 250)..<Self.wideAt].allSatisfy { $0 == 0 })
            #expect(up ?? 99 < 15)
            expectSound(watched)
        }

        @Test func picturesOfTheUpperTemporalLayersAreLeftOutFirst() async throws {
            let (watched, line) = try await watch([.init(bitsPerSecond: 260_000)], temporalLayers: 3)
            let settled = Self.narrowAt + 250
            let before = watched.temporal[200..<Self.narrowAt].compactMap { $0 }
            let during = watched.temporal[settled..<Self.wideAt].compactMap { $0 }
            let after = watched.temporal[(Self.end - 200)...].compactMap { $0 }
            let gaps = watched.longestGaps
            func share(_ layers: [UInt8], _ layer: UInt8) -> Int {
                layers.isEmpty ? 0 : layers.count { $0 == layer } * 100 / layers.count
            }
            print(
                "three temporal layers at 300 kbit/s: of the pictures before, during and after,",
                "\([before, during, after].map { "\(share($0, 0))/\(share($0, 1))/\(share($0, 2)) %" }) of layers 0/1/2;",
                "gaps in the sound \(gaps) ms, \(watched.lostInRow) packets of it in a row, packets dropped by the line \(line.overflowed)"
            )
            #expect(share(before, 2) > 35)
            #expect(during.count > 10, "no picture over the narrow line")
            #expect(share(during, 2) < 10)
            // Up it goes by one layer at a time, the more carefully the more often that failed.
            #expect(share(after, 1) + share(after, 2) > 35)
            expectSound(watched)
        }
    }
}
