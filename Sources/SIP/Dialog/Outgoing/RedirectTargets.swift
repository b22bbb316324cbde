/// The addresses that redirections gave and that are still to be tried (RFC 3261 §8.1.3.4).
struct RedirectTargets: Sendable {
    private var waiting: [URI] = []
    private var seen: [URI]
    private let most: Int
    /// `sips` must not be led to less (§8.1.3.4, §26.2.2).
    private let mustBeSecure: Bool

    init(from original: URI, most: Int) {
        seen = [original]
        self.most = most
        mustBeSecure = original.sip?.isSecure == true
    }

    /// Takes the Contacts of a 300, 301 or 302, the best first; they go before older ones.
    mutating func add(_ response: SIPResponse) {
        guard case .addresses(let contacts)? = try? response.headers.contacts() else { return }
        var found: [(uri: URI, quality: Int)] = []
        for contact in contacts where seen.count <= most {
            guard case .sip(var uri) = contact.uri, uri.isSecure || !mustBeSecure else { continue }
            // What the URI would put into the request is its writer's, not this side's, to say.
            uri.headers = nil
            uri.parameters.remove("method")
            let target = URI.sip(uri)
            guard !seen.contains(where: { $0.isEquivalent(to: target) }) else { continue }
            seen.append(target)
            found.append((target, Self.thousandths(contact.parameters["q"])))
        }
        let ordered = found.enumerated().sorted {
            ($1.element.quality, $0.offset) < ($0.element.quality, $1.offset)
        }
        waiting = ordered.map(\.element.uri) + waiting
    }

    mutating func next() -> URI? { waiting.isEmpty ? nil : waiting.removeFirst() }

    /// A `qvalue` (§25.1) in thousandths; 1000 for none and for a malformed one.
    private static func thousandths(_ text: String?) -> Int {
        guard let text, let first = text.utf8.first else { return 1000 }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0] == "0", first == 0x30 else { return 1000 }
        guard parts.count == 2 else { return 0 }
        let digits = String(parts[1]) + String(repeating: "0", count: max(0, 3 - parts[1].utf8.count))
        return digits.decimal(atMost: 999).map { Int($0) } ?? 1000
    }
}
