import Glibc
import SRTP

/// CPU time of protecting and unprotecting one packet, for every engine and suite: batches of 64 packets, each of
/// another stream, as one packet forwarded to 64 receivers is. `SRTPBench [batch [engine]]`.
let batch = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 64
let engines = CommandLine.arguments.dropFirst(2).compactMap { SRTPEngineChoice(rawValue: $0) }
let payloads = [160, 1_100]

func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

print("CPU ns for each packet, batches of \(batch) packets of \(batch) streams, one core")
let columns = payloads.map { pad("protect \($0) B", 16) + pad("unprotect \($0) B", 18) }
print(pad("engine", 10), pad("suite", 26), columns.joined())
for choice in engines.isEmpty ? [.ipsecMB, .openSSL, .libsrtp2] : engines {
    let engine: SRTPEngine
    do { engine = try SRTPEngine(choice) } catch {
        print(error)
        continue
    }
    for suite in SRTPSuite.allCases {
        var row = pad(choice.rawValue, 10) + " " + pad(suite.sdesName, 26) + " "
        for payload in payloads {
            let figures = try Measurement(engine, suite, payload: payload, batch: batch).run()
            row += pad(String(figures.protect), 16) + pad(String(figures.unprotect), 18)
        }
        print(row)
    }
}
