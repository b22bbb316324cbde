import Foundation
import Testing

@testable import SiteConfiguration

struct SeededGenerator: RandomNumberGenerator {
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

func parse(_ text: String) throws(ConfigurationErrors) -> Configuration {
    try Configuration.parse(Array(text.utf8), file: "/etc/causeway/site.yaml")
}

/// What is wrong with a file, as it is printed, without the file's name.
func faults(_ text: String) -> [String] {
    faults(Array(text.utf8))
}

func faults(_ octets: [UInt8]) -> [String] {
    do throws(ConfigurationErrors) {
        _ = try Configuration.parse(octets, file: "/etc/causeway/site.yaml")
        return []
    } catch {
        return error.errors.map { $0.description.replacingOccurrences(of: "/etc/causeway/site.yaml", with: "F") }
    }
}

/// The checkout.
let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The sample file; through the checkout's own path, wherever the tests were built.
let samplePath = root.appendingPathComponent("config/causeway.yaml").path

/// A directory that goes with the test.
final class Scratch {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }
}
