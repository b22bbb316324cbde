extension Configuration {
    /// Several bridges that share meetings, a database and an archive; without a name the bridge is alone, and the rest means nothing.
    public struct Cluster: Hashable, Sendable {
        /// Of this bridge, the only one of the cluster.
        public var name: String?
        /// How the shared PostgreSQL is reached, as libpq has it, without a password.
        public var database: String?
        /// Its first line is the database's password; nil where none is asked for.
        public var passwordFile: String?
        /// Read from ``passwordFile``.
        public var password: Secret?
        /// Where other bridges ask whether this one lives.
        public var control = Control()
        /// Where other bridges call this one for trunks.
        public var trunk: String?
        /// Its first line is what the bridges of a cluster know of each other alone.
        public var trunkSecretFile: String?
        /// Read from ``trunkSecretFile``.
        public var trunkSecret: Secret?
        /// For how long meetings go on without the database.
        public var grace = Duration.seconds(60)
        public init() {}

        /// Whether there is more than this bridge.
        public var isOn: Bool { name != nil }
    }

    /// A TCP port on which a bridge answers other bridges.
    public struct Control: Hashable, Sendable {
        /// A numeric IP address.
        public var address = "127.0.0.1"
        public var port: UInt16 = 5070
        /// Where other bridges reach it, where that is not `address`.
        public var advertised: String?
        public init() {}
    }
}

extension Configuration.Cluster: ConfigurationSection {
    /// Of a trunk secret, in characters.
    static let shortestSecret = 16

    static var keys: [Key<Self>] {
        [
            Key(
                "name", \.name, .optional(.identifier),
                "What this bridge is called among several; left out, it is alone, and the rest of the section means nothing."
            ),
            Key(
                "database", \.database, .optional(.conninfo),
                "How the shared PostgreSQL is reached, as libpq has it; a password does not belong here."),
            Key(
                "passwordFile", \.passwordFile, .optional(.path),
                "A file whose first line is the database's password; left out where it asks for none, as with peer or certificates."
            ),
            Key("control", \.control, .section, "Where other bridges ask whether this one lives."),
            Key(
                "trunk", \.trunk, .optional(.sipURI),
                "Where other bridges send trunk calls for rooms of this one; left out, it takes none."),
            Key(
                "trunkSecretFile", \.trunkSecretFile, .optional(.path),
                "A file whose first line, 16 to 200 characters, only the bridges of this cluster know: by it they prove to each other who they are."
            ),
            Key(
                "grace", \.grace, .duration(.seconds(5)...(.seconds(600))),
                "For how long meetings go on without the database; one whose bridge vanished without a word is taken over a little later. The same at all bridges."
            ),
        ]
    }
}

extension Configuration.Control: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("address", \.address, .ipAddress, "The local address; 0.0.0.0 or :: for all."),
            Key(
                "port", \.port, .integer(1...65_535),
                "A TCP port for the cluster's bridges alone: a connection that is refused there is proof that this one is dead, so nothing else may answer or refuse in its name."
            ),
            Key(
                "advertised", \.advertised, .optional(.ipAddress),
                "The numeric address where other bridges reach it, where it differs; needed with 0.0.0.0 and ::."),
        ]
    }
}

extension ValueKind where Value == String {
    /// Keywords and values, or an address, as PostgreSQL's libpq has them, without a password: of a secret that stands there nothing is
    /// repeated.
    static var conninfo: ValueKind {
        let expects =
            "a libpq connection string without a password, such as 'host=db.example.vn dbname=causeway user=causeway'"
        return ValueKind(
            expects: expects,
            read: { node, reader in
                guard let text = node.scalar else {
                    reader.report("expected \(expects), found \(node.kind)", at: node)
                    return nil
                }
                if hasPassword(text) {
                    reader.report("has a password; it belongs into passwordFile", at: node)
                    return nil
                }
                let hasControls = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
                guard (1...1_000).contains(text.utf8.count), !hasControls,
                    text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") || text.contains("=")
                else {
                    reader.report("expected \(expects)", at: node)
                    return nil
                }
                return text
            }, write: { quoted($0) })
    }

    private static func hasPassword(_ text: String) -> Bool {
        // As a keyword (`password`, `sslpassword`), as a parameter of an address, or before its host.
        if text.lowercased().contains(/(^|[\s?&'])(ssl)?password\s*=/) { return true }
        guard let start = text.range(of: "://")?.upperBound else { return false }
        let authority = text[start...].prefix { $0 != "/" && $0 != "?" }
        guard let end = authority.lastIndex(of: "@") else { return false }
        return authority[..<end].contains(":")
    }
}

extension Checks {
    mutating func checkCluster() {
        let cluster = configuration.cluster
        guard cluster.isOn else {
            if cluster.database != nil || cluster.trunkSecretFile != nil || cluster.trunk != nil {
                report("needs name, without which this bridge is alone", path: "cluster")
            }
            return
        }
        if configuration.trunks.name != nil {
            report("is for bridges without a cluster, which itself says where rooms are led", path: "trunks")
        }
        if cluster.database == nil { report("needs database beside the name", path: "cluster") }
        if cluster.trunkSecretFile == nil { report("needs trunkSecretFile beside the name", path: "cluster") }
        if isWildcard(cluster.control.address), cluster.control.advertised == nil {
            report(
                "listens on all addresses; 'advertised' must say which one other bridges are told",
                path: "cluster.control.address")
        }
        if configuration.recording.second != nil {
            report(
                "is this machine's own, where no other bridge could go on with it; use archive.secondLocation in a cluster",
                path: "recording.second")
        }
    }
}
