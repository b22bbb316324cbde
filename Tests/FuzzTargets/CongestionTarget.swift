import Congestion
import RTP

/// What a peer says of what it was sent, and the numbers that it puts on what it sends: feedback readers, the recorder and
/// builder behind them, and the estimates.
enum CongestionTarget {
    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        var input = FuzzInput(octets)
        var line = Line()
        for _ in 0..<512 where !input.isEmpty { try line.step(&input) }
    }

    private struct Line: ~Copyable {
        static let limits = RateLimits(least: 50_000, start: 300_000, most: 2_000_000)

        var now: UInt64 = 1 << 40
        var estimator = BandwidthEstimator(Self.limits, firstSequence: 65_500)
        var estimate = ReceiverEstimate(Self.limits)
        var recorder = ArrivalRecorder()
        var ladder = QualityLadder()
        var filter = TemporalLayerFilter()
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 65_500, firstTimestamp: .max - 5000)
        var steering = OpusLossSteering()

        init() { rewriter.switchSource(to: 1) }

        mutating func step(_ input: inout FuzzInput) throws(FuzzFinding) {
            switch input.byte() % 8 {
            case 0: for _ in 0..<input.byte() { _ = estimator.send(octets: Int(input.byte()) * 6, atNanoseconds: now) }
            case 1: try hear(input.octets(Int(input.byte())))
            case 2: now &+= UInt64(input.byte()) << (UInt64(input.byte()) & 63)
            case 3:
                estimate.receive(
                    AbsoluteSendTime(rawValue: input.word()), octets: Int(input.half()), atNanoseconds: now)
                _ = estimate.takeDue(atNanoseconds: now)
            case 4:
                for _ in 0..<input.byte() & 15 {
                    recorder.receive(input.half(), atNanoseconds: now &+ UInt64(input.byte()))
                }
            case 5: try tell(capacity: Int(input.half()) % 1500)
            case 6: try choose(&input)
            default: try pass(&input)
            }
            estimator.advance(toNanoseconds: now)
            let rate = estimator.bitsPerSecond
            try require((50_000...2_000_000).contains(rate), "an estimate of \(rate)")
            let padding = estimator.paddingDue(atNanoseconds: now)
            try require((0...100_000).contains(padding), "\(padding) octets of padding")
            try require((0...1).contains(estimator.loss), "a loss of \(estimator.loss)")
            try require((50_000...2_000_000).contains(estimate.bitsPerSecond), "\(estimate.bitsPerSecond) by REMB")
        }

        private mutating func hear(_ octets: [UInt8]) throws(FuzzFinding) {
            let fault = withExactBytes(octets) { buffer -> String? in
                let bytes = buffer.bytes
                guard var reader = try? RTCPReader(parsing: bytes) else { return nil }
                while let message = reader.next() {
                    switch message {
                    case .transportFeedback(_, _, let range):
                        guard let feedback = try? TransportFeedbackReader(parsing: bytes.extracting(range)) else {
                            continue
                        }
                        var copy = feedback
                        var statuses = 0
                        while let item = copy.next() {
                            switch item {
                            case .notReceived(_, let count): statuses += count
                            case .received: statuses += 1
                            }
                        }
                        guard statuses == feedback.statusCount else { return "\(statuses) of \(feedback.statusCount)" }
                        estimator.handle(feedback, atNanoseconds: now)
                    case .receiverEstimatedMaximumBitrate(_, let rate, let sources):
                        guard sources.upperBound <= octets.count else { return "sources past the end" }
                        estimator.handle(maximumBitsPerSecond: rate, atNanoseconds: now)
                    case .reportBlock(_, let block):
                        estimator.handle(
                            block, ofPicture: block.ssrc & 1 == 0, roundTripNanoseconds: UInt64(block.jitter) << 16,
                            atNanoseconds: now)
                        _ = steering.report(loss: Double(block.fractionLost) / 256)
                    default: break
                    }
                }
                return nil
            }
            if let fault { throw FuzzFinding(description: fault) }
        }

        /// What the recorder writes is well formed.
        private mutating func tell(capacity: Int) throws(FuzzFinding) {
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 4)
            defer { buffer.deallocate() }
            var builder = RTCPBuilder(into: buffer)
            guard recorder.write(to: &builder, sender: 1, media: 2) else { return }
            let octets = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<builder.count])
            var isWhole = false
            if var reader = try? RTCPReader(parsing: octets.bytes) {
                isWhole = true
                while let message = reader.next() {
                    guard case .transportFeedback(_, _, let range) = message,
                        (try? TransportFeedbackReader(parsing: octets.bytes.extracting(range))) != nil
                    else {
                        isWhole = false
                        break
                    }
                }
            }
            try require(isWhole, "a feedback that cannot be read")
        }

        private mutating func choose(_ input: inout FuzzInput) throws(FuzzFinding) {
            var offer = PictureOffer(sound: UInt64(input.half()))
            for layer in 0..<PictureOffer.mostLayers { offer.layers[layer] = UInt64(input.half()) << 6 }
            offer.temporalLayers = input.byte()
            offer.rendition = UInt64(input.half())
            _ = ladder.decide(
                estimate: estimator.bitsPerSecond, loss: estimator.loss, offer, atNanoseconds: now)
            estimator.wanted = QualityLadder.wanted(offer)
        }

        private mutating func pass(_ input: inout FuzzInput) throws(FuzzFinding) {
            filter.wanted = input.byte()
            let sequence = input.half()
            let timestamp = input.word()
            let payload = input.octets(7)
            let descriptor = payload.withUnsafeBytes { VP8PayloadDescriptor(parsing: $0) }
            if input.byte() & 15 == 15 { rewriter.switchSource(to: input.word() & 3) }
            let source = rewriter.source ?? 1
            guard filter.passes(descriptor, timestamp: timestamp, beginsKeyframe: input.byte() & 31 == 31) else {
                return rewriter.omit(
                    source: source, sequenceNumber: sequence, timestamp: timestamp, descriptor: descriptor)
            }
            guard
                let output = rewriter.rewrite(
                    source: source, sequenceNumber: sequence, timestamp: timestamp, atNanoseconds: now,
                    descriptor: descriptor)
            else { return }
            let original = rewriter.sourceSequence(of: output.sequenceNumber)
            try require(original == sequence || original == nil, "a number that leads to another packet")
        }
    }
}
