extension Configuration {
    /// What the self-made certificate is for: the names that are configured, or the domain and every address by which
    /// points and browsers are told to reach the bridge.
    public var certificateNames: [String] {
        guard certificates.names.isEmpty else { return certificates.names }
        var names = [sip.domain]
        for listener in sip.listeners where [.tls, .wss].contains(listener.transport) {
            names.append(listener.advertised ?? listener.address)
        }
        if portal.port != 0 { names.append(portal.address) }
        for address in [portal.url, portal.webSocket] {
            guard let authority = address?.split(separator: "/").dropFirst().first else { continue }
            if authority.hasPrefix("[") {
                names.append(String(authority.dropFirst().prefix { $0 != "]" }))
            } else {
                names.append(String(authority.prefix { $0 != ":" }))
            }
        }
        var seen: Set<String> = []
        return names.filter { !["0.0.0.0", "::"].contains($0) && seen.insert($0).inserted }
    }
}
