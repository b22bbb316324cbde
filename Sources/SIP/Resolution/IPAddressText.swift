/// Tells addresses from names.
enum IPAddressText {
    enum Family: Hashable, Sendable { case ipv4, ipv6 }

    /// Nil for a name.
    static func family(of host: String) -> Family? {
        if host.utf8.contains(.colon) { return .ipv6 }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isDottedQuad =
            parts.count == 4
            && parts.allSatisfy { $0.utf8.count <= 3 && String($0).decimal(atMost: 255) != nil }
        return isDottedQuad ? .ipv4 : nil
    }
}
