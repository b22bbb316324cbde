import Foundation
import FuzzTargets
import Testing

/// What libFuzzer has found worth keeping, once more in each run of the tests: inputs that failed, those that reach the
/// farthest, and near relatives of them.
struct ReplayTests {
    @Test(arguments: FuzzTarget.allCases)
    func whatOnceFailedDoesNotFailAgain(target: FuzzTarget) throws {
        for (name, octets) in try Inputs.of(target, in: "Regressions") {
            #expect(throws: Never.self, "\(name)") { try target.run(octets) }
        }
    }

    @Test(arguments: FuzzTarget.allCases)
    func corporaAndTheirMutantsPass(target: FuzzTarget) throws {
        let corpus = try Inputs.of(target, in: "Corpora")
        #expect(!corpus.isEmpty)
        var random = SplitMix64(seed: 2026)
        for (name, octets) in corpus {
            #expect(throws: Never.self, "\(name)") { try target.run(octets) }
            let mutant = Self.mutant(of: octets, &random)
            #expect(throws: Never.self, "a mutant of \(name): \(Data(mutant).base64EncodedString())") {
                try target.run(mutant)
            }
        }
    }

    /// A few octets changed, taken away, or brought in twice.
    private static func mutant(of octets: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var octets = octets
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard let index = octets.indices.randomElement(using: &random) else { break }
            let end = min(octets.count, index + Int.random(in: 1...24, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: octets[index] = .random(in: 0...255, using: &random)
            case 1: octets[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: octets.removeSubrange(index..<end)
            default: octets.insert(contentsOf: Array(octets[index..<end]), at: index)
            }
        }
        return octets
    }
}

private enum Inputs {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fuzz")

    /// By name, so that every run sees them in one order; none where the target has no folder.
    static func of(_ target: FuzzTarget, in kind: String) throws -> [(name: String, octets: [UInt8])] {
        let folder = folder.appending(path: "\(kind)/\(target.rawValue)")
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { ($0.lastPathComponent, Array(try Data(contentsOf: $0))) }
    }
}

/// A seeded generator, so that a failure can be repeated (Steele, Lea, Flood 2014).
private struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
