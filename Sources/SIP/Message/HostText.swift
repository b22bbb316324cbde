/// Hosts as SIP writes them: names, IPv4 addresses, and IPv6 addresses in brackets (RFC 3261 §25.1).
enum HostText {
    static func bracketed(_ host: String) -> String { host.utf8.contains(.colon) ? "[\(host)]" : host }

    /// Host and port, as `parse` reads them.
    static func write(_ host: String, _ port: UInt16?, to writer: inout OctetWriter) {
        let isIPv6 = host.utf8.contains(.colon)
        if isIPv6 { writer.write(.openBracket) }
        writer.write(host)
        if isIPv6 { writer.write(.closeBracket) }
        guard let port else { return }
        writer.write(.colon)
        writer.write(number: port)
    }

    /// Reads a host and, after a colon, a port.
    static func parse(
        _ scanner: inout TextScanner, allowsWhitespace: Bool
    ) throws(SIPSyntaxError) -> (host: String, port: UInt16?) {
        let host: String
        if scanner.skip(.openBracket) {
            let octets = scanner.takeOctets { $0.hexValue != nil || $0 == .colon || $0 == 0x2E }
            guard octets.contains(.colon), scanner.skip(.closeBracket) else {
                throw SIPSyntaxError("an IPv6 address is malformed")
            }
            host = withoutThirdColon(String(octets: octets))
        } else {
            // The underscore is in no host name, but in many a network's names.
            host = scanner.take { $0.isAlphanumeric || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
            guard !host.isEmpty else { throw SIPSyntaxError("a host is missing or malformed") }
        }
        let hasPort = allowsWhitespace ? scanner.skipSeparator(.colon) : scanner.skip(.colon)
        guard hasPort else { return (host, nil) }
        guard let port = scanner.takeOctets(while: \.isDigit).decimal(atMost: 65_535), port > 0 else {
            throw SIPSyntaxError("a port is malformed")
        }
        return (host, UInt16(port))
    }

    /// The grammar of RFC 3261 lets three colons stand before an embedded IPv4 address; two are meant (RFC 5118 §4.10).
    private static func withoutThirdColon(_ address: String) -> String {
        let octets = Array(address.utf8)
        guard let last = octets.lastIndex(of: .colon), last >= 2, octets[last - 1] == .colon,
            octets[last - 2] == .colon, last == 2 || octets[last - 3] != .colon, octets[last...].contains(0x2E)
        else { return address }
        return String(octets: octets[..<last] + octets[(last + 1)...])
    }
}
