/// Which SUBSCRIBEs a notifier takes, and for how long (RFC 6665 §4.2.1).
public struct SubscriptionPolicy: Sendable, Hashable {
    /// An event package and the bodies that its NOTIFYs can have, the preferred first.
    public struct Package: Sendable, Hashable {
        public var name: String
        public var contentTypes: [MediaType]

        public init(_ name: String, contentTypes: [MediaType]) {
            self.name = name
            self.contentTypes = contentTypes
        }
    }

    /// What a SUBSCRIBE that can be taken asks for.
    public struct Terms: Sendable, Hashable {
        public var event: SIPEvent
        /// Granted; zero asks for one NOTIFY and no more.
        public var duration: Duration
        public var contentType: MediaType
    }

    public enum Verdict: Sendable, Hashable {
        case accept(Terms)
        case refuse(SIPResponse)
    }

    public var packages: [Package]
    public var shortest = Duration.seconds(60)
    public var longest = Duration.seconds(3600)
    /// Where the subscriber asks for nothing.
    public var usual = Duration.seconds(3600)

    public init(packages: [Package]) { self.packages = packages }

    /// Allow-Events.
    public var allowEvents: String { packages.map(\.name).joined(separator: ", ") }

    /// - Parameter tag: the To tag of a refusal.
    public func examine(_ request: SIPRequest, tag: String) -> Verdict {
        func refuse(_ status: UInt16, _ reason: String? = nil, _ headers: SIPHeaders = .init()) -> Verdict {
            .refuse(request.response(status, reason: reason, tag: tag, headers: headers))
        }
        let event: SIPEvent?
        let asked: Duration?
        do throws(SIPSyntaxError) {
            event = try request.headers.event()
            asked = try request.headers.expires()
        } catch {
            return refuse(400, error.reason)
        }
        guard let event, let package = packages.first(where: { $0.name == event.package }) else {
            return refuse(489, nil, SIPHeaders([.init(.allowEvents, allowEvents)]))
        }
        guard let type = contentType(of: package, accepted: request.headers) else {
            let accept = package.contentTypes.map(\.description).joined(separator: ", ")
            return refuse(406, nil, SIPHeaders([.init(.accept, accept)]))
        }
        let duration = min(asked ?? usual, longest)
        // Only what is shorter than an hour may be called too brief (§4.2.1.1).
        guard duration == .zero || duration >= min(shortest, .seconds(3600)) else {
            return refuse(423, nil, SIPHeaders([.init(.minExpires, "\(shortest.components.seconds)")]))
        }
        return .accept(Terms(event: event, duration: duration, contentType: type))
    }

    /// The first type of the package that the subscriber takes; without Accept the package's own (§3.1.3).
    private func contentType(of package: Package, accepted headers: SIPHeaders) -> MediaType? {
        guard headers.contains(.accept) else { return package.contentTypes.first }
        let ranges = headers.list(.accept).compactMap { try? MediaType(parsing: $0) }
        return package.contentTypes.first { type in
            ranges.contains { range in
                (range.type == "*" || range.type == type.type)
                    && (range.subtype == "*" || range.subtype == type.subtype)
            }
        }
    }
}
