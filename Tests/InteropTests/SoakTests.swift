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

    @Test func memoryThatGrowsIsFound() {
        func life(_ slope: Double, seconds: Int) -> SoakMemory.Life {
            .init(
                samples: stride(from: 0, to: seconds, by: 10).map {
                    .init(seconds: Double($0), megabytes: 100 + slope * Double($0) / 3_600)
                })
        }
        #expect(abs((life(30, seconds: 3_600).megabytesAnHour ?? 0) - 30) < 0.01)
        #expect(SoakMemory.fault(of: life(0, seconds: 7_200)) == nil)
        #expect(SoakMemory.fault(of: life(30, seconds: 3_600)) != nil)
        #expect(SoakMemory.fault(of: life(5_000, seconds: 120)) != nil)
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
