import Foundation

/// What was measured, for people and for programs.
struct Table {
    private let results: [LineResult]
    init(_ results: [LineResult]) { self.results = results }

    var text: String {
        let groups = LineGroup.allCases.map { group in results.filter { $0.line.group == group } }
        var lines = groups.filter { !$0.isEmpty }.flatMap { text(of: $0) + [""] }
        lines.append("–: the endpoint has no way to do it; “not yet”: nor has the bridge")
        lines += notes
        for result in results {
            if let fault = result.fault { lines.append("FAILED: \(result.line.name): broken off: \(fault)") }
            if let reason = result.skipped { lines.append("skipped: \(result.line.name): \(reason)") }
        }
        lines.append(summary)
        return lines.joined(separator: "\n")
    }

    /// What failed, or is not done yet, in its own words.
    private var notes: [String] {
        results.flatMap { result in
            Probe.allCases.compactMap { probe in
                switch result.outcomes[probe] {
                case .failed(let text)?: "FAILED: \(result.line.name): \(probe.title): \(text)"
                case .awaited(let text)?: "not yet: \(result.line.name): \(probe.title): \(text)"
                default: nil
                }
            }
        }
    }

    private func text(of results: [LineResult]) -> [String] {
        // Columns in which no line measured anything are left out.
        let probes = Probe.allCases.filter { probe in
            results.contains { result in
                switch result.outcomes[probe] {
                case nil, .beyond: false
                default: true
                }
            }
        }
        var rows = [["endpoint", "over", "keys", "codec"] + probes.map(\.title)]
        for result in results where result.skipped == nil {
            let line = result.line
            rows.append(
                [line.endpoint, line.transport, line.keying, line.codec]
                    + probes.map { cell(result.outcomes[$0]) })
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines = rows.map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
                .trimmingTrailingSpaces
        }
        lines.insert(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "), at: 1)
        lines.append("")
        return lines + probes.map { "\($0.title): \($0.legend)" }
    }

    private func cell(_ outcome: Outcome?) -> String {
        switch outcome {
        case .measured(let text)?: return text
        case .beyond?: return "–"
        case .awaited?: return "not yet"
        case .failed?: return "FAILED"
        case nil: return "not tried"
        }
    }

    private var summary: String {
        let failed = results.filter(\.isFaulty).count
        let skipped = results.filter { $0.skipped != nil }.count
        let cells = results.flatMap(\.outcomes.values)
        let measured = cells.filter { if case .measured = $0 { true } else { false } }.count
        let unexpected = Probe.awaited.filter { probe in
            results.contains { if case .measured? = $0.outcomes[probe] { true } else { false } }
        }
        return
            "\(results.count - skipped) lines, \(measured) cells measured, \(failed) lines with faults, \(skipped) skipped"
            + (unexpected.isEmpty
                ? "" : "; awaited no more: " + unexpected.map(\.title).sorted().joined(separator: ", "))
    }

    private struct Row: Encodable {
        struct Cell: Encodable {
            var outcome: String
            var text: String
        }
        var endpoint: String
        var transport: String
        var keying: String
        var codec: String
        var seconds: Double
        var skipped: String?
        var fault: String?
        var cells: [String: Cell]
    }

    func json() throws -> String {
        let rows = results.map { result in
            Row(
                endpoint: result.line.endpoint, transport: result.line.transport, keying: result.line.keying,
                codec: result.line.codec, seconds: result.seconds, skipped: result.skipped, fault: result.fault,
                cells: Dictionary(
                    uniqueKeysWithValues: result.outcomes.map { ($0.rawValue, .init(outcome: $1.mark, text: $1.text)) })
            )
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(["lines": rows]), as: UTF8.self)
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
    }
}
