import Foundation
import SRTP

extension Examination {
    private static let features = ["aes", "avx2", "avx512f", "vaes"]

    /// Which engine encrypts here, by what the processor can.
    func processor() -> Finding {
        let choice = SRTPEngineChoice(rawValue: configuration.media.srtp.engine.rawValue) ?? .automatic
        let flags = Self.flags
        let has = Self.features.filter { flags.contains(Substring($0)) }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let machine =
            "\(cores) \(cores == 1 ? "core" : "cores")" + (has.isEmpty ? "" : " with \(has.joined(separator: ", "))")
        do {
            let engine = try SRTPEngine(choice)
            guard has.contains("aes") else {
                return Finding(
                    "processor", .warning, "\(machine): no AES instructions; \(engine.name) encrypts, and slowly",
                    advice: "on a virtual machine, pass the host's processor through")
            }
            return Finding("processor", .good, "\(machine); SRTP by \(engine.name)")
        } catch {
            return Finding(
                "processor", .bad, "\(choice.rawValue) does not run here: \(error)", advice: "media.srtp.engine: auto")
        }
    }

    private static var flags: Set<Substring> {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") }
        return Set((line ?? "").split { $0 == " " || $0 == "\t" || $0 == ":" })
    }
}
