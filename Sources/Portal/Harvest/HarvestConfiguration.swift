/// As what the archive presents itself to systems that harvest it. Without one there is no `/oai`.
public struct HarvestConfiguration: Sendable, Equatable {
    public var repositoryName: String
    /// A domain name, which stands in identifiers: `oai:DOMAIN:MEETING`.
    public var domain: String
    /// Whom those who harvest may write to (OAI-PMH 2.0 §4.2).
    public var email: String
    /// As packages name the agency; empty for none.
    public var organization: String
    public init(repositoryName: String, domain: String, email: String, organization: String = "") {
        self.repositoryName = repositoryName
        self.domain = domain
        self.email = email
        self.organization = organization
    }

    func identifier(of meeting: String) -> String { "oai:\(domain):\(meeting)" }

    /// Nil where the identifier is none of ours.
    func meeting(of identifier: String) -> String? {
        let head = "oai:\(domain):"
        guard identifier.hasPrefix(head), identifier.utf8.count > head.utf8.count else { return nil }
        return String(identifier.dropFirst(head.count))
    }

    /// Whether the domain is one as identifiers have it: labels that begin with a letter, at least two.
    var hasDomain: Bool {
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count > 1
            && labels.allSatisfy { label in
                label.first.map { $0.isASCII && $0.isLetter } ?? false
                    && label.utf8.allSatisfy {
                        $0 == 0x2D || (0x30...0x39).contains($0) || ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A
                    }
            }
    }
}
