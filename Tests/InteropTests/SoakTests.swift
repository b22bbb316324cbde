import Foundation
import InteropSupport
import Testing

@testable import soak

/// The plan of a soak, and a short one.
@Suite(.serialized) struct SoakTests {
    @Test func aPlanIsItsSeedsAlone() {
        #expect(SoakPlan(seed: 7, minutes: 10) == SoakPlan(seed: 7, minutes: 10))
        #expect(SoakPlan(seed: 7, minutes: 10) != SoakPlan(seed: 8, minutes: 10))
    }

    @Test(arguments: [1.0, 1.5, 5, 120], [UInt64(1), 2, 3, 20_261_127])
    func aPlanHasEachFaultAndEndsEmpty(_ minutes: Double, _ seed: UInt64) {
        let plan = SoakPlan(seed: seed, minutes: minutes)
        var inside: Set<Int> = []
        var faults: Set<SoakPlan.Fault> = []
        var nights = 0
        var last = 0
        for entry in plan.entries {
            #expect(entry.atMilliseconds >= last && entry.atMilliseconds <= Int(minutes * 60_000))
            last = entry.atMilliseconds
            switch entry.act {
            case .join(let point, let room):
                #expect(inside.insert(point).inserted && room < SoakPlan.rooms && point < SoakPlan.points)
            case .leave(let point, _): #expect(inside.remove(point) != nil)
            case .fault(let fault): faults.insert(fault)
            case .night:
                nights += 1
                #expect(inside.isEmpty)
            case .end, .order: break
            }
        }
        #expect(faults == Set(SoakPlan.Fault.allCases))
        #expect(nights == plan.days && nights >= 2)
    }

    /// A life whose memory grows with the load, by the ring, by what malloc keeps and, where it leaks, with time.
    private static func life(leak: Double, seconds: Int) -> SoakMemory.Life {
        .init(
            samples: stride(from: 0, to: seconds, by: 2).map { second in
                let time = Double(second)
                // More and more points as the day goes on, and none at night.
                let legs = Double(second / 100 % 7 + second / 600)
                let meetings = Double(second / 250 % 3)
                let ring = min(16, time / 100)
                let inUse = 50 + ring + 1.5 * legs + 4 * meetings + leak * time / 3_600
                return .init(
                    seconds: time, megabytes: 120 + (90 + leak) * time / 3_600,
                    heap: .init(inUse: inUse, held: 110 + 60 * time / 3_600, ring: ring, legs: legs, meetings: meetings)
                )
            })
    }

    @Test func memoryInUseThatGrowsIsFoundAndNothingElse() throws {
        let leaking = Self.life(leak: 30, seconds: 1_200)
        let growth = try #require(leaking.inUse)
        #expect(abs(growth.megabytesAnHour - 30) < 0.01 && growth.uncertainty < 0.01)
        #expect(SoakMemory.fault(of: leaking) != nil)
        let sound = Self.life(leak: 0, seconds: 1_200)
        #expect(abs(try #require(sound.inUse).megabytesAnHour) < 0.01 && SoakMemory.fault(of: sound) == nil)
        #expect(abs(try #require(sound.held).megabytesAnHour - 60) < 0.01, "reported, and not judged")
        // The bound is above what a run of two hours may do, and a short life says nothing.
        #expect(SoakMemory.fault(of: Self.life(leak: 11, seconds: 7_200)) == nil)
        #expect(SoakMemory.fault(of: Self.life(leak: 13, seconds: 7_200)) != nil)
        #expect(SoakMemory.fault(of: Self.life(leak: 500, seconds: 400)) == nil)
        #expect(SoakMemory.fault(of: Self.life(leak: 50_000, seconds: 120)) != nil, "too large at all")
    }

    /// A minute and a half with every fault that this machine can have; `make soak` is the same for two hours.
    @Test(
        .enabled(
            if: Tool.areInstalled("curl", "ffmpeg", "python3", "openssl"), "curl, ffmpeg, python3 or openssl is missing"
        ))
    func aShortDayWithEveryFaultLosesNothing() async throws {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("soak-\(UUID().uuidString).log").path
        defer { try? FileManager.default.removeItem(atPath: log) }
        let child = try ChildProcess(
            try RunningDaemon.binaries() + "/soak", ["--minutes", "1.5", "--seed", "20261127"], log: log)
        let status = try await child.wait(within: .seconds(600))
        #expect(status == 0, "\(child.logText.suffix(6_000))")
    }
}
