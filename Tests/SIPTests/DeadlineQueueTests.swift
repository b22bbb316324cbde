import Testing

@testable import SIP

struct DeadlineQueueTests {
    @Test func givesWhatIsDueInOrderWhateverWasMoved() {
        var random = SplitMix64(seed: 9)
        var queue = DeadlineQueue<Int>()
        var model: [Int: SIPInstant] = [:]
        for round in 0..<20_000 {
            let key = Int.random(in: 0..<40, using: &random)
            let due = Samples.after(.milliseconds(Int.random(in: 0..<1000, using: &random)))
            if round.isMultiple(of: 3) {
                queue.set(key, nil)
                model[key] = nil
            } else {
                queue.set(key, due)
                model[key] = due
            }
            #expect(queue.earliest == model.values.min())
            if round.isMultiple(of: 7), let earliest = model.values.min() {
                let taken = queue.takeDue(at: earliest)
                #expect(taken.flatMap { model[$0] } == earliest)
                if let taken { model[taken] = nil }
            }
        }
        #expect(queue.takeDue(at: Samples.epoch - .seconds(1)) == nil)
    }
}
