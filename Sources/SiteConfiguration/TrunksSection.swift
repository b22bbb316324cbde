extension Configuration {
    /// Several bridges among which a site divides its rooms by hand: a point may call any of them. Without a name this bridge
    /// is alone.
    public struct Trunks: Hashable, Sendable {
        /// Of this bridge.
        public var name: String?
        /// Its first line is what only these bridges know.
        public var secretFile: String?
        /// Read from ``secretFile``.
        public var secret: Secret?
        /// The others.
        public var bridges: [OtherBridge] = []
        /// Rooms that are led elsewhere; every other is led where it is called.
        public var homes: [RoomHome] = []
        public init() {}

        public var isOn: Bool { name != nil }
    }

    public struct OtherBridge: Hashable, Sendable {
        public var name = ""
        /// A SIP URI, to which this bridge calls.
        public var address = ""
        public init() {}
    }

    public struct RoomHome: Hashable, Sendable {
        public var room = ""
        public var bridge = ""
        public init() {}
    }
}

extension Configuration.Trunks: ConfigurationSection {
    static let shortestSecret = 16

    static var keys: [Key<Self>] {
        [
            Key(
                "name", \.name, .optional(.identifier),
                "What the others call this bridge; left out, it is alone, and the rest of the section means nothing."),
            Key(
                "secretFile", \.secretFile, .optional(.path),
                "A file whose first line, 16 to 200 characters, only these bridges know: by it they prove to each other who they are."
            ),
            Key("bridges", \.bridges, .list(of: .section, 0...100), "The other bridges, and where they are called."),
            Key(
                "homes", \.homes, .list(of: .section, 0...10_000),
                "Which bridge leads a room, where that is another; the same at all bridges but for its own."),
        ]
    }
}

extension Configuration.OtherBridge: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("name", \.name, .identifier, required: true, "What it calls itself."),
            Key(
                "address", \.address, .sipURI, required: true,
                "Where it takes calls, such as sip:bridge-2.example.vn:5061;transport=tls; by a name, its certificate must be for that."
            ),
        ]
    }
}

extension Configuration.RoomHome: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("room", \.room, .identifier, required: true, "The room's id."),
            Key("bridge", \.bridge, .identifier, required: true, "Which bridge leads it."),
        ]
    }
}

extension Checks {
    mutating func checkTrunks() {
        let trunks = configuration.trunks
        guard let own = trunks.name else {
            if trunks.secretFile != nil || !trunks.bridges.isEmpty || !trunks.homes.isEmpty {
                reader.report("needs name, without which this bridge is alone", path: "trunks")
            }
            return
        }
        if trunks.secretFile == nil { reader.report("needs secretFile beside the name", path: "trunks") }
        var known: Set<String> = [own]
        for (index, bridge) in trunks.bridges.enumerated() where !known.insert(bridge.name).inserted {
            reader.report("there is another bridge of this name", path: "trunks.bridges[\(index)].name")
        }
        var rooms: Set<String> = []
        for (index, home) in trunks.homes.enumerated() {
            if !known.contains(home.bridge) {
                reader.report("is none of the bridges", path: "trunks.homes[\(index)].bridge")
            }
            if !rooms.insert(home.room).inserted {
                reader.report("has a home already", path: "trunks.homes[\(index)].room")
            }
        }
        for (index, point) in configuration.points.enumerated() where point.username == "causeway-trunk" {
            reader.report("is the name by which bridges sign in", path: "points[\(index)].username")
        }
    }
}
