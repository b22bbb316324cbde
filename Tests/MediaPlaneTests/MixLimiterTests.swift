import Testing

@testable import MediaPlane

@Suite struct MixLimiterTests {
    private func limited(_ sums: [[Int32]], less own: [Int16]? = nil) -> [[Int16]] {
        var limiter = MixLimiter()
        return sums.map { sum in
            var out = [Int16](repeating: 0, count: sum.count)
            out.withUnsafeMutableBufferPointer { out in
                sum.withUnsafeBufferPointer { sum in
                    if let own {
                        own.withUnsafeBufferPointer {
                            limiter.write(
                                sum.baseAddress!, less: $0.baseAddress, into: out.baseAddress!, count: sum.count)
                        }
                    } else {
                        limiter.write(sum.baseAddress!, less: nil, into: out.baseAddress!, count: sum.count)
                    }
                }
            }
            return out
        }
    }

    @Test func soundWithinBoundsPassesUntouched() {
        let sum: [Int32] = (0..<960).map { Int32($0 * 30) }
        #expect(limited([sum])[0] == sum.map(Int16.init))
    }

    @Test func oneOwnVoiceIsTakenOutExactly() {
        let own: [Int16] = (0..<960).map { Int16($0) }
        let sum: [Int32] = own.map { Int32($0) + 500 }
        #expect(limited([sum], less: own)[0] == [Int16](repeating: 500, count: 960))
    }

    @Test func tooLoudASumIsScaledDownAndNeverWraps() {
        let sum: [Int32] = (0..<960).map { $0.isMultiple(of: 2) ? 90_000 : -90_000 }
        let out = limited([sum, sum])
        #expect(out.joined().allSatisfy { abs(Int32($0)) <= 30_001 })
        #expect(out[1].max()! > 29_000)
    }

    @Test func gainRecoversWithinHalfASecond() {
        let loud = [Int32](repeating: 90_000, count: 960)
        let quiet = [Int32](repeating: 1_000, count: 960)
        let out = limited([loud] + Array(repeating: quiet, count: 25))
        #expect(out[1].max()! < 500)
        #expect(out[25].min()! == 1_000)
    }

    @Test func levelsAreThoseOfASine() {
        let sine = (0..<960).map { Int16(8_192 * _sine(Double($0) * 440 / 48_000)) }
        // A sine of amplitude 0.25 has an RMS of -15.05 dBov.
        #expect(abs(MixArithmetic.level(sine, count: 960) - -15.05) < 0.1)
        #expect(MixArithmetic.level([Int16](repeating: 0, count: 960), count: 960) == -127)
    }

    private func _sine(_ turns: Double) -> Double {
        // Bhaskara's approximation would be off by 0.2 %; a Taylor series of the reduced angle is not.
        let x = (turns - turns.rounded()) * 2 * Double.pi
        var term = x
        var sum = x
        for k in 1..<12 {
            term *= -x * x / Double((2 * k) * (2 * k + 1))
            sum += term
        }
        return sum
    }
}
