/// What the search for a server asks the domain name system. Names are without a final dot.
public enum DNSQuery: Hashable, Sendable {
    case naptr(String)
    case srv(String)
    /// A and AAAA, and whatever else the system knows of hosts (`/etc/hosts`).
    case addresses(String)
}

/// What came of a query.
public enum DNSAnswer: Hashable, Sendable {
    case naptr([NAPTRRecord])
    case srv([SRVRecord])
    /// IP addresses as text, IPv6 without brackets, the preferred first (RFC 6724).
    case addresses([String])
    /// There is no such name, or nothing of the kind under it.
    case nothing
    /// Nobody knows: no answer in time, or the server failed.
    case failed
}

/// A rule that leads from a domain to a service (RFC 3403 §4, as RFC 3263 §4.1 uses it).
public struct NAPTRRecord: Hashable, Sendable {
    public var order: UInt16
    public var preference: UInt16
    /// `s`: the replacement is looked up as SRV.
    public var flags: String
    /// Such as `SIPS+D2T`.
    public var service: String
    public var replacement: String

    public init(order: UInt16, preference: UInt16, flags: String, service: String, replacement: String) {
        self.order = order
        self.preference = preference
        self.flags = flags
        self.service = service
        self.replacement = replacement
    }
}

/// A server of a service (RFC 2782).
public struct SRVRecord: Hashable, Sendable {
    /// The lowest is tried first.
    public var priority: UInt16
    /// The share of clients that should try this one first among those of its priority.
    public var weight: UInt16
    public var port: UInt16
    /// Empty for `.`: the domain says that it has no such service.
    public var target: String

    public init(priority: UInt16, weight: UInt16, port: UInt16, target: String) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }

    /// In the order in which a client tries them (RFC 2782, "Usage rules").
    /// - Parameter random: a number from zero to the given one, both included.
    static func ordered(_ records: [SRVRecord], random: (UInt32) -> UInt32) -> [SRVRecord] {
        var result: [SRVRecord] = []
        let groups = Dictionary(grouping: records, by: \.priority).sorted { $0.key < $1.key }
        for (_, group) in groups {
            // Those of weight zero stand first, so that they have a small chance and no more.
            var waiting = group.filter { $0.weight == 0 } + group.filter { $0.weight > 0 }
            while !waiting.isEmpty {
                let sum = waiting.reduce(UInt32(0)) { $0 &+ UInt32($1.weight) }
                let chosen = random(sum)
                var running: UInt32 = 0
                let index = waiting.firstIndex { record in
                    running &+= UInt32(record.weight)
                    return running >= chosen
                }
                result.append(waiting.remove(at: index ?? waiting.startIndex))
            }
        }
        return result
    }
}
