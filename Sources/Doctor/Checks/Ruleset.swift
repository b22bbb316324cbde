import Foundation

/// What a packet filter lets in, as `nft -j list ruleset` tells it (libnftables-json(5)). Only what a rule says of ports is
/// understood; addresses, interfaces and times are not, so that a port counts as open where any rule accepts it.
struct Ruleset {
    /// Whether something at the input refuses what no rule accepts.
    private(set) var refuses = false
    private var accepted: [NeededPort.Carrier: [ClosedRange<UInt16>]] = [:]
    private var sets: [String: [Any]] = [:]

    private struct Chain: Hashable {
        var family: String
        var table: String
        var name: String
        init?(_ object: [String: Any], name: String) {
            guard let family = object["family"] as? String, let table = object["table"] as? String,
                let chain = object[name] as? String
            else { return nil }
            self.family = family
            self.table = table
            self.name = chain
        }
    }

    /// Nil where it is no such thing.
    init?(json: [UInt8]) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(json)) as? [String: Any],
            let entries = object["nftables"] as? [[String: Any]]
        else { return nil }
        var inputs: Set<Chain> = []
        for entry in entries {
            if let chain = entry["chain"] as? [String: Any], chain["hook"] as? String == "input",
                let name = Chain(chain, name: "name")
            {
                inputs.insert(name)
                if chain["policy"] as? String == "drop" { refuses = true }
            }
            if let set = entry["set"] as? [String: Any], let name = set["name"] as? String {
                sets[name] = set["elem"] as? [Any]
            }
        }
        for entry in entries {
            guard let rule = entry["rule"] as? [String: Any], let expressions = rule["expr"] as? [[String: Any]] else {
                continue
            }
            let matches = expressions.compactMap { $0["match"] as? [String: Any] }
            if expressions.contains(where: { $0.keys.contains("accept") }) {
                accept(matches)
            } else if matches.isEmpty,
                expressions.contains(where: { $0.keys.contains("drop") || $0.keys.contains("reject") }),
                let chain = Chain(rule, name: "chain"), inputs.contains(chain)
            {
                // The last rule refuses what came so far.
                refuses = true
            }
        }
    }

    func accepts(_ port: NeededPort) -> Bool {
        guard refuses else { return true }
        var next = UInt32(port.ports.lowerBound)
        for range in (accepted[port.carrier] ?? []).sorted(by: { $0.lowerBound < $1.lowerBound })
        where range.lowerBound <= next {
            next = max(next, UInt32(range.upperBound) + 1)
        }
        return next > UInt32(port.ports.upperBound)
    }

    private mutating func accept(_ matches: [[String: Any]]) {
        for match in matches where match["op"] as? String != "!=" {
            guard let left = match["left"] as? [String: Any], let payload = left["payload"] as? [String: Any],
                payload["field"] as? String == "dport", let ranges = match["right"].map({ ranges($0, depth: 0) })
            else { continue }
            switch payload["protocol"] as? String {
            case "tcp": accepted[.tcp, default: []] += ranges
            case "udp": accepted[.udp, default: []] += ranges
            case "th":
                accepted[.tcp, default: []] += ranges
                accepted[.udp, default: []] += ranges
            default: break
            }
        }
    }

    private func ranges(_ value: Any, depth: Int) -> [ClosedRange<UInt16>] {
        guard depth < 4 else { return [] }
        if let port = (value as? Int).flatMap(UInt16.init(exactly:)) { return [port...port] }
        if let name = value as? String, name.hasPrefix("@") {
            return (sets[String(name.dropFirst())] ?? []).flatMap { ranges($0, depth: depth + 1) }
        }
        guard let object = value as? [String: Any] else { return [] }
        if let bounds = object["range"] as? [Int], bounds.count == 2, let low = UInt16(exactly: bounds[0]),
            let high = UInt16(exactly: bounds[1]), low <= high
        {
            return [low...high]
        }
        return ((object["set"] as? [Any]) ?? []).flatMap { ranges($0, depth: depth + 1) }
    }
}
